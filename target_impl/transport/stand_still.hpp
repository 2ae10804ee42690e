// Event loops that work side by side, and what one of them may only do while the others do not.
//
// A loop works from the moment it wakes until it sleeps again. Whoever wants to be alone waits
// until each of the others sleeps or comes round to its next turn; they go on when the call has
// returned.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>

namespace lockstep::transport {

// Thread-safe. Loops are told apart by their numbers.
class StandStill {
 public:
  // Of a loop's own thread. begin() waits while somebody is alone.
  void begin();
  void end();
  // Somebody waits to be alone: the loop should end(), and begin() again.
  [[nodiscard]] bool is_wanted() const noexcept {
    return wanted_.load(std::memory_order_relaxed) != 0;
  }
  // From a thread of a loop that works, which does not while it waits: others may be alone before
  // and change whatever belongs to it. So nothing of that may be in use further up its stack. From
  // inside `call`: the inner one is called at once.
  void alone(std::size_t loop, const std::function<void()>& call);

 private:
  static constexpr std::size_t kNobody = ~std::size_t{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t working_ = 0;
  bool taken_ = false;
  std::atomic<std::size_t> wanted_{0};
  std::atomic<std::size_t> alone_{kNobody};
};

}  // namespace lockstep::transport
