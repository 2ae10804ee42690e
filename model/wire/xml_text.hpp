// The text level of XML: what may be carried, how it is escaped, and checks that come before
// parsing. Internal to model/wire.
#pragma once

#include "model/vocab/error.hpp"
#include "model/wire/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace lockstep::wire {

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// Appends `text` escaped, for content and attributes alike. False: it holds something that XML 1.0
// has no way to carry.
[[nodiscard]] bool append_escaped(std::string& out, std::string_view text);

// What the parser itself would let pass: broken UTF-8, entities other than XML's own five, a
// document type with declarations inside (where entity bombs live), too many elements, too deep.
[[nodiscard]] std::optional<ReadFailure> check_before_parsing(std::string_view xml,
                                                              const ReadLimits& limits);

}  // namespace lockstep::wire
