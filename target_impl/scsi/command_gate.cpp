#include "target_impl/scsi/command_gate.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace lockstep::scsi {

std::size_t CommandGate::slot_of_this_thread() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t slot = next.fetch_add(1) % kSlots;
  return slot;
}

void CommandGate::wait_until_empty(std::uint32_t epoch) const {
  constexpr int kYields = 64;
  constexpr auto kPause = std::chrono::microseconds(50);
  const auto is_empty = [epoch](const Slot& slot) { return slot.count[epoch & 1U].load() == 0; };
  for (int tries = 0; !std::all_of(slots_.begin(), slots_.end(), is_empty); ++tries) {
    if (tries < kYields) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(kPause);
    }
  }
}

void CommandGate::drain() {
  const std::lock_guard lock(drains_);
  for (int turn = 0; turn != 2; ++turn) {
    wait_until_empty(epoch_.fetch_add(1));
  }
}

}  // namespace lockstep::scsi
