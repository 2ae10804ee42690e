// Counts the commands under way on a logical unit, so that whoever takes access away can wait until
// the commands that were still admitted have ended.
//
// A command enters one of two epochs, in a slot of its thread: two atomic additions on memory that
// no other thread writes, and never a wait. drain() turns the epoch and waits for the old one to
// empty, twice, because a command may have read the epoch just before it turned (the grace period
// of sleepable read-copy-update).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace lockstep::scsi {

// Thread-safe.
class CommandGate {
 public:
  class Pass {
   public:
    Pass() = default;
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() {
      if (count_ != nullptr) {
        count_->fetch_sub(1, std::memory_order_release);
      }
    }

   private:
    friend class CommandGate;
    std::atomic<std::uint32_t>* count_ = nullptr;
  };

  // Called before the conditions are looked at.
  void enter(Pass& pass) noexcept {
    Slot& slot = slots_[slot_of_this_thread()];
    pass.count_ = &slot.count[epoch_.load() & 1U];
    pass.count_->fetch_add(1);
  }

  // Returns when every command that entered before the call has ended. The caller has changed the
  // conditions before; it holds no pass and nothing that a command may wait for.
  void drain();

 private:
  static constexpr std::size_t kSlots = 16;
  struct alignas(64) Slot {
    std::array<std::atomic<std::uint32_t>, 2> count{};
  };
  [[nodiscard]] static std::size_t slot_of_this_thread() noexcept;
  void wait_until_empty(std::uint32_t epoch) const;

  std::array<Slot, kSlots> slots_{};
  std::atomic<std::uint32_t> epoch_{0};
  std::mutex drains_;
};

}  // namespace lockstep::scsi
