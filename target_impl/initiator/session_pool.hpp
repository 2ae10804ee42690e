// Sessions to one target, lent to one thread at a time. Internal.
#pragma once

#include "target_impl/initiator/initiator.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::initiator {

// Thread-safe. Must outlive its leases.
class SessionPool {
 public:
  SessionPool(std::string portal, std::string target_name, SessionOptions options,
              std::size_t max_sessions);

  // A session for the caller alone; goes back to the pool, or away if its connection was lost.
  class Lease {
   public:
    Lease(SessionPool& pool, std::unique_ptr<Session> session)
        : pool_(&pool), session_(std::move(session)) {}
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(std::move(session_));
    }
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), session_(std::move(other.session_)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease& operator=(Lease&&) = delete;

    Session* operator->() const noexcept { return session_.get(); }
    Session& operator*() const noexcept { return *session_; }

   private:
    SessionPool* pool_;
    std::unique_ptr<Session> session_;
  };

  // Waits while all sessions are lent; connects when none is at hand. A session that has been idle
  // is asked first whether it still stands, so that a restarted target costs the caller nothing.
  [[nodiscard]] Result<Lease> borrow();

  [[nodiscard]] const std::string& portal() const noexcept { return portal_; }
  [[nodiscard]] const std::string& target_name() const noexcept { return target_name_; }
  // iscsi://host:port/iqn/lun
  [[nodiscard]] std::string url_of_lun(std::uint16_t lun) const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Idle {
    std::unique_ptr<Session> session;
    Clock::time_point since;
  };

  void give_back(std::unique_ptr<Session> session);

  const std::string portal_;
  const std::string target_name_;
  const SessionOptions options_;
  const std::size_t max_sessions_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Idle> idle_;  // the one used last at the end
  std::size_t lent_ = 0;
};

}  // namespace lockstep::initiator
