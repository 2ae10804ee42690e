// Several logical units of a peer changed as one: what is to change is written to a journal there
// first, whole, and comes into force with one block; then it is written in place. Whenever that
// stops, the units with what is in force laid over them are one moment.
//
// The journal is a logical unit of the peer, in blocks of its own: block 0 says what is in force;
// behind the first extent come two halves that take turns, each a directory and, from whole extents
// on, content. Numbers are big-endian and of eight bytes:
//
//   block 0    "lockstep journal", the half in force + 1 or 0 for none, the number of entries, the
//              blocks of the journal (the unit may have more), CRC-32C of the entries, and of all
//              of block 0 that is before it
//   directory  by entry: LUN, first block, number of blocks, block of the journal with the content;
//              no blocks: the unit is a member, and stays as it is
#pragma once

#include "target_impl/peer/peer_volume.hpp"

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <vector>

namespace lockstep::peer {

struct JournalPart {
  std::uint16_t lun = 0;
  store::Image image;  // what the unit is to become in `ranges`
  Ranges ranges;
};

// Not thread-safe.
class Journal {
 public:
  // Draws what it keeps of the directory from the pool, which the images are of.
  Journal(std::shared_ptr<PeerVolume> volume, const std::shared_ptr<store::Pool>& pool);

  [[nodiscard]] PeerVolume& volume() noexcept { return *volume_; }

  enum class Prepared : std::uint8_t {
    Ready,
    TooLarge,  // for a half
    NoSpace,   // the pool is full
    CutOff,    // the peer was to be asked what is in force, and did not answer
  };
  // May wait for an answer.
  [[nodiscard]] Prepared prepare(const std::vector<JournalPart>& parts);
  // What was prepared goes there, and then comes into force; that is not given up any more.
  [[nodiscard]] std::unique_ptr<Transfer> write(TransferFinished finished);
  void publish(TransferFinished finished);
  // Nothing is in force: before units are changed in another way. Waits; false: it may be still.
  [[nodiscard]] bool close();

 private:
  enum class InForce : std::uint8_t { First, Second, None };
  [[nodiscard]] std::optional<InForce> look();
  // Waits for the end of publish(), if it has begun.
  void learn();
  // Block 0 becomes that, here and there; `next` is in force then, if all goes well.
  void put_header(InForce next, TransferFinished finished);

  const std::shared_ptr<PeerVolume> volume_;
  const std::shared_ptr<store::Volume> content_;  // as the journal is to be
  std::optional<InForce> in_force_;               // nothing: not known
  InForce half_ = InForce::First;                 // prepared
  Ranges prepared_;
  std::uint64_t entries_ = 0;
  std::uint32_t directory_sum_ = 0;
  std::unique_ptr<Transfer> publishing_;
  std::future<bool> published_;
  InForce next_ = InForce::None;
};

struct JournalEntry {
  std::uint16_t lun = 0;
  store::BlockRange range;
  Lba at;  // in the journal
  friend bool operator==(const JournalEntry&, const JournalEntry&) = default;
};
using BlockReader = std::function<bool(Lba first, std::span<std::byte> out)>;
// What is in force in a journal on a unit of that size; empty: nothing. Any content: entries that
// lie inside the journal, or an error that says what is wrong.
[[nodiscard]] Result<std::vector<JournalEntry>> read_journal(const BlockReader& read,
                                                             VolumeGeometry geometry);
// Whether block 0 is that of a journal, sound or damaged.
[[nodiscard]] bool is_journal(std::span<const std::byte> header);
// The block 0 of a journal in which nothing is in force.
[[nodiscard]] std::vector<std::byte> closed_header(BlockSize block_size);

// For units of so many bytes, each counted in whole extents: all of them fit, up to a bound.
[[nodiscard]] BlockCount journal_size(ByteCount units, BlockSize block_size);

}  // namespace lockstep::peer
