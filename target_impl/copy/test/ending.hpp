// Waits for the end of a copy. Shared by the tests of the engine.
#pragma once

#include "target_impl/copy/copy_engine.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <utility>

namespace lockstep::copy {

// How a copy ended; `calls` must be 1 once the engine is gone.
class Ending {
 public:
  struct Report {
    CopyResult result = CopyResult::Failed;
    std::optional<Error> error;
  };

  [[nodiscard]] auto callback() {
    return [inside = inside_](CopyResult result, const std::optional<Error>& error) {
      if (++inside->calls == 1) inside->first.set_value(Report{result, error});
    };
  }
  // Empty: the copy did not end within ten seconds.
  [[nodiscard]] std::optional<Report> wait() {
    if (inside_->future.wait_for(std::chrono::seconds{10}) != std::future_status::ready) {
      return std::nullopt;
    }
    return inside_->future.get();
  }
  [[nodiscard]] bool has_ended() const {
    return inside_->future.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
  }
  // Only once the engine is gone.
  [[nodiscard]] int calls() const { return inside_->calls; }

 private:
  struct Inside {
    std::promise<Report> first;
    std::shared_future<Report> future{first.get_future()};
    int calls = 0;
  };
  std::shared_ptr<Inside> inside_ = std::make_shared<Inside>();
};

}  // namespace lockstep::copy
