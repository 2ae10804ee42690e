// What is in force in a journal, carried out by somebody else than the service that wrote it, which
// is gone: afterwards the units hold one moment of their sources by themselves.
//
// It may stop anywhere and be begun again: the journal stays in force until all that it names is
// where a write cache cannot lose it.
#pragma once

#include "target_impl/peer/journal.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <vector>

namespace lockstep::peer {

// Of one target. Each call waits for its answer.
class Units {
 public:
  virtual ~Units() = default;
  // Errors: there is none, or it does not answer.
  [[nodiscard]] virtual Result<VolumeGeometry> geometry(std::uint16_t lun) = 0;
  // Whole blocks.
  [[nodiscard]] virtual Status read(std::uint16_t lun, Lba first, std::span<std::byte> out) = 0;
  [[nodiscard]] virtual Status write(std::uint16_t lun, Lba first, BlockSize block_size,
                                     std::span<const std::byte> bytes) = 0;
  // Whatever was written there outlives a loss of power.
  [[nodiscard]] virtual Status flush(std::uint16_t lun) = 0;
};

struct RollForward {
  struct Member {
    std::uint16_t lun = 0;
    VolumeGeometry geometry;  // none if no blocks are to change
    std::size_t entries = 0;
    std::uint64_t blocks = 0;  // that are to change
    friend bool operator==(const Member&, const Member&) = default;
  };
  std::uint16_t journal = 0;
  VolumeGeometry geometry;  // of the journal's unit
  std::vector<JournalEntry> entries;
  std::vector<Member> members;  // ascending
  bool in_force = false;
  friend bool operator==(const RollForward&, const RollForward&) = default;

  [[nodiscard]] std::uint64_t blocks() const noexcept;
};
// Reads only. Error: what is wrong with the journal, or which unit could not become what it says;
// of those that are left out nothing is wanted.
[[nodiscard]] Result<RollForward> plan_roll_forward(Units& units, std::uint16_t journal,
                                                    const std::set<std::uint16_t>& left_out);

enum class Rolled : std::uint8_t { Whole, Stopped };
// `go_on` is asked after each piece, with the blocks that are there; false: stop.
[[nodiscard]] Result<Rolled> roll_forward(Units& units, const RollForward& plan,
                                          const std::function<bool(std::uint64_t)>& go_on);

}  // namespace lockstep::peer
