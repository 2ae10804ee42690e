// poll() with links among the descriptors: looks into the shared memory first, for a while if that
// pays, and only then asks the system to wait, with the TCP connections in the links' place.
#include "target_impl/transport/bypass/sockets/socket_calls.hpp"
#include "target_impl/transport/bypass/sockets/system_calls.hpp"
#include "target_impl/transport/give_way.hpp"
#include "target_impl/transport/rest_after_losses.hpp"
#include "target_impl/transport/spin_wait.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>

namespace lockstep::transport::bypass {
namespace {

using Clock = std::chrono::steady_clock;

// Links beyond are left to the system's poll(), which their rings reach, too.
constexpr std::size_t kMostLinks = 64;
constexpr std::chrono::microseconds kLongestSpin{50};
// While links are ready, other descriptors are looked at only now and then.
constexpr unsigned kLooksPerSystemCall = 8;

constexpr short kIn = POLLIN | POLLRDNORM;
constexpr short kOut = POLLOUT | POLLWRNORM;

// Whether looking pays is a matter of the thread that waits.
thread_local SpinWait spin{kLongestSpin, rest_after_losses()};
thread_local unsigned looks = 0;

unsigned report(short events, const Readiness& found) noexcept {
  unsigned reported = 0;
  if (found.bytes || found.ended || found.reset) reported |= events & kIn;
  if (found.space || found.reset) reported |= events & kOut;
  if (found.ended && !found.bytes) reported |= events & POLLRDHUP;
  if (found.reset && !found.bytes) reported |= POLLERR | POLLHUP;
  return reported;
}

class PollCall {
 public:
  PollCall(std::span<pollfd> watched, const timespec* limit, const sigset_t* mask) noexcept
      : watched_(watched), mask_(mask), unlimited_(limit == nullptr) {
    if (!unlimited_) {
      until_ = Clock::now() + std::chrono::seconds(limit->tv_sec) +
               std::chrono::nanoseconds(limit->tv_nsec);
      waits_ = limit->tv_sec > 0 || limit->tv_nsec > 0;
    }
  }

  [[nodiscard]] bool find_links() noexcept {
    for (std::size_t i = 0; i < watched_.size() && count_ < kMostLinks; ++i) {
      LinkUse use = link_of(watched_[i].fd);
      if (use && use->way() == Way::Memory) {
        links_[count_] = {std::move(use), i, watched_[i].events};
        ++count_;
      }
    }
    return count_ != 0;
  }

  int run() noexcept {
    int ready = look(true);
    while (true) {
      if (ready != 0 && (only_links() || ++looks % kLooksPerSystemCall != 0)) {
        clear_others();
        return ready;
      }
      if (ready == 0 && waits_ && look_for_a_while()) {
        spin.found();
        ready = look(false);
        continue;
      }
      const int others = ask_system(ready == 0 && waits_);
      if (others < 0) {
        return -1;
      }
      ready = look(false);
      if (ready + others != 0 || !waits_ || (!unlimited_ && Clock::now() >= until_)) {
        return ready + others;
      }
    }
  }

 private:
  struct Watched {
    LinkUse link;
    std::size_t at = 0;
    short events = 0;
    bool sleeps = false;
  };

  [[nodiscard]] std::span<Watched> links() noexcept { return std::span(links_).first(count_); }
  [[nodiscard]] bool only_links() const noexcept { return count_ == watched_.size(); }

  // Sets what the links have to report; returns how many have something.
  int look(bool first_look) noexcept {
    int ready = 0;
    for (Watched& one : links()) {
      const unsigned reported = report(one.events, one.link->look(first_look));
      watched_[one.at].revents = static_cast<short>(reported);
      ready += reported != 0 ? 1 : 0;
    }
    return ready;
  }

  void clear_others() noexcept {
    std::size_t next = 0;
    for (std::size_t i = 0; i < watched_.size(); ++i) {
      if (next < count_ && links_[next].at == i) {
        ++next;
      } else {
        watched_[i].revents = 0;
      }
    }
  }

  [[nodiscard]] bool look_for_a_while() noexcept {
    const auto allowed = spin.allowance();
    if (allowed.count() == 0) {
      return false;
    }
    auto now = Clock::now();
    auto end = now + allowed;
    if (!unlimited_) {
      end = std::min(end, until_);
    }
    GiveWay way(now);
    unsigned in_vain = 0;
    do {
      if (look(false) != 0) {
        return true;
      }
      if (stands_in_the_way()) {
        return false;
      }
      if (!only_links() && ++in_vain % kLooksPerSystemCall == 0 && ask_system(false) > 0) {
        return false;
      }
      now = way.step(Clock::now(), end);
    } while (now < end && !way.was_taken());
    way.was_taken() ? spin.displaced() : spin.in_vain();
    return false;
  }

  // Whether the targets can bring something only when this thread does not look.
  [[nodiscard]] bool stands_in_the_way() noexcept {
    bool somebody_waits = false;
    for (Watched& one : links()) {
      const Whereabouts other = one.link->other_end();
      if (other == Whereabouts::Elsewhere) {
        return false;
      }
      somebody_waits = somebody_waits || other == Whereabouts::Here;
    }
    return somebody_waits;
  }

  // How many descriptors other than the links are ready; -1 as poll(). `sleeps`: waits for one.
  int ask_system(bool sleeps) noexcept {
    bool all_sleep = true;
    for (Watched& one : links()) {
      const bool for_bytes = (one.events & kIn) != 0;
      const bool for_space = (one.events & kOut) != 0;
      one.sleeps = all_sleep && sleeps &&
                   one.link->may_sleep((for_bytes ? kForBytes : 0) | (for_space ? kForSpace : 0));
      all_sleep = all_sleep && one.sleeps;
      const int asked = (one.events & POLLRDHUP) | (for_bytes || for_space ? POLLIN : 0);
      watched_[one.at].events = static_cast<short>(asked);
    }
    const auto slept_from = Clock::now();
    const int result = system_poll(sleeps && all_sleep);
    const int error = errno;
    if (sleeps && all_sleep) {
      spin.slept(Clock::now() - slept_from);
    }
    int others = std::max(result, 0);
    for (Watched& one : links()) {
      const bool tcp_is_ready = result > 0 && watched_[one.at].revents != 0;
      others -= tcp_is_ready ? 1 : 0;
      watched_[one.at].events = one.events;
      if (one.sleeps || tcp_is_ready) {
        one.link->woke(watched_[one.at].fd, tcp_is_ready, one.sleeps);
      }
    }
    errno = error;
    return result < 0 ? -1 : others;
  }

  int system_poll(bool sleeps) noexcept {
    timespec left{0, 0};
    if (sleeps && !unlimited_) {
      const auto nanoseconds = std::max<std::int64_t>(
          0, std::chrono::duration_cast<std::chrono::nanoseconds>(until_ - Clock::now()).count());
      left = {nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    }
    return system_calls().ppoll(watched_.data(), watched_.size(),
                                sleeps && unlimited_ ? nullptr : &left, mask_);
  }

  std::span<pollfd> watched_;
  const sigset_t* mask_;
  bool unlimited_;
  bool waits_ = true;
  Clock::time_point until_{};
  std::array<Watched, kMostLinks> links_;
  std::size_t count_ = 0;
};

}  // namespace

int poll_with_links(pollfd* watched, nfds_t count, const timespec* limit,
                    const sigset_t* mask) noexcept {
  PollCall call({watched, static_cast<std::size_t>(count)}, limit, mask);
  return call.find_links() ? call.run() : system_calls().ppoll(watched, count, limit, mask);
}

void look_no_more_in_poll() noexcept { spin = SpinWait{}; }

std::optional<short> look_at_link(int descriptor, short events) noexcept {
  const LinkUse use = link_of(descriptor);
  if (!use || use->way() != Way::Memory) {
    return std::nullopt;
  }
  return static_cast<short>(report(events, use->look(true)));
}

}  // namespace lockstep::transport::bypass
