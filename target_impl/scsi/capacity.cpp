// READ CAPACITY(10) and (16) (SBC-3 5.15, 5.16).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"

#include <algorithm>
#include <array>

namespace lockstep::scsi {

void read_capacity_10(Task& task) {
  const std::uint64_t last = task.volume().blocks().value - 1;
  std::array<std::byte, 8> data{};
  const std::span<std::byte> out(data);
  // All ones: too large for this form, use READ CAPACITY(16).
  put_big_endian(out, 0, 4, std::min<std::uint64_t>(last, 0xffffffff));
  put_big_endian(out, 4, 4, task.block_bytes());
  task.reply(data, data.size());
}

void read_capacity_16(Task& task) {
  constexpr std::byte kThinProvisioned{0x80};    // LBPME
  constexpr std::byte kUnmappedReadZeros{0x40};  // LBPRZ
  std::array<std::byte, 32> data{};
  const std::span<std::byte> out(data);
  put_big_endian(out, 0, 8, task.volume().blocks().value - 1);
  put_big_endian(out, 8, 4, task.block_bytes());
  data[14] = kThinProvisioned | kUnmappedReadZeros;
  task.reply(data, task.cdb(10, 4));
}

}  // namespace lockstep::scsi
