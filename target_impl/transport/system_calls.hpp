// How many system calls a thread has made for the transports: what a request costs in the kernel,
// without a tracer. Calls of other libraries are not seen.
#pragma once

#include <atomic>
#include <cstdint>

namespace lockstep::transport {

// Added to by one thread, read by any.
class SystemCalls {
 public:
  void add() noexcept {
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t count() const noexcept {
    return count_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> count_{0};
};

// The calling thread's.
inline constinit thread_local SystemCalls own_system_calls;

}  // namespace lockstep::transport
