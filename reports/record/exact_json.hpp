// Boost.JSON, with two differences: a decimal number is read to the nearest double (its own parser
// may be off by one unit in the last place, so that a record would not survive being written and
// read), and size and depth are bounded.
#pragma once

#include "model/vocab/error.hpp"

#include <boost/json/value.hpp>

#include <string_view>

namespace lockstep::report {

// Not JSON, too deep or too large: Origin::Config.
[[nodiscard]] Result<boost::json::value> parse_json(std::string_view text);

}  // namespace lockstep::report
