#include "target_impl/durability/region.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace lockstep::durability {

namespace {

using Words = std::array<std::uint64_t, kBlockBytes / 8>;

[[nodiscard]] Words words_of(std::uint64_t lba, std::uint32_t write) {
  Words words{};
  if (write != 0) {
    std::uint64_t mixed = lba * 0x9e3779b97f4a7c15U + write;
    for (std::uint64_t& word : words) {
      mixed = mixed * 6364136223846793005U + 1442695040888963407U;
      word = mixed;
    }
    words[0] = lba;
    words[1] = write;
  }
  return words;
}

}  // namespace

void stamp(std::span<std::byte> block, std::uint64_t lba, std::uint32_t write) {
  const Words words = words_of(lba, write);
  std::memcpy(block.data(), words.data(), kBlockBytes);
}

std::optional<std::uint32_t> read_stamp(std::span<const std::byte> block, std::uint64_t lba) {
  Words found{};
  std::memcpy(found.data(), block.data(), kBlockBytes);
  const auto write = static_cast<std::uint32_t>(found[1]);
  return found == words_of(lba, write) ? std::optional(write) : std::nullopt;
}

std::uint32_t Region::new_write() {
  const std::lock_guard lock(mutex_);
  return ++last_write_;
}

void Region::apply(RegionState& state, const Change& change) {
  std::fill_n(state.begin() + change.first, change.count, change.write);
}

void Region::begin(Change change) {
  const std::lock_guard lock(mutex_);
  changes_.push_back(change);
  apply(now_, change);
}

void Region::end(bool durable) {
  const std::lock_guard lock(mutex_);
  ended_ = changes_.size();
  durable_ = durable ? ended_ : durable_;
}

void Region::all_durable() {
  const std::lock_guard lock(mutex_);
  durable_ = ended_;
}

std::size_t Region::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

std::size_t Region::begun() const {
  const std::lock_guard lock(mutex_);
  return changes_.size();
}

Moment Region::after_crash() const {
  const std::lock_guard lock(mutex_);
  return {durable_, changes_.size()};
}

std::optional<RegionState> Region::match(const RegionState& found, Moment moment,
                                         std::size_t first) const {
  const std::lock_guard lock(mutex_);
  RegionState state = base_;
  for (std::size_t done = 0; done <= moment.most; ++done) {
    if (done != 0) {
      apply(state, changes_[done - 1]);
    }
    const auto part = state.begin() + static_cast<std::ptrdiff_t>(first);
    if (done >= moment.least && std::equal(found.begin(), found.end(), part)) {
      return state;
    }
  }
  return std::nullopt;
}

void Region::restart(RegionState state) {
  const std::lock_guard lock(mutex_);
  now_ = state;
  base_ = std::move(state);
  changes_.clear();
  ended_ = 0;
  durable_ = 0;
}

std::string Region::describe(const RegionState& found, Moment moment) const {
  const std::lock_guard lock(mutex_);
  RegionState least = base_;
  for (std::size_t done = 0; done != moment.least; ++done) {
    apply(least, changes_[done]);
  }
  std::string text = std::to_string(moment.least) + " to " + std::to_string(moment.most) +
                     " changes were possible; from the first of these states differ";
  for (std::size_t block = 0, shown = 0; block != found.size() && shown != 8; ++block) {
    if (found[block] != least[block]) {
      ++shown;
      text += " block " + std::to_string(first_ + block) + " (write " +
              std::to_string(found[block]) + ", expected " + std::to_string(least[block]) + ")";
    }
  }
  return text;
}

}  // namespace lockstep::durability
