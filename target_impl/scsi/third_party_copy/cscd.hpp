// Copy sources and copy destinations (CSCD, SPC-4 6.4.5): the logical units that a parameter list
// names by their designators, as VPD page 83h shows them.
//
// Only the logical units of the same target device that the initiator may see can be named: those
// of other target devices have access rules that this nexus has not been held against.
#pragma once

#include "target_impl/scsi/task.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace lockstep::scsi {

inline constexpr std::size_t kCscdBytes = 32;
inline constexpr std::uint16_t kOwnUnitCscd = 0xffff;

struct Cscd {
  std::uint16_t lun = 0;
  std::shared_ptr<LogicalUnit> unit;
  bool pads = false;  // PAD: what does not fill a block is cut off, or filled up with zeros
};

// The field of an identification descriptor that is wrong in itself, whatever it names, as an
// offset in the descriptor.
[[nodiscard]] std::optional<std::uint16_t> wrong_cscd_field(std::span<const std::byte> descriptor);

// The logical unit that the descriptor names; null when there is none.
[[nodiscard]] Cscd find_cscd(Task& task, std::span<const std::byte> descriptor);

}  // namespace lockstep::scsi
