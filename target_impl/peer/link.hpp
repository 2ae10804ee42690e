// One connection to a peer system, kept up: a thread with one session, which is made anew after
// every loss, at growing intervals.
//
// Operations go out in the order in which they were submitted; one that overlaps another under way
// on the same logical unit waits for its end, and with it all behind it, because a target may carry
// out commands in any order. Bulk operations fill what is left of the line.
//
// Nothing survives a loss: what was queued or under way ends with Outcome::ConnectionLost, and the
// next session reinstates the lost one, so that the target has ended all of its commands before the
// first new one arrives.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/peer/operation.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lockstep::transport {
class EventLoop;
}

namespace lockstep::peer {

struct LinkOptions {
  std::string portal;
  std::string target_name;
  std::optional<initiator::Credentials> credentials;
  // Of every session, so that each reinstates the one before, that of another process included;
  // nothing: one of its own.
  std::optional<initiator::Isid> isid;
  std::chrono::milliseconds connect_timeout{2'000};
  // An answer that takes longer ends the connection: how long a host may have to wait for a peer
  // that has gone silent.
  std::chrono::milliseconds answer_timeout{2'000};
  // A connection on which nothing happens is tried this often.
  std::chrono::milliseconds keepalive{500};
  // Between attempts to come back; doubled after each.
  std::chrono::milliseconds first_retry{20};
  std::chrono::milliseconds longest_retry{2'000};
  // On whose thread most changes are submitted, and their ends are wanted: it sends and takes
  // what is small itself. Null: the link's thread does it all. Outlives the link.
  transport::EventLoop* loop = nullptr;
};

// Looks after something on the peer at the beginning of each connection.
class Attendant {
 public:
  virtual ~Attendant() = default;
  // On the link's thread, before anybody is told that the link is up.
  virtual void connected(initiator::Session& session) = 0;
};

// Thread-safe.
class Link {
 public:
  // `changed` is called on the link's thread with true and false in turn; it must not block.
  [[nodiscard]] static Result<std::unique_ptr<Link>> make(LinkOptions options,
                                                          std::function<void(bool)> changed);
  // The same, begun.
  [[nodiscard]] static Result<std::unique_ptr<Link>> start(LinkOptions options,
                                                           std::function<void(bool)> changed);
  // Once: from here on it connects. Whoever is to attend its first connection does so before.
  virtual void begin() = 0;
  // Everything under way ends; what is left of the farewells is said if the link is up.
  virtual ~Link() = default;

  [[nodiscard]] virtual bool is_up() const = 0;
  // Why it is down; empty while it is up.
  [[nodiscard]] virtual std::string trouble() const = 0;
  // For the next attempt, which is made at once if the link is down.
  virtual void use(const std::optional<initiator::Credentials>& credentials) = 0;

  // False: the link is down; nothing of the operation is called.
  [[nodiscard]] virtual bool submit(Operation operation) = 0;
  [[nodiscard]] virtual bool add(std::shared_ptr<BulkSource> source) = 0;
  // A bulk source has something again.
  virtual void wake() = 0;

  // Runs the job on the link's thread and waits for its end. Waits first until the link is up, for
  // as long as one attempt may take; Origin::Transport otherwise. Not from the link's thread.
  virtual Status with_session(const std::function<Status(initiator::Session&)>& job) = 0;
  // Now if the link is up, or else at the beginning of the next connection.
  virtual void when_up(std::function<void(initiator::Session&)> farewell) = 0;

  // Borrowed until forgotten, which waits for a call under way.
  virtual void attend(Attendant& attendant) = 0;
  virtual void forget(Attendant& attendant) = 0;
};

}  // namespace lockstep::peer
