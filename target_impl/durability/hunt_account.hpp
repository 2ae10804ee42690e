// What a corruption hunt knows of the blocks of one worker: which writes each may hold. In memory
// that processes share, so that it outlives a worker that is killed at any moment.
//
// A write is entered as begun before it leaves, and as what the block holds when it is answered. A
// write whose answer was lost may be there or not, until the block is read in a later session: by
// then the target has ended the commands of the earlier one.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace lockstep::durability {

inline constexpr std::uint32_t kHuntBlocks = 4096;  // of each worker

struct HuntCounts {
  std::atomic<std::uint64_t> reads{0};  // commands
  std::atomic<std::uint64_t> writes{0};
  std::atomic<std::uint64_t> blocks_verified{0};
  std::atomic<std::uint64_t> blocks_written{0};
  std::atomic<std::uint64_t> sessions{0};
  std::atomic<std::uint64_t> through_memory{0};  // of the sessions
  std::atomic<std::uint64_t> cut{0};             // connections, by the worker
  std::atomic<std::uint64_t> undecided{0};       // blocks whose write's answer was lost
};

class HuntAccount {
 public:
  // All blocks hold zeros.
  explicit HuntAccount(std::uint64_t first_block) noexcept : first_(first_block) {}
  // In shared anonymous memory, for ever. Null: there is none.
  [[nodiscard]] static HuntAccount* make(std::uint64_t first_block);

  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
  [[nodiscard]] std::uint32_t new_write() noexcept { return ++last_write_; }
  void begin(std::uint32_t block, std::uint32_t write) noexcept { at_most_[block] = write; }
  void end(std::uint32_t block, std::uint32_t write) noexcept { at_least_[block] = write; }
  // The bytes of a block, read while no write to it was under way. False: not what it may hold;
  // failure() says what is wrong, and the hunt is over.
  [[nodiscard]] bool verify(std::uint32_t block, std::span<const std::byte> bytes);

  // The first one.
  void fail(const std::string& why);
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] std::string failure() const { return failed_ ? failure_.data() : ""; }

  HuntCounts counts;

 private:
  const std::uint64_t first_;
  std::atomic<std::uint32_t> last_write_{0};
  std::array<std::atomic<std::uint32_t>, kHuntBlocks> at_least_{};
  std::array<std::atomic<std::uint32_t>, kHuntBlocks> at_most_{};
  std::array<char, 300> failure_{};
  std::atomic<bool> failed_{false};
};

}  // namespace lockstep::durability
