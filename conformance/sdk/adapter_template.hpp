// The template of an adapter, as text, so that an installed lockstep can hand it out.
#pragma once

#include <string_view>

namespace lockstep::conformance {

// adapter_template.py.
[[nodiscard]] std::string_view adapter_template() noexcept;

}  // namespace lockstep::conformance
