// The text of clauses.json, compiled in by embed.cmake.
#pragma once

#include <string_view>
#include <vector>

namespace lockstep::conformance {

// Line by line, without the newlines.
[[nodiscard]] const std::vector<std::string_view>& embedded_lines();

}  // namespace lockstep::conformance
