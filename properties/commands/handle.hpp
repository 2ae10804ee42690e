// Symbolic handles: how one operation of a sequence names what an earlier one makes. A handle is
// data, so a shortened sequence stays valid, and it is bound to a provider's reference only while
// the sequence runs.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::properties {

enum class HandleKind : std::uint8_t { Volume, Relationship, Group, Job };

struct Handle {
  HandleKind kind = HandleKind::Volume;
  std::uint32_t number = 0;  // from 1; unique within its kind and sequence
  friend auto operator<=>(const Handle&, const Handle&) = default;
};

// "v1", "r1", "g1", "j1".
[[nodiscard]] std::string to_text(Handle handle);
// Nothing for anything else, and for numbers that are 0 or above 9999.
[[nodiscard]] std::optional<Handle> parse_handle(std::string_view text) noexcept;

}  // namespace lockstep::properties
