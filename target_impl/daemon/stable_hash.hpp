// A hash that stays the same over versions, for identifiers of what has no other (FNV-1a, 64 bits).
#pragma once

#include <cstdint>
#include <string_view>

namespace lockstep::target {

// Texts with different seeds get unrelated hashes.
[[nodiscard]] constexpr std::uint64_t stable_hash(std::string_view text,
                                                  std::uint64_t seed = 0) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325 ^ seed;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

}  // namespace lockstep::target
