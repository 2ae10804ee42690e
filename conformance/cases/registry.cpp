// Every case, in the order of the specification; and what the outside world calls.
#include "conformance/cases/cases.hpp"
#include "conformance/suite/run.hpp"
#include "conformance/suite/runner.hpp"
#include "conformance/suite/selection.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

// What the cases of one file are about.
void tag(std::vector<Case>& cases, std::size_t from, const char* name) {
  for (; from < cases.size(); ++from) cases[from].tags.emplace_back(name);
}

void add_tagged(std::vector<Case>& cases, const char* name, void (*add)(std::vector<Case>&)) {
  const std::size_t from = cases.size();
  add(cases);
  tag(cases, from, name);
}

void add_create_cases(std::vector<Case>& cases, Method method) {
  const auto add = [&](const char* name, void (*add_cases)(std::vector<Case>&, Method)) {
    const std::size_t from = cases.size();
    add_cases(cases, method);
    tag(cases, from, name);
  };
  add("sync-type", add_create_sync_type);
  add("mode", add_create_mode);
  add("source", add_create_source);
  add("target", add_create_target);
  add("placement", add_create_placement);
  add("settings", add_create_settings);
  add("answers", add_create_answers);
  add("wait", add_create_wait);
  add("data", add_create_data);
  add("sweep", add_sweeps);
}

std::vector<Case> registered() {
  std::vector<Case> cases;
  add_tagged(cases, "answers", add_gen_answers);
  add_tagged(cases, "jobs", add_gen_jobs);
  add_tagged(cases, "declared", add_declared);
  for (const Method method : kCreateMethods) add_create_cases(cases, method);
  add_tagged(cases, "names", add_cer_names);
  add_tagged(cases, "target", add_cer_target);
  add_tagged(cases, "wait", add_cer_wait);
  add_tagged(cases, "names", add_clr_names);
  add_tagged(cases, "lists", add_clr_lists);
  add_tagged(cases, "errors", add_clr_errors);
  add_tagged(cases, "groups", add_cge_groups);
  add_tagged(cases, "names", add_cge_names);
  add_tagged(cases, "target", add_cge_target_group);
  add_tagged(cases, "consistency", add_cge_consistency);
  add_tagged(cases, "target", add_mcr_target);
  add_tagged(cases, "answers", add_mcr_answers);
  add_tagged(cases, "peer", add_mcr_peer);
  add_tagged(cases, "parameters", add_att_parameters);
  add_tagged(cases, "copy-types", add_att_copy_types);
  add_tagged(cases, "pairs", add_att_pairs);
  add_tagged(cases, "sweep", add_attach_sweep);
  add_tagged(cases, "parameters", add_mrs_parameters);
  add_tagged(cases, "operations", add_mrs_operations);
  add_tagged(cases, "sweep", add_modify_sweeps);
  add_tagged(cases, "lists", add_mls_lists);
  add_tagged(cases, "groups", add_groups);
  // Sections stay together, in the order in which the specification names them.
  const auto rank = [](const Case& subject) {
    const std::vector<std::string> order{"GEN", "CER", "CLR", "CGE", "MCR", "ATT", "MRS",
                                         "MLS", "CRG", "DLG", "AMB", "RMB", "JOB"};
    return std::find(order.begin(), order.end(), subject.method()) - order.begin();
  };
  std::stable_sort(cases.begin(), cases.end(),
                   [&](const Case& a, const Case& b) { return rank(a) < rank(b); });
  return cases;
}

}  // namespace

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = registered();
  return cases;
}

const std::vector<CaseInfo>& list_cases() {
  static const std::vector<CaseInfo> infos = select_cases({}).value();
  return infos;
}

Result<std::vector<CaseInfo>> select_cases(const Selection& selection) {
  LOCKSTEP_TRY(const auto chosen, choose(all_cases(), selection));
  std::vector<CaseInfo> list;
  for (const auto& [subject, disabled, index] : chosen) {
    list.push_back({subject->id,
                    subject->method(),
                    subject->clauses,
                    to_text(subject->level),
                    subject->does,
                    subject->requires_text,
                    features_of(*subject),
                    tags_of(*subject),
                    disabled,
                    {}});
  }
  return list;
}

Status find_skips(Provider& provider, std::vector<CaseInfo>& cases) {
  LOCKSTEP_TRY(const auto capabilities, provider.capabilities());
  for (CaseInfo& info : cases) {
    const auto subject = std::find_if(all_cases().begin(), all_cases().end(),
                                      [&](const Case& known) { return known.id == info.id; });
    if (subject == all_cases().end()) continue;
    const auto skip = skip_of(subject->needs, capabilities, provider);
    if (skip) info.skip = std::string(report::to_text(skip->verdict)) + ": " + skip->reason;
  }
  return ok();
}

}  // namespace lockstep::conformance
