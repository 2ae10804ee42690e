#include "target_impl/transport/bypass/client_wait.hpp"

#include "target_impl/transport/give_way.hpp"
#include "target_impl/transport/system_calls.hpp"

#include <array>
#include <poll.h>

namespace lockstep::transport::bypass {
namespace {

bool is_there(Channel& channel, std::uint32_t what) noexcept {
  return ((what & kForBytes) != 0 && channel.has_bytes()) ||
         ((what & kForSpace) != 0 && channel.has_space());
}

}  // namespace

ClientWait::Outcome ClientWait::wait(Channel& channel, int tcp_socket, std::uint32_t what,
                                     std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  if (is_there(channel, what)) {
    return Outcome::Ready;
  }
  auto now = Clock::now();
  if (const auto allowed = spin_.allowance(); allowed.count() > 0) {
    bool shares_processor = false;
    GiveWay way(now);
    for (auto until = now + allowed; now < until && !shares_processor && !way.was_taken();
         now = way.step(Clock::now(), until)) {
      if (is_there(channel, what)) {
        spin_.found();
        return Outcome::Ready;
      }
      shares_processor = channel.other_end() == Whereabouts::Here;
    }
    if (way.was_taken()) {
      spin_.displaced();
    } else if (!shares_processor) {
      spin_.in_vain();
    }
  }
  if (channel.is_broken()) {
    return Outcome::Gone;
  }
  if (!channel.may_sleep(what)) {
    return Outcome::Ready;
  }
  // The server sends nothing over TCP any more, so whatever happens there is the end.
  std::array<pollfd, 2> watched{{{channel.bell(), POLLIN, 0}, {tcp_socket, POLLIN, 0}}};
  own_system_calls.add();
  const int count = ::poll(watched.data(), watched.size(), static_cast<int>(patience.count()));
  channel.awake();
  spin_.slept(Clock::now() - now);
  const bool alive = channel.silence_bell() && watched[1].revents == 0;
  if (is_there(channel, what) && !channel.is_broken()) {
    return Outcome::Ready;
  }
  if (!alive || channel.is_broken()) {
    return Outcome::Gone;
  }
  return count == 0 ? Outcome::Silence : Outcome::Ready;
}

}  // namespace lockstep::transport::bypass
