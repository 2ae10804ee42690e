// INQUIRY (SPC-4 6.6): the standard data; vital product data is in vital_product_data.cpp.
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/vital_product_data.hpp"

#include <array>
#include <string_view>

namespace lockstep::scsi {

namespace {

// SPC-4 table 149: the standards that this device server follows.
enum : std::uint16_t {
  kSam5 = 0x00a0,
  kIscsi = 0x0960,
  kSpc4 = 0x0460,
  kSbc3 = 0x04c0,
};

}  // namespace

void put_text(std::span<std::byte> out, std::string_view text) noexcept {
  for (std::size_t i = 0; i != out.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    const bool printable = c >= 0x20 && c <= 0x7e;
    out[i] = static_cast<std::byte>(printable ? c : '?');
  }
}

std::byte peripheral_of(const Task& task) noexcept {
  constexpr std::byte kNoLogicalUnit{0x7f};  // qualifier 011b, device type 1Fh
  constexpr std::byte kDirectAccess{0x00};
  return task.logical_unit == nullptr ? kNoLogicalUnit : kDirectAccess;
}

void inquiry(Task& task) {
  const std::uint64_t allocation = task.cdb(3, 2);
  constexpr std::uint8_t kEvpd = 0x01;
  if (task.cdb_has(1, kEvpd)) {
    vital_product_data(task, static_cast<std::uint8_t>(task.cdb(2)), allocation);
    return;
  }
  if (task.cdb_has(1, 0x02)) {  // CMDDT, obsolete
    task.refuse_cdb(1, std::uint8_t{1});
    return;
  }
  if (task.cdb(2) != 0) {
    task.refuse_cdb(2);
    return;
  }
  std::array<std::byte, 96> data{};
  const std::span<std::byte> out(data);
  data[0] = peripheral_of(task);
  data[2] = std::byte{0x06};  // SPC-4
  data[3] = std::byte{0x12};  // HISUP, response data format 2
  data[4] = static_cast<std::byte>(data.size() - 5);
  data[5] = std::byte{0x18};  // TPGS: implicit asymmetric access only; 3PC
  data[7] = std::byte{0x02};  // CMDQUE
  if (task.logical_unit == nullptr) {
    put_text(out.subspan(8, 8), "LOCKSTEP");
    put_text(out.subspan(16, 16), "no logical unit");
  } else {
    constexpr std::byte kRemovable{0x80};
    const LogicalUnitOptions& options = task.unit().options();
    data[1] = options.removable ? kRemovable : std::byte{0};
    put_text(out.subspan(8, 8), options.vendor);
    put_text(out.subspan(16, 16), options.product);
  }
  put_text(out.subspan(32, 4), "0001");
  put_big_endian(out, 58, 2, kSam5);
  put_big_endian(out, 60, 2, kIscsi);
  put_big_endian(out, 62, 2, kSpc4);
  put_big_endian(out, 64, 2, kSbc3);
  task.reply(data, allocation);
}

}  // namespace lockstep::scsi
