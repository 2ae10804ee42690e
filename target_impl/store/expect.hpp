// Preconditions of the store. Breaking one is a bug of the caller that would corrupt a volume, so
// the process ends with a message, in every build.
#pragma once

namespace lockstep::store::detail {

[[noreturn]] void fail_expectation(const char* what) noexcept;

inline void expect(bool holds, const char* what) noexcept {
  if (!holds) {
    fail_expectation(what);
  }
}

}  // namespace lockstep::store::detail
