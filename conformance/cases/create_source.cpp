// Sources of the four create methods: required, existing, of one class; and the access points.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

void clear_sources(Request& request) {
  if (auto* element = std::get_if<CreateElementReplicaRequest>(&request)) {
    element->source_element.reset();
  } else if (auto* list = std::get_if<CreateListReplicaRequest>(&request)) {
    list->source_elements.reset();
  } else if (auto* group = std::get_if<CreateGroupReplicaFromElementsRequest>(&request)) {
    group->source_elements.reset();
  }
}

void null_source(Session& session, Method method) {
  Request request = request_of(fresh(session, method, SyncType::Snapshot));
  clear_sources(request);
  Outcome outcome = session.perform(request);
  session.expect_code(clause_of(method, 9), outcome);
  session.expect("GEN-14", !outcome.accepted(), "a refusal", outcome_text(outcome));
}

// A volume that existed and is gone: a reference of the right form to nothing.
ElementRef gone_volume(Session& session) {
  const ElementRef gone = session.volume(kTinyVolume);
  session.remove(gone);
  return gone;
}

void unknown_source(Session& session, Method method, const std::string& clause) {
  Recipe recipe = fresh(session, method, SyncType::Snapshot);
  recipe.sources.back() = gone_volume(session);
  Outcome outcome = session.perform(request_of(recipe));
  if (method == Method::CreateReplica) {
    if (!outcome.answer.cim_status) session.expect_one_of(clause, outcome, {8, 5}, {4, 2, 1});
  } else if (!clause.empty()) {
    session.expect_code(clause, outcome);
  }
  session.expect("GEN-15", !outcome.succeeded(), "a refusal", outcome_text(outcome));
}

void wrong_class(Session& session, Method method, const std::string& clause) {
  const Inventory present = session.look();
  if (present.pools.empty()) session.not_testable("the provider shows no pool to name as a source");
  const ElementRef pool{present.pools.front().ref.path};
  Recipe recipe = fresh(session, method, SyncType::Snapshot);
  recipe.sources.back() = pool;
  Outcome outcome = session.perform(request_of(recipe));
  if (method == Method::CreateElementReplica) {
    if (!outcome.answer.cim_status) {
      session.expect_one_of(clause, outcome, {5, 4, 1}, {2});
    }
    return;
  }
  session.expect_code(clause, outcome);
}

void null_access_points(Session& session, Method method, const std::vector<std::string>& clauses) {
  Request request = request_of(fresh(session, method, SyncType::Snapshot));
  set_source_access_point(request, std::nullopt);
  set_target_access_point(request, std::nullopt);
  Outcome outcome = session.perform(request);
  for (const std::string& clause : clauses) session.expect_code(clause, outcome);
}

void given_access_points(Session& session) {
  const AccessPointRef local = session.known_access_point();
  for (const bool source : {true, false}) {
    Request request = request_of(fresh(session, Method::CreateElementReplica, SyncType::Snapshot));
    if (source) {
      set_source_access_point(request, local);
    } else {
      set_target_access_point(request, local);
    }
    Outcome outcome = session.perform(request);
    session.expect_code("CER-12", outcome);
    session.note(std::string(source ? "Source" : "Target") +
                 "AccessPoint for a local element: " + outcome_text(outcome));
  }
}

}  // namespace

void add_create_source(std::vector<Case>& cases, Method method) {
  const bool volume = method == Method::CreateReplica;
  const bool element = method == Method::CreateElementReplica;
  const bool list = method == Method::CreateListReplica;
  const Needs needs = of_kind(SyncType::Snapshot);
  if (!volume) {
    cases.push_back(make_case(id_of(method, "source-null"), {clause_of(method, 9), "GEN-14"},
                              "calls the method without a source", "the call is refused", needs,
                              [=](Session& session) { null_source(session, method); }));
    const std::string mixed = clause_of(method, element ? 10 : 11);
    cases.push_back(
        make_case(id_of(method, "source-wrong-class"), {mixed},
                  element ? "names a pool as the source" : "names a pool among the sources",
                  "the call is refused", needs,
                  [=](Session& session) { wrong_class(session, method, mixed); }));
    const std::vector<std::string> access = element ? std::vector<std::string>{"CER-11", "CER-13"}
                                            : list  ? std::vector<std::string>{"CLR-14", "CLR-15"}
                                                    : std::vector<std::string>{"CGE-23"};
    cases.push_back(
        make_case(id_of(method, "access-points-null"), access,
                  "copies local volumes without access points", "the call is not refused for it",
                  needs, [=](Session& session) { null_access_points(session, method, access); }));
  }
  const std::string unknown = element ? "CER-10" : list ? "CLR-13" : volume ? "MCR-01" : "";
  std::vector<std::string> clauses{"GEN-15"};
  if (!unknown.empty()) clauses.insert(clauses.begin(), unknown);
  cases.push_back(make_case(id_of(method, "source-unknown"), clauses,
                            "names a source that has been deleted", "the call is refused", needs,
                            [=](Session& session) { unknown_source(session, method, unknown); }));
  if (element) {
    cases.push_back(make_case("CER/access-points-local", {"CER-12"},
                              "gives the local access point for a local source, then target",
                              "it is used, ignored or refused", needs, given_access_points));
  }
}

}  // namespace lockstep::conformance
