// READ CAPACITY(10) and (16), READ DEFECT DATA(10) and (12) (SBC-3 5.15-5.18).
#include "target_impl/scsi/capacity.hpp"

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

LongCapacity long_capacity(const LogicalUnit& unit) {
  constexpr std::byte kThinProvisioned{0x80};    // LBPME
  constexpr std::byte kUnmappedReadZeros{0x40};  // LBPRZ
  LongCapacity data{};
  const std::span<std::byte> out(data);
  put_big_endian(out, 0, 8, unit.volume().blocks().value - 1);
  put_big_endian(out, 8, 4, unit.volume().block_size().bytes);
  data[13] = static_cast<std::byte>(unit.options().physical_block_exponent & 0x0f);
  data[14] = kThinProvisioned | kUnmappedReadZeros;
  return data;
}

void read_capacity_16(Task& task) { task.reply(long_capacity(task.unit()), task.cdb(10, 4)); }

// Memory has no defects, so every list is valid and empty, in the format that was asked for.
void read_defect_data_10(Task& task) {
  std::array<std::byte, 4> data{};
  data[1] = static_cast<std::byte>(task.cdb(2) & 0x1f);
  task.reply(data, task.cdb(7, 2));
}

void read_defect_data_12(Task& task) {
  std::array<std::byte, 8> data{};
  data[1] = static_cast<std::byte>(task.cdb(1) & 0x1f);
  task.reply(data, task.cdb(6, 4));
}

}  // namespace lockstep::scsi
