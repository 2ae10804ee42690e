// Choosing cases by what people type: a case id, a clause id, a prefix of either, or a glob.
#pragma once

#include "conformance/suite/case.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lockstep::conformance {

// `*` stands for any text, `?` for any character; nothing else is special.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text) noexcept;
[[nodiscard]] bool selects(std::string_view pattern, const Case& subject) noexcept;
// The known ids that look most like `text`, best first, at most three.
[[nodiscard]] std::vector<std::string> nearest(const std::string& text,
                                               const std::vector<std::string>& known);
// Edit distance (insert, delete, replace), for `nearest`.
[[nodiscard]] std::size_t distance(std::string_view a, std::string_view b);

}  // namespace lockstep::conformance
