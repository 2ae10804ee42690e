#include "target_impl/scsi/logical_unit.hpp"

#include "target_impl/scsi/mode_parameters.hpp"
#include "target_impl/scsi/removable_medium.hpp"
#include "target_impl/scsi/reservations.hpp"
#include "target_impl/scsi/sanitizer.hpp"

#include <utility>

namespace lockstep::scsi {

namespace {

constexpr std::uint32_t bit(Condition condition) noexcept {
  return static_cast<std::uint32_t>(condition);
}

LogicalUnitOptions with_cache(LogicalUnitOptions options, const store::Volume& volume) {
  options.write_cache = options.write_cache || volume.commits() != nullptr;
  return options;
}

}  // namespace

LogicalUnit::LogicalUnit(std::shared_ptr<store::Volume> volume, LogicalUnitOptions options)
    : volume_(std::move(volume)),
      options_(with_cache(std::move(options), *volume_)),
      mode_(std::make_unique<ModeParameters>(options_.write_cache)),
      medium_(std::make_unique<RemovableMedium>(conditions_)),
      reservations_(std::make_unique<Reservations>(conditions_, options_.persistent_state)),
      sanitizer_(std::make_unique<Sanitizer>(*volume_, conditions_, gate_)) {
  conditions_.put(Condition::MediumWriteProtect, options_.read_only);
}

LogicalUnit::~LogicalUnit() = default;

Result<void> LogicalUnit::restore() { return reservations_->restore(); }

store::Volume& LogicalUnit::volume() const noexcept { return *volume_; }

void LogicalUnit::set_host_access(HostAccess access) {
  constexpr std::uint32_t kBoth = bit(Condition::HostsReadOnly) | bit(Condition::HostsExcluded);
  std::uint32_t bits = 0;
  if (access == HostAccess::ReadOnly) {
    bits = bit(Condition::HostsReadOnly);
  } else if (access == HostAccess::None) {
    bits = bit(Condition::HostsExcluded);
  }
  conditions_.replace(kBoth, bits);
  gate_.drain();
}

void LogicalUnit::add_holder(std::shared_ptr<store::Commits> holder) {
  const std::lock_guard lock(holders_mutex_);
  Holders more = *holders_;
  more.push_back(std::move(holder));
  holders_ = std::make_shared<const Holders>(std::move(more));
  has_holders_ = true;
}

void LogicalUnit::remove_holder(const store::Commits& holder) {
  const std::lock_guard lock(holders_mutex_);
  Holders left = *holders_;
  std::erase_if(left, [&](const auto& one) { return one.get() == &holder; });
  has_holders_ = !left.empty();
  holders_ = std::make_shared<const Holders>(std::move(left));
}

std::shared_ptr<const LogicalUnit::Holders> LogicalUnit::holders() const {
  const std::lock_guard lock(holders_mutex_);
  return holders_;
}

HostAccess LogicalUnit::host_access() const noexcept {
  const std::uint32_t bits = conditions_.bits();
  if ((bits & bit(Condition::HostsExcluded)) != 0) {
    return HostAccess::None;
  }
  return (bits & bit(Condition::HostsReadOnly)) != 0 ? HostAccess::ReadOnly : HostAccess::ReadWrite;
}

bool LogicalUnit::write_cache_enabled() const noexcept {
  return mode_->has(ModeParameter::WriteCache);
}

bool LogicalUnit::set_mode(std::uint8_t parameters) noexcept {
  conditions_.put(
      Condition::SoftwareWriteProtect,
      (parameters & static_cast<std::uint8_t>(ModeParameter::SoftwareWriteProtect)) != 0);
  return mode_->set(parameters) != parameters;
}

void LogicalUnit::nexus_lost(std::uint64_t nexus) {
  reservations_->nexus_lost(nexus);
  medium_->nexus_lost(nexus);
}

void LogicalUnit::reset() {
  reservations_->reset();
  medium_->reset();
  set_mode(mode_->defaults());
}

}  // namespace lockstep::scsi
