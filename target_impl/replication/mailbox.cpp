#include "target_impl/replication/mailbox.hpp"

#include <utility>

namespace lockstep::replication {

void Mailbox::post(Event event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  arrived_.notify_one();
}

void Mailbox::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_all();
}

std::optional<std::vector<Event>> Mailbox::take(std::optional<std::chrono::milliseconds> patience) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return closed_ || !events_.empty(); };
  if (patience) {
    // A point of the system clock: what the thread sanitizer can follow with this library.
    arrived_.wait_until(lock, std::chrono::system_clock::now() + *patience, ready);
  } else {
    arrived_.wait(lock, ready);
  }
  if (closed_) return std::nullopt;
  return std::exchange(events_, {});
}

}  // namespace lockstep::replication
