// The shards of a run put together, and the proof that they are one run: every selected case
// exactly once, of the same selection, provider and version.
#pragma once

#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <string>
#include <vector>

namespace lockstep::report {

struct MergedRun {
  Run run;  // without a summary; cases in the order of the selection
  // What is wrong, one line each; empty: complete. A case that is missing, or recorded twice.
  std::vector<std::string> gaps;
};

// Runs that do not belong together (another command, version, provider, seed, selection or
// configuration), or that name no selection: Origin::Config, naming what differs. `names` are those
// of the runs, for messages.
[[nodiscard]] Result<MergedRun> merge(const std::vector<Run>& runs,
                                      const std::vector<std::string>& names);

}  // namespace lockstep::report
