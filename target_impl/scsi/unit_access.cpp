#include "target_impl/scsi/unit_access.hpp"

#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/scsi/reservations.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/store/commits.hpp"

#include <array>
#include <utility>

namespace lockstep::scsi {

namespace {

constexpr std::uint32_t bit(Condition condition) noexcept {
  return static_cast<std::uint32_t>(condition);
}

[[nodiscard]] Refusal check_condition(SenseKey key, AdditionalSense additional) noexcept {
  return {Status::CheckCondition, Sense{key, additional, {}, {}}};
}

void wait_for_holders(Task& task, LogicalUnit& unit) {
  const auto holders = unit.holders();
  for (const auto& holder : *holders) {
    task.note_outcome(holder->wait(holder->request()));
  }
}

}  // namespace

std::optional<Refusal> refusal_of(LogicalUnit& unit, const Nexus& nexus, Need need, Sharing sharing,
                                  std::uint32_t conditions) {
  if ((conditions & bit(Condition::Reserved)) != 0 &&
      !unit.reservations().admits(nexus, sharing, need == Need::Nothing)) {
    return Refusal{Status::ReservationConflict, {}};
  }
  if (need >= Need::Settled && (conditions & bit(Condition::Sanitizing)) != 0) {
    return Refusal{Status::CheckCondition, sanitize_in_progress(unit)};
  }
  if (need >= Need::Settled && (conditions & bit(Condition::SanitizeFailed)) != 0 &&
      need != Need::WriteAlone) {
    return check_condition(SenseKey::MediumError, AdditionalSense::SanitizeCommandFailed);
  }
  if (need >= Need::Medium && (conditions & bit(Condition::NoMedium)) != 0) {
    return check_condition(SenseKey::NotReady, AdditionalSense::MediumNotPresent);
  }
  if (need >= Need::Ready && (conditions & bit(Condition::HostsExcluded)) != 0) {
    return check_condition(SenseKey::NotReady, AdditionalSense::NotReadyCauseNotReportable);
  }
  if (need < Need::Write) {
    return std::nullopt;
  }
  constexpr std::array<std::pair<Condition, AdditionalSense>, 3> kProtections{{
      {Condition::HostsReadOnly, AdditionalSense::WriteProtected},
      {Condition::MediumWriteProtect, AdditionalSense::HardwareWriteProtected},
      {Condition::SoftwareWriteProtect, AdditionalSense::SoftwareWriteProtected},
  }};
  for (const auto& [condition, sense] : kProtections) {
    if ((conditions & bit(condition)) != 0) {
      return check_condition(SenseKey::DataProtect, sense);
    }
  }
  return std::nullopt;
}

UnitAccess::UnitAccess(LogicalUnit& unit, const Nexus& nexus, Need need) {
  if (need >= Need::Write) {
    unit.volume().admit();
  }
  unit.gate().enter(pass_);
  const std::uint32_t conditions = unit.conditions().bits();
  if (conditions != 0) {
    refusal_ = refusal_of(unit, nexus, need,
                          need >= Need::Write ? Sharing::Changes : Sharing::Reads, conditions);
  }
}

void make_durable(Task& task, LogicalUnit& unit) {
  if (unit.has_holders()) [[unlikely]] {
    if (&unit == task.logical_unit) {
      task.waits_for_holders = true;
    } else {
      wait_for_holders(task, unit);
    }
  }
  const auto& commits = unit.volume().commits();
  if (commits == nullptr || unit.write_cache_enabled()) {
    return;
  }
  if (commits == task.volume().commits() && task.response.status == Status::Good) {
    task.waits_for_disk = true;
  } else if (task.wait_for_disk(*commits) != store::CommitOutcome::Durable) {
    task.fail(SenseKey::MediumError, AdditionalSense::WriteError);
  }
}

}  // namespace lockstep::scsi
