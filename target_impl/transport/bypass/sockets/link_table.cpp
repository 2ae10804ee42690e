#include "target_impl/transport/bypass/sockets/link_table.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <pthread.h>

namespace lockstep::transport::bypass {
namespace {

constexpr std::size_t kDescriptors = 65'536;
constexpr int kSlots = 1024;
constexpr std::uint32_t kEnding = 0x8000'0000;

struct Slot {
  Link link;
  // Descriptors that lead here, and calls that are using it; 0: free, kEnding: not yet.
  std::atomic<std::uint32_t> users{0};
};

// Lives as long as the process: other threads may still be in calls when it exits.
struct Table {
  std::mutex mutex;  // for changes
  std::array<Slot, kSlots> slots;
  int taken = 0;  // slots from here on have never been used
};

// By descriptor: slot number + 1; 0: no link.
std::array<std::atomic<std::uint16_t>, kDescriptors> slot_of{};
std::atomic<Table*> made_table{nullptr};

void before_fork() noexcept {
  Table& table = *made_table;
  table.mutex.lock();
  for (int i = 0; i < table.taken; ++i) {
    Slot& slot = table.slots[static_cast<std::size_t>(i)];
    if (slot.users != 0 && slot.users != kEnding) {
      slot.link.shared_with_another();
    }
  }
}

void after_fork() noexcept { made_table.load()->mutex.unlock(); }

Table& table() noexcept {
  static Table* const made = [] {
    auto* const fresh = new Table;
    made_table = fresh;
    ::pthread_atfork(before_fork, after_fork, after_fork);
    return fresh;
  }();
  return *made;
}

bool is_ours(int descriptor) noexcept {
  return descriptor >= 0 && static_cast<std::size_t>(descriptor) < kDescriptors;
}

std::atomic<std::uint16_t>& entry_of(int descriptor) noexcept {
  return slot_of[static_cast<std::size_t>(descriptor)];
}

Slot& slot_at(int slot) noexcept {
  return made_table.load(std::memory_order_relaxed)->slots[static_cast<std::size_t>(slot)];
}

// True: there is one more user.
bool join(std::atomic<std::uint32_t>& users) noexcept {
  std::uint32_t count = users.load();
  while (count != 0 && count != kEnding) {
    if (users.compare_exchange_weak(count, count + 1)) {
      return true;
    }
  }
  return false;
}

void leave(Slot& slot) noexcept {
  std::uint32_t count = slot.users.load();
  while (count > 1) {
    if (slot.users.compare_exchange_weak(count, count - 1)) {
      return;
    }
  }
  const std::lock_guard lock(made_table.load()->mutex);
  count = 1;
  if (!slot.users.compare_exchange_strong(count, kEnding)) {
    slot.users.fetch_sub(1);  // somebody has joined meanwhile
    return;
  }
  slot.link.end();
  slot.users = 0;
}

// The descriptor leads to `entry` (slot + 1, or 0) from now on.
void set_entry(int descriptor, std::uint16_t entry) noexcept {
  if (const std::uint16_t before = entry_of(descriptor).exchange(entry)) {
    leave(slot_at(before - 1));
  }
}

}  // namespace

LinkUse::~LinkUse() {
  if (slot_ >= 0) {
    leave(slot_at(slot_));
  }
}

Link* LinkUse::operator->() const noexcept { return &slot_at(slot_).link; }

bool LinkUse::is_last() const noexcept { return slot_at(slot_).users == 2; }

bool has_had_links() noexcept { return made_table.load(std::memory_order_relaxed) != nullptr; }

LinkUse link_of(int descriptor) noexcept {
  if (!is_ours(descriptor)) {
    return {};
  }
  auto& entry = entry_of(descriptor);
  while (const std::uint16_t found = entry.load(std::memory_order_acquire)) {
    // Fails only when the entry has changed since.
    if (join(slot_at(found - 1).users)) {
      LinkUse use(found - 1);
      if (entry.load(std::memory_order_acquire) == found) {
        return use;
      }
    }
  }
  return {};
}

void begin_link(int descriptor) noexcept {
  if (!is_ours(descriptor)) {
    return;
  }
  Table& all = table();
  std::uint16_t entry = 0;
  {
    const std::lock_guard lock(all.mutex);
    for (int i = 0; i < kSlots && entry == 0; ++i) {
      Slot& slot = slot_at(i);
      if (slot.users == 0 && slot.link.begin()) {
        slot.users = 1;
        all.taken = std::max(all.taken, i + 1);
        entry = static_cast<std::uint16_t>(i + 1);
      }
    }
  }
  set_entry(descriptor, entry);
}

void copy_link(int descriptor, int copy) noexcept {
  if (descriptor == copy || !is_ours(copy)) {
    return;
  }
  std::uint16_t entry = is_ours(descriptor) ? entry_of(descriptor).load() : std::uint16_t{0};
  if (entry != 0 && !join(slot_at(entry - 1).users)) {
    entry = 0;
  }
  set_entry(copy, entry);
}

void forget_link(int descriptor) noexcept {
  if (is_ours(descriptor)) {
    set_entry(descriptor, 0);
  }
}

void forget_links(unsigned first, unsigned last) noexcept {
  const auto end = static_cast<unsigned>(kDescriptors - 1);
  for (unsigned i = first; made_table.load() != nullptr && i <= std::min(last, end); ++i) {
    set_entry(static_cast<int>(i), 0);
  }
}

}  // namespace lockstep::transport::bypass
