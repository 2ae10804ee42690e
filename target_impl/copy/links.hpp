// The sessions of an engine, one per place and direction, kept between copies. Internal; not
// thread-safe.
//
// Reading and writing have a session each, so that data-in never waits behind data-out.
#pragma once

#include "target_impl/copy/copy_engine.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <vector>

namespace lockstep::copy {

enum class Direction : std::uint8_t { Reading, Writing };

class Link {
 public:
  Link(const Endpoint& place, Direction direction, initiator::SessionOptions options)
      : portal_(place.portal),
        target_name_(place.target_name),
        direction_(direction),
        options_(std::move(options)) {}

  // Connects when there is no session. The commands queued meanwhile wait for the login.
  [[nodiscard]] Result<initiator::Session*> session();
  // Why the session is over, or the last one was.
  [[nodiscard]] std::optional<Error> last_error() const;
  [[nodiscard]] bool full() const noexcept;

 private:
  friend class Links;
  void served(const Status& status);

  std::string portal_;
  std::string target_name_;
  Direction direction_;
  initiator::SessionOptions options_;
  std::unique_ptr<initiator::Session> session_;
  std::optional<Error> last_error_;
  unsigned users_ = 0;
  std::chrono::steady_clock::time_point idle_since_;
};

class Links {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Links(const EngineOptions& options) : options_(options) {}

  // A link stays where it is until its last user has left and it has been idle for a while.
  [[nodiscard]] Link* join(const Endpoint& place, Direction direction);
  void leave(Link* link);

  // Sends everything queued, without waiting. True: a session was lost over it, so that its
  // commands have completed.
  [[nodiscard]] bool flush();
  // Waits for an answer, for `wake` to become readable, or until `until`; serves what came. True:
  // `wake` is readable.
  bool wait_and_serve(int wake, Clock::time_point until);
  void close_idle();
  // Ends all sessions; their commands complete with Cancelled.
  void close_all();

 private:
  EngineOptions options_;
  std::list<Link> links_;
  std::vector<pollfd> polled_;
};

}  // namespace lockstep::copy
