#include "target_impl/transport/bypass/path.hpp"

#include <sys/epoll.h>

namespace lockstep::transport::bypass {

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
  if (std::exchange(started_, false)) {
    loop_.forget(static_cast<Pollable&>(*this));
  }
}

void Path::stop_listening() {
  if (std::exchange(listening_, false)) {
    loop_.forget(channel_.bell());
  }
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
