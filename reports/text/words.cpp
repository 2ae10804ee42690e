#include "reports/text/words.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::report {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kSections{{
    {"GEN", "Rules common to all methods"},
    {"CER", "CreateElementReplica"},
    {"CLR", "CreateListReplica"},
    {"CGE", "CreateGroupReplicaFromElements"},
    {"MCR", "CreateReplica"},
    {"ATT", "AttachReplica"},
    {"MRS", "ModifyReplicaSynchronization"},
    {"MLS", "ModifyListSynchronization"},
    {"CGR", "CreateGroupReplica"},
    {"CRG", "CreateGroup"},
    {"DLG", "DeleteGroup"},
    {"AMB", "AddMembers"},
    {"RMB", "RemoveMembers"},
    {"GAT", "GetAvailableTargetElements"},
    {"GRR", "GetReplicationRelationships"},
    {"CAP", "Capability methods"},
    {"SMR", "Storage management service"},
    {"SWF", "Swordfish actions"},
    {"LCS", "Legacy Copy Services"},
    {"JOB", "ConcreteJob"},
    {"P", "Properties over random sequences"},
}};

constexpr std::array<VerdictLook, 10> kLooks{{
    {Verdict::Fail, "✗", "Fail", "bad",
     "The provider did what a clause forbids, or did not do what a clause demands."},
    {Verdict::Crash, "☠", "Crash", "bad",
     "The provider or the case died; nothing can be said of the clause."},
    {Verdict::Error, "!", "Error", "bad",
     "The case could not be carried out; nothing can be said of the clause."},
    {Verdict::Inconclusive, "?", "Inconclusive", "open",
     "What was seen fits both a right and a wrong provider."},
    {Verdict::Warning, "▲", "Warning", "warn",
     "Passed with something that is tolerated, not recommended."},
    {Verdict::Informational, "i", "Informational", "pass",
     "Passed; the note says which of several legal ways the provider took."},
    {Verdict::Pass, "✓", "Pass", "pass",
     "Everything that the clause demands of this case was seen."},
    {Verdict::NotSupported, "–", "NotSupported", "skip",
     "Not tried: the provider does not offer what the case needs."},
    {Verdict::NotTestable, "·", "NotTestable", "skip",
     "Not tried: it cannot be seen from here, for want of data access or of faults."},
    {Verdict::Disabled, "○", "Disabled", "skip", "Not tried: excluded by whoever ran this."},
}};

std::uint64_t count_if(const std::vector<CaseRecord>& cases, bool (*is)(Verdict)) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(cases, [&](const CaseRecord& record) { return is(record.verdict); }));
}

std::string cases_text(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " case" : " cases");
}

Conclusion of_benchmarks(const Run& run) {
  const auto failed = std::ranges::count_if(
      run.benchmarks, [](const BenchmarkRecord& record) { return !record.error.empty(); });
  Conclusion said;
  said.tone = failed > 0 ? "bad" : "pass";
  said.headline = failed > 0 ? "Some benchmarks failed" : "Measured";
  said.shows = std::to_string(run.benchmarks.size()) + " benchmarks were run on one machine" +
               (failed > 0 ? "; " + std::to_string(failed) + " of them failed." : ".");
  said.shows_not =
      "Nothing is said about conformance. Figures hold for this machine and this run; compare them "
      "with another run on the same machine only, and as ratios.";
  return said;
}

Conclusion of_cases(const Run& run, Overall overall) {
  const std::uint64_t skipped = count_if(run.cases, is_skip);
  const std::uint64_t bad = count_if(run.cases, is_bad);
  const std::uint64_t ran = run.cases.size() - skipped;
  const std::string seed =
      "One run with one seed is no proof: states that it did not reach, "
      "timings and loads that it did not make, may still show violations.";
  switch (overall) {
    case Overall::Conformant:
      return {"pass",
              "Conformant",
              "All " + cases_text(ran) + " were carried out, and no violation was seen.",
              seed,
              {}};
    case Overall::ConformantWithSkips:
      return {"warn",
              "Conformant with skips",
              "No violation was seen in the " + cases_text(ran) + " that were carried out.",
              cases_text(skipped) +
                  " were skipped: their clauses are neither met nor violated as "
                  "far as this run can tell. " +
                  seed,
              {}};
    case Overall::NotConformant:
      return {"bad",
              "Not conformant",
              std::to_string(bad) + " of the " + cases_text(ran) +
                  " that were carried out ended with a violation or could not be finished.",
              "Cases that passed do not outweigh the others. A first failure may be the cause of "
              "later ones.",
              {}};
    case Overall::Inconclusive:
      return {"open",
              "Inconclusive",
              "No violation was seen, but at least one case could not tell right from wrong.",
              "This is neither a pass nor a failure. " + seed,
              {}};
    case Overall::NothingRan:
      break;
  }
  return {
      "open",
      "Nothing ran",
      run.cases.empty() ? "No case was selected." : "All " + cases_text(skipped) + " were skipped.",
      "Nothing whatever is known about this provider from this run.",
      {}};
}

}  // namespace

std::string_view section_title(std::string_view method) {
  for (const auto& [prefix, title] : kSections) {
    if (prefix == method) return title;
  }
  return method.empty() ? "Other cases" : method;
}

const std::array<VerdictLook, 10>& verdict_looks() { return kLooks; }

const VerdictLook& look_of(Verdict verdict) {
  const auto found = std::ranges::find(kLooks, verdict, &VerdictLook::verdict);
  return found != kLooks.end() ? *found : look_of(Verdict::Error);
}

Conclusion conclusion_of(const Run& run) {
  const std::vector<std::string> none;
  const bool only_benchmarks = run.cases.empty() && !run.benchmarks.empty();
  const Overall overall = summarise(run.cases).overall;
  Conclusion said = only_benchmarks ? of_benchmarks(run) : of_cases(run, overall);
  for (const std::string& problem : run.summary ? run.summary->problems : none) {
    said.cautions.push_back("Not as the baseline says: " + problem);
  }
  if (!run.summary) {
    std::string caution =
        "The run was cut off before its end. What follows is what had been recorded by then.";
    if (!run.header.selected.empty() && run.header.shard.empty()) {
      caution += " " + std::to_string(run.cases.size()) + " of " +
                 cases_text(run.header.selected.size()) + " had been carried out or skipped.";
    }
    said.cautions.push_back(std::move(caution));
    if (said.tone != std::string_view("bad")) {
      said.tone = "open";
      said.headline = "Cut off: " + said.headline + " so far";
    }
  } else if (!only_benchmarks && run.summary->overall != overall) {
    said.cautions.push_back(std::string("The recorded summary says ") +
                            to_text(run.summary->overall) + ", the recorded cases say " +
                            to_text(overall) + ". This page follows the cases.");
  }
  return said;
}

std::string provider_title(const RunHeader& header) {
  std::string title = header.provider_organisation;
  if (!header.provider_product.empty())
    title += (title.empty() ? "" : " ") + header.provider_product;
  if (title.empty())
    title = header.provider_spec.empty() ? "unnamed provider" : header.provider_spec;
  if (!header.provider_version.empty()) title += " " + header.provider_version;
  return title;
}

}  // namespace lockstep::report
