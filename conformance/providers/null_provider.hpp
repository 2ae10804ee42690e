// The provider that refuses everything, legally: no ability is declared, nothing can be seen, and
// every method answers 1 Not Supported. A run against it must skip everything and pass nothing.
#pragma once

#include "model/port/provider.hpp"

#include <memory>

namespace lockstep::conformance {

[[nodiscard]] std::unique_ptr<Provider> make_null();

}  // namespace lockstep::conformance
