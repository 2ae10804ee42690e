#include "cli/conform_plan.hpp"

#include "cli/expectations.hpp"
#include "cli/selection.hpp"
#include "cli/version.hpp"
#include "reports/record/store.hpp"

#include <fmt/format.h>

#include <sstream>

namespace lockstep::cli {
namespace {

// Names of the members of a header's configuration.
constexpr const char* kBaseline = "baseline";
constexpr const char* kExcluded = "excluded";
constexpr const char* kCaseDeadline = "case_deadline_ms";
constexpr const char* kCallDeadline = "call_deadline_ms";

std::string value_in(const report::RunHeader& header, const char* name) {
  const auto found = header.configuration.find(name);
  return found == header.configuration.end() ? std::string() : found->second;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

Result<std::optional<std::chrono::milliseconds>> milliseconds_in(const report::RunHeader& header,
                                                                 const char* name) {
  if (value_in(header, name).empty()) return std::nullopt;
  const auto duration = parse_duration(value_in(header, name) + "ms");
  if (duration) return duration;
  return config_error(
      fmt::format("configuration '{}' of the run: expected milliseconds, found '{}'", name,
                  value_in(header, name)));
}

Status read_plan_baseline(ConformPlan& plan) {
  if (plan.baseline_file.empty()) return ok();
  LOCKSTEP_TRY(plan.baseline, read_baseline(plan.baseline_file));
  return ok();
}

Status plan_resumed(const ConformOptions& options, ConformPlan& plan) {
  LOCKSTEP_TRY(auto run, report::read_run(options.resume));
  const report::RunHeader& header = run.header;
  const auto refuse = [&](const std::string& expected, const std::string& found) {
    return config_error(
        fmt::format("--resume {}: expected {}, found {}", options.resume, expected, found));
  };
  if (header.command != "conform") return refuse("a run of conform", "one of " + header.command);
  if (header.suite_version != kVersion) {
    return refuse(fmt::format("a run of lockstep {}, so that all its cases are the same", kVersion),
                  "one of " + header.suite_version);
  }
  if (const std::string revision = value_in(header, kRevisionMember); revision != kRevision) {
    return refuse(fmt::format("a run of revision {}, as this program is", kRevision),
                  "one of revision '" + revision + "'");
  }
  if (run.summary) return refuse("a run that was cut off", "one that came to its end");
  if (header.selected.empty()) return refuse("the selected cases in the run's header", "none");
  plan.resume = options.resume;
  plan.provider_spec = header.provider_spec;
  plan.baseline_file = value_in(header, kBaseline);
  plan.run.seed = header.seed;
  plan.run.only = header.selected;
  plan.run.exclude = words_of(value_in(header, kExcluded));
  ConformOptions of_shard;
  if (!header.shard.empty() && !read_shard(header.shard, of_shard)) {
    return refuse("a shard such as 2/3", header.shard);
  }
  plan.run.shard = of_shard.shard;
  plan.run.shards = of_shard.shards;
  LOCKSTEP_TRY(plan.run.case_deadline, milliseconds_in(header, kCaseDeadline));
  LOCKSTEP_TRY(plan.run.call_deadline, milliseconds_in(header, kCallDeadline));
  for (const report::CaseRecord& record : run.cases) plan.run.done.insert(record.id);
  plan.header = header;
  plan.earlier = std::move(run.cases);
  return ok();
}

void plan_fresh(const ConformOptions& options, ConformPlan& plan) {
  plan.provider_spec = options.provider;
  plan.baseline_file = options.baseline;
  plan.run.seed = options.seed;
  plan.run.shard = options.shard;
  plan.run.shards = options.shards;
  plan.run.case_deadline = options.case_deadline;
  plan.run.call_deadline = options.call_deadline;
}

}  // namespace

std::optional<PlanError> make_plan(const ConformOptions& options, ConformPlan& plan) {
  if (!options.resume.empty()) {
    if (const auto planned = plan_resumed(options, plan); !planned)
      return PlanError{planned.error(), false};
  } else {
    plan_fresh(options, plan);
    auto selection = selection_of(options.selection);
    if (!selection) return PlanError{selection.error(), true};
    selection.value().shard = plan.run.shard;
    selection.value().shards = plan.run.shards;
    static_cast<conformance::Selection&>(plan.run) = std::move(selection).value();
  }
  plan.run.provider_spec = plan.provider_spec;
  conformance::Selection whole = plan.run;
  whole.shard = whole.shards = 1;
  const auto cases = conformance::select_cases(whole);
  if (!cases) return PlanError{cases.error(), options.resume.empty()};
  std::string excluded;
  plan.header.selected.clear();
  for (const conformance::CaseInfo& info : cases.value()) {
    plan.header.selected.push_back(info.id);
    if (info.disabled) excluded += (excluded.empty() ? "" : " ") + info.id;
  }
  if (!excluded.empty()) plan.header.configuration[kExcluded] = excluded;
  if (const auto read = read_plan_baseline(plan); !read) return PlanError{read.error(), false};
  return std::nullopt;
}

Result<RunFolder> open_folder(ConformPlan& plan, RunProvider& provider, const std::string& out) {
  LOCKSTEP_TRY(auto header,
               make_header("conform", plan.provider_spec, plan.run.seed, &provider.reading()));
  if (!plan.resume.empty()) {
    const auto name = [](const report::RunHeader& of) {
      return of.provider_organisation + " " + of.provider_product + " " + of.provider_version;
    };
    if (name(header) != name(plan.header)) {
      return config_error(
          fmt::format("--resume {}: expected provider {}, found {}; start a new run", plan.resume,
                      name(plan.header), name(header)));
    }
    return RunFolder::resume(plan.resume);
  }
  header.selected = plan.header.selected;
  header.configuration.insert(plan.header.configuration.begin(), plan.header.configuration.end());
  if (plan.run.shards > 1) header.shard = fmt::format("{}/{}", plan.run.shard, plan.run.shards);
  if (!plan.baseline_file.empty()) header.configuration[kBaseline] = plan.baseline_file;
  const auto set = [&](const char* name, const auto& deadline) {
    if (deadline) header.configuration[name] = std::to_string(deadline->count());
  };
  set(kCaseDeadline, plan.run.case_deadline);
  set(kCallDeadline, plan.run.call_deadline);
  plan.header = header;
  return RunFolder::open(out, std::move(header));
}

}  // namespace lockstep::cli
