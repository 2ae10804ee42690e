// Blocks that one initiator alone writes, one command at a time: its state after a crash must be
// the one after some number of its commands, all those that were acknowledged as durable included.
//
// Every block carries a stamp of its address and the number of the write that it came from, over
// its whole length, so that a block that is misplaced, mixed or torn is recognised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lockstep::durability {

inline constexpr std::size_t kBlockBytes = 512;

// Of write number `write`; 0: zeros.
void stamp(std::span<std::byte> block, std::uint64_t lba, std::uint32_t write);
// Nothing when it is no stamp of that address.
[[nodiscard]] std::optional<std::uint32_t> read_stamp(std::span<const std::byte> block,
                                                      std::uint64_t lba);

// By block: the number of the write that it holds.
using RegionState = std::vector<std::uint32_t>;

struct Change {
  std::uint32_t first = 0;  // inside the region
  std::uint32_t count = 0;
  std::uint32_t write = 0;  // 0: unmapped
};

// How many changes had been carried out at some moment: at least, at most.
struct Moment {
  std::size_t least = 0;
  std::size_t most = 0;
};

// Thread-safe.
class Region {
 public:
  Region(std::uint64_t first, std::uint32_t blocks) : first_(first), base_(blocks), now_(blocks) {}

  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
  [[nodiscard]] std::uint32_t blocks() const noexcept {
    return static_cast<std::uint32_t>(base_.size());
  }
  [[nodiscard]] std::uint32_t new_write();
  // By its only writer: as it is if every command so far has taken effect.
  [[nodiscard]] const RegionState& now() const noexcept { return now_; }

  void begin(Change change);
  void end(bool durable);
  void all_durable();
  [[nodiscard]] std::size_t ended() const;
  [[nodiscard]] std::size_t begun() const;
  // What a crash at this moment may leave.
  [[nodiscard]] Moment after_crash() const;

  // The state that `found` is, among those of the moment; nothing: none of them. `found` may be a
  // part of the region, the one that begins at `first`.
  [[nodiscard]] std::optional<RegionState> match(const RegionState& found, Moment moment,
                                                 std::size_t first = 0) const;
  // Everything starts again from here.
  void restart(RegionState state);
  // Where `found` differs from the least state of the moment.
  [[nodiscard]] std::string describe(const RegionState& found, Moment moment) const;

 private:
  static void apply(RegionState& state, const Change& change);

  const std::uint64_t first_;
  mutable std::mutex mutex_;
  std::uint32_t last_write_ = 0;
  RegionState base_;
  RegionState now_;
  std::vector<Change> changes_;
  std::size_t ended_ = 0;
  std::size_t durable_ = 0;
};

}  // namespace lockstep::durability
