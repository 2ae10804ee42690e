// Which 64 KiB slots of the data file are in use, which are free with disk blocks behind them, and
// which are free and hold none. Nothing of it is on disk: what the map nodes refer to is in use.
// Not synchronised.
#pragma once

#include <cstdint>
#include <vector>

namespace lockstep::store::detail {

class SlotMap {
 public:
  // Slots 0 .. slots - 1; slot 0 is the file's header and always in use.
  explicit SlotMap(std::uint64_t slots);

  [[nodiscard]] std::uint64_t slots() const noexcept { return slots_; }
  [[nodiscard]] std::uint64_t used() const noexcept { return used_; }
  [[nodiscard]] std::uint64_t ready() const noexcept { return ready_; }

  // For loading. False: it was in use before.
  [[nodiscard]] bool use(std::uint64_t slot);
  // A ready slot, the next behind the one that was taken last. ready() must not be 0.
  [[nodiscard]] std::uint64_t take();
  // From in use to ready.
  void give_back(std::uint64_t slot);
  // From ready to without blocks.
  void emptied(std::uint64_t slot);
  bool is_ready(std::uint64_t slot) const noexcept { return bit(ready_bits_, slot); }
  bool is_used(std::uint64_t slot) const noexcept { return bit(used_bits_, slot); }

  struct Run {
    std::uint64_t first;
    std::uint64_t count;
  };
  // Up to `most` neighbouring free slots without blocks; when there are none, as many behind the
  // end. They become ready by fill().
  [[nodiscard]] Run find_empty(std::uint64_t most) const;
  void fill(Run run);

 private:
  using Bits = std::vector<std::uint64_t>;
  [[nodiscard]] static bool bit(const Bits& bits, std::uint64_t slot) noexcept {
    return (bits[static_cast<std::size_t>(slot / 64)] >> (slot % 64) & 1) != 0;
  }
  static void set(Bits& bits, std::uint64_t slot) noexcept {
    bits[static_cast<std::size_t>(slot / 64)] |= std::uint64_t{1} << (slot % 64);
  }
  static void clear(Bits& bits, std::uint64_t slot) noexcept {
    bits[static_cast<std::size_t>(slot / 64)] &= ~(std::uint64_t{1} << (slot % 64));
  }
  void grow(std::uint64_t slots);

  std::uint64_t slots_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t ready_ = 0;
  std::uint64_t cursor_ = 0;
  mutable std::uint64_t first_empty_ = 1;  // no slot below it is free and empty
  Bits used_bits_;
  Bits ready_bits_;
};

}  // namespace lockstep::store::detail
