// What a run of conform is to do: as the command line says, or as the run that it goes on with
// said.
#pragma once

#include "cli/options.hpp"
#include "cli/run_folder.hpp"
#include "cli/run_provider.hpp"
#include "conformance/suite/baseline.hpp"
#include "conformance/suite/runner.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lockstep::cli {

struct ConformPlan {
  std::string provider_spec;
  std::string baseline_file;  // empty: none
  std::optional<conformance::Baseline> baseline;
  conformance::RunOptions run;              // selection, seed, deadlines
  report::RunHeader header;                 // of the earlier run, when one goes on; else to be made
  std::vector<report::CaseRecord> earlier;  // what it has recorded
  std::string resume;                       // its folder; empty: a fresh run
};

// An error of the selection has its own exit code (fail_selection), given here with the error.
struct PlanError {
  Error error;
  bool of_selection = false;
};

// Reads everything that the options name and asks no provider. A run to resume that is of another
// version of lockstep, no run of conform, or at its end: Origin::Config.
[[nodiscard]] std::optional<PlanError> make_plan(const ConformOptions& options, ConformPlan& plan);

// Folder and header: new ones, or those of the run that goes on, whose provider must be the same.
[[nodiscard]] Result<RunFolder> open_folder(ConformPlan& plan, RunProvider& provider,
                                            const std::string& out);

}  // namespace lockstep::cli
