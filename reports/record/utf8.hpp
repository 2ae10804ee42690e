// Records carry text from providers and volumes, which may be any bytes; files carry UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::report {

// The same text with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

}  // namespace lockstep::report
