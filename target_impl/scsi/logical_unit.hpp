// A logical unit: a volume, its identity and who may use it.
#pragma once

#include "target_impl/store/volume.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace lockstep::scsi {

enum class HostAccess : std::uint8_t {
  ReadWrite,
  ReadOnly,  // writes: DATA PROTECT / WRITE PROTECTED (7/2700)
  None,      // every medium access: NOT READY / LOGICAL UNIT NOT ACCESSIBLE (2/0400)
};

struct LogicalUnitOptions {
  std::array<std::uint8_t, 16> naa_identifier{};  // NAA type 6, VPD page 83h
  std::string serial_number;                      // VPD page 80h
  std::string product = "lockstep volume";        // at most 16 bytes are shown
};

// Thread-safe. One volume may stand behind several logical units (an internal path beside the
// hosts').
class LogicalUnit {
 public:
  LogicalUnit(std::shared_ptr<store::Volume> volume, LogicalUnitOptions options);
  ~LogicalUnit();

  [[nodiscard]] store::Volume& volume() const noexcept;
  [[nodiscard]] const LogicalUnitOptions& options() const noexcept;

  void set_host_access(HostAccess access) noexcept;
  [[nodiscard]] HostAccess host_access() const noexcept;

  // How many commands that change the medium have been carried out through this logical unit.
  [[nodiscard]] std::uint64_t medium_changes() const noexcept;
  // For the device server: a command has changed the medium.
  void count_medium_change() noexcept;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::scsi
