// Whether a block may hold a value, and when it may have: the questions a read asks. Internal to
// Content; changes nothing.
#pragma once

#include "model/core/content.hpp"

#include <array>

namespace lockstep::model {

// What a block of a read holds. A write is named by the volume it was made to.
struct BlockValue {
  enum class Kind : std::uint8_t { Zeros, Write, Foreign };
  Kind kind = Kind::Foreign;
  VolumeNumber volume = 0;
  std::uint64_t lba = 0;
  std::uint64_t sequence = 0;
};
[[nodiscard]] BlockValue value_of(const BlockContent& content);

class ContentReader {
 public:
  explicit ContentReader(const Content& content) : content_(content) {}

  // The hull of the moments within `within` at which the block may have held the value; empty:
  // never.
  [[nodiscard]] Span held(VolumeNumber volume, std::uint64_t lba, const BlockValue& value,
                          Span within) const;
  // The same for host writes to that very volume alone, without what it was copied from.
  [[nodiscard]] Span held_by_host(const VolumeContent& volume, std::uint64_t lba,
                                  VolumeNumber number, const BlockValue& value, Span within) const;
  // The epoch in force at the end of `within`; earlier ones may be in force as well.
  [[nodiscard]] const Epoch& epoch_at(const VolumeContent& volume, Instant at) const;
  // No other epoch can be in force within the span.
  [[nodiscard]] bool alone(const VolumeContent& volume, const Epoch& epoch, Span within) const;
  // "write 4 of v1, write 7 of v1 or zeros", at most a few.
  [[nodiscard]] std::string candidates(VolumeNumber volume, std::uint64_t lba, Span within) const;
  [[nodiscard]] std::string text_of(const BlockValue& value) const;
  [[nodiscard]] std::string name_of(VolumeNumber number) const;

 private:
  // Epochs being looked through, so that two volumes copied from one another end the search.
  struct Visit {
    const Epoch* epoch;
    Span within;
  };
  struct Trail {
    std::array<Visit, 16> visits;
    std::size_t depth = 0;
  };

  [[nodiscard]] Span held(VolumeNumber volume, std::uint64_t lba, const BlockValue& value,
                          Span within, Trail& trail) const;
  [[nodiscard]] Span held_by_epoch(const VolumeContent& volume, std::size_t index,
                                   std::uint64_t lba, const BlockValue& value, Span within,
                                   Trail& trail) const;
  void collect(VolumeNumber volume, std::uint64_t lba, Span within, int depth,
               std::vector<BlockValue>& out) const;

  const Content& content_;
};

}  // namespace lockstep::model
