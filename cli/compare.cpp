// lockstep compare: several runs side by side, as an exit code and as pages.
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/run_folder.hpp"
#include "reports/compare/changes.hpp"
#include "reports/record/store.hpp"
#include "reports/render.hpp"

#include <fmt/format.h>

namespace lockstep::cli {
namespace {

std::string verdict_text(const report::CaseRecord* record) {
  return record == nullptr ? "not run" : report::to_text(record->verdict);
}

void print_changes(const report::Run& before, const report::Run& after,
                   const report::Changes& changes) {
  print(coloured(Colour::Bold, fmt::format("{} ({}) against {} ({})", after.header.run_id,
                                           after.header.provider_spec, before.header.run_id,
                                           before.header.provider_spec)));
  for (const std::string& note : changes.circumstances) print("  differs: " + note);
  for (const report::Change& change : changes.cases) {
    const auto& shown = change.after != nullptr ? *change.after : *change.before;
    print(fmt::format("  {}  {:<44} {} -> {}{}",
                      coloured(change.is_worse() ? Colour::Red : Colour::Green,
                               fmt::format("{:<9}", report::to_text(change.kind))),
                      change.id, verdict_text(change.before), verdict_text(change.after),
                      shown.message.empty() ? "" : ": " + shown.message));
  }
  print(fmt::format("  {} the same, {} not", changes.unchanged, changes.cases.size()));
}

}  // namespace

int run(const CompareOptions& options) {
  std::vector<report::Run> runs;
  for (const std::string& path : options.runs) {
    auto read = report::read_run(path);
    if (!read) return fail(read.error());
    runs.push_back(std::move(read).value());
  }
  bool is_worse = false;
  std::string markdown;
  for (std::size_t at = 1; at < runs.size(); ++at) {
    const auto changes = report::changes_between(runs[0], runs[at]);
    print_changes(runs[0], runs[at], changes);
    is_worse = is_worse || changes.is_worse();
    markdown += (at > 1 ? "\n" : "") + report::changes_to_markdown(runs[0], runs[at]);
  }
  for (const auto& [file, text] :
       {std::pair{options.html, options.html ? report::to_html(runs) : std::string()},
        std::pair{options.markdown, markdown}}) {
    if (!file) continue;
    if (const auto written = write_file(*file, text); !written) return fail(written.error());
    print("written: " + *file);
  }
  return is_worse ? kUnexpected : kAsExpected;
}

}  // namespace lockstep::cli
