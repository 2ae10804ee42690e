#include "target_impl/copy/links.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::copy {
namespace {

// libiscsi walks its lists for each answer, so many commands per session cost more than they give.
constexpr std::size_t kCommandsPerSession = 64;

int wait_ms(Links::Clock::time_point until) {
  const auto now = Links::Clock::now();
  if (until <= now) return 0;
  if (until == Links::Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
  return static_cast<int>(std::min<std::int64_t>(left, 60'000));
}

}  // namespace

Result<initiator::Session*> Link::session() {
  if (!session_) {
    LOCKSTEP_TRY(session_, initiator::Session::start_connect(portal_, target_name_, options_));
  }
  return session_.get();
}

std::optional<Error> Link::last_error() const {
  auto reason = session_ ? session_->failure() : std::nullopt;
  return reason ? reason : last_error_;
}

bool Link::full() const noexcept {
  return session_ && session_->outstanding() >= kCommandsPerSession;
}

void Link::served(const Status& status) {
  if (status) return;
  last_error_ = status.error();
  session_.reset();
}

Link* Links::join(const Endpoint& place, Direction direction) {
  const auto same = [&](const Link& link) {
    return link.direction_ == direction && link.portal_ == place.portal &&
           link.target_name_ == place.target_name;
  };
  auto found = std::find_if(links_.begin(), links_.end(), same);
  if (found == links_.end()) {
    initiator::SessionOptions session;
    session.initiator_name = "iqn.2026-11.net.lockstep:copy";
    session.connect_timeout = options_.connect_timeout;
    session.command_timeout = options_.command_timeout;
    session.bypass = options_.bypass;
    found = links_.emplace(links_.end(), place, direction, std::move(session));
  }
  ++found->users_;
  return &*found;
}

void Links::leave(Link* link) {
  if (--link->users_ == 0) link->idle_since_ = Clock::now();
}

bool Links::flush() {
  bool lost = false;
  for (Link& link : links_) {
    if (!link.session_) continue;
    link.served(link.session_->flush_submissions());
    lost = lost || !link.session_;
  }
  return lost;
}

bool Links::wait_and_serve(int wake, Clock::time_point until) {
  polled_.clear();
  polled_.push_back(pollfd{wake, POLLIN, 0});
  for (const Link& link : links_) {
    pollfd entry{-1, 0, 0};
    if (link.session_) {
      entry.fd = link.session_->descriptor();
      entry.events = link.session_->events();
      if (const auto deadline = link.session_->next_deadline()) until = std::min(until, *deadline);
    }
    if (link.users_ == 0) until = std::min(until, link.idle_since_ + options_.idle_session);
    polled_.push_back(entry);
  }
  if (::poll(polled_.data(), polled_.size(), wait_ms(until)) < 0) {
    for (pollfd& entry : polled_) entry.revents = 0;
  }
  std::size_t at = 1;
  const auto now = Clock::now();
  for (Link& link : links_) {
    const short revents = polled_[at++].revents;
    if (!link.session_) continue;
    const auto deadline = link.session_->next_deadline();
    if (revents != 0 || (deadline && *deadline <= now)) {
      link.served(link.session_->service(revents));
    }
  }
  return polled_.front().revents != 0;
}

void Links::close_idle() {
  const auto now = Clock::now();
  links_.remove_if([&](const Link& link) {
    return link.users_ == 0 && now - link.idle_since_ >= options_.idle_session;
  });
}

void Links::close_all() {
  for (Link& link : links_) link.session_.reset();
}

}  // namespace lockstep::copy
