// MODE SENSE(6) and (10) (SPC-4 6.13, 6.14): the caching (08h) and control (0Ah) pages. Nothing can
// be changed, so the changeable values are all zero and saved ones do not exist.
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace lockstep::scsi {

namespace {

enum : std::uint8_t { kCaching = 0x08, kControl = 0x0a, kAllPages = 0x3f, kAllSubpages = 0xff };
enum class PageControl : std::uint8_t { Current, Changeable, Default, Saved };

// SBC-3 6.5.6. Write cache off: a write is where it will stay when it is acknowledged.
constexpr std::array<std::uint8_t, 20> kCachingPage{kCaching, 18};

// SPC-4 7.5.8: one task set for all, unrestricted reordering, no limit known for BUSY, fixed-format
// sense.
constexpr std::array<std::uint8_t, 12> kControlPage{kControl, 10, 0, 0x10, 0, 0, 0, 0, 0xff, 0xff};

void append_page(std::vector<std::byte>& data, std::span<const std::uint8_t> page,
                 PageControl control) {
  const auto bytes = std::as_bytes(page);
  const std::size_t at = data.size();
  data.insert(data.end(), bytes.begin(), bytes.end());
  if (control == PageControl::Changeable) {
    std::fill(data.begin() + static_cast<std::ptrdiff_t>(at) + 2, data.end(), std::byte{0});
  }
}

// False: the task has failed.
[[nodiscard]] bool append_pages(Task& task, std::vector<std::byte>& data) {
  const auto control = static_cast<PageControl>(task.cdb(2) >> 6);
  const auto page = static_cast<std::uint8_t>(task.cdb(2) & 0x3f);
  const auto subpage = static_cast<std::uint8_t>(task.cdb(3));
  if (control == PageControl::Saved) {
    task.fail({SenseKey::IllegalRequest,
               AdditionalSense::SavingParametersNotSupported,
               FieldPointer{true, 2, std::uint8_t{7}},
               {}});
    return false;
  }
  const bool all = page == kAllPages;
  if (!all && page != kCaching && page != kControl) {
    task.refuse_cdb(2, std::uint8_t{5});
    return false;
  }
  if (subpage != 0 && subpage != kAllSubpages) {
    task.refuse_cdb(3);
    return false;
  }
  if (all || page == kCaching) {
    append_page(data, kCachingPage, control);
  }
  if (all || page == kControl) {
    append_page(data, kControlPage, control);
  }
  return true;
}

[[nodiscard]] std::byte device_specific(const Task& task) noexcept {
  constexpr std::byte kWriteProtected{0x80};
  constexpr std::byte kDpoFua{0x10};
  return task.unit().host_access() == HostAccess::ReadOnly ? kWriteProtected | kDpoFua : kDpoFua;
}

// SBC-3 6.5.2; nothing when the CDB disables block descriptors.
void append_block_descriptor(const Task& task, std::vector<std::byte>& data, bool long_lba) {
  constexpr std::uint8_t kDisable = 0x08;
  if (task.cdb_has(1, kDisable)) {
    return;
  }
  const std::uint64_t blocks = task.volume().blocks().value;
  const std::size_t at = data.size();
  data.resize(at + (long_lba ? 16 : 8));
  const std::span<std::byte> out(data);
  if (long_lba) {
    put_big_endian(out, at, 8, blocks);
    put_big_endian(out, at + 12, 4, task.block_bytes());
  } else {
    put_big_endian(out, at, 4, std::min<std::uint64_t>(blocks, 0xffffffff));
    put_big_endian(out, at + 5, 3, task.block_bytes());
  }
}

}  // namespace

void mode_sense_6(Task& task) {
  std::vector<std::byte> data(4);
  append_block_descriptor(task, data, false);
  data[2] = device_specific(task);
  data[3] = static_cast<std::byte>(data.size() - 4);
  if (append_pages(task, data)) {
    data[0] = static_cast<std::byte>(data.size() - 1);
    task.reply(data, task.cdb(4));
  }
}

void mode_sense_10(Task& task) {
  const bool long_lba = task.cdb_has(1, 0x10);  // LLBAA
  std::vector<std::byte> data(8);
  append_block_descriptor(task, data, long_lba);
  data[3] = device_specific(task);
  data[4] = std::byte{long_lba && data.size() > 8};
  put_big_endian(std::span<std::byte>(data), 6, 2, data.size() - 8);
  if (append_pages(task, data)) {
    put_big_endian(std::span<std::byte>(data), 0, 2, data.size() - 2);
    task.reply(data, task.cdb(7, 2));
  }
}

}  // namespace lockstep::scsi
