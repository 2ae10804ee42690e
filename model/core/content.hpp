// What every block of every volume may hold.
//
// Each volume has a history: the host writes to it, with the time each was in flight, and epochs,
// each of which says that from some moment on the content came from elsewhere (a point in time of a
// source, anything a source held in some span, zeros, nobody knows). Whether a block may hold a
// value at a time follows from both, through as many volumes as were copied one from the other.
// Sources: the data rules DS-*. Where the model cannot know, it widens the answer.
#pragma once

#include "model/core/arena.hpp"
#include "model/core/findings.hpp"
#include "model/core/judge.hpp"
#include "model/core/state_set.hpp"
#include "model/core/volume_numbers.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <limits>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockstep::model {

inline constexpr Instant kEver{std::numeric_limits<std::int64_t>::min()};
inline constexpr Instant kNever{std::numeric_limits<std::int64_t>::max()};

// Closed span of time; empty when low > high.
struct Span {
  Instant low = kEver;
  Instant high = kNever;
  [[nodiscard]] bool empty() const noexcept { return high < low; }
  friend bool operator==(const Span&, const Span&) = default;
};
[[nodiscard]] constexpr Span overlap(Span a, Span b) noexcept {
  return {a.low < b.low ? b.low : a.low, a.high < b.high ? a.high : b.high};
}

// Nearly always one.
using Spans = boost::container::small_vector<Span, 1>;

// One write or unmap to a volume.
struct WriteRecord {
  std::uint64_t sequence = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  bool zeros = false;
  Instant issued;
  Instant answered = kNever;      // when the device was done with it, well or badly
  Instant acknowledged = kNever;  // when success was returned
};

// Where a volume's content came from.
struct Epoch {
  enum class Kind : std::uint8_t {
    Zeros,    // a new volume
    Unknown,  // nothing can be said
    Instant,  // the source at one moment within `windows`
    Mix,      // block by block, anything the source held within `windows.front()`
  };
  Kind kind = Kind::Unknown;
  VolumeNumber source = 0;
  Spans windows;
  // The copy goes on: what the source holds later may show up as well, and what hosts write to this
  // volume need not stay.
  bool live = false;
  // Live and without lag: the block holds what the source holds at the time of the read.
  bool exact = false;
  // A block that the copy has not reached holds what it held before.
  bool or_before = false;
  Span begins;              // when this took the place of what was there
  std::string_view clause;  // the rule to name when a block does not fit
};

// The writes to one volume, in the order of their issue.
class WriteHistory {
 public:
  void add(const WriteRecord& record);
  // The latest of that sequence number; nullptr: there is none.
  [[nodiscard]] WriteRecord* find(std::uint64_t sequence) noexcept;

  template <class Visit>
  void for_each(Visit visit) const {
    for (const WriteRecord& record : writes_) visit(record);
  }
  template <class Visit>
  void for_each_to(std::uint64_t lba, Visit visit) const {
    const auto visit_if_hit = [&](const WriteRecord& record) {
      if (record.first <= lba && lba - record.first < record.count) visit(record);
    };
    if (by_chunk_.empty()) {
      for (const WriteRecord& record : writes_) visit_if_hit(record);
      return;
    }
    const auto found = by_chunk_.find(lba / kChunkBlocks);
    if (found == by_chunk_.end()) return;
    for (const std::uint32_t index : found->second) visit_if_hit(writes_[index]);
  }

 private:
  void index(std::uint32_t which);

  // An index by block would cost an entry for every block of a write; of few writes one is not
  // worth making.
  static constexpr std::uint64_t kChunkBlocks = 16;
  static constexpr std::size_t kFewWrites = 16;
  std::vector<WriteRecord> writes_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_chunk_;  // indexes of writes_
};

struct VolumeContent {
  explicit VolumeContent(std::pmr::memory_resource* memory) : epochs(memory) {}

  std::uint64_t blocks = 0;
  std::uint32_t block_bytes = 0;
  WriteHistory writes;
  std::pmr::vector<Epoch> epochs;  // in the order of their begins; never empty
};

// One relationship between two volumes at one look, as far as it concerns bytes.
struct CopyLook {
  const RelationshipRef* ref = nullptr;  // borrowed; never nullptr
  // Borrowed: where it is looked for first, and where it was found; or nullptr.
  std::size_t* place = nullptr;
  VolumeNumber source = 0;
  VolumeNumber target = 0;
  std::optional<MachineKind> kind;  // nothing: not known, so nothing is claimed
  Place was;                        // at the look before
  Place seen;                       // now
  bool fresh = false;               // first time that the relationship is seen
  // An operation that a client asked for and that is running or done; the call that asked for it,
  // or for the relationship itself.
  std::optional<Event> operation;
  Window asked;
  bool done = true;       // the call and its job, if any, have ended well
  bool immediate = true;  // the answer was 0: everything was done by asked.answered
  bool sure = true;       // success cannot have been a no-op
  bool trouble = false;   // faults are or may be at work
  // The only trouble was a restart of the service, which bytes survive.
  bool only_restarted = false;
  Instant previous;  // of the look before
  Instant at;        // what is seen was so at this time or earlier
};

class Content {
 public:
  // Volumes become known with their first look; a new one reads as zeros only when CreateVolume
  // made it.
  void know(const ElementRef& element, BlockCount blocks, BlockSize size, bool zeros);
  [[nodiscard]] VolumeNumber number_of(const ElementRef& element);

  void write_issued(const ElementRef& element, Lba first, BlockCount count, std::uint64_t sequence,
                    bool zeros, Instant at);
  void write_answered(const ElementRef& element, std::uint64_t sequence, bool good, Instant at);

  // Takes over what a look says about one relationship. False: it said nothing new.
  bool look(const CopyLook& look);
  // Something broke or was mended: the copy may stand or move at any time.
  void disturb(const RelationshipRef& ref, Instant at);
  // A request that is still being carried out, or that nobody knows the fate of, may be overwriting
  // the volume with what `source` holds (nothing: with anything).
  void overwrite(const ElementRef& target, const std::optional<ElementRef>& source, Instant from);
  // Everything acknowledged before `at` has reached every target that follows its source.
  void settled(const RelationshipRef& ref, Instant at);

  void read(const ElementRef& element, Lba first, BlockSize block_size,
            std::span<const std::byte> data, const Window& window, Findings& out);

  // A common cut over several images: every block names the span in which its source held it.
  struct Member {
    ElementRef element;
    std::span<const std::byte> bytes;
  };
  void common_cut(const std::vector<Member>& members, BlockSize block_size, const Window& window,
                  std::string_view clause, const std::string& subject, Findings& out);

  // "point in time within [a, b]", "follows v1", ...; empty when nothing is known.
  [[nodiscard]] std::string describe(const ElementRef& target) const;

 private:
  // What the target of a relationship is to its source, as far as its last look told.
  enum class Phase : std::uint8_t {
    Start,
    Copying,
    Exact,
    Lagging,
    Separated,
    PointInTime,
    Unknown
  };
  struct Standing {
    VolumeNumber source = 0;
    VolumeNumber target = 0;
    Phase phase = Phase::Start;
    // Everything acknowledged before this has reached the target, once the phase was Exact or
    // Lagging; before, the earliest moment whose source values may show up.
    Instant since = kEver;
    bool reached = false;  // the first copy was complete at some look
    bool pending = false;  // an operation is being carried out; the phase is that before it
    std::optional<Instant> restoring;  // a Restore asked for at that moment has been noted
    friend bool operator==(const Standing&, const Standing&) = default;
  };
  struct Pair : Standing {
    Spans instants;  // the points in time that the target may hold
  };

  VolumeContent* find(VolumeNumber number);
  [[nodiscard]] const VolumeContent* find(VolumeNumber number) const;

  VolumeNumbers numbers_;
  Arena arena_;
  std::pmr::vector<std::optional<VolumeContent>> volumes_{arena_.memory()};  // by number, from 1
  struct NamedPair {
    RelationshipRef ref;
    Pair pair;
  };
  // Its place in pairs_, or their number. `likely`: where to look first.
  [[nodiscard]] std::size_t place_of(const RelationshipRef& ref, std::size_t likely) const noexcept;
  [[nodiscard]] Pair* find(const RelationshipRef& ref) noexcept;

  std::vector<NamedPair> pairs_;  // in no order

  friend class ContentReader;
  friend class ContentPhases;
};

}  // namespace lockstep::model
