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

// While it exists the calling thread's wake-ups wait for its end, or for that of the outermost.
// Whoever waits for what another thread may have put off wakes for itself.
class WakeTogether {
 public:
  WakeTogether() noexcept { ++put_off().depth; }
  ~WakeTogether() {
    PutOff& all = put_off();
    if (--all.depth == 0) now();
  }
  WakeTogether(const WakeTogether&) = delete;
  WakeTogether& operator=(const WakeTogether&) = delete;

  // What has been put off, before the thread waits for somebody.
  static void now() {
    for (const auto& bell : std::exchange(put_off().bells, {})) ring(*bell);
  }
  // `bell`: an eventfd.
  static void wake(const std::shared_ptr<const FileDescriptor>& bell) {
    PutOff& all = put_off();
    if (all.depth == 0) {
      ring(*bell);
    } else if (std::find(all.bells.begin(), all.bells.end(), bell) == all.bells.end()) {
      all.bells.push_back(bell);
    }
  }

 private:
  struct PutOff {
    int depth = 0;
    std::vector<std::shared_ptr<const FileDescriptor>> bells;
  };
  static PutOff& put_off() noexcept {
    thread_local PutOff all;
    return all;
  }
  // Fails only when the counter is full, and then the other is awake.
  static void ring(const FileDescriptor& bell) noexcept {
    own_system_calls.add();
    static_cast<void>(::eventfd_write(bell.get(), 1));
  }
};

}  // namespace lockstep::transport
