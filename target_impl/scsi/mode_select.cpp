// MODE SELECT(6) and (10) (SPC-4 6.11, 6.12). A list is taken whole or not at all.
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/mode_pages.hpp"
#include "target_impl/scsi/mode_parameters.hpp"
#include "target_impl/scsi/task.hpp"

#include <algorithm>

namespace lockstep::scsi {

namespace {

// Block descriptors may say again what is so, and nothing else: the format cannot be changed.
[[nodiscard]] bool descriptor_is_legal(Task& task, std::span<const std::byte> descriptor,
                                       std::size_t at) noexcept {
  const bool long_lba = descriptor.size() == 16;
  const std::uint64_t blocks = get_big_endian(descriptor, 0, long_lba ? 8 : 4);
  const std::uint64_t bytes = get_big_endian(descriptor, long_lba ? 12 : 5, long_lba ? 4 : 3);
  const std::uint64_t all = task.volume().blocks().value;
  const std::uint64_t shown = long_lba ? all : std::min<std::uint64_t>(all, 0xffffffff);
  if (blocks != 0 && blocks != shown) {
    task.refuse_parameter(static_cast<std::uint16_t>(at));
    return false;
  }
  if (bytes != 0 && bytes != task.block_bytes()) {
    task.refuse_parameter(static_cast<std::uint16_t>(at + (long_lba ? 12 : 5)));
    return false;
  }
  return true;
}

// One page at `at`: known, of its length, and different only in what can be changed.
[[nodiscard]] bool page_is_legal(Task& task, std::span<const std::byte> page, std::size_t at,
                                 std::size_t& size) noexcept {
  constexpr std::uint8_t kSubpageFormat = 0x40;
  const auto code = static_cast<std::uint8_t>(page[0]) & 0x3fU;
  const auto current = mode_pages(task.unit().mode().bits());
  const auto changeable = changeable_mode_pages(task.unit());
  const auto known = std::find_if(current.begin(), current.end(),
                                  [code](const ModePage& p) { return p.code() == code; });
  if (known == current.end() || (static_cast<std::uint8_t>(page[0]) & kSubpageFormat) != 0) {
    task.refuse_parameter(static_cast<std::uint16_t>(at), std::uint8_t{5});
    return false;
  }
  if (page.size() < 2 || page.size() < known->size) {
    task.refuse_list_length();
    return false;
  }
  if (static_cast<std::uint8_t>(page[1]) != known->bytes[1]) {
    task.refuse_parameter(static_cast<std::uint16_t>(at + 1));
    return false;
  }
  const auto& mask = changeable[static_cast<std::size_t>(known - current.begin())];
  for (std::size_t i = 2; i != known->size; ++i) {
    const unsigned differs = static_cast<unsigned>(page[i]) ^ known->bytes[i];
    if ((differs & ~unsigned{mask.bytes[i]}) != 0) {
      task.refuse_parameter(static_cast<std::uint16_t>(at + i));
      return false;
    }
  }
  size = known->size;
  return true;
}

void take_list(Task& task, std::span<const std::byte> list, std::size_t header_bytes,
               std::size_t descriptor_bytes, bool long_lba) {
  std::size_t at = header_bytes;
  const std::size_t one = long_lba ? 16 : 8;
  if (descriptor_bytes != 0 && descriptor_bytes != one) {
    task.refuse_parameter(static_cast<std::uint16_t>(header_bytes == 4 ? 3 : 6));
    return;
  }
  if (list.size() - at < descriptor_bytes) {
    task.refuse_list_length();
    return;
  }
  if (descriptor_bytes != 0 && !descriptor_is_legal(task, list.subspan(at, one), at)) {
    return;
  }
  at += descriptor_bytes;
  std::uint8_t parameters = task.unit().mode().bits();
  while (at != list.size()) {
    std::size_t size = 0;
    if (!page_is_legal(task, list.subspan(at), at, size)) {
      return;
    }
    parameters = parameters_in(list.subspan(at, size), parameters);
    at += size;
  }
  if (task.unit().set_mode(parameters)) {
    task.device.raise_for_others(task.nexus.id, task.lun, AdditionalSense::ModeParametersChanged);
  }
}

// PF and SP. False: the task has failed.
[[nodiscard]] bool cdb_is_legal(Task& task) noexcept {
  constexpr std::uint8_t kPageFormat = 0x10;
  constexpr std::uint8_t kSavePages = 0x01;
  if (!task.cdb_has(1, kPageFormat)) {
    task.refuse_cdb(1, std::uint8_t{4});
    return false;
  }
  if (task.cdb_has(1, kSavePages)) {
    task.refuse_cdb(1, std::uint8_t{0});
    return false;
  }
  return true;
}

void select(Task& task, std::uint64_t list_bytes, bool ten) {
  const std::size_t header_bytes = ten ? 8 : 4;
  if (!cdb_is_legal(task)) {
    return;
  }
  const auto list = task.parameter_list(list_bytes);
  if (!list || list->empty()) {  // an empty list changes nothing
    return;
  }
  if (list->size() < header_bytes) {
    task.refuse_list_length();
    return;
  }
  const bool long_lba = ten && (get_big_endian(*list, 4, 1) & 0x01) != 0;
  const auto descriptor_bytes =
      static_cast<std::size_t>(ten ? get_big_endian(*list, 6, 2) : get_big_endian(*list, 3, 1));
  take_list(task, *list, header_bytes, descriptor_bytes, long_lba);
}

}  // namespace

void mode_select_6(Task& task) { select(task, task.cdb(4), false); }

void mode_select_10(Task& task) { select(task, task.cdb(7, 2), true); }

}  // namespace lockstep::scsi
