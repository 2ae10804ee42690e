#include "target_impl/transport/bypass/sockets/watched_link.hpp"

#include "target_impl/transport/bypass/path.hpp"
#include "target_impl/transport/bypass/sockets/socket_calls.hpp"
#include "target_impl/transport/bypass/sockets/system_calls.hpp"

#include <fcntl.h>
#include <utility>

namespace lockstep::transport::bypass {

std::unique_ptr<WatchedLink> WatchedLink::of(int socket, std::function<void()> readable) {
  if (const LinkUse link = link_of(socket); !link || link->way() != Way::Memory) return nullptr;
  FileDescriptor own(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  // A link whose descriptor is watched is rung for whatever the loop does.
  FileDescriptor rings(system_calls().fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (!own || !rings) return nullptr;
  return std::unique_ptr<WatchedLink>(
      new WatchedLink(std::move(own), std::move(rings), std::move(readable)));
}

bool WatchedLink::start(EventLoop& loop) {
  started_ = loop.watch(rings_.get(), EPOLLIN, *this);
  if (started_) loop.watch(static_cast<Pollable&>(*this));
  return started_;
}

void WatchedLink::stop(EventLoop& loop) {
  if (!std::exchange(started_, false)) return;
  loop.forget(static_cast<Pollable&>(*this));
  loop.forget(rings_.get());
  awake();
}

// A ring is taken off; what it was for the loop sees when it polls next, before it sleeps again.
void WatchedLink::on_events(std::uint32_t /*events*/) {
  if (const LinkUse link = link_of(socket_.get())) link->woke(socket_.get(), true, false);
}

Pollable::Other WatchedLink::other() {
  const LinkUse link = link_of(socket_.get());
  return link ? other_of(link->other_end()) : Other::Asleep;
}

bool WatchedLink::poll() {
  const auto found = look_at_link(socket_.get(), POLLIN);
  if (!found || *found == 0) return false;
  readable_();
  return true;
}

bool WatchedLink::may_sleep() {
  const LinkUse link = link_of(socket_.get());
  sleeps_ = link && link->may_sleep(kForBytes);
  return sleeps_ || !link;
}

void WatchedLink::awake() {
  if (!std::exchange(sleeps_, false)) return;
  if (const LinkUse link = link_of(socket_.get())) link->woke(socket_.get(), false, true);
}

}  // namespace lockstep::transport::bypass
