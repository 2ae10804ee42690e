// Block stamps: every block the harness writes says which write it came from, so that a block read
// back names its origin or is exposed as foreign.
#pragma once

#include "model/vocab/units.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

namespace lockstep::model {

// Unique per harness: which write this is, and where it belongs.
struct Stamp {
  std::uint64_t volume = 0;    // the harness's number of the volume written
  std::uint64_t lba = 0;       // of this very block
  std::uint64_t sequence = 0;  // of the write, from 1
  friend auto operator<=>(const Stamp&, const Stamp&) = default;
};

struct Zeros {
  friend bool operator==(const Zeros&, const Zeros&) = default;
};
// Neither a valid stamp (any of its bytes differ from what the stamp demands) nor all zeros.
struct Foreign {
  friend bool operator==(const Foreign&, const Foreign&) = default;
};
using BlockContent = std::variant<Zeros, Stamp, Foreign>;

// Fills a whole block: header, checksum, and a body derived from the stamp, so that a torn block is
// noticed wherever it is torn. `block` is at least 64 bytes, a multiple of 8.
void write_stamp(std::span<std::byte> block, const Stamp& stamp) noexcept;
[[nodiscard]] BlockContent read_stamp(std::span<const std::byte> block) noexcept;

}  // namespace lockstep::model
