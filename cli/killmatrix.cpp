// lockstep killmatrix: every faulty provider must be caught, by the cases or by the random search,
// with the right clause. Who checks the checker.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/run_folder.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"
#include "properties/harness/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace lockstep::cli {
namespace {

constexpr std::size_t kMostOperations = 8;

struct Row {
  std::string name;
  std::string by_conform = "-";  // clause, or why not
  std::string by_check = "-";
  std::size_t operations = 0;
  bool right_clause = false;
  bool caught = false;
  std::chrono::milliseconds took{0};
};

bool names_right_clause(const conformance::FaultyProvider& faulty, const std::string& clause) {
  return std::ranges::find(faulty.clauses, clause) != faulty.clauses.end();
}

// The first violation that names one of the fault's clauses; else the first of all.
void take_violation(const conformance::FaultyProvider& faulty, const report::CaseRecord& record,
                    std::string& cell, Row& row) {
  if (record.verdict != report::Verdict::Fail) return;
  const bool right = names_right_clause(faulty, record.violated_clause);
  if (cell == "-" || (right && !names_right_clause(faulty, cell))) cell = record.violated_clause;
  row.caught = true;
  row.right_clause = row.right_clause || right;
}

// The cases that name the fault's clauses; most faults need no others.
Status by_conform(const conformance::FaultyProvider& faulty, Row& row) {
  LOCKSTEP_TRY(auto provider, conformance::make_provider("faulty:" + faulty.name));
  conformance::RunOptions options;
  options.provider_spec = "faulty:" + faulty.name;
  options.select = faulty.clauses;
  options.stop_requested = [&] { return row.right_clause || interrupted(); };
  options.finished = [&](const report::CaseRecord& record) {
    take_violation(faulty, record, row.by_conform, row);
  };
  const auto records = conformance::run_cases(*provider, options);
  // A fault whose clauses have properties but no cases is the random search's to catch.
  if (!records && records.error().origin != Origin::Usage) return records.error();
  return ok();
}

Status by_check(const conformance::FaultyProvider& faulty, const KillMatrixOptions& options,
                const std::filesystem::path& folder, Row& row) {
  const std::string spec = "faulty:" + faulty.name;
  properties::CheckOptions check_options;
  check_options.provider_spec = spec;
  check_options.budget = options.budget;
  check_options.case_folder = folder;
  check_options.stop_requested = interrupted;
  LOCKSTEP_TRY(const auto report,
               properties::check([&] { return conformance::make_provider(spec); }, check_options));
  for (const report::CaseRecord& record : report.properties) {
    take_violation(faulty, record, row.by_check, row);
    if (record.verdict == report::Verdict::Fail && row.by_check == record.violated_clause) {
      row.operations = record.steps.size();
    }
  }
  return ok();
}

std::string row_text(const Row& row) {
  const bool good = row.caught && row.right_clause && row.operations <= kMostOperations;
  std::string verdict = coloured(Colour::Green, "caught");
  if (!row.caught)
    verdict = coloured(Colour::Red, "NOT CAUGHT");
  else if (!row.right_clause)
    verdict = coloured(Colour::Red, "WRONG CLAUSE");
  else if (!good)
    verdict = coloured(Colour::Red, "NOT SHRUNK");
  return fmt::format("{:<38} {:<10} {:<10} {:>3} {:>7} ms  {}", row.name, row.by_conform,
                     row.by_check, row.operations, row.took.count(), verdict);
}

Result<std::vector<conformance::FaultyProvider>> chosen(const KillMatrixOptions& options) {
  if (options.names.empty()) return conformance::faulty_providers();
  std::vector<std::string> known;
  for (const auto& faulty : conformance::faulty_providers()) known.push_back(faulty.name);
  std::vector<conformance::FaultyProvider> found;
  for (const std::string& name : options.names) {
    const auto& all = conformance::faulty_providers();
    const auto at = std::ranges::find(all, name, &conformance::FaultyProvider::name);
    if (at == all.end()) {
      return usage_error(fmt::format(
          "killmatrix: expected the name of a faulty provider, found '{}'; did you mean '{}'?",
          name, nearest(name, known)));
    }
    found.push_back(*at);
  }
  return found;
}

}  // namespace

int run(const KillMatrixOptions& options) {
  const auto faults = chosen(options);
  if (!faults) return fail(faults.error());
  auto header = make_header("killmatrix", "faulty:*", 1, nullptr);
  if (!header) return fail(header.error());
  auto folder = RunFolder::open(options.out, std::move(header).value());
  if (!folder) return fail(folder.error());

  watch_for_interrupt();
  ProgressLine line(options.quiet);
  print(fmt::format("{:<38} {:<10} {:<10} {:>3} {:>10}", "planted bug", "conform", "check", "ops",
                    "time"));
  std::vector<report::CaseRecord> records;
  for (const conformance::FaultyProvider& faulty : faults.value()) {
    if (interrupted()) break;
    line.show(
        fmt::format("killmatrix {}/{}  {}", records.size(), faults.value().size(), faulty.name));
    Row row;
    row.name = faulty.name;
    const auto started = std::chrono::steady_clock::now();
    if (const auto status = by_conform(faulty, row); !status) return fail(status.error());
    if (const auto status = by_check(faulty, options, folder.value().path(), row); !status)
      return fail(status.error());
    row.took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    line.clear();
    print(row_text(row));

    report::CaseRecord record;
    record.id = "kill/" + faulty.name;
    record.method = "KILL";
    record.clauses = faulty.clauses;
    record.does = "Runs cases and random sequences against a provider with a planted bug: " +
                  faulty.description;
    record.requires_text = "The bug is caught and the right clause named.";
    record.verdict = row.caught && row.right_clause && row.operations <= kMostOperations
                         ? report::Verdict::Pass
                         : report::Verdict::Fail;
    record.observed = fmt::format("conform {}, check {} in {} operations", row.by_conform,
                                  row.by_check, row.operations);
    if (record.verdict == report::Verdict::Fail) record.message = "not caught as it should be";
    record.duration_us = static_cast<std::uint64_t>(row.took.count()) * 1000;
    if (const auto written = folder.value().append(record); !written) return fail(written.error());
    records.push_back(std::move(record));
  }
  report::RunSummary summary = report::summarise(records);
  summary.exit_code =
      interrupted() ? kInterrupted
                    : (summary.overall == report::Overall::Conformant ? kAsExpected : kUnexpected);
  if (const auto closed = folder.value().close(summary); !closed) return fail(closed.error());
  print(fmt::format("{} of {} caught", summary.counts[report::to_text(report::Verdict::Pass)],
                    faults.value().size()));
  return summary.exit_code;
}

}  // namespace lockstep::cli
