// The boundary between the iSCSI protocol and the SCSI device server: one call per command, made on
// the event loop's own thread, without hand-over, allocation or copying beyond the payload itself.
#pragma once

#include "target_impl/store/landing.hpp"
#include "target_impl/store/lending.hpp"

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lockstep::scsi {

enum class Status : std::uint8_t {
  Good = 0x00,
  CheckCondition = 0x02,
  ConditionMet = 0x04,
  Busy = 0x08,
  ReservationConflict = 0x18,
  TaskSetFull = 0x28,
  TaskAborted = 0x40,
};

inline constexpr std::size_t kSenseBytes = 18;     // fixed format
inline constexpr std::size_t kMaxSenseBytes = 40;  // descriptor format
inline constexpr std::uint16_t kMaxLuns = 256;

// An initiator port talking to a target port.
struct Nexus {
  std::string initiator_port;    // iSCSI name + ",i,0x" + ISID in 12 hex digits
  std::string target_port;       // target name + ",t,0x" + portal group tag in 4 hex digits
  std::uint64_t id = 0;          // unique among all nexuses, past ones included
  std::uint16_t port_group = 1;  // the portal group tag: one target port per group
  // Logical units that this initiator may not see. To it they are not there, in any command.
  std::bitset<kMaxLuns> hidden_luns{};
};

struct Response;

// Ends a command that outlasts its execution. Calls after the first are ignored, and so is one for
// a command that was aborted or whose session is gone.
class LateEnding {
 public:
  virtual ~LateEnding() = default;
  // From any thread.
  virtual void end(const Response& response) = 0;
};

// Where a command's data-in goes. The protocol layer hands out the buffer that it will send from.
class DataIn {
 public:
  virtual ~DataIn() = default;
  // Exactly `bytes` bytes to be filled before execute() returns; called at most once per command.
  // The device server may ask for more than the initiator expects; the protocol layer truncates and
  // reports the residual.
  [[nodiscard]] virtual std::span<std::byte> claim(std::size_t bytes) = 0;
  // For a command without data-in that takes long: once asked for, the ending counts, and not what
  // execute() leaves in `response`. Null: the command has to end before execute() returns.
  [[nodiscard]] virtual std::shared_ptr<LateEnding> end_later() { return nullptr; }
  // In place of claim(): whoever gets not null gives exactly `bytes` bytes to it, in pieces that
  // are held until they have been sent. Null: the protocol layer wants them copied.
  [[nodiscard]] virtual store::PieceTaker* claim_pieces(std::size_t /*bytes*/) { return nullptr; }
};

struct Command {
  std::array<std::uint8_t, 16> cdb{};
  // Everything the initiator sent for this command, contiguous, at most `expected_data_out`.
  std::span<const std::byte> data_out;
  // EDTL when the W flag is set, else 0.
  std::uint32_t expected_data_out = 0;
  // Not null: `data_out` lies in there, and may be gone when execute() has returned.
  store::Landing* landing = nullptr;
  // `data_out` may change while the command is executed; only if reads_once().
  bool data_out_is_lent = false;
};

struct Response {
  Status status = Status::Good;
  // With CheckCondition: the first `sense_bytes` of `sense`.
  std::array<std::uint8_t, kMaxSenseBytes> sense{};
  std::uint8_t sense_bytes = kSenseBytes;
  // What the CDB asked to transfer, for the residual count: data-out the command wanted.
  std::uint64_t data_out_wanted = 0;
};

enum class TaskManagement : std::uint8_t {
  AbortTask = 1,
  AbortTaskSet = 2,
  ClearTaskSet = 4,
  LogicalUnitReset = 5,
  TargetWarmReset = 6,
  TargetColdReset = 7,
  NexusReset = 11,  // I_T NEXUS RESET: this nexus alone, on every logical unit
};

// Asymmetric logical unit access, SPC-4 table 53. The numbers are those of REPORT TARGET PORT
// GROUPS.
enum class AccessState : std::uint8_t {
  ActiveOptimized = 0x0,
  ActiveNonOptimized = 0x1,
  Standby = 0x2,
  Unavailable = 0x3,
  Transitioning = 0xF,
};

// A target device: a set of logical units under one name. Thread-safe: LUs may be added and
// removed, and commands executed, from several threads.
class LogicalUnit;
class RodTokens;
class DeviceServer {
 public:
  // Copy tokens can be used on every device that has the same `tokens`; null: those of the process.
  explicit DeviceServer(std::string target_name, std::shared_ptr<RodTokens> tokens = nullptr);
  ~DeviceServer();

  [[nodiscard]] const std::string& target_name() const noexcept;

  // Replaces what was there. Every known nexus gets REPORTED LUNS DATA HAS CHANGED. LUN 0..255.
  void add(std::uint16_t lun, std::shared_ptr<LogicalUnit> unit);
  void remove(std::uint16_t lun);
  [[nodiscard]] std::shared_ptr<LogicalUnit> find(std::uint16_t lun) const;

  // The portal groups through which the device is reached, each a target port group of one port;
  // until then there is group 1. Those that stay keep their state, new ones are active/optimized.
  void set_port_groups(const std::vector<std::uint16_t>& tags);
  // Every nexus is told by ASYMMETRIC ACCESS STATE CHANGED if it is a change. False: no such group.
  bool set_access_state(std::uint16_t tag, AccessState state);

  // The protocol layer announces sessions, so that unit attentions and reservations can be kept.
  void nexus_started(const Nexus& nexus);
  void nexus_lost(const Nexus& nexus);

  // Carries out one command for `lun` (one that does not exist is answered as SPC-4 asks) and fills
  // `response`; data-in goes through `data_in`. The command has ended when the call returns, unless
  // DataIn::end_later() was called (a long
  // SANITIZE; FUA writes and SYNCHRONIZE CACHE of a durable volume). CDB
  // and data-out are taken as hostile. Every refusal is a CHECK CONDITION with sense; nothing
  // throws.
  void execute(const Nexus& nexus, std::uint16_t lun, const Command& command, DataIn& data_in,
               Response& response);

  // Where `bytes` of data-out for this CDB are best collected, so that the volume takes them over
  // as they are; empty: anywhere. Says nothing of whether the command will be carried out.
  [[nodiscard]] store::Landing land(const Nexus& nexus, std::uint16_t lun,
                                    std::span<const std::uint8_t, 16> cdb, std::size_t bytes) const;

  // Whether execute() makes nothing of the data-out for this CDB but to store it as it is.
  [[nodiscard]] bool reads_once(std::span<const std::uint8_t, 16> cdb) const noexcept;

  // Whether a unit attention is due. Nothing: no such LUN. QUERY ASYNCHRONOUS EVENT asks for it.
  [[nodiscard]] std::optional<bool> attention_pending(const Nexus& nexus, std::uint16_t lun) const;

  // Tasks end inside execute(), so only the effects on logical units remain. False: no such LUN.
  [[nodiscard]] bool manage(const Nexus& nexus, std::uint16_t lun, TaskManagement function);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::scsi
