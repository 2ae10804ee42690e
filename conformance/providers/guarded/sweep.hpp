// Removing what a run that was killed left on a provider, as its ledger says.
#pragma once

#include "conformance/providers/guarded/resource_ledger.hpp"
#include "model/port/provider.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace lockstep::conformance {

struct SweepReport {
  std::vector<std::string> found;    // what the run left, by name or path
  std::vector<std::string> foreign;  // paths of the ledger that are somebody else's now
  ObjectSet left;                    // what could not be removed
};

// Looks for what the ledger in `folder` says is there, for volumes with a name of the run, and for
// what hangs on either; never for what was there before the run. Another provider than the
// ledger's: Origin::Usage. With `dry` nothing is removed.
[[nodiscard]] Result<SweepReport> sweep(Provider& provider, const std::filesystem::path& folder,
                                        bool dry, std::chrono::milliseconds patience);

}  // namespace lockstep::conformance
