#include "target_impl/store/expect.hpp"

#include <cstdio>
#include <cstdlib>

namespace lockstep::store::detail {

void fail_expectation(const char* what) noexcept {
  std::fprintf(stderr, "lockstep store: broken precondition: %s\n", what);
  std::abort();
}

}  // namespace lockstep::store::detail
