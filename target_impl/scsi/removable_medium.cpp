#include "target_impl/scsi/removable_medium.hpp"

namespace lockstep::scsi {

RemovableMedium::Move RemovableMedium::move(bool in) {
  const std::lock_guard lock(mutex_);
  if (!preventing_.empty()) {
    return Move::Prevented;
  }
  if (conditions_.has(Condition::NoMedium) != in) {
    return Move::Unchanged;
  }
  conditions_.put(Condition::NoMedium, !in);
  return Move::Done;
}

void RemovableMedium::prevent(std::uint64_t nexus, bool prevented) {
  const std::lock_guard lock(mutex_);
  if (prevented) {
    preventing_.insert(nexus);
  } else {
    preventing_.erase(nexus);
  }
}

void RemovableMedium::reset() {
  const std::lock_guard lock(mutex_);
  preventing_.clear();
}

}  // namespace lockstep::scsi
