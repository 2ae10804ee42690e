// How much the test program has allocated since it began.
#pragma once

#include <atomic>
#include <cstdint>

namespace lockstep::test {

extern std::atomic<std::uint64_t> allocations;
extern std::atomic<std::uint64_t> allocated_bytes;

}  // namespace lockstep::test
