// Where a logical unit keeps what has to outlive the process: persistent reservations made with
// APTPL (SPC-4 5.13.5). The device server gives it one small blob, and knows nothing of files.
#pragma once

#include "model/vocab/error.hpp"

#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

namespace lockstep::scsi {

// Of one logical unit. Calls come from whatever thread executes a command, one at a time.
class PersistentState {
 public:
  static constexpr std::size_t kMaxBytes = 128 * 1024;

  virtual ~PersistentState() = default;
  // What was saved last; empty: nothing.
  [[nodiscard]] virtual Result<std::vector<std::byte>> load() = 0;
  // `blob` has at most kMaxBytes; empty: nothing is to be kept. Durable when it returns; on an
  // error what was saved before stays.
  [[nodiscard]] virtual Result<void> save(std::span<const std::byte> blob) = 0;
};

// Outlives a logical unit, but not the process.
class MemoryState final : public PersistentState {
 public:
  [[nodiscard]] Result<std::vector<std::byte>> load() override {
    const std::lock_guard lock(mutex_);
    return blob_;
  }
  [[nodiscard]] Result<void> save(std::span<const std::byte> blob) override {
    const std::lock_guard lock(mutex_);
    blob_.assign(blob.begin(), blob.end());
    return ok();
  }

 private:
  std::mutex mutex_;
  std::vector<std::byte> blob_;
};

}  // namespace lockstep::scsi
