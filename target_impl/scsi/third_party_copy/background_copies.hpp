// Copies that go on after their command has been answered (IMMED=1): one thread for a target
// device, which gives each copy a step in turn.
#pragma once

#include "target_impl/scsi/third_party_copy/token_write.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace lockstep::scsi {

// Thread-safe.
class BackgroundCopies {
 public:
  explicit BackgroundCopies(std::size_t most) : most_(most) {}
  // Ends all copies.
  ~BackgroundCopies();
  BackgroundCopies(const BackgroundCopies&) = delete;
  BackgroundCopies& operator=(const BackgroundCopies&) = delete;

  // False, and the copy untouched, when there are too many.
  [[nodiscard]] bool add(std::unique_ptr<TokenWrite>& copy);
  // When they return, the copies have ended and change nothing any more. False: it had ended.
  bool terminate(const CopyRecord& record);
  // nullopt: those on every logical unit.
  void terminate_unit(std::optional<std::uint16_t> lun);

  // For tests: no step begins while it is paused.
  void pause(bool paused);

 private:
  using Chosen = std::function<bool(const TokenWrite&)>;
  bool terminate_if(const Chosen& chosen);
  void run();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // All below guarded by mutex_; the copy whose step runs is not in the queue.
  std::deque<std::unique_ptr<TokenWrite>> queue_;
  TokenWrite* stepping_ = nullptr;
  bool terminate_stepping_ = false;
  bool paused_ = false;
  bool stopping_ = false;
  std::thread thread_;  // started with the first copy
};

}  // namespace lockstep::scsi
