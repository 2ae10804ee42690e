// Reads the text of a clause catalogue. Strict: an unknown member, level or token, a missing
// member, a doubled or misshapen id is an error that names the clause.
#pragma once

#include "conformance/clauses/catalogue.hpp"
#include "model/vocab/error.hpp"

#include <string_view>
#include <vector>

namespace lockstep::conformance {

// In the order of the text. Errors: Origin::Config.
[[nodiscard]] Result<std::vector<Clause>> parse_catalogue(std::string_view text);

}  // namespace lockstep::conformance
