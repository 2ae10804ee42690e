// The one escaping helper of the XML and HTML renderers. Records carry text that providers chose.
#pragma once

#include <string>
#include <string_view>

namespace lockstep::report {

// For element content, in HTML and in XML 1.0, and for HTML attributes in double quotes. Control
// characters, which neither may carry, become the pictures of Unicode's block U+2400; tabs and line
// breaks stay.
[[nodiscard]] std::string escape(std::string_view text);
// For XML attributes in double quotes, which keep tabs and line breaks as references only.
[[nodiscard]] std::string escape_attribute(std::string_view text);

}  // namespace lockstep::report
