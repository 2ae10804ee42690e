// The space that volumes draw their extents from, as a count. A reservation is made before anything
// changes, so that a write which does not fit leaves no trace.
#pragma once

#include "target_impl/store/commits.hpp"
#include "target_impl/store/volume.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace lockstep::store {

namespace detail {
class ExtentFile;
}

// Thread-safe.
class Pool {
 public:
  explicit Pool(ByteCount capacity) noexcept : capacity_(capacity) {}
  // Of a durable store.
  Pool(ByteCount capacity, std::shared_ptr<detail::ExtentFile> file,
       std::shared_ptr<Commits> commits) noexcept
      : capacity_(capacity), file_(std::move(file)), commits_(std::move(commits)) {}

  // All of `extents` or nothing; false when they do not fit. `replacements` of them may exceed the
  // capacity: as many others are given back at once.
  [[nodiscard]] bool reserve(std::uint64_t extents, std::uint64_t replacements = 0) noexcept;
  // Reserved, but no extent was made of them.
  void give_back_unmade(std::uint64_t extents) noexcept;
  // Of extents that are no more.
  void give_back(std::uint64_t extents) noexcept;
  void count_loaded(std::uint64_t extents) noexcept {
    extents_.fetch_add(extents, std::memory_order_relaxed);
  }

  // Extents that are lent out (Volume::lend). One that is replaced meanwhile goes a little later,
  // so for each of them one more may be held than the capacity says: lending refuses no write.
  void lent() noexcept { lent_.fetch_add(1, std::memory_order_relaxed); }
  void lent_no_more() noexcept { lent_.fetch_sub(1, std::memory_order_relaxed); }

  // Extents that miss pages (Extent::lay_over). What backs them may occupy memory although it does
  // not count: as much as this many extents, and an eighth of what counts. False: copy instead.
  static constexpr std::uint64_t kLayers = 2048;
  [[nodiscard]] bool admit_layer() noexcept;
  void end_layer() noexcept { layers_.fetch_sub(1, std::memory_order_relaxed); }

  // Null: in memory. Extents are shared only inside one file.
  [[nodiscard]] detail::ExtentFile* file() const noexcept { return file_.get(); }
  [[nodiscard]] const std::shared_ptr<Commits>& commits() const noexcept { return commits_; }

  [[nodiscard]] ByteCount capacity() const noexcept { return capacity_; }
  [[nodiscard]] ByteCount used() const noexcept {
    return ByteCount{extents_.load(std::memory_order_relaxed) * kExtentBytes};
  }

 private:
  const ByteCount capacity_;
  std::atomic<std::uint64_t> extents_{0};
  std::atomic<std::uint64_t> lent_{0};
  std::atomic<std::uint64_t> layers_{0};
  const std::shared_ptr<detail::ExtentFile> file_;
  const std::shared_ptr<Commits> commits_;
};

}  // namespace lockstep::store
