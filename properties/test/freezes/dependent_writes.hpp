// Writers under whose load groups of volumes are frozen, and the model's record of what they wrote,
// by which the images of a freeze are judged.
#pragma once

#include "model/core/content.hpp"
#include "model/port/data_path.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

namespace lockstep::properties::test {

inline constexpr BlockSize kBlockSize{512};
inline constexpr std::uint64_t kBlocksEach = 252;

[[nodiscard]] Instant now() noexcept;

// What one volume of a freeze holds, whole.
using Image = std::vector<std::byte>;

// Chains of stamped writes, as many at once as the data path takes with one session left over. A
// chain goes from volume to volume and issues each write after the one before was acknowledged. No
// two chains write the same block, so that none is ever written twice at once.
class DependentWrites {
 public:
  // The volumes hold `kBlocksEach` blocks of zeros. `path` outlives this.
  DependentWrites(DataPath& path, std::vector<ElementRef> volumes);
  ~DependentWrites();
  DependentWrites(const DependentWrites&) = delete;
  DependentWrites& operator=(const DependentWrites&) = delete;

  [[nodiscard]] std::uint64_t acknowledged() const noexcept { return acknowledged_; }
  // Returns when so many more are acknowledged. False: a write failed, or they were not after ten
  // seconds.
  [[nodiscard]] bool go_on_for(std::uint64_t writes);
  // The longest that a write took of those which were in flight at some time of the window.
  [[nodiscard]] std::chrono::nanoseconds longest_write(const model::Window& window);

  // Whether every image is a point in time of its volume within `taken`, and all together are one
  // (the instant test). `clause`: the promise of one cut.
  [[nodiscard]] model::Findings judge(const std::vector<Image>& images, const model::Window& taken,
                                      std::string_view clause);

 private:
  static constexpr std::uint64_t kChains = 7;

  void write_chain(std::uint64_t chain);
  [[nodiscard]] bool write_one(std::uint64_t chain, std::size_t volume, std::minstd_rand& random);

  DataPath& path_;
  const std::vector<ElementRef> volumes_;
  std::vector<model::VolumeNumber> numbers_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<std::uint64_t> acknowledged_{0};
  std::mutex mutex_;
  model::Content content_;            // guarded by mutex_
  std::vector<model::Span> flights_;  // guarded by mutex_; of the writes that are acknowledged
  std::uint64_t freezes_ = 0;         // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace lockstep::properties::test
