// Arithmetic on lists of block ranges: ascending, not overlapping, not touching.
#pragma once

#include "target_impl/store/volume.hpp"

#include <cstdint>
#include <vector>

namespace lockstep::replication {

using Ranges = std::vector<store::BlockRange>;

// What is in either.
[[nodiscard]] Ranges united(const Ranges& left, const Ranges& right);
// What is in both.
[[nodiscard]] Ranges intersected(const Ranges& left, const Ranges& right);
// What is in `left` and not in `right`.
[[nodiscard]] Ranges subtracted(const Ranges& left, const Ranges& right);

[[nodiscard]] BlockCount blocks_in(const Ranges& ranges) noexcept;

}  // namespace lockstep::replication
