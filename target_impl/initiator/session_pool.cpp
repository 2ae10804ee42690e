#include "target_impl/initiator/session_pool.hpp"

#include <algorithm>

namespace lockstep::initiator {
namespace {

// Below this, a lost connection is taken for the fault of the moment and reported as such.
constexpr std::chrono::milliseconds kTrustedFor{50};

}  // namespace

SessionPool::SessionPool(std::string portal, std::string target_name, SessionOptions options,
                         std::size_t max_sessions)
    : portal_(std::move(portal)),
      target_name_(std::move(target_name)),
      options_(std::move(options)),
      max_sessions_(std::max<std::size_t>(max_sessions, 1)) {
  idle_.reserve(max_sessions_);
}

Result<SessionPool::Lease> SessionPool::borrow() {
  for (;;) {
    std::unique_ptr<Session> session;
    bool trusted = false;
    {
      std::unique_lock lock(mutex_);
      returned_.wait(lock, [this] { return lent_ < max_sessions_; });
      ++lent_;
      if (!idle_.empty()) {
        trusted = Clock::now() - idle_.back().since < kTrustedFor;
        session = std::move(idle_.back().session);
        idle_.pop_back();
      }
    }
    if (session) {
      if (trusted || session->run_once(std::chrono::milliseconds{0})) {
        return Lease(*this, std::move(session));
      }
      give_back(nullptr);
      continue;
    }
    auto made = Session::connect(portal_, target_name_, options_);
    if (!made) {
      give_back(nullptr);
      return std::move(made).error();
    }
    return Lease(*this, std::move(made).value());
  }
}

void SessionPool::give_back(std::unique_ptr<Session> session) {
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (session && session->connected() && session->outstanding() == 0) {
      idle_.push_back(Idle{std::move(session), Clock::now()});
    }
  }
  returned_.notify_one();
}

std::string SessionPool::url_of_lun(std::uint16_t lun) const {
  return "iscsi://" + portal_ + "/" + target_name_ + "/" + std::to_string(lun);
}

}  // namespace lockstep::initiator
