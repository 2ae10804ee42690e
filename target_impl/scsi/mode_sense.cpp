// MODE SENSE(6) and (10) (SPC-4 6.13, 6.14). Saved values do not exist.
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/mode_pages.hpp"
#include "target_impl/scsi/mode_parameters.hpp"
#include "target_impl/scsi/task.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace lockstep::scsi {

namespace {

enum : std::uint8_t { kAllPages = 0x3f, kAllSubpages = 0xff };
enum class PageControl : std::uint8_t { Current, Changeable, Default, Saved };

[[nodiscard]] std::array<ModePage, kModePages> pages_for(Task& task, PageControl control) noexcept {
  ModeParameters& mode = task.unit().mode();
  switch (control) {
    case PageControl::Changeable:
      return changeable_mode_pages(task.unit());
    case PageControl::Default:
      return mode_pages(mode.defaults());
    default:
      return mode_pages(mode.bits());
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
  if (subpage != 0 && subpage != kAllSubpages) {
    task.refuse_cdb(3);
    return false;
  }
  const auto before = data.size();
  for (const ModePage& each : pages_for(task, control)) {
    if (page == kAllPages || page == each.code()) {
      const auto bytes = std::as_bytes(std::span(each.bytes).first(each.size));
      data.insert(data.end(), bytes.begin(), bytes.end());
    }
  }
  if (data.size() == before) {
    task.refuse_cdb(2, std::uint8_t{5});
    return false;
  }
  return true;
}

[[nodiscard]] std::byte device_specific(Task& task) noexcept {
  constexpr std::byte kWriteProtected{0x80};
  constexpr std::byte kDpoFua{0x10};
  const Conditions& conditions = task.unit().conditions();
  const bool is_protected = conditions.has(Condition::HostsReadOnly) ||
                            conditions.has(Condition::MediumWriteProtect) ||
                            conditions.has(Condition::SoftwareWriteProtect);
  return is_protected ? kWriteProtected | kDpoFua : kDpoFua;
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
