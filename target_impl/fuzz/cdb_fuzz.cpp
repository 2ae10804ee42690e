// CDBs with their parameter lists: sequences of commands from several nexuses to several logical
// units, on two devices that must agree.
//
// Input: records. A record: control byte (bits 0-1 nexus, 2-3 LUN, 4-5 what); for a command
// sixteen bytes of CDB and the data-out (device_pair.hpp); for anything else one byte.
#include "target_impl/fuzz/device_pair.hpp"

#include <algorithm>

namespace {

using namespace lockstep;
using namespace lockstep::fuzz;

constexpr std::size_t kMostRecords = 48;
constexpr std::size_t kMostDataOut = 64 * 1024;
constexpr std::uint64_t kNexuses = 4;

enum class What : std::uint8_t { Command = 0, LyingCommand = 1, Management = 2, Nexus = 3 };

// Answers with a random token, or a clock, cannot be the same twice.
bool is_comparable(const scsi::Command& command) {
  constexpr std::uint8_t kReceiveCopyResults = 0x84;
  constexpr std::uint8_t kMaintenanceIn = 0xa3;
  constexpr std::uint8_t kReportTimestamp = 0x0f;
  return command.cdb[0] != kReceiveCopyResults &&
         !(command.cdb[0] == kMaintenanceIn && (command.cdb[1] & 0x1f) == kReportTimestamp);
}

void run_command(DevicePair& devices, Input& input, std::uint64_t nexus, std::uint16_t lun,
                 bool lying) {
  scsi::Command command;
  const auto cdb = input.take(command.cdb.size());
  std::copy(cdb.begin(), cdb.end(), command.cdb.begin());
  const auto data = read_data_out(input, kMostDataOut);
  command.data_out = data;
  // What was sent may be less than what was announced, never more.
  command.expected_data_out = static_cast<std::uint32_t>(data.size()) + (lying ? 512 : 0);
  static_cast<void>(devices.run(nexus, lun, command, is_comparable(command)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  Input input(data, bytes);
  DevicePair devices;
  // The first nexus has had its unit attentions, so that a single command does something.
  devices.start_nexus(1);
  for (std::uint16_t lun = 0; lun != 4; ++lun) {
    static_cast<void>(devices.run(1, lun, scsi::Command{}));
  }
  for (std::size_t records = 0; !input.empty() && records != kMostRecords; ++records) {
    const std::uint8_t control = input.byte();
    const std::uint64_t nexus = 1 + control % kNexuses;
    const auto lun = static_cast<std::uint16_t>(control >> 2 & 3);
    switch (static_cast<What>(control >> 4 & 3)) {
      case What::Command:
        run_command(devices, input, nexus, lun, false);
        break;
      case What::LyingCommand:
        run_command(devices, input, nexus, lun, true);
        break;
      case What::Management:
        devices.manage(nexus, lun, static_cast<scsi::TaskManagement>(1 + input.byte() % 7));
        break;
      case What::Nexus:
        if (input.byte() % 2 == 0) {
          devices.start_nexus(nexus);
        } else {
          devices.lose_nexus(nexus);
        }
        break;
    }
  }
  devices.compare_volumes();
  return 0;
}
