// A logical unit: a volume, its identity and who may use it.
#pragma once

#include "target_impl/scsi/command_gate.hpp"
#include "target_impl/scsi/conditions.hpp"
#include "target_impl/scsi/persistent_state.hpp"
#include "target_impl/store/commits.hpp"
#include "target_impl/store/volume.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lockstep::scsi {

enum class HostAccess : std::uint8_t {
  ReadWrite,
  ReadOnly,  // writes: DATA PROTECT / WRITE PROTECTED (7/2700)
  None,      // every medium access: NOT READY / LOGICAL UNIT NOT ACCESSIBLE (2/0400)
};

// What PRE-FETCH answers when it has done what was asked: SBC-3 5.9 wants CONDITION MET when all
// the blocks fit the cache, which they always do here; initiators commonly expect GOOD.
enum class PrefetchAnswer : std::uint8_t { Good, ConditionMet };

struct LogicalUnitOptions {
  std::array<std::uint8_t, 16> naa_identifier{};  // NAA type 6, VPD page 83h
  std::string serial_number;                      // VPD page 80h
  std::string vendor = "LOCKSTEP";                // at most 8 bytes are shown
  std::string product = "lockstep volume";        // at most 16 bytes are shown
  // The medium can be taken out with START STOP UNIT.
  bool removable = false;
  // The medium is write protected: 7/2700, and WP in MODE SENSE.
  bool read_only = false;
  // Logical blocks per physical block, as a power of two, 0..7; what READ CAPACITY(16) reports.
  std::uint8_t physical_block_exponent = 0;
  // There is a volatile write cache: writes need FUA or SYNCHRONIZE CACHE to outlive a crash. WCE
  // is then set, and can be changed with MODE SELECT. Always so in front of a durable volume.
  bool write_cache = false;
  PrefetchAnswer prefetch_answer = PrefetchAnswer::Good;
  // A SANITIZE takes at least this long.
  std::chrono::milliseconds sanitize_minimum{0};
  // Where reservations made with APTPL are kept; null: APTPL is not offered.
  std::shared_ptr<PersistentState> persistent_state;
};

class ModeParameters;
class RemovableMedium;
class Reservations;
class Sanitizer;

// Thread-safe. One volume may stand behind several logical units (an internal path beside the
// hosts'), but a logical unit belongs to one target device.
class LogicalUnit {
 public:
  LogicalUnit(std::shared_ptr<store::Volume> volume, LogicalUnitOptions options);
  ~LogicalUnit();
  LogicalUnit(const LogicalUnit&) = delete;
  LogicalUnit& operator=(const LogicalUnit&) = delete;

  // Takes up the reservations that options().persistent_state kept; call once, before the unit is
  // added to a device. Origin::Config when what was kept is damaged.
  [[nodiscard]] Result<void> restore();

  [[nodiscard]] store::Volume& volume() const noexcept;
  [[nodiscard]] const LogicalUnitOptions& options() const noexcept { return options_; }

  // Returns when every command that was admitted before has ended. Must not be called from within
  // a command or an observer of the volume, nor with a lock that either waits for.
  void set_host_access(HostAccess access);
  [[nodiscard]] HostAccess host_access() const noexcept;

  // Others that are to hold what hosts write before the writes are answered: the far sides of
  // synchronous mirrors. One that says Failed fails the writes.
  void add_holder(std::shared_ptr<store::Commits> holder);
  void remove_holder(const store::Commits& holder);
  [[nodiscard]] bool has_holders() const noexcept { return has_holders_.load(); }
  // All at one instant; never null.
  using Holders = std::vector<std::shared_ptr<store::Commits>>;
  [[nodiscard]] std::shared_ptr<const Holders> holders() const;

  // How many commands that change the medium have been carried out through this logical unit.
  [[nodiscard]] std::uint64_t medium_changes() const noexcept { return medium_changes_.load(); }
  // For the device server: a command has changed the medium.
  void count_medium_change() noexcept { medium_changes_.fetch_add(1, std::memory_order_relaxed); }

  // Whether writes may be acknowledged before they are where they will stay (WCE).
  [[nodiscard]] bool write_cache_enabled() const noexcept;

  // What the device server keeps for the unit.
  [[nodiscard]] Conditions& conditions() noexcept { return conditions_; }
  [[nodiscard]] CommandGate& gate() noexcept { return gate_; }
  [[nodiscard]] ModeParameters& mode() noexcept { return *mode_; }
  [[nodiscard]] RemovableMedium& medium() noexcept { return *medium_; }
  [[nodiscard]] Reservations& reservations() noexcept { return *reservations_; }
  [[nodiscard]] Sanitizer& sanitizer() noexcept { return *sanitizer_; }
  // Replaces the changeable mode parameters; false: they were so already.
  bool set_mode(std::uint8_t parameters) noexcept;
  void nexus_lost(std::uint64_t nexus);
  // Logical unit reset, and the resets of the whole device (SAM-5 6.3.3).
  void reset();

 private:
  const std::shared_ptr<store::Volume> volume_;
  const LogicalUnitOptions options_;
  Conditions conditions_;
  std::atomic<std::uint64_t> medium_changes_{0};
  std::atomic<bool> has_holders_{false};
  mutable std::mutex holders_mutex_;
  std::shared_ptr<const Holders> holders_ = std::make_shared<const Holders>();
  CommandGate gate_;
  const std::unique_ptr<ModeParameters> mode_;
  const std::unique_ptr<RemovableMedium> medium_;
  const std::unique_ptr<Reservations> reservations_;
  const std::unique_ptr<Sanitizer> sanitizer_;
};

[[nodiscard]] inline std::uint64_t blocks_per_physical_block(const LogicalUnit& unit) noexcept {
  return std::uint64_t{1} << (unit.options().physical_block_exponent & 0x0fU);
}

}  // namespace lockstep::scsi
