// Runs conformance cases against a provider.
#pragma once

#include "conformance/suite/selection.hpp"
#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "model/vocab/ids.hpp"
#include "reports/record/record.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::conformance {

struct Progress {
  std::size_t done = 0;
  std::size_t total = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::string current;  // id of the case that runs now
};

// References that a provider accepts and that no inventory shows. Cases that need an absent one are
// not testable. Those of the built-in reference, and of a provider that knows its own, are filled
// in by run_cases.
struct KnownReferences {
  std::optional<AccessPointRef> local_access_point;
  std::optional<SettingRef> target_setting_goal;
  std::optional<PeerRef> local_peer;    // as CreateReplica's TargetStorageSystem
  std::optional<std::string> username;  // good credentials for CreateReplica
  std::optional<std::string> password;
};

// A provider at the far end of a wire: it can say itself what they are, and each call costs time.
class OutsideProvider {
 public:
  virtual ~OutsideProvider() = default;
  [[nodiscard]] virtual KnownReferences known_references() = 0;
};

struct RunOptions : Selection {
  std::string provider_spec;  // for the replay lines
  std::uint64_t seed = 1;
  KnownReferences known;
  std::string name_prefix;     // of everything that cases make; empty: made of the seed
  std::set<std::string> done;  // ids of cases that an earlier part of the run has recorded
  // For a whole case: 20 s, over a wire 90 s, unless given.
  std::optional<std::chrono::milliseconds> case_deadline;
  // For one answer of the provider, unless given only the case's.
  std::optional<std::chrono::milliseconds> call_deadline;
  // How many of the 65,536 values of an enumeration the sweeps try. Fewer than all: those around
  // every limit, and others spread by the seed.
  std::uint32_t sweep_values = 65'536;
  // Why a baseline expects such a result; nothing when it does not. May be empty.
  std::function<std::optional<std::string>(const report::CaseRecord&)> excuse;
  std::function<void(const report::CaseRecord&)> finished;  // as each case ends
  std::function<void(const Progress&)> progress;            // may be empty
  // Asked between cases and, from the case's thread, between calls; may be empty. A case that is
  // stopped removes what it made and leaves no record.
  std::function<bool()> stop_requested;
};

// The records of all selected cases, in order. An empty selection: Origin::Usage, naming the
// nearest ids.
[[nodiscard]] Result<std::vector<report::CaseRecord>> run_cases(Provider& provider,
                                                                const RunOptions& options);

// A note of the case that it did not come back from.
inline constexpr const char* kNeverCameBack = "the provider has not come back from this call";

// The same for a caller that shares the provider: a case that hangs inside the provider leaves a
// thread behind, which then keeps the provider alive. With the overload above such a provider must
// not be destroyed before the process ends; a record whose message begins with "hang:" tells.
[[nodiscard]] Result<std::vector<report::CaseRecord>> run_cases(
    const std::shared_ptr<Provider>& provider, const RunOptions& options);

// What would run, for `lockstep list` and for the header of a run.
struct CaseInfo {
  std::string id;
  std::string method;
  std::vector<std::string> clauses;
  std::string level;
  std::string does;
  std::string requires_text;
  std::vector<std::string> features;
  std::vector<std::string> tags;
  bool disabled = false;  // chosen, and excluded by the user
  std::string skip;       // "NotSupported: why"; empty: it runs, or no provider was asked
};
[[nodiscard]] const std::vector<CaseInfo>& list_cases();
// What a selection chooses, in the order in which it would run. Errors as those of choose().
[[nodiscard]] Result<std::vector<CaseInfo>> select_cases(const Selection& selection);
// Fills in which of them that provider would have skipped, and why.
[[nodiscard]] Status find_skips(Provider& provider, std::vector<CaseInfo>& cases);

}  // namespace lockstep::conformance
