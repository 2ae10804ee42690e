// Session: the only way in which a case touches the provider.
//
// Every call is recorded as a step and judged by the oracle, so that a case also notices what it
// was not written for. Everything made through the session is removed when it ends, on every path.
// A violation, a skip or an error ends the case at once by throwing Stop, which the runner catches;
// nothing else may catch it.
#pragma once

#include "conformance/suite/ledger.hpp"
#include "conformance/suite/name_book.hpp"
#include "conformance/suite/oracle.hpp"
#include "conformance/suite/outcome.hpp"
#include "conformance/suite/runner.hpp"
#include "model/custody/custody.hpp"
#include "model/port/provider.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::conformance {

struct Stop {};

// 512 KiB of 512-byte blocks: several of the extents by which implementations copy.
inline constexpr BlockCount kSmallVolume{1024};
// As small as makes sense, where no bytes matter.
inline constexpr BlockCount kTinyVolume{16};

class Session {
 public:
  struct Setup {
    Provider* provider = nullptr;  // outlives the session
    Capabilities capabilities;
    std::unique_ptr<Oracle> oracle;
    Ledger* ledger = nullptr;          // outlives the session
    std::vector<std::string> clauses;  // the only ones that the case may name
    std::string name_prefix;           // of everything it makes
    std::uint64_t seed = 1;
    std::uint32_t sweep_values = 65'536;
    KnownReferences known;
    std::chrono::steady_clock::time_point deadline;
    const std::atomic<bool>* abandoned = nullptr;  // set: the next call ends the case
    // True: the next call ends the case, which then removes what it made. May be empty.
    std::function<bool()> stop_requested;
    std::atomic<bool>* stopped = nullptr;  // set when that has ended the case
  };
  explicit Session(Setup setup);
  // Looks at the provider and takes what is there as given. Call once, before anything else.
  void begin();
  // Undoes faults and removes what was made. Never throws.
  void end() noexcept;

  // --- facts
  [[nodiscard]] const Capabilities& capabilities() const noexcept { return setup_.capabilities; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return setup_.seed; }
  // How many values of an enumeration a sweep tries.
  [[nodiscard]] std::uint32_t sweep_values() const noexcept { return setup_.sweep_values; }
  // What no inventory shows; ends the case as not testable when it is not known.
  [[nodiscard]] AccessPointRef known_access_point();
  [[nodiscard]] SettingRef known_setting_goal();
  [[nodiscard]] const KnownReferences& known() const noexcept { return setup_.known; }
  // Unique within the provider; at most 48 characters.
  [[nodiscard]] std::string unique_name();
  template <class Kind>
  [[nodiscard]] std::string name(const Ref<Kind>& ref) {
    return names_.of(ref);
  }

  // --- calls
  // Makes a volume, or ends the case as inconclusive.
  [[nodiscard]] ElementRef volume(BlockCount blocks = kSmallVolume);
  [[nodiscard]] std::vector<ElementRef> volumes(std::size_t count, BlockCount blocks = kTinyVolume);
  // Carries out one method and looks at the provider right afterwards. Does not wait for the job.
  Outcome call(const Request& request);
  // The same, and follows the job to its end.
  Outcome perform(const Request& request);
  // Follows the job of `outcome` to its end.
  void await_job(Outcome& outcome);
  // For sweeps over thousands of values: the code is judged, but nothing is looked at or recorded
  // unless the call is accepted or wrong; then as `perform`.
  Outcome probe(const Request& request);
  // Everything that can be seen now.
  [[nodiscard]] Inventory look();
  // Waits until the relationship is in one of the states; nothing if it is gone. Not in time: a
  // breach of the clause; without a clause the case is inconclusive.
  std::optional<RelationshipView> await_state(const std::string& clause,
                                              const RelationshipRef& relationship,
                                              const std::set<CopyState>& states);
  // Removes everything made so far.
  void remove_made() { remove_everything(); }
  // Removes a volume or relationship now instead of at the end.
  void remove(const ElementRef& element);
  void remove(const RelationshipRef& relationship);

  // --- faults. Undone at the end.
  [[nodiscard]] bool can(FaultKind kind);
  void fault(FaultKind kind, const std::optional<RelationshipRef>& relationship = std::nullopt);

  // --- bytes (session_data.cpp). Each ends the case as not testable when the volume has no data
  // path.
  [[nodiscard]] BlockCount blocks(const ElementRef& element);
  // Writes stamps over the whole volume.
  void fill(const ElementRef& element);
  // One stamped write, which must succeed. Returns its number.
  std::uint64_t write(const ElementRef& element, Lba first, BlockCount count);
  // One stamped write that the device may refuse.
  DataAnswer try_write(const ElementRef& element, Lba first, BlockCount count);
  [[nodiscard]] std::vector<std::byte> read_all(const ElementRef& element);
  // Reads all of it again and again until it holds `expected` or the patience ends: the last read.
  [[nodiscard]] std::vector<std::byte> await_bytes(const ElementRef& element,
                                                   const std::vector<std::byte>& expected);
  [[nodiscard]] std::vector<std::byte> read(const ElementRef& element, Lba first, BlockCount count);
  // All volumes, judged as one image (groups).
  [[nodiscard]] std::vector<std::vector<std::byte>> read_together(
      const std::vector<ElementRef>& elements);
  // Breach of the clause: `found` differs from `expected` within the length of `expected`. Says
  // which block differs first and which writes the two blocks come from.
  void expect_bytes(const std::string& clause, const std::string& what,
                    const std::vector<std::byte>& expected, const std::vector<std::byte>& found);

  // --- verdicts
  // The outcome against the clause's set: tolerated is a warning. Awaits the job when the set
  // speaks of its end.
  void expect_code(const std::string& clause, Outcome& outcome);
  // The same against a set that depends on the circumstances. Where every code is a refusal, a CIM
  // status is one, too, with a warning.
  void expect_one_of(const std::string& clause, const Outcome& outcome,
                     const std::set<std::uint32_t>& strict,
                     const std::set<std::uint32_t>& tolerated = {});
  // Breach of a binding clause: Fail, and the case ends. Of any other: a warning, and false.
  bool expect(const std::string& clause, bool condition, const std::string& expected,
              const std::string& observed);
  // The call that the rest of the case builds on. Refused: the case is inconclusive.
  void need(const Outcome& outcome);
  void note(const std::string& text) { setup_.ledger->variation(text); }
  void warn(const std::string& text) { setup_.ledger->warning(text); }
  [[noreturn]] void not_supported(const std::string& reason);
  [[noreturn]] void not_testable(const std::string& reason);
  [[noreturn]] void inconclusive(const std::string& reason);

 private:
  [[nodiscard]] static Instant now();
  void check_abandoned() const;
  [[nodiscard]] Answer ask(const Request& request);
  void take(const model::Findings& findings);
  [[noreturn]] void stop_with(report::Verdict verdict, const std::string& message);
  [[nodiscard]] Result<Inventory> look_quietly();
  void record_step(const Request& request, const Answer& answer, const std::string& model);
  [[nodiscard]] bool out_of_time(std::chrono::steady_clock::time_point since) const;
  [[nodiscard]] Level level_of(const std::string& clause);
  [[nodiscard]] Outcome finish_call(const Request& request, const Answer& answer, Instant issued,
                                    Instant answered);

  // Removing what was made (session_cleanup.cpp).
  void undo_faults() noexcept;
  void remove_everything();
  void end_relationship(RelationshipView relationship);  // a copy: looks replace what was seen
  [[nodiscard]] bool try_operation(const RelationshipView& relationship, Operation operation,
                                   std::optional<bool> force);
  [[nodiscard]] std::string leftovers();

  // Bytes.
  [[nodiscard]] DataPath& data();
  [[nodiscard]] VolumeGeometry geometry(const ElementRef& element);
  [[nodiscard]] std::string block_text(std::span<const std::byte> block);

  Setup setup_;
  NameBook names_;
  std::uint64_t next_name_ = 1;
  std::uint64_t next_sequence_ = 1;
  bool ending_ = false;
  Inventory seen_;  // the last look

  Custody custody_;  // what was there when the session began is never touched
  std::vector<Fault> to_undo_;
  std::map<ElementRef, VolumeGeometry> geometries_;
};

}  // namespace lockstep::conformance
