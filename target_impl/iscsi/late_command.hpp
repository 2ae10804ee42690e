// Commands that end after their execution has returned: where their answers wait until the
// session's thread fetches them.
#pragma once

#include "target_impl/iscsi/pdu.hpp"
#include "target_impl/scsi/device_server.hpp"
#include "target_impl/transport/wake_together.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace lockstep::iscsi {

class LateAnswers;

class LateCommand final : public scsi::LateEnding,
                          public std::enable_shared_from_this<LateCommand> {
 public:
  explicit LateCommand(std::shared_ptr<LateAnswers> answers) : answers_(std::move(answers)) {}
  void end(const scsi::Response& response) override;

  // For the session's thread.
  Header command{};
  std::size_t expected_in = 0;
  std::size_t expected_out = 0;
  std::uint32_t r2t_count = 0;
  std::size_t at = 0;  // in the session's list
  // Once it has been taken: with what it has ended.
  [[nodiscard]] const scsi::Response& response() const noexcept { return response_; }

 private:
  friend class LateAnswers;
  enum class State : std::uint8_t { Open, Ended, Abandoned };

  const std::shared_ptr<LateAnswers> answers_;
  // Guarded by the mutex of answers_; once it has ended nobody changes the response.
  State state_ = State::Open;
  scsi::Response response_;
};

// Of one session. Many that end together are fetched together.
class LateAnswers final : public transport::Sleeper,
                          public std::enable_shared_from_this<LateAnswers> {
 public:
  // `call` asks the session's thread, from any other, to fetch what has ended.
  explicit LateAnswers(std::function<void()> call) : call_(std::move(call)) {}

  // From any thread; only the first for each command counts.
  void leave(LateCommand& command, const scsi::Response& response) {
    {
      const std::lock_guard lock(mutex_);
      if (command.state_ != LateCommand::State::Open) return;
      command.state_ = LateCommand::State::Ended;
      command.response_ = response;
      ended_.push_back(command.shared_from_this());
    }
    transport::WakeTogether::wake(shared_from_this());
  }
  // Nobody waits for its answer any more. Once all are abandoned `call` is not called.
  void abandon(LateCommand& command) {
    const std::lock_guard lock(mutex_);
    if (command.state_ == LateCommand::State::Ended) {
      std::erase_if(ended_, [&](const auto& each) { return each.get() == &command; });
    }
    command.state_ = LateCommand::State::Abandoned;
  }
  // Into what was empty, and gives its memory to those that come: what has ended since the last
  // call, in that order.
  void take(std::vector<std::shared_ptr<LateCommand>>& ended) {
    const std::lock_guard lock(mutex_);
    called_ = false;
    ended.swap(ended_);
  }

 private:
  void wake() override {
    const std::lock_guard lock(mutex_);
    if (!ended_.empty() && !std::exchange(called_, true)) call_();
  }

  std::mutex mutex_;
  const std::function<void()> call_;
  bool called_ = false;  // since the last take()
  std::vector<std::shared_ptr<LateCommand>> ended_;
};

inline void LateCommand::end(const scsi::Response& response) { answers_->leave(*this, response); }

}  // namespace lockstep::iscsi
