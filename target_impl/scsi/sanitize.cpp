// SANITIZE (SBC-3 5.27, 4.11): OVERWRITE, BLOCK ERASE, CRYPTOGRAPHIC ERASE, EXIT FAILURE MODE.
//
// Nothing is encrypted, so a cryptographic erase erases the blocks like a block erase.
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/sanitizer.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/third_party_copy/copy_manager.hpp"

#include <cstring>
#include <optional>
#include <utility>

namespace lockstep::scsi {

namespace {

constexpr std::uint8_t kOverwrite = 0x01;
constexpr std::size_t kHeaderBytes = 4;

constexpr std::uint8_t kImmediate = 0x80;
constexpr std::uint8_t kZonesUntouched = 0x40;  // ZNR, for zoned devices
constexpr std::uint8_t kUnrestrictedExit = 0x20;

// The fields that are alike in all service actions. False: the task has failed.
[[nodiscard]] bool reserved_is_clear(Task& task) noexcept {
  if (task.cdb_has(1, kZonesUntouched)) {
    task.refuse_cdb(1, std::uint8_t{6});
    return false;
  }
  for (std::uint16_t byte = 2; byte != 7; ++byte) {
    if (task.cdb(byte) != 0) {
      task.refuse_cdb(byte);
      return false;
    }
  }
  return true;
}

[[nodiscard]] bool has_no_list(Task& task) noexcept {
  task.response.data_out_wanted = task.cdb(7, 2);
  if (task.cdb(7, 2) != 0) {
    task.refuse_cdb(7);
    return false;
  }
  return true;
}

// The parameter list of OVERWRITE (SBC-3 5.27.2).
[[nodiscard]] std::optional<SanitizePlan> overwrite_plan(Task& task) {
  const std::uint64_t bytes = task.cdb(7, 2);
  const std::uint64_t block = task.block_bytes();
  task.response.data_out_wanted = bytes;
  if (bytes <= kHeaderBytes || bytes > kHeaderBytes + block) {
    task.refuse_cdb(7);
    return std::nullopt;
  }
  const auto list = task.parameter_list(bytes);
  if (!list) {
    return std::nullopt;
  }
  constexpr std::uint64_t kTest = 0x60;
  constexpr std::uint64_t kInvert = 0x80;
  const std::uint64_t flags = get_big_endian(*list, 0, 1);
  const std::uint64_t pattern_bytes = get_big_endian(*list, 2, 2);
  SanitizePlan plan;
  plan.passes = static_cast<std::uint32_t>(flags & 0x1f);
  plan.inverts_between_passes = (flags & kInvert) != 0;
  if ((flags & kTest) != 0 || plan.passes == 0) {
    task.refuse_parameter(0, (flags & kTest) != 0 ? std::uint8_t{6} : std::uint8_t{4});
    return std::nullopt;
  }
  if (pattern_bytes == 0 || pattern_bytes > block || pattern_bytes != bytes - kHeaderBytes) {
    task.refuse_parameter(2);
    return std::nullopt;
  }
  // A block begins with the pattern, repeated to its end.
  const auto pattern = list->subspan(kHeaderBytes);
  plan.pattern.resize(static_cast<std::size_t>(block));
  for (std::size_t at = 0; at < plan.pattern.size(); at += pattern.size()) {
    const std::size_t part = std::min(pattern.size(), plan.pattern.size() - at);
    std::memcpy(plan.pattern.data() + at, pattern.data(), part);
  }
  return plan;
}

constexpr Sense kFailed{SenseKey::MediumError, AdditionalSense::SanitizeCommandFailed, {}, {}};

// False: the task has failed.
[[nodiscard]] bool start(Task& task, SanitizePlan plan) {
  const auto minimum = task.unit().options().sanitize_minimum;
  // No copy token may keep what is to be gone (SBC-4 4.11).
  plan.alone = [tokens = task.device.copies().shared_tokens(), volume = &task.volume()] {
    tokens->cancel(*volume);
  };
  if (!task.unit().sanitizer().start(std::move(plan), minimum)) {
    task.response.status = Status::Busy;
    return false;
  }
  task.unit().count_medium_change();
  return true;
}

}  // namespace

Sense sanitize_in_progress(LogicalUnit& unit) noexcept {
  return {
      SenseKey::NotReady, AdditionalSense::SanitizeInProgress, {}, {}, unit.sanitizer().progress()};
}

void sanitize(Task& task) {
  if (!reserved_is_clear(task)) {
    return;
  }
  SanitizePlan plan;
  if ((task.cdb(1) & 0x1f) == kOverwrite) {
    auto parsed = overwrite_plan(task);
    if (!parsed) {
      return;
    }
    plan = std::move(*parsed);
  } else if (!has_no_list(task)) {
    return;
  }
  plan.may_exit_failure = task.cdb_has(1, kUnrestrictedExit);
  if (task.cdb_has(1, kImmediate)) {
    (void)start(task, std::move(plan));
    return;
  }
  if (const auto ending = task.data_in.end_later()) {
    plan.ended = [ending, response = task.response, unit = task.logical_unit](bool done) mutable {
      if (!done) {
        put_sense(response, unit, kFailed);
      }
      ending->end(response);
    };
    if (!start(task, std::move(plan))) {
      ending->end(task.response);
    }
    return;
  }
  if (!start(task, std::move(plan))) {
    return;
  }
  task.unit().sanitizer().wait();
  if (task.unit().conditions().has(Condition::SanitizeFailed)) {
    task.fail(kFailed);
  }
}

void exit_failure_mode(Task& task) {
  if (!reserved_is_clear(task) || !has_no_list(task)) {
    return;
  }
  if (task.unit().conditions().has(Condition::Sanitizing)) {
    task.fail(sanitize_in_progress(task.unit()));
  } else if (!task.unit().sanitizer().exit_failure()) {
    task.fail(kFailed);
  }
}

}  // namespace lockstep::scsi
