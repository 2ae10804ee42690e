#include "target_impl/scsi/device.hpp"

#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/scsi/third_party_copy/copy_manager.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <mutex>

namespace lockstep::scsi {

using Exclusive = std::unique_lock<std::shared_mutex>;
using Shared = std::shared_lock<std::shared_mutex>;

Device::Device(std::string target_name, std::shared_ptr<RodTokens> tokens)
    : target_name_(std::move(target_name)),
      copies_(std::make_unique<CopyManager>(target_name_, std::move(tokens))) {}

Device::~Device() = default;

bool Device::Attentions::any(std::uint16_t lun) const {
  if (luns_changed == LunsChanged::Pending) {
    return true;
  }
  return lun < kMaxLuns && std::any_of(pending.begin(), pending.end(),
                                       [lun](const auto& luns) { return luns.test(lun); });
}

void Device::set_unit(std::uint16_t lun, std::shared_ptr<LogicalUnit> unit) {
  if (lun >= kMaxLuns) {
    std::fprintf(stderr, "lockstep scsi: LUN must be below %u, found %u\n", unsigned{kMaxLuns},
                 unsigned{lun});
    std::abort();
  }
  const Exclusive lock(mutex_);
  if (units_[lun] == unit) {
    return;
  }
  // The old unit is destroyed after the lock is released.
  units_[lun].swap(unit);
  for (auto& [id, attentions] : nexuses_) {
    if (attentions.luns_changed == LunsChanged::Unchanged) {
      attentions.luns_changed = LunsChanged::Pending;
    }
  }
}

std::shared_ptr<LogicalUnit> Device::unit(std::uint16_t lun) const {
  const Shared lock(mutex_);
  return lun < kMaxLuns ? units_[lun] : nullptr;
}

std::shared_ptr<LogicalUnit> Device::unit(const Nexus& nexus, std::uint16_t lun) const {
  return lun < kMaxLuns && nexus.hidden_luns.test(lun) ? nullptr : unit(lun);
}

std::vector<std::uint16_t> Device::report_luns(const Nexus& nexus) {
  const Exclusive lock(mutex_);
  if (const auto found = nexuses_.find(nexus.id); found != nexuses_.end()) {
    found->second.luns_changed = LunsChanged::Unchanged;
  }
  std::vector<std::uint16_t> luns;
  for (std::uint16_t lun = 0; lun != kMaxLuns; ++lun) {
    if (units_[lun] != nullptr && !nexus.hidden_luns.test(lun)) {
      luns.push_back(lun);
    }
  }
  return luns;
}

std::vector<std::shared_ptr<LogicalUnit>> Device::units() const {
  const Shared lock(mutex_);
  std::vector<std::shared_ptr<LogicalUnit>> found;
  std::copy_if(units_.begin(), units_.end(), std::back_inserter(found),
               [](const auto& unit) { return unit != nullptr; });
  return found;
}

void Device::start_nexus(const Nexus& nexus, AdditionalSense attention) {
  const auto kind = static_cast<std::size_t>(std::find(kSenses.begin(), kSenses.end(), attention) -
                                             kSenses.begin());
  const Exclusive lock(mutex_);
  Attentions fresh;
  fresh.initiator_port = nexus.initiator_port;
  fresh.target_port = nexus.target_port;
  fresh.pending[kind].set();
  nexuses_.insert_or_assign(nexus.id, std::move(fresh));
}

void Device::end_nexus(std::uint64_t nexus) {
  const Exclusive lock(mutex_);
  nexuses_.erase(nexus);
}

bool Device::attention_pending(std::uint64_t nexus, std::uint16_t lun) const {
  const Shared lock(mutex_);
  const auto found = nexuses_.find(nexus);
  return found != nexuses_.end() && found->second.any(lun);
}

std::optional<AdditionalSense> Device::take_attention(std::uint64_t nexus, std::uint16_t lun) {
  {
    const Shared lock(mutex_);
    const auto found = nexuses_.find(nexus);
    if (found == nexuses_.end() || !found->second.any(lun)) {
      return std::nullopt;
    }
  }
  const Exclusive lock(mutex_);
  const auto found = nexuses_.find(nexus);
  if (found == nexuses_.end()) {
    return std::nullopt;
  }
  Attentions& attentions = found->second;
  for (std::size_t kind = 0; lun < kMaxLuns && kind != kSenses.size(); ++kind) {
    if (attentions.pending[kind].test(lun)) {
      if (kind >= kResets) {
        attentions.pending[kind].reset(lun);
        return kSenses[kind];
      }
      // A reset tells the initiator to look at everything anew, so it stands for the lesser ones.
      for (auto& luns : attentions.pending) {
        luns.reset(lun);
      }
      if (attentions.luns_changed == LunsChanged::Pending) {
        attentions.luns_changed = LunsChanged::Reported;
      }
      return kSenses[kind];
    }
  }
  if (attentions.luns_changed == LunsChanged::Pending) {
    attentions.luns_changed = LunsChanged::Reported;
    return AdditionalSense::ReportedLunsDataHasChanged;
  }
  return std::nullopt;
}

template <class Chosen>
void Device::raise(std::optional<std::uint16_t> lun, AdditionalSense attention, Chosen&& chosen) {
  const auto kind = static_cast<std::size_t>(std::find(kSenses.begin(), kSenses.end(), attention) -
                                             kSenses.begin());
  const Exclusive lock(mutex_);
  for (auto& [id, attentions] : nexuses_) {
    if (!chosen(id, attentions)) {
      continue;
    }
    if (lun) {
      attentions.pending[kind].set(*lun);
    } else {
      attentions.pending[kind].set();
    }
  }
}

void Device::raise_attention(std::optional<std::uint16_t> lun, AdditionalSense attention) {
  raise(lun, attention, [](std::uint64_t, const Attentions&) { return true; });
}

void Device::raise_for_others(std::uint64_t nexus, std::uint16_t lun, AdditionalSense attention) {
  raise(lun, attention, [nexus](std::uint64_t id, const Attentions&) { return id != nexus; });
}

void Device::raise_for_ports(const std::string& initiator_port, const std::string& target_port,
                             std::uint16_t lun, AdditionalSense attention) {
  raise(lun, attention, [&](std::uint64_t, const Attentions& nexus) {
    return nexus.initiator_port == initiator_port && nexus.target_port == target_port;
  });
}

}  // namespace lockstep::scsi
