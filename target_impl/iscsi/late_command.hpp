// A command that ends after its execution has returned: where its answer waits until the session's
// thread fetches it.
#pragma once

#include "target_impl/iscsi/pdu.hpp"
#include "target_impl/scsi/device_server.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace lockstep::iscsi {

class LateCommand final : public scsi::LateEnding {
 public:
  // `wake` asks the session's thread, from any other, to look for answers.
  explicit LateCommand(std::function<void()> wake) : wake_(std::move(wake)) {}

  void end(const scsi::Response& response) override {
    const std::lock_guard lock(mutex_);
    if (wake_ && !response_) {
      response_ = response;
      wake_();
    }
  }
  // Nobody waits for the answer any more: `wake` is not called after this.
  void abandon() {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
  }
  [[nodiscard]] std::optional<scsi::Response> response() const {
    const std::lock_guard lock(mutex_);
    return response_;
  }

  // For the session's thread.
  Header command{};
  std::size_t expected_in = 0;
  std::size_t expected_out = 0;
  std::uint32_t r2t_count = 0;

 private:
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::optional<scsi::Response> response_;
};

}  // namespace lockstep::iscsi
