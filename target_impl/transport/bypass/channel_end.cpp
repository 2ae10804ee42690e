#include "target_impl/transport/bypass/channel_end.hpp"

#include "target_impl/transport/system_calls.hpp"

#include <sched.h>
#include <sys/socket.h>

namespace lockstep::transport::bypass {
namespace {

constexpr std::size_t kToldAtOnce = 16 * 1024;
constexpr std::size_t kHeldBackAtMost = 128 * 1024;

}  // namespace

ChannelEnd::ChannelEnd(const Segment& segment, Side side, int rings) noexcept
    : writer_(side == Side::Server ? RingWriter(segment.state().to_client, segment.to_client())
                                   : RingWriter(segment.state().to_server, segment.to_server())),
      reader_(side == Side::Server ? RingReader(segment.state().to_server, segment.to_server())
                                   : RingReader(segment.state().to_client, segment.to_client())),
      own_(side == Side::Server ? &segment.state().server : &segment.state().client),
      other_(side == Side::Server ? &segment.state().client : &segment.state().server),
      rings_(rings) {}

std::size_t ChannelEnd::send(std::span<const std::span<const std::byte>> pieces) noexcept {
  std::size_t total = 0;
  const std::size_t most = holds_back_ ? kHeldBackAtMost : kToldAtOnce;
  for (const auto& piece : pieces) {
    const std::size_t put = writer_.put(piece);
    total += put;
    untold_ += put;
    const bool is_full = put < piece.size();
    // The other end works on these while the next are being copied, or makes space.
    if (untold_ >= most || is_full) {
      tell();
    }
    if (is_full) {
      break;
    }
  }
  if (!holds_back_) {
    tell();
  }
  note_processor();
  return total;
}

void ChannelEnd::tell() noexcept {
  if (untold_ != 0) {
    untold_ = 0;
    writer_.publish();
    ring_if_it_sleeps_for(kForBytes);
  }
}

void ChannelEnd::let_go() noexcept {
  holds_back_ = false;
  tell();
}

std::size_t ChannelEnd::receive(std::span<const std::span<std::byte>> spaces,
                                First first) noexcept {
  std::size_t total = 0;
  for (const auto& space : spaces) {
    const bool is_kept = first == First::Kept && &space == spaces.data();
    const std::size_t taken = is_kept ? reader_.take_past_caches(space) : reader_.take(space);
    total += taken;
    if (taken < space.size()) {
      break;
    }
  }
  if (total != 0) {
    give_back();
  }
  return total;
}

void ChannelEnd::give_back() noexcept {
  reader_.release();
  ring_if_it_sleeps_for(kForSpace);
}

std::size_t ChannelEnd::peek(std::span<const std::span<std::byte>> spaces) noexcept {
  std::size_t total = 0;
  static_cast<void>(reader_.look());  // whoever peeks waits for more than there was
  for (const auto& space : spaces) {
    total += reader_.peek(space, total);
  }
  return total;
}

// No wake-up gets lost, because all of this is in one order that both ends agree on: either this
// end sees the other's announcement now, or the announcement came later and the other, looking once
// more after it, sees what has just been done here.
void ChannelEnd::ring_if_it_sleeps_for(std::uint32_t what) noexcept {
  if ((other_->sleeps.load() & what) != 0) {
    other_->sleeps.store(0);
    ring();
  }
}

void ChannelEnd::ring(std::byte what) noexcept {
  own_system_calls.add();
  // Full: it has been rung often enough. Gone: its socket tells.
  [[maybe_unused]] const auto sent =
      ::send(rings_, &what, sizeof what, MSG_DONTWAIT | MSG_NOSIGNAL);
}

std::uint32_t ChannelEnd::note_processor() noexcept {
  const auto here = static_cast<std::uint32_t>(::sched_getcpu() + 1);
  if (own_->processor.load(std::memory_order_relaxed) != here) {
    own_->processor.store(here, std::memory_order_relaxed);
  }
  return here;
}

Whereabouts ChannelEnd::other_end() noexcept {
  const std::uint32_t here = note_processor();
  if (other_->sleeps.load(std::memory_order_relaxed) != 0) {
    return Whereabouts::Asleep;
  }
  // 0: where this end runs is not known here.
  const std::uint32_t other = other_->processor.load(std::memory_order_relaxed);
  return here != 0 && other == here ? Whereabouts::Here : Whereabouts::Elsewhere;
}

bool ChannelEnd::may_sleep(std::uint32_t waits_for) noexcept {
  own_->sleeps.store(waits_for);
  const bool ready = ((waits_for & kForBytes) != 0 && has_bytes()) ||
                     ((waits_for & kForSpace) != 0 && has_space()) ||
                     (waits_for != 0 && is_broken());
  if (ready) {
    awake();
  }
  return !ready;
}

}  // namespace lockstep::transport::bypass
