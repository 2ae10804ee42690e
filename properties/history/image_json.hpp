// The bytes of a volume as JSON: runs of zeros and of stamps, other blocks in hexadecimal.
// Internal.
#pragma once

#include "model/vocab/units.hpp"
#include "properties/commands/json_reader.hpp"

#include <boost/json/array.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace lockstep::properties {

inline constexpr std::size_t kMostImageBytes = std::size_t{64} << 20;

// `bytes`: whole blocks.
[[nodiscard]] boost::json::array image_to_json(std::span<const std::byte> bytes,
                                               BlockSize block_size);
// The member `member` of `json`, at most kMostImageBytes; trouble is the reader's.
[[nodiscard]] std::vector<std::byte> image_from_json(JsonReader& json, const char* member,
                                                     BlockSize block_size);

}  // namespace lockstep::properties
