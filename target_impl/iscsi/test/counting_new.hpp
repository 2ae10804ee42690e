// The global operator new, replaced by one that counts. In a file of its own, because a compiler
// that sees both halves complains of free() for memory from operator new.
#pragma once

#include <cstddef>

namespace lockstep::iscsi::test {

// By all threads of this process so far.
[[nodiscard]] std::size_t allocation_count() noexcept;

}  // namespace lockstep::iscsi::test
