// A link with a thread of its own, and where it may, an event loop that does for it what is small.
// Internal: everybody else uses Link.
//
// The thread connects, welcomes, runs jobs, carries bulk and waits for the disk. While there is
// nothing but changes to send and answers to take, the loop on whose thread the changes are made
// does that itself, because two threads that wake each other for every batch wait for each other
// longer than they work. The two take turns under one lock; the thread looks after the loop now and
// then, and takes over what a loop that is kept elsewhere leaves undone.
#pragma once

#include "target_impl/peer/dispatcher.hpp"
#include "target_impl/peer/link.hpp"
#include "target_impl/transport/bypass/sockets/watched_link.hpp"
#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/file_descriptor.hpp"
#include "target_impl/transport/spin_wait.hpp"
#include "target_impl/transport/wake_together.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace lockstep::peer {

class ThreadLink;

// What loops and wakers hold of a link; the link may be gone.
class LinkHandle final : public transport::Sleeper {
 public:
  explicit LinkHandle(ThreadLink& link) : link_(&link) {}
  void wake() override;
  // On the loop's thread.
  void has_input();
  // No call of the link follows; waits for one under way.
  void let_go() {
    const std::lock_guard lock(mutex_);
    link_ = nullptr;
  }

 private:
  std::recursive_mutex mutex_;  // whom the link tells may wake it
  ThreadLink* link_;
};

// A session's connection among what a loop watches: its memory, or the socket.
class WatchedByLoop final : private transport::EventHandler {
 public:
  WatchedByLoop(std::shared_ptr<LinkHandle> link, int socket);
  // False: there is no descriptor left.
  [[nodiscard]] bool is_usable() const noexcept { return in_memory_ || static_cast<bool>(socket_); }
  // On the loop's thread.
  void start(transport::EventLoop& loop);
  void stop(transport::EventLoop& loop);

 private:
  void on_events(std::uint32_t /*events*/) override { link_->has_input(); }

  const std::shared_ptr<LinkHandle> link_;
  const std::unique_ptr<transport::bypass::WatchedLink> in_memory_;
  const transport::FileDescriptor socket_;  // its own, so that nobody else gets its number
};

class ThreadLink final : public Link {
 public:
  ThreadLink(LinkOptions options, transport::FileDescriptor event,
             std::function<void(bool)> changed);
  ~ThreadLink() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    poke();
    if (thread_.joinable()) thread_.join();
    handle_->let_go();
  }
  void begin() override {
    thread_ = std::thread([this] { run(); });
  }
  ThreadLink(const ThreadLink&) = delete;
  ThreadLink& operator=(const ThreadLink&) = delete;

  bool is_up() const override { return up_; }
  std::string trouble() const override {
    const std::lock_guard lock(mutex_);
    return up_ ? std::string{} : trouble_;
  }
  // From any thread: something was submitted while the thread slept.
  void woken();
  // On the loop's thread: what there is to do, as far as it is small.
  void drive(bool has_input);

  void use(const std::optional<initiator::Credentials>& credentials) override {
    {
      const std::lock_guard lock(mutex_);
      options_.credentials = credentials;
      retry_now_ = true;
    }
    poke();
  }

  bool submit(Operation operation) override {
    bool many = false;
    {
      const std::lock_guard lock(mutex_);
      if (!up_) return false;
      submitted_.push_back(std::move(operation));
      has_submitted_.store(true, std::memory_order_relaxed);
      if (!asleep_) return true;
      many = submitted_.size() == kSentAtOnce;
      if (std::exchange(asked_, true) && !many) return true;
    }
    transport::WakeTogether::wake(handle_);
    if (many) send_early();
    return true;
  }
  bool add(std::shared_ptr<BulkSource> source) override {
    {
      const std::lock_guard lock(mutex_);
      if (!up_) return false;
      added_.push_back(std::move(source));
    }
    poke();
    return true;
  }
  void wake() override { poke(); }

  Status with_session(const std::function<Status(initiator::Session&)>& job) override;
  void when_up(std::function<void(initiator::Session&)> farewell) override {
    {
      const std::lock_guard lock(mutex_);
      farewells_.push_back(std::move(farewell));
    }
    poke();
  }
  void attend(Attendant& attendant) override {
    const std::lock_guard lock(attendants_mutex_);
    attendants_.push_back(&attendant);
  }
  void forget(Attendant& attendant) override {
    const std::lock_guard lock(attendants_mutex_);
    std::erase(attendants_, &attendant);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kSentAtOnce = 8;
  using SessionJob = std::function<void(initiator::Session*)>;  // null: the link went down before

  void run();
  std::unique_ptr<initiator::Session> connect();
  std::unique_ptr<initiator::Session> log_in(const initiator::SessionOptions& options,
                                             Error& trouble);
  void wait_to_retry(std::chrono::milliseconds longest);
  void welcome(initiator::Session& session);

  // link_turns.cpp
  void serve(std::unique_ptr<initiator::Session> session);
  // Waits until the session, the queues or the clock want attention, without `work` meanwhile.
  Status turn(initiator::Session& session, Dispatcher& dispatcher,
              std::unique_lock<std::mutex>& work);
  // What the session is ready for, which may be nothing; -1: neither it nor the queue has anything
  // within the time for which looking pays.
  int look_for_a_while(initiator::Session& session);
  // `loop_works`: the loop takes the answers.
  int sleep(initiator::Session& session, std::unique_lock<std::mutex>& work,
            Clock::duration longest, bool loop_works);
  // False: stopping.
  bool take(initiator::Session& session, Dispatcher& dispatcher);
  // Whether the loop is told when something has come; with work_ held.
  void watch_on_loop(bool on);
  // Of many that are submitted together on the loop's thread, the first ones: the peer works on
  // them while the rest is still being made.
  void send_early();
  // On the loop's thread. False: the thread is needed.
  bool work_on_loop(bool has_input);
  [[nodiscard]] bool take_small();

  void say_farewells(initiator::Session& session);
  void go_down(const std::string& trouble);
  void end_jobs();
  void poke() const;
  [[nodiscard]] bool stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

  mutable std::mutex mutex_;
  std::condition_variable came_up_;
  LinkOptions options_;          // credentials guarded by mutex_
  std::atomic<bool> up_{false};  // changed with mutex_ held
  bool stopping_ = false;
  bool asleep_ = false;
  bool asked_ = false;  // to look at what was submitted, since it last was
  std::atomic<bool> has_submitted_{false};
  bool retry_now_ = false;
  std::string trouble_ = "not connected yet";
  std::vector<Operation> submitted_;
  std::vector<std::shared_ptr<BulkSource>> added_;
  std::deque<SessionJob> jobs_;
  std::deque<std::function<void(initiator::Session&)>> farewells_;

  std::mutex attendants_mutex_;
  std::vector<Attendant*> attendants_;

  const initiator::Isid isid_;
  const std::function<void(bool)> changed_;
  const std::shared_ptr<transport::Bell> bell_;
  const std::shared_ptr<LinkHandle> handle_;
  transport::SpinWait spin_;  // the thread's

  // Whoever does a turn, thread or loop, holds it; it guards what follows.
  std::mutex work_;
  initiator::Session* session_ = nullptr;  // null: no turns on the loop
  Dispatcher* dispatcher_ = nullptr;
  bool driven_ = false;        // by the loop, since the thread last looked
  bool thread_knows_ = false;  // that, and looks again soon
  std::shared_ptr<WatchedByLoop> watched_;
  std::vector<Operation> taken_;  // kept for its memory

  // The loop's.
  bool drives_ = false;
  bool drives_again_ = false;

  std::thread thread_;  // last: it uses all the others
};

inline void LinkHandle::wake() {
  const std::lock_guard lock(mutex_);
  if (link_ != nullptr) link_->woken();
}

inline void LinkHandle::has_input() {
  const std::lock_guard lock(mutex_);
  if (link_ != nullptr) link_->drive(true);
}

}  // namespace lockstep::peer
