// Options of the servers under test.
#pragma once

#include "target_impl/daemon/target_server.hpp"

#include <cstdint>
#include <cstdlib>

namespace lockstep::target::test {

// The defaults, but for the number of threads where ctest runs a suite once more with several.
inline TargetServerOptions server_options() {
  TargetServerOptions options;
  if (const char* threads = std::getenv("LOCKSTEP_TARGET_THREADS")) {
    options.threads = static_cast<std::uint32_t>(std::strtoul(threads, nullptr, 10));
  }
  return options;
}

}  // namespace lockstep::target::test
