// Providers with one named bug each: who checks the checker.
#pragma once

#include "conformance/providers/factory.hpp"
#include "model/port/provider.hpp"

#include <memory>
#include <string>

namespace lockstep::conformance {

// `inner` with that bug put on; nullptr for an unknown name.
[[nodiscard]] std::unique_ptr<Provider> make_faulty(const std::string& name,
                                                    std::unique_ptr<Provider> inner);

}  // namespace lockstep::conformance
