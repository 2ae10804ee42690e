// Members without which a record means nothing; every other one has a default. Internal.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace lockstep::report {

inline constexpr std::array<std::string_view, 6> kRequired{"schema",  "run_id", "id",
                                                           "verdict", "name",   "overall"};

[[nodiscard]] inline bool is_required(std::string_view member) noexcept {
  return std::find(kRequired.begin(), kRequired.end(), member) != kRequired.end();
}

}  // namespace lockstep::report
