// The engine's thread: takes orders, lets each copy advance, waits for answers.
#include "target_impl/copy/job.hpp"

#include <algorithm>
#include <mutex>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <variant>

namespace lockstep::copy {
namespace {

constexpr std::size_t kBufferBytesMax = 64 * 1024 * 1024;

class WakeUp {
 public:
  WakeUp() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~WakeUp() { ::close(descriptor_); }
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  void signal() const noexcept {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the reader is awake anyway.
    static_cast<void>(!::write(descriptor_, &one, sizeof(one)));
  }
  void clear() const noexcept {
    std::uint64_t count = 0;
    static_cast<void>(!::read(descriptor_, &count, sizeof(count)));
  }

 private:
  int descriptor_;
};

enum class Order : std::uint8_t { Pause, Resume, Abort };

struct Submission {
  CopyId id = 0;
  CopyRequest request;
  std::shared_ptr<Progress> progress;
};
struct Control {
  CopyId id = 0;
  Order order = Order::Pause;
};
using Message = std::variant<Submission, Control>;

class Engine final : public CopyEngine {
 public:
  explicit Engine(const EngineOptions& options)
      : options_(options), links_(options), thread_([this] { run(); }) {}

  ~Engine() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_up_.signal();
    thread_.join();
  }

  CopyId submit(CopyRequest request) override {
    auto progress = std::make_shared<Progress>();
    if (!problem_of(request)) progress->total_bytes = total_bytes_of(request);
    CopyId id = 0;
    {
      const std::lock_guard lock(mutex_);
      id = ++last_id_;
      progress_.emplace(id, progress);
      inbox_.emplace_back(Submission{id, std::move(request), std::move(progress)});
    }
    wake_up_.signal();
    return id;
  }

  void pause(CopyId id) override { send(Control{id, Order::Pause}); }
  void resume(CopyId id) override { send(Control{id, Order::Resume}); }
  void abort(CopyId id) override { send(Control{id, Order::Abort}); }

  std::uint16_t percent(CopyId id) const override {
    const std::lock_guard lock(mutex_);
    const auto found = progress_.find(id);
    return found == progress_.end() ? std::uint16_t{100} : found->second->percent();
  }

 private:
  using Clock = Links::Clock;

  void send(Control control) {
    {
      const std::lock_guard lock(mutex_);
      inbox_.emplace_back(control);
    }
    wake_up_.signal();
  }

  void run() {
    auto stop_at = Clock::time_point::max();
    for (;;) {
      const bool stopping = take_messages();
      if (stopping) {
        stop_at = std::min(stop_at, Clock::now() + options_.stop_grace);
        for (const auto& job : jobs_) job->abort();
        if (Clock::now() >= stop_at) links_.close_all();
      }
      advance_all();
      const bool lost = links_.flush();
      const bool reported = report_ended();
      links_.close_idle();
      if (jobs_.empty()) buffers_.shrink();
      if (stopping && jobs_.empty() && !reported) return;
      // What completed or ended since advance_all() is reason to advance again before waiting.
      const auto until = reported || lost ? Clock::now() : next_time(stop_at);
      if (links_.wait_and_serve(wake_up_.descriptor(), until)) wake_up_.clear();
    }
  }

  // True: the engine is to stop.
  bool take_messages() {
    std::vector<Message> messages;
    bool stop = false;
    {
      const std::lock_guard lock(mutex_);
      messages.swap(inbox_);
      stop = stop_;
    }
    for (Message& message : messages) {
      if (auto* submission = std::get_if<Submission>(&message)) {
        jobs_.push_back(std::make_unique<CopyJob>(submission->id, std::move(submission->request),
                                                  std::move(submission->progress), links_,
                                                  buffers_));
      } else {
        obey(std::get<Control>(message));
      }
    }
    return stop;
  }

  void obey(const Control& control) {
    for (const auto& job : jobs_) {
      if (job->id() != control.id) continue;
      if (control.order == Order::Abort) {
        job->abort();
      } else {
        job->set_paused(control.order == Order::Pause);
      }
    }
  }

  void advance_all() {
    if (jobs_.empty()) return;
    // Another copy comes first each time, so that none starves when buffers are short.
    std::rotate(jobs_.begin(), jobs_.begin() + 1, jobs_.end());
    const std::size_t share = buffers_.bytes_max() / jobs_.size();
    for (const auto& job : jobs_) job->advance(share);
  }

  bool report_ended() {
    std::vector<std::unique_ptr<CopyJob>> ended;
    for (auto& job : jobs_) {
      if (job->ended()) ended.push_back(std::move(job));
    }
    if (ended.empty()) return false;
    jobs_.erase(std::remove(jobs_.begin(), jobs_.end(), nullptr), jobs_.end());
    for (const auto& job : ended) {
      {
        const std::lock_guard lock(mutex_);
        progress_.erase(job->id());
      }
      job->report();
    }
    return true;
  }

  [[nodiscard]] Clock::time_point next_time(Clock::time_point stop_at) const {
    auto next = stop_at;
    for (const auto& job : jobs_) next = std::min(next, job->next_attempt());
    return next;
  }

  const EngineOptions options_;
  const WakeUp wake_up_;

  mutable std::mutex mutex_;
  std::vector<Message> inbox_;
  std::unordered_map<CopyId, std::shared_ptr<Progress>> progress_;
  CopyId last_id_ = 0;
  bool stop_ = false;

  // Used by the thread alone. Jobs go before the sessions that their commands are in.
  BufferPool buffers_{kBufferBytesMax};
  Links links_;
  std::vector<std::unique_ptr<CopyJob>> jobs_;

  std::thread thread_;
};

}  // namespace

std::unique_ptr<CopyEngine> CopyEngine::start(const EngineOptions& options) {
  return std::make_unique<Engine>(options);
}

}  // namespace lockstep::copy
