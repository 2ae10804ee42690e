// REPORT TARGET PORT GROUPS (SPC-4 6.37).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/port_groups.hpp"
#include "target_impl/scsi/task.hpp"

#include <vector>

namespace lockstep::scsi {

void report_target_port_groups(Task& task) {
  enum : std::uint8_t { kLengthOnly = 0, kExtended = 1 };
  // Transitioning, unavailable, standby, active/non-optimized and active/optimized are supported.
  constexpr std::byte kSupportedStates{0x8f};
  constexpr std::byte kAlteredImplicitly{0x02};
  constexpr std::size_t kGroupBytes = 8;
  constexpr std::size_t kPortBytes = 4;
  const auto format = static_cast<std::uint8_t>(task.cdb(1) >> 5);
  if (format > kExtended) {
    task.refuse_cdb(1, std::uint8_t{7});
    return;
  }
  std::vector<std::byte> data(format == kExtended ? 8 : 4);
  if (format == kExtended) {
    data[4] = std::byte{kExtended << 4};  // implicit transition time (byte 5) zero: not given
  }
  for (const PortGroup& group : task.device.port_groups().all()) {
    const std::size_t at = data.size();
    data.resize(at + kGroupBytes + kPortBytes);
    const std::span<std::byte> out(data);
    data[at] = static_cast<std::byte>(group.state);
    data[at + 1] = kSupportedStates;
    put_big_endian(out, at + 2, 2, group.tag);
    data[at + 5] = kAlteredImplicitly;
    data[at + 7] = std::byte{1};  // target ports
    put_big_endian(out, at + kGroupBytes + 2, 2, group.tag);
  }
  put_big_endian(std::span<std::byte>(data), 0, 4, data.size() - 4);
  task.reply(data, task.cdb(6, 4));
}

}  // namespace lockstep::scsi
