// A channel on the event loop: the second way by which bytes may reach a connection.
#pragma once

#include "target_impl/transport/bypass/channel.hpp"
#include "target_impl/transport/event_loop.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace lockstep::transport::bypass {

// As the loop wants to know it.
[[nodiscard]] constexpr Pollable::Other other_of(Whereabouts other_end) noexcept {
  switch (other_end) {
    case Whereabouts::Elsewhere:
      break;
    case Whereabouts::Asleep:
      return Pollable::Other::Asleep;
    case Whereabouts::Here:
      return Pollable::Other::WaitsForThisProcessor;
  }
  return Pollable::Other::Elsewhere;
}

class PathUser {
 public:
  virtual ~PathUser() = default;
  // There are bytes, or the space that was waited for; or the channel is broken.
  virtual void path_ready() = 0;
  // The other end of the channel is gone; what it had sent is still there.
  virtual void path_gone() = 0;
};

// On the loop's thread; the user must outlive it.
class Path final : private EventHandler, private Pollable {
 public:
  Path(EventLoop& loop, Channel channel, PathUser& user)
      : loop_(loop), user_(user), channel_(std::move(channel)) {}
  ~Path() override { stop(); }
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

  // False: the system refused.
  [[nodiscard]] bool start();
  // No call to the user follows.
  void stop();
  [[nodiscard]] Channel& channel() noexcept { return channel_; }
  // As Channel::send(); sees to it that the client does not sleep through it.
  [[nodiscard]] std::size_t send(std::span<const std::span<const std::byte>> pieces);
  // kForBytes, kForSpace: what path_ready() is called for.
  void wait_for(std::uint32_t what) noexcept { waits_for_ = what; }

 private:
  void on_events(std::uint32_t events) override;
  bool poll() override;
  Other other() override { return other_of(channel_.other_end()); }
  bool may_sleep() override { return channel_.may_sleep(waits_for_); }
  void awake() override { channel_.awake(); }
  void stop_listening();
  void look_after(std::uint64_t client_at);

  EventLoop& loop_;
  PathUser& user_;
  Channel channel_;
  std::uint32_t waits_for_ = kForBytes;
  bool listening_ = false;
  bool started_ = false;
  EventLoop::TimerId look_ = 0;  // at a client that lags; 0: none is due
};

}  // namespace lockstep::transport::bypass
