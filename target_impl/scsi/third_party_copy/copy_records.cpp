#include "target_impl/scsi/third_party_copy/copy_records.hpp"

namespace lockstep::scsi {

bool CopyRecords::make_room(std::uint64_t nexus) {
  std::size_t count = 0;
  auto oldest = entries_.end();
  for (auto at = entries_.lower_bound({nexus, 0}); at != entries_.end() && at->first.first == nexus;
       ++at) {
    ++count;
    const bool ended = !is_running(at->second.record->get().state);
    if (ended && (oldest == entries_.end() || at->second.order < oldest->second.order)) {
      oldest = at;
    }
  }
  if (count < max_per_nexus_) {
    return true;
  }
  if (oldest == entries_.end()) {
    return false;
  }
  entries_.erase(oldest);
  return true;
}

CopyRecords::Started CopyRecords::start(std::uint64_t nexus, std::uint32_t list_identifier,
                                        std::shared_ptr<CopyRecord> record, IfRunning if_running) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({nexus, list_identifier});
  if (found != entries_.end()) {
    if (if_running == IfRunning::Refuse && is_running(found->second.record->get().state)) {
      return {nullptr, true};
    }
    entries_.erase(found);
  } else if (!make_room(nexus)) {
    return {};
  }
  entries_.emplace(Key{nexus, list_identifier}, Entry{record, ++last_});
  return {std::move(record), false};
}

std::shared_ptr<CopyRecord> CopyRecords::find(std::uint64_t nexus,
                                              std::uint32_t list_identifier) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({nexus, list_identifier});
  return found == entries_.end() ? nullptr : found->second.record;
}

void CopyRecords::drop(std::uint64_t nexus, std::uint32_t list_identifier) {
  const std::lock_guard lock(mutex_);
  entries_.erase({nexus, list_identifier});
}

void CopyRecords::drop_nexus(std::uint64_t nexus) {
  const std::lock_guard lock(mutex_);
  entries_.erase(entries_.lower_bound({nexus, 0}), entries_.upper_bound({nexus, 0xffffffff}));
}

void CopyRecords::drop_unit(std::optional<std::uint16_t> lun) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_,
                [lun](const auto& entry) { return !lun || entry.second.record->lun() == *lun; });
}

}  // namespace lockstep::scsi
