// One command on its way through the device server: what a command's function gets to see, and the
// ways in which it can answer.
#pragma once

#include "target_impl/scsi/big_endian.hpp"
#include "target_impl/scsi/device.hpp"
#include "target_impl/scsi/device_server.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/scsi/refusal.hpp"
#include "target_impl/scsi/sense.hpp"
#include "target_impl/store/commits.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lockstep::scsi {

struct Task {
  Device& device;
  const Nexus& nexus;
  std::uint16_t lun;
  LogicalUnit* logical_unit;  // null only for commands that work without one
  const Command& command;
  DataIn& data_in;
  Response& response;
  bool waits_for_disk = false;
  bool waits_for_holders = false;  // LogicalUnit::holders()
  // Of the unit's gate; null: the command needs none. Nobody waits for the disk inside it: who
  // drains the gate may be the one that holds commits back.
  std::optional<CommandGate::Pass>* pass = nullptr;

  // `bytes` 1..8 of the CDB from `at` on.
  [[nodiscard]] std::uint64_t cdb(std::size_t at, std::size_t bytes = 1) const noexcept {
    return get_big_endian(std::span<const std::uint8_t>(command.cdb), at, bytes);
  }
  [[nodiscard]] bool cdb_has(std::size_t at, std::uint8_t bits) const noexcept {
    return (command.cdb[at] & bits) != 0;
  }
  [[nodiscard]] LogicalUnit& unit() const noexcept { return *logical_unit; }
  [[nodiscard]] store::Volume& volume() const noexcept { return logical_unit->volume(); }
  [[nodiscard]] std::uint32_t block_bytes() const noexcept { return volume().block_size().bytes; }

  // Data-in of at most `allocation_length` bytes, the front of `data`.
  void reply(std::span<const std::byte> data, std::uint64_t allocation_length);

  void fail(const Sense& sense) noexcept;
  void fail(SenseKey key, AdditionalSense additional) noexcept {
    fail(Sense{key, additional, {}, {}});
  }
  void refuse(const Refusal& refusal) noexcept;
  void conflict() noexcept { response.status = Status::ReservationConflict; }
  // ILLEGAL REQUEST / INVALID FIELD IN CDB, pointing at the field.
  void refuse_cdb(std::uint16_t byte, std::optional<std::uint8_t> bit = std::nullopt) noexcept;
  // ILLEGAL REQUEST / INVALID FIELD IN PARAMETER LIST.
  void refuse_parameter(std::uint16_t byte,
                        std::optional<std::uint8_t> bit = std::nullopt) noexcept;
  void refuse_list_length() noexcept {
    fail(SenseKey::IllegalRequest, AdditionalSense::ParameterListLengthError);
  }
  // What was sent does not fit what the CDB asks for.
  void refuse_data_length() noexcept {
    fail(SenseKey::IllegalRequest, AdditionalSense::InvalidFieldInCommandInformationUnit);
  }
  // MEDIUM ERROR / UNRECOVERED READ ERROR.
  void fail_unreadable() noexcept {
    fail(SenseKey::MediumError, AdditionalSense::UnrecoveredReadError);
  }
  void refuse_range() noexcept {
    fail(SenseKey::IllegalRequest, AdditionalSense::LogicalBlockAddressOutOfRange);
  }

  // The parameter list of `bytes` bytes that the CDB announces; nullopt: less was sent, and the
  // task has failed.
  [[nodiscard]] std::optional<std::span<const std::byte>> parameter_list(
      std::uint64_t bytes) noexcept;

  // Answers for a change of the volume; counts it when the medium has changed. `fua`: not before it
  // is on disk. Without a write cache every change is treated so.
  void finish_change(store::WriteResult result, bool fua = false) noexcept;
  // Notes what became of a commit that the command needed.
  void note_outcome(store::CommitOutcome outcome) noexcept;
  // After the command's function: if it is to be on disk when it is answered (and the volume is
  // durable), or with the unit's holders, it ends later, when a commit that begins from now on has
  // ended and the holders have what there is by now.
  void end_when_held();
  // FUA of a READ (SBC-3 5.10): what the cache holds is written first. False: that failed, or
  // access was taken away meanwhile.
  [[nodiscard]] bool write_cache_out() noexcept;
  // Until a commit that begins from now on has ended; the command is no longer inside the gate.
  [[nodiscard]] store::CommitOutcome wait_for_disk(store::Commits& commits) noexcept;
};

enum class SenseFormat : std::uint8_t { Fixed, Descriptors };
// What the unit (null: none) wants.
[[nodiscard]] SenseFormat sense_format_of(LogicalUnit* unit) noexcept;
// CHECK CONDITION with this sense, in that format or in the one that the unit wants.
void put_sense(Response& response, SenseFormat format, const Sense& sense) noexcept;
void put_sense(Response& response, LogicalUnit* unit, const Sense& sense) noexcept;

// Whether the volume is another than before.
[[nodiscard]] constexpr bool has_changed(store::WriteResult result) noexcept {
  return result == store::WriteResult::Done || result == store::WriteResult::ObserverFailed;
}
// What a change of a volume is answered with; nullopt: it went well.
[[nodiscard]] std::optional<Sense> sense_of_change(store::WriteResult result) noexcept;

// NOT READY / SANITIZE IN PROGRESS, with how far it is.
[[nodiscard]] Sense sanitize_in_progress(LogicalUnit& unit) noexcept;

}  // namespace lockstep::scsi
