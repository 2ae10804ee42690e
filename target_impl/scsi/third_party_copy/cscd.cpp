#include "target_impl/scsi/third_party_copy/cscd.hpp"

#include "target_impl/scsi/device_identification.hpp"

#include <algorithm>
#include <vector>

namespace lockstep::scsi {

namespace {

constexpr std::size_t kMostDesignatorBytes = 20;

struct Designator {
  std::uint64_t code_set;
  std::uint64_t association_and_type;
  std::span<const std::byte> bytes;
};

// The layout is the same in a CSCD, from byte 4 on, and in VPD page 83h.
[[nodiscard]] Designator designator_at(std::span<const std::byte> from) noexcept {
  constexpr std::byte kCodeSet{0x0f};
  constexpr std::byte kAssociationAndType{0x3f};
  return {std::to_integer<std::uint64_t>(from[0] & kCodeSet),
          std::to_integer<std::uint64_t>(from[1] & kAssociationAndType),
          from.subspan(4, std::to_integer<std::size_t>(from[3]))};
}

[[nodiscard]] bool equal(const Designator& a, const Designator& b) noexcept {
  return a.code_set == b.code_set && a.association_and_type == b.association_and_type &&
         std::ranges::equal(a.bytes, b.bytes);
}

// Whether VPD page 83h of the logical unit shows the designator as the unit's own.
[[nodiscard]] bool is_named(const Task& of_unit, const Designator& wanted) {
  std::vector<std::byte> page;
  device_identification(of_unit, page);
  for (std::size_t at = 0; at + 4 <= page.size();) {
    const Designator shown = designator_at(std::span<const std::byte>(page).subspan(at));
    if ((shown.association_and_type & 0x30) == 0 && equal(shown, wanted)) {
      return true;
    }
    at += 4 + shown.bytes.size();
  }
  return false;
}

}  // namespace

std::optional<std::uint16_t> wrong_cscd_field(std::span<const std::byte> descriptor) {
  const auto length = std::to_integer<std::size_t>(descriptor[7]);
  if (length == 0 || length > kMostDesignatorBytes) {
    return std::uint16_t{7};
  }
  return std::nullopt;
}

Cscd find_cscd(Task& task, std::span<const std::byte> descriptor) {
  constexpr std::byte kPad{0x04};
  const Designator wanted = designator_at(descriptor.subspan(4));
  for (std::uint16_t lun = 0; lun != kMaxLuns; ++lun) {
    auto unit = task.device.unit(task.nexus, lun);
    if (unit == nullptr) {
      continue;
    }
    const Task of_unit{task.device,  task.nexus,   lun,          unit.get(),
                       task.command, task.data_in, task.response};
    if (is_named(of_unit, wanted)) {
      return {lun, std::move(unit), (descriptor[28] & kPad) != std::byte{0}};
    }
  }
  return {};
}

}  // namespace lockstep::scsi
