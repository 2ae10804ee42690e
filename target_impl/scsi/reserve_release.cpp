// RESERVE(6) and RELEASE(6) of the whole logical unit (SPC-2 7.21, 7.16).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/reservations.hpp"
#include "target_impl/scsi/task.hpp"

namespace lockstep::scsi {

namespace {

// Third-party and extent reservations are obsolete. False: the task has failed.
[[nodiscard]] bool is_of_the_unit(Task& task) noexcept {
  constexpr std::uint8_t kThirdParty = 0x10;
  constexpr std::uint8_t kExtent = 0x01;
  if (task.cdb_has(1, kThirdParty | kExtent)) {
    task.refuse_cdb(1, task.cdb_has(1, kThirdParty) ? std::uint8_t{4} : std::uint8_t{0});
    return false;
  }
  return true;
}

}  // namespace

void reserve_6(Task& task) {
  if (is_of_the_unit(task) && !task.unit().reservations().reserve(task.nexus)) {
    task.conflict();
  }
}

void release_6(Task& task) {
  if (is_of_the_unit(task) && !task.unit().reservations().release(task.nexus)) {
    task.conflict();
  }
}

}  // namespace lockstep::scsi
