// Every command that the device server knows: how it is recognised, what it needs, which bits of
// its CDB mean something, and the function that carries it out. REPORT SUPPORTED OPERATION CODES is
// read from here, so it cannot disagree with what works.
#pragma once

#include "target_impl/scsi/reservations.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace lockstep::scsi {

struct Task;

// What has to hold before a command is carried out; each includes those before it.
enum class Need : std::uint8_t {
  Nothing,      // answers without a logical unit, and despite a unit attention
  LogicalUnit,  // a logical unit, whatever its state
  Settled,      // no sanitize operation is under way or has failed
  Medium,       // a medium, whatever hosts may do with it
  Ready,        // HostAccess other than None
  Write,        // the medium may be changed
  WriteAlone,   // likewise, and the command waits for the others to end
};

struct CommandEntry {
  std::uint8_t operation_code;
  std::optional<std::uint8_t> service_action;
  Need need;
  Sharing sharing;  // under a reservation of somebody else
  void (*run)(Task&);
  std::size_t cdb_bytes;
  // SPC-4 6.35.3 CDB usage data; byte 0 is the operation code itself.
  std::array<std::uint8_t, 16> usage;
  // SPC-4 6.35.4: how long to wait for the command.
  std::uint32_t timeout_seconds = 30;
};

[[nodiscard]] std::span<const CommandEntry> all_commands() noexcept;

// Whether any command has this operation code.
[[nodiscard]] bool knows_operation_code(std::uint8_t operation_code) noexcept;
// By operation code and, where the code has service actions, the low five bits of CDB byte 1.
[[nodiscard]] const CommandEntry* find_command(std::span<const std::uint8_t, 16> cdb) noexcept;

// The commands, one file per family.
void test_unit_ready(Task& task);               // unit_state.cpp
void request_sense(Task& task);                 // unit_state.cpp
void start_stop_unit(Task& task);               // unit_state.cpp
void prevent_allow_medium_removal(Task& task);  // unit_state.cpp
void inquiry(Task& task);                       // inquiry.cpp
void report_luns(Task& task);                   // report_luns.cpp
void read_capacity_10(Task& task);              // capacity.cpp
void read_capacity_16(Task& task);              // capacity.cpp
void read_defect_data_10(Task& task);           // capacity.cpp
void read_defect_data_12(Task& task);           // capacity.cpp
void read_blocks(Task& task);                   // read_write.cpp
void write_blocks(Task& task);                  // read_write.cpp
void synchronize_cache(Task& task);             // read_write.cpp
void pre_fetch(Task& task);                     // read_write.cpp
void write_atomic(Task& task);                  // atomic_write.cpp
void or_write(Task& task);                      // atomic_write.cpp
void verify(Task& task);                        // verify.cpp
void write_and_verify(Task& task);              // verify.cpp
void compare_and_write(Task& task);             // compare_and_write.cpp
void write_same(Task& task);                    // write_same.cpp
void unmap(Task& task);                         // provisioning.cpp
void get_lba_status(Task& task);                // provisioning.cpp
void sanitize(Task& task);                      // sanitize.cpp
void exit_failure_mode(Task& task);             // sanitize.cpp
void mode_sense_6(Task& task);                  // mode_sense.cpp
void mode_sense_10(Task& task);                 // mode_sense.cpp
void mode_select_6(Task& task);                 // mode_select.cpp
void mode_select_10(Task& task);                // mode_select.cpp
void reserve_6(Task& task);                     // reserve_release.cpp
void release_6(Task& task);                     // reserve_release.cpp
void persistent_reserve_in(Task& task);         // persistent_reserve_in.cpp
void persistent_reserve_out(Task& task);        // persistent_reserve_out.cpp
void report_target_port_groups(Task& task);     // report_target_port_groups.cpp
// In third_party_copy/.
void extended_copy_1(Task& task);                    // extended_copy.cpp
void populate_token(Task& task);                     // populate_token.cpp
void write_using_token(Task& task);                  // write_using_token.cpp
void copy_operation_abort(Task& task);               // write_using_token.cpp
void receive_copy_status_1(Task& task);              // receive_copy_results.cpp
void receive_copy_operating_parameters(Task& task);  // receive_copy_results.cpp
void receive_copy_failure_details(Task& task);       // receive_copy_results.cpp
void receive_copy_status_4(Task& task);              // receive_copy_status.cpp
void receive_rod_token_information(Task& task);      // receive_copy_status.cpp

void report_supported_commands(Task& task);         // report_supported_commands.cpp
void report_supported_task_management(Task& task);  // of the same name

}  // namespace lockstep::scsi
