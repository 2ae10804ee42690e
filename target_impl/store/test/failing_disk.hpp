// A disk that loses power: writes stay in its cache until a sync, and what of them is on the medium
// when the power goes is up to chance, block by block.
#pragma once

#include "target_impl/store/durable/inside.hpp"
#include "target_impl/store/durable/storage.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace lockstep::store::test {

struct DiskState {
  std::uint64_t operations = 0;  // writes, syncs, publications, punches
  std::uint64_t fail_at = 0;     // the power goes instead of this one; 0: never
  bool off = false;
  std::uint64_t publications = 0;
  int write_error = 0;     // every write fails like this
  int sync_error = 0;      // the next sync fails like this and loses what it should have kept
  int allocate_error = 0;  // no more blocks
  int publish_error = 0;   // the next publication fails like this
  std::mt19937_64 chance{1};
};

class FailingDisk final : public detail::Storage {
 public:
  FailingDisk(std::unique_ptr<detail::Storage> medium, std::shared_ptr<DiskState> state)
      : medium_(std::move(medium)), state_(std::move(state)) {}

  int read(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    if (state_->off) {
      return EIO;
    }
    if (const int code = medium_->read(offset, out)) {
      return code;
    }
    for (const Cached& write : cache_) {
      for (std::size_t i = 0; i != write.bytes.size(); ++i) {
        const std::uint64_t at = write.offset + i;
        if (at >= offset && at - offset < out.size()) {
          out[static_cast<std::size_t>(at - offset)] = write.bytes[i];
        }
      }
    }
    return 0;
  }

  int write(std::uint64_t offset,
            std::span<const std::span<const std::byte>> pieces) noexcept override {
    Cached write{offset, {}};
    for (const auto& piece : pieces) {
      write.bytes.insert(write.bytes.end(), piece.begin(), piece.end());
    }
    if (state_->write_error != 0) {
      return state_->write_error;
    }
    if (!state_->off) {
      cache_.push_back(std::move(write));  // also when the power goes while it is written
    }
    return go_on() ? 0 : EIO;
  }

  int sync() noexcept override {
    if (!go_on()) {
      return EIO;
    }
    if (const int code = std::exchange(state_->sync_error, 0)) {
      cache_.clear();
      return code;
    }
    for (const Cached& write : cache_) {
      put(write.offset, write.bytes);
    }
    cache_.clear();
    return medium_->sync();
  }

  int allocate(std::uint64_t offset, std::uint64_t bytes) noexcept override {
    if (state_->off || state_->allocate_error != 0) {
      return state_->off ? EIO : state_->allocate_error;
    }
    return medium_->allocate(offset, bytes);
  }

  void punch(std::uint64_t offset, std::uint64_t bytes) noexcept override {
    if (go_on()) {
      medium_->punch(offset, bytes);
    }
  }

  int publish(detail::Transaction& transaction) noexcept override {
    if (!go_on()) {
      return EIO;
    }
    if (const int code = std::exchange(state_->publish_error, 0)) {
      return code;
    }
    ++state_->publications;
    return medium_->publish(transaction);
  }

 private:
  struct Cached {
    std::uint64_t offset;
    std::vector<std::byte> bytes;
  };

  [[nodiscard]] bool go_on() noexcept {
    if (!state_->off && ++state_->operations == state_->fail_at) {
      power_off();
    }
    return !state_->off;
  }

  // Each 512-byte block that was on its way is there or not.
  void power_off() noexcept {
    constexpr std::size_t kSector = 512;
    const std::uint64_t kind = state_->chance() % 4;
    for (const Cached& write : cache_) {
      for (std::size_t at = 0; at < write.bytes.size(); at += kSector) {
        const bool arrives = kind == 0 || (kind != 1 && state_->chance() % 2 == 0);
        if (arrives) {
          put(write.offset + at, std::span(write.bytes).subspan(at, kSector));
        }
      }
    }
    cache_.clear();
    state_->off = true;
  }

  void put(std::uint64_t offset, std::span<const std::byte> bytes) noexcept {
    const std::span<const std::byte> pieces[] = {bytes};
    (void)medium_->write(offset, pieces);
  }

  const std::unique_ptr<detail::Storage> medium_;
  const std::shared_ptr<DiskState> state_;
  std::vector<Cached> cache_;
};

// A store on such a disk.
[[nodiscard]] inline Result<std::unique_ptr<DurableStore>> open_on(
    const std::shared_ptr<DiskState>& state, const std::string& directory,
    const DurableOptions& options) {
  return DurableStore::Inside::open(
      directory, options, [state](std::unique_ptr<detail::Storage> medium) {
        return std::make_unique<FailingDisk>(std::move(medium), state);
      });
}

}  // namespace lockstep::store::test
