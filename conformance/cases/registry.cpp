// Every case, in the order of the specification; and what the outside world calls.
#include "conformance/cases/cases.hpp"
#include "conformance/suite/runner.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

std::vector<Case> registered() {
  std::vector<Case> cases;
  add_gen_answers(cases);
  add_gen_jobs(cases);
  for (const Method method : kCreateMethods) {
    add_create_sync_type(cases, method);
    add_create_mode(cases, method);
    add_create_source(cases, method);
    add_create_target(cases, method);
    add_create_placement(cases, method);
    add_create_settings(cases, method);
    add_create_answers(cases, method);
    add_create_wait(cases, method);
    add_create_data(cases, method);
    add_sweeps(cases, method);
  }
  add_cer_names(cases);
  add_cer_target(cases);
  add_cer_wait(cases);
  add_clr_names(cases);
  add_clr_lists(cases);
  add_clr_errors(cases);
  add_cge_groups(cases);
  add_cge_names(cases);
  add_cge_target_group(cases);
  add_cge_consistency(cases);
  add_mcr_target(cases);
  add_mcr_answers(cases);
  add_mcr_peer(cases);
  add_att_parameters(cases);
  add_att_copy_types(cases);
  add_att_pairs(cases);
  add_attach_sweep(cases);
  add_mrs_parameters(cases);
  add_mrs_operations(cases);
  add_modify_sweeps(cases);
  add_mls_lists(cases);
  add_groups(cases);
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
  static const std::vector<CaseInfo> infos = [] {
    std::vector<CaseInfo> list;
    for (const Case& subject : all_cases()) {
      list.push_back({subject.id, subject.method(), subject.clauses, to_text(subject.level),
                      subject.does, subject.requires_text});
    }
    return list;
  }();
  return infos;
}

}  // namespace lockstep::conformance
