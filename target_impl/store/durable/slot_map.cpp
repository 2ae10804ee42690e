#include "target_impl/store/durable/slot_map.hpp"

#include <algorithm>
#include <bit>

namespace lockstep::store::detail {

SlotMap::SlotMap(std::uint64_t slots) {
  grow(std::max<std::uint64_t>(1, slots));
  set(used_bits_, 0);
}

void SlotMap::grow(std::uint64_t slots) {
  slots_ = std::max(slots_, slots);
  used_bits_.resize(static_cast<std::size_t>((slots_ + 63) / 64));
  ready_bits_.resize(used_bits_.size());
}

bool SlotMap::use(std::uint64_t slot) {
  if (bit(used_bits_, slot)) {
    return false;
  }
  set(used_bits_, slot);
  ++used_;
  return true;
}

std::uint64_t SlotMap::take() {
  const std::size_t words = ready_bits_.size();
  auto word = static_cast<std::size_t>(cursor_ / 64);
  std::uint64_t bits = ready_bits_[word] & (~std::uint64_t{0} << (cursor_ % 64));
  while (bits == 0) {
    word = word + 1 == words ? 0 : word + 1;
    bits = ready_bits_[word];
  }
  const std::uint64_t slot = word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
  clear(ready_bits_, slot);
  set(used_bits_, slot);
  --ready_;
  ++used_;
  cursor_ = slot;
  return slot;
}

void SlotMap::give_back(std::uint64_t slot) {
  clear(used_bits_, slot);
  set(ready_bits_, slot);
  --used_;
  ++ready_;
}

void SlotMap::emptied(std::uint64_t slot) {
  clear(ready_bits_, slot);
  --ready_;
  first_empty_ = std::min(first_empty_, slot);
}

SlotMap::Run SlotMap::find_empty(std::uint64_t most) const {
  std::uint64_t first = first_empty_;
  while (first < slots_) {
    const auto word = static_cast<std::size_t>(first / 64);
    const std::uint64_t empty =
        ~(used_bits_[word] | ready_bits_[word]) & (~std::uint64_t{0} << (first % 64));
    if (empty != 0) {
      first = word * 64 + static_cast<std::uint64_t>(std::countr_zero(empty));
      break;
    }
    first = (word + 1) * std::uint64_t{64};
  }
  first = std::min(first, slots_);
  first_empty_ = first;
  std::uint64_t limit = first;
  while (limit - first < most &&
         (limit >= slots_ || (!bit(used_bits_, limit) && !bit(ready_bits_, limit)))) {
    ++limit;
  }
  return {first, limit - first};
}

void SlotMap::fill(Run run) {
  grow(run.first + run.count);
  for (std::uint64_t slot = run.first; slot != run.first + run.count; ++slot) {
    set(ready_bits_, slot);
  }
  ready_ += run.count;
}

}  // namespace lockstep::store::detail
