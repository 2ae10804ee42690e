// The version of the suite; a change of any verdict raises it.
#pragma once

namespace lockstep::cli {
inline constexpr const char* kVersion = "0.1.0";
}  // namespace lockstep::cli
