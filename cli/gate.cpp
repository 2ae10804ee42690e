// lockstep gate: two benchmark runs, or two builds measured in turn, into an exit code.
#include "bench/compare/builds.hpp"
#include "bench/compare/comparison.hpp"
#include "bench/compare/in_turn.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/gate_text.hpp"
#include "cli/interrupt.hpp"
#include "cli/run_folder.hpp"
#include "reports/record/store.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <unistd.h>

namespace lockstep::cli {
namespace {

namespace compare = bench::compare;

// A run of the gate: all that was measured, as records that the gate reads again.
Status keep(const std::string& folder, const report::Run& run) {
  LOCKSTEP_TRY(const auto writer, report::RecordWriter::create(folder));
  LOCKSTEP_TRY(writer->append(report::Line{run.header}));
  for (const report::BenchmarkRecord& record : run.benchmarks) {
    LOCKSTEP_TRY(writer->append(report::Line{record}));
  }
  report::RunSummary summary;
  summary.counts["benchmarks"] = run.benchmarks.size();
  return writer->append(report::Line{summary});
}

compare::CompareOptions compare_options(const GateOptions& options, bool in_turn) {
  return {.alpha = options.alpha, .in_turn = in_turn};
}

Result<compare::Thresholds> thresholds_of(const GateOptions& options) {
  if (!options.thresholds) return compare::Thresholds();
  return compare::Thresholds::read(*options.thresholds);
}

Result<compare::Comparison> compare_records(const GateOptions& options) {
  LOCKSTEP_TRY(const auto thresholds, thresholds_of(options));
  LOCKSTEP_TRY(const auto base, report::read_run(options.runs.at(0)));
  LOCKSTEP_TRY(const auto fresh, report::read_run(options.runs.at(1)));
  std::optional<report::Run> again;
  if (options.again) {
    LOCKSTEP_TRY(again, report::read_run(*options.again));
  }
  return compare::compare_runs(base, fresh, again ? &*again : nullptr, thresholds,
                               compare_options(options, options.in_turn));
}

Result<compare::Builds> builds_of(const GateOptions& options, const std::string& folder) {
  if (options.against.empty()) return compare::Builds{options.base_program, options.new_program};
  compare::BuildOptions build;
  build.revision = options.against;
  build.folder = folder;
  build.progress = [](const std::string& text) { print(text); };
  return compare::build_both(build);
}

Result<compare::Comparison> compare_builds(const GateOptions& options, const std::string& folder) {
  LOCKSTEP_TRY(const auto thresholds, thresholds_of(options));
  LOCKSTEP_TRY(const auto builds, builds_of(options, folder));
  ProgressLine progress(options.quiet);
  compare::InTurnOptions in_turn;
  in_turn.base_program = builds.base_program;
  in_turn.new_program = builds.new_program;
  in_turn.filter = options.filter;
  in_turn.min_time_s = options.min_time_s;
  in_turn.least_rounds = options.rounds;
  in_turn.most_rounds = std::max(options.rounds, options.most_rounds);
  in_turn.folder = folder;
  in_turn.progress = [&](const std::string& text) { progress.show(text); };
  in_turn.stop_requested = interrupted;
  const auto judged = [&](const compare::Runs& runs) {
    return compare::compare_runs(runs.base, runs.fresh, &runs.again, thresholds,
                                 compare_options(options, true));
  };
  in_turn.is_enough = [&](const compare::Runs& runs) {
    const auto comparison = judged(runs);
    return !comparison || comparison.value().count(compare::Verdict::Undecided) == 0;
  };
  watch_for_interrupt();
  LOCKSTEP_TRY(const auto runs, compare::measure_in_turn(in_turn));
  progress.clear();
  LOCKSTEP_TRY(keep(folder + "/base", runs.base));
  LOCKSTEP_TRY(keep(folder + "/again", runs.again));
  LOCKSTEP_TRY(keep(folder + "/new", runs.fresh));
  return judged(runs);
}

Result<std::string> gate_folder(const std::string& out) {
  std::error_code failed;
  std::filesystem::create_directories(out, failed);
  std::string folder = (std::filesystem::absolute(out) / "gate-XXXXXX").string();
  if (failed || ::mkdtemp(folder.data()) == nullptr) {
    return config_error("cannot make a folder in " + out +
                        ": choose another with --out or make it writable");
  }
  return folder;
}

int exit_code_of(const compare::Comparison& comparison) {
  if (comparison.rows.empty()) return kNothingRan;
  if (comparison.fails()) return kUnexpected;
  return comparison.is_green() ? kAsExpected : kInconclusive;
}

}  // namespace

int run(const GateOptions& options) {
  std::string folder;
  if (options.runs.empty()) {
    auto made = gate_folder(options.out);
    if (!made) return fail(made.error());
    folder = std::move(made).value();
  }
  const auto comparison =
      folder.empty() ? compare_records(options) : compare_builds(options, folder);
  if (interrupted()) return kInterrupted;
  if (!comparison) return fail(comparison.error());
  print(gate_table(comparison.value(), coloured));
  if (options.markdown) {
    if (const auto written = write_file(*options.markdown, gate_markdown(comparison.value()));
        !written) {
      return fail(written.error());
    }
  }
  if (!folder.empty()) {
    print(fmt::format("again: lockstep gate {0}/base {0}/new --again {0}/again --in-turn", folder));
  }
  return exit_code_of(comparison.value());
}

}  // namespace lockstep::cli
