// The reference as the tests of the harness want it.
#pragma once

#include "model/port/provider.hpp"
#include "target_impl/reference.hpp"

#include <memory>
#include <utility>

namespace lockstep::properties::test {

inline Result<std::unique_ptr<Provider>> reference() {
  LOCKSTEP_TRY(auto made, make_reference());
  return std::unique_ptr<Provider>(std::move(made));
}

}  // namespace lockstep::properties::test
