// The characterization page: what was measured as plots, several runs side by side.
#include "reports/html/characterization.hpp"

#include "reports/html/parts.hpp"
#include "reports/render.hpp"
#include "reports/text/escape.hpp"
#include "reports/text/quantity.hpp"

#include <fmt/format.h>

namespace lockstep::report {
namespace {

using html::Runs;

std::string host_of(const Run& run, const char* member) {
  const auto found = run.header.host.find(member);
  return found == run.header.host.end() ? "" : found->second;
}

std::string facts_of(const Runs& runs, std::size_t at) {
  const Run& run = runs[at];
  const std::string letter = html::run_letter(runs, at);
  return R"(<dl class="facts">
)" + html::fact("Run", (letter.empty() ? "" : letter + ": ") + run.header.run_id) +
         html::fact("Command", "lockstep " + run.header.command) +
         html::fact("Started (UTC)", run.header.started_utc) +
         html::fact("lockstep", run.header.suite_version) +
         html::fact("Processor", host_of(run, "cpu")) + html::fact("Cores", host_of(run, "cores")) +
         html::fact("Kernel", host_of(run, "kernel")) +
         html::fact("Measured",
                    count_of(run.benchmarks.size(), "benchmark", "benchmarks") +
                        (run.summary ? " in " + duration_text(run.summary->duration_us) : "")) +
         "</dl>\n";
}

std::string header_of(const Runs& runs, const std::string& title, const html::Loads& loads) {
  std::string cautions;
  for (const Run& run : runs) {
    if (run.header.host != runs.front().header.host) {
      cautions =
          "<p class=\"caution\">The runs are of different machines: their figures cannot be "
          "compared.</p>\n";
    }
    for (const BenchmarkRecord& record : run.benchmarks) {
      if (record.error.empty()) continue;
      cautions += fmt::format(
          R"(<p class="caution"><span class="badge bad">✗ failed</span> <code>{}</code>: {}</p>
)",
          escape(record.name), escape(record.error));
    }
  }
  std::string facts;
  for (std::size_t at = 0; at < runs.size(); ++at) facts += facts_of(runs, at);
  return fmt::format(
      R"(<header>
<div class="brand"><p class="kicker">lockstep characterization</p>
<h1>{}</h1></div>
{}{}{}</header>
)",
      escape(title), html::highlights(loads), cautions, facts);
}

}  // namespace

std::string to_characterization(const std::vector<Run>& runs) {
  const html::Loads loads = html::loads_of(runs);
  const std::string title = runs.size() == 1
                                ? "What the copy data path does"
                                : count_of(runs.size(), "run", "runs") + " side by side";
  std::string ids;
  for (const Run& run : runs) ids += (ids.empty() ? "" : ", ") + run.header.run_id;
  const std::string version = runs.empty() ? "" : runs.back().header.suite_version;
  const std::string depth = html::by_depth(loads);
  const std::string key = html::switches(loads);
  return html::page(
      {title, header_of(runs, title, loads), version + " from records.jsonl of " + ids},
      {{"depth", "By queue depth", depth.empty() ? "" : key + depth},
       {"size", "By request size", (depth.empty() ? key : "") + html::by_size(loads)},
       {"latency", "Latency distribution", html::distributions(loads)},
       {"limit", "Share of the limit", html::shares_of_limits(runs, loads)},
       {"cost", "Cost of a GiB", html::costs(loads)},
       {"copies", "Copies", html::copies(runs) + html::copies_over_time(runs)},
       {"time", "Over time", html::over_time(loads)},
       {"growth", "How cost grows", html::growths(runs)},
       {"raw", "Records", html::raw_data(runs)}});
}

}  // namespace lockstep::report
