// The judge: follows one provider step by step, knows everything it might legally be, and says at
// once when it is none of that.
//
// A relation, not a function: where the specification leaves the answer or the next state open, the
// judge keeps every possibility (a StateSet per relationship) and drops those that later
// observations rule out. An empty set is a violation. Progress nobody asked for counts as internal
// events.
//
// Pure: no I/O, no clock, no randomness; a value that can be copied to look back.
#pragma once

#include "model/core/findings.hpp"
#include "model/core/stamp.hpp"
#include "model/vocab/answers.hpp"
#include "model/vocab/capabilities.hpp"
#include "model/vocab/observations.hpp"
#include "model/vocab/requests.hpp"
#include "model/vocab/units.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace lockstep::model {

// A look that its owner and the judge keep together: what has been seen does not change any more.
using SharedInventory = std::shared_ptr<const Inventory>;

// When something was asked and when its answer was in hand.
struct Window {
  Instant issued;
  Instant answered;
};

// Which answers to a request conform, and by which clauses. Codes only; what must be true besides
// is checked by Judge::answered.
struct AllowedCodes {
  std::set<std::uint32_t> strict;
  std::set<std::uint32_t> tolerated;
  std::set<CimStatus> strict_status;
  std::set<CimStatus> tolerated_status;
  bool vendor_codes = false;  // 32768..65535 conform as failures too
  std::vector<ClauseId> clauses;

  enum class Verdict : std::uint8_t { Strict, Tolerated, Violation };
  [[nodiscard]] Verdict judge(const Answer& answer) const;
  // "0, 4096; tolerated 1, 5"
  [[nodiscard]] std::string text() const;
};

// What the harness did on purpose to the provider, so that states reached by faults are legal.
enum class Disturbance : std::uint8_t { Fault, Repair, Restart };

class Judge {
 public:
  explicit Judge(Capabilities capabilities);
  explicit Judge(std::shared_ptr<const Capabilities> capabilities);  // not nullptr
  ~Judge();
  Judge(const Judge& other);
  Judge& operator=(const Judge& other);
  Judge(Judge&&) noexcept;
  Judge& operator=(Judge&&) noexcept;

  // Takes what exists now as given, without judging it: the state of the world before the first
  // step.
  void adopt(SharedInventory inventory);
  void adopt(const Inventory& inventory) { adopt(std::make_shared<const Inventory>(inventory)); }

  // The oracle's `allowed(State, Request)`, as far as codes go.
  [[nodiscard]] AllowedCodes allowed(const Request& request) const;

  // Judges an answer together with what can be seen right after it, and follows it.
  [[nodiscard]] Findings answered(const Request& request, const Answer& answer,
                                  const Window& window, SharedInventory after);
  [[nodiscard]] Findings answered(const Request& request, const Answer& answer,
                                  const Window& window, const Inventory& after) {
    return answered(request, answer, window, std::make_shared<const Inventory>(after));
  }
  // Judges any later look at the provider: states, jobs, groups, and what has appeared or gone.
  [[nodiscard]] Findings observed(SharedInventory inventory, Instant at);
  [[nodiscard]] Findings observed(const Inventory& inventory, Instant at) {
    return observed(std::make_shared<const Inventory>(inventory), at);
  }
  // A fault or repair took effect somewhere in the window. Empty relationship: all of them.
  void disturbed(Disturbance kind, const std::optional<RelationshipRef>& relationship,
                 const Window& window);

  // Nothing has been written since before `at`, and every relationship has had the time it needs to
  // catch up: an asynchronous mirror that is Synchronized must hold now what its source holds
  // (DS-MA-01). Call it after waiting; until then lag is tolerated without a bound.
  void quiesced(Instant at);

  // Content. A write is announced before it is issued, so that one still in flight counts as "old
  // or new". `sequence` is the stamp's; every block of the range carries it.
  void write_issued(const ElementRef& element, Lba first, BlockCount count, std::uint64_t sequence,
                    Instant at);
  // Judges the refusal or acceptance itself, too (writes to a source must succeed, ...).
  [[nodiscard]] Findings write_answered(const ElementRef& element, std::uint64_t sequence,
                                        std::uint8_t scsi_status, Instant at);
  // The same for an UNMAP, whose blocks read as zeros.
  void unmap_issued(const ElementRef& element, Lba first, BlockCount count, std::uint64_t sequence,
                    Instant at);
  // What a read returned. Checks every block against what it may hold, and images of several blocks
  // against the instant test where a point in time is promised.
  [[nodiscard]] Findings read(const ElementRef& element, Lba first, BlockSize block_size,
                              std::span<const std::byte> data, const Window& window);
  // Judges several complete images, read while nothing was written, together (groups: one common
  // cut).
  struct Image {
    ElementRef element;
    std::vector<std::byte> bytes;  // the whole volume
  };
  [[nodiscard]] Findings read_group(const std::vector<Image>& images, BlockSize block_size,
                                    const Window& window);

  // The stamps' number of a volume; the same for the judge's whole life.
  [[nodiscard]] std::uint64_t volume_number(const ElementRef& element);

  // The transitions (T-0nn) and places that the provider is known to have taken, for statistics:
  // "Mirror T-010 Unsynchronized->Synchronized".
  struct Coverage {
    std::string machine;
    std::string transition;
    std::string from;
    std::string to;
    friend auto operator<=>(const Coverage&, const Coverage&) = default;
  };
  [[nodiscard]] std::set<Coverage> coverage() const;

  // What the model believes, one line per relationship, group and running job; for the step table.
  [[nodiscard]] std::vector<std::string> describe() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::model
