#include "target_impl/transport/bypass/path.hpp"

#include <chrono>
#include <sys/epoll.h>

namespace lockstep::transport::bypass {
namespace {

// A program that was seen to wait with poll() alone announces itself there, and nowhere else. If it
// goes over to another way of waiting, it leaves the next bytes alone for this long, once.
constexpr std::chrono::milliseconds kLongestLag{20};

}  // namespace

bool Path::start() {
  listening_ = loop_.watch(channel_.bell(), EPOLLIN, *this);
  if (listening_) {
    loop_.watch(static_cast<Pollable&>(*this));
    started_ = true;
  }
  return listening_;
}

void Path::stop() {
  stop_listening();
  if (look_ != 0) {
    loop_.cancel(std::exchange(look_, 0));
  }
  if (std::exchange(started_, false)) {
    loop_.forget(static_cast<Pollable&>(*this));
  }
}

void Path::stop_listening() {
  if (std::exchange(listening_, false)) {
    loop_.forget(channel_.bell());
  }
}

std::size_t Path::send(std::span<const std::span<const std::byte>> pieces) {
  const std::size_t sent = channel_.send(pieces);
  if (look_ == 0 && sent != 0 && channel_.wakes_by_tcp()) {
    if (const auto client_at = channel_.other_lags_at()) {
      look_after(*client_at);
    }
  }
  return sent;
}

void Path::look_after(std::uint64_t client_at) {
  look_ = loop_.after(kLongestLag, [this, client_at] {
    look_ = 0;
    const auto now_at = channel_.other_lags_at();
    if (now_at == client_at) {
      channel_.ring_unasked();
    } else if (now_at) {
      look_after(*now_at);
    }
  });
}

void Path::on_events(std::uint32_t /*events*/) {
  if (!channel_.silence_bell()) {
    stop_listening();
    user_.path_gone();
  }
}

bool Path::poll() {
  const bool ready = ((waits_for_ & kForBytes) != 0 && channel_.has_bytes()) ||
                     ((waits_for_ & kForSpace) != 0 && channel_.has_space()) ||
                     (waits_for_ != 0 && channel_.is_broken());
  if (ready) {
    user_.path_ready();
  }
  return ready;
}

}  // namespace lockstep::transport::bypass
