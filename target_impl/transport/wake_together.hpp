// Wake-ups that a thread puts off until it has done all that belongs together: who is woken then
// finds all of it, and no lock that the waker still holds.
#pragma once

#include "target_impl/transport/file_descriptor.hpp"
#include "target_impl/transport/system_calls.hpp"

#include <algorithm>
#include <memory>
#include <sys/eventfd.h>
#include <utility>
#include <vector>

namespace lockstep::transport {

// Who can be woken, from any thread.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  virtual void wake() = 0;
};

// An eventfd among what a thread waits for.
class Bell final : public Sleeper {
 public:
  explicit Bell(FileDescriptor event) : event_(std::move(event)) {}
  [[nodiscard]] int descriptor() const noexcept { return event_.get(); }
  // Fails only when the counter is full, and then the other is awake.
  void wake() override {
    own_system_calls.add();
    static_cast<void>(::eventfd_write(event_.get(), 1));
  }
  // The thread is awake.
  void silence() const {
    own_system_calls.add();
    eventfd_t count = 0;
    static_cast<void>(::eventfd_read(event_.get(), &count));
  }

 private:
  const FileDescriptor event_;
};

// While it exists the calling thread's wake-ups wait for its end, or for that of the outermost.
// Whoever waits for what another thread may have put off wakes for itself.
class WakeTogether {
 public:
  WakeTogether() noexcept { ++put_off().depth; }
  ~WakeTogether() {
    if (--put_off().depth == 0) now();
  }
  WakeTogether(const WakeTogether&) = delete;
  WakeTogether& operator=(const WakeTogether&) = delete;

  // What has been put off, before the thread waits for somebody.
  static void now() {
    PutOff& all = put_off();
    // Who is woken may wake others.
    while (!all.sleepers.empty()) {
      for (const auto& sleeper : std::exchange(all.sleepers, {})) sleeper->wake();
    }
  }
  static void wake(const std::shared_ptr<Sleeper>& sleeper) {
    PutOff& all = put_off();
    if (all.depth == 0) {
      sleeper->wake();
    } else if (std::find(all.sleepers.begin(), all.sleepers.end(), sleeper) == all.sleepers.end()) {
      all.sleepers.push_back(sleeper);
    }
  }

 private:
  struct PutOff {
    int depth = 0;
    std::vector<std::shared_ptr<Sleeper>> sleepers;
  };
  static PutOff& put_off() noexcept {
    thread_local PutOff all;
    return all;
  }
};

}  // namespace lockstep::transport
