// Rules for the answers of every method: codes, refusals without effect, choices of completion.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

// A good request of each method that the provider implements, and ways to spoil it.
std::vector<Request> spoiled_requests(Session& session, Method method) {
  const Recipe good = fresh(session, method, SyncType::Snapshot);
  std::vector<Request> requests;
  const auto add = [&](const std::function<bool(Request&)>& spoil) {
    Request request = request_of(good);
    if (spoil(request)) requests.push_back(request);
  };
  add([](Request& request) { return set_sync_type(request, static_cast<SyncType>(0x7FFF)); });
  add([](Request& request) { return set_mode(request, static_cast<Mode>(0x7FFF)); });
  add([](Request& request) { return set_wait(request, static_cast<CopyState>(0x7FFF)); });
  add([](Request& request) { return set_pool(request, PoolRef{"no pool has this path"}); });
  add([](Request& request) { return set_goal(request, SettingRef{"no goal has this path"}); });
  add([](Request& request) {
    return set_settings(request, SettingDataParameter(std::string("nonsense")));
  });
  add([](Request& request) {
    set_sync_type(request, std::nullopt);
    return set_mode(request, static_cast<Mode>(1));
  });
  return requests;
}

void legal_codes(Session& session, Method method) {
  for (const Request& request : spoiled_requests(session, method)) {
    const Outcome outcome = session.perform(request);
    if (outcome.answer.cim_status) continue;
    const std::uint32_t code = number_of(outcome.answer.code);
    session.expect("GEN-01", legal_return(method, code), "a code of the method's own set",
                   outcome_text(outcome));
    session.expect("GEN-02", classify_return(method, code) != ValueClass::Reserved,
                   "no reserved number", outcome_text(outcome));
    if (classify_return(method, code) == ValueClass::Vendor) {
      session.expect("GEN-03", !outcome.answer.job, "a vendor code without a job", "a job");
      session.note("a vendor code: " + outcome_text(outcome));
    }
  }
}

void refused_without_effect(Session& session, Method method) {
  for (const Request& request : spoiled_requests(session, method)) {
    const Inventory before = session.look();
    const Outcome outcome = session.perform(request);
    if (outcome.accepted()) continue;
    session.expect("GEN-07", !outcome.answer.job, "no job with a refusal", "a job");
    const bool same = before.elements.size() == outcome.after.elements.size() &&
                      before.groups.size() == outcome.after.groups.size() &&
                      before.relationships.size() == outcome.after.relationships.size();
    session.expect("GEN-08", same, "nothing left of a refused call", "a new object");
  }
}

// GEN-16: several errors at once; any of their codes.
void several_errors(Session& session, Method method) {
  Request request = request_of(fresh(session, method, SyncType::Snapshot));
  set_sync_type(request, static_cast<SyncType>(0x7FFF));
  set_mode(request, static_cast<Mode>(0x7FFF));
  set_pool(request, PoolRef{"no pool has this path"});
  Outcome outcome = session.perform(request);
  session.expect("GEN-16", !outcome.accepted(), "the code of one of the errors",
                 outcome_text(outcome));
  session.note("several errors: " + outcome_text(outcome));
}

void completion(Session& session, Method method) {
  const Capabilities& abilities = session.capabilities();
  const bool synchronous = abilities.synchronous_actions.contains(method);
  const bool asynchronous = abilities.asynchronous_actions.contains(method);
  if (!synchronous && !asynchronous) {
    session.not_supported("the provider names the method in neither list of actions");
  }
  const Outcome outcome = session.perform(request_of(fresh(session, method, SyncType::Clone)));
  session.need(outcome);
  session.expect("GEN-09", synchronous || !outcome.answer.completed(),
                 "a job, because the action is only asynchronous", outcome_text(outcome));
  session.expect("GEN-09", asynchronous || !outcome.answer.started_job(),
                 "no job, because the action is only synchronous", outcome_text(outcome));
}

// GEN-10: the end is the same, whichever way the call completes.
void same_end(Session& session, Method method, SyncType kind) {
  std::optional<RelationshipView> end;
  std::optional<bool> by_job;
  bool both_ways = false;
  for (int i = 0; i < 6; ++i) {
    const BlockCount blocks = i % 2 == 0 ? kTinyVolume : kSmallVolume;
    const Made made = make_needed(session, request_of(fresh(session, method, kind, blocks)));
    if (!made.pairs.front()) session.not_testable("the relationship ended by itself");
    const auto view = brought_up(session, made.pairs.front()->ref);
    if (!view) session.not_testable("the relationship ended by itself");
    const bool job = made.outcome.answer.started_job();
    both_ways = both_ways || (by_job && *by_job != job);
    by_job = job;
    if (end) {
      const bool same = end->sync_type == view->sync_type && end->mode == view->mode &&
                        end->copy_state == view->copy_state &&
                        end->requested_copy_state == view->requested_copy_state;
      session.expect("GEN-10", same, "the same end state each time", "another one");
    }
    end = view;
  }
  if (!both_ways) session.note("the provider completes these calls in one way only");
}

void unimplemented(Session& session) {
  bool any = false;
  for (const Method method : {Method::CreateElementReplica, Method::CreateListReplica,
                              Method::CreateGroupReplicaFromElements, Method::AttachReplica}) {
    if (session.capabilities().methods.contains(method)) continue;
    any = true;
    Recipe recipe;
    recipe.method = method;
    recipe.sources = {ElementRef{"source"}};
    Request request = request_of(recipe);
    if (method == Method::AttachReplica) request = AttachReplicaRequest{};
    Outcome outcome = session.perform(request);
    session.expect_code("GEN-21", outcome);
  }
  if (!any) session.not_testable("the provider implements every method");
}

void inherited(Session& session, Method method, const std::string& clause) {
  if (session.capabilities().methods.contains(method)) {
    session.not_testable("the provider implements the method");
  }
  Recipe recipe;
  recipe.method = method;
  recipe.sources = {ElementRef{"source"}};
  Outcome outcome = session.perform(request_of(recipe));
  session.expect_code(clause, outcome);
}

}  // namespace

void add_gen_answers(std::vector<Case>& cases) {
  const auto add = [&](Method method, const std::string& name, std::vector<std::string> clauses,
                       const std::string& does, const std::string& requires_text, Needs needs,
                       void (*run)(Session&, Method)) {
    needs.methods.insert(method);
    cases.push_back(make_case("GEN/" + name + "-" + std::string(clause_prefix(method)),
                              std::move(clauses), does, requires_text, std::move(needs),
                              [=](Session& session) { run(session, method); }));
  };
  for (const Method method : kCreateMethods) {
    const std::string what = to_text(method);
    const Needs snapshot = of_kind(SyncType::Snapshot);
    add(method, "legal-codes", {"GEN-01", "GEN-02", "GEN-03"},
        "spoils " + what + " in every parameter", "every answer is a code of its own set", snapshot,
        legal_codes);
    add(method, "refused-without-effect", {"GEN-07", "GEN-08"},
        "spoils " + what + " in every parameter and looks around",
        "a refusal has no job and leaves nothing", snapshot, refused_without_effect);
    add(method, "several-errors", {"GEN-16"}, "spoils three parameters of " + what + " at once",
        "the code of one of the errors", snapshot, several_errors);
    add(method, "completion", {"GEN-09"}, "makes a clone by " + what,
        "0 or 4096 as the lists of actions say", of_kind(SyncType::Clone), completion);
  }
  for (const SyncType kind : {SyncType::Mirror, SyncType::Snapshot}) {
    Needs needs = of_kind(kind);
    needs.methods = {Method::CreateElementReplica};
    cases.push_back(make_case(
        kind == SyncType::Mirror ? "GEN/same-end-mirror" : "GEN/same-end-snapshot", {"GEN-10"},
        "makes small and large replicas, at once and by job", "all end the same", needs,
        [=](Session& session) { same_end(session, Method::CreateElementReplica, kind); }));
  }
  const auto with_any_method = [](Case subject) {
    subject.needs.methods = {Method::CreateElementReplica};
    return subject;
  };
  cases.push_back(with_any_method(make_case("GEN/not-implemented", {"GEN-21"},
                                            "calls the methods that the provider does not list",
                                            "Not Supported", {}, unimplemented)));
  cases.push_back(with_any_method(make_case(
      "CLR/not-supported", {"CLR-51"}, "calls the method of a provider that does not implement it",
      "Not Supported", {},
      [](Session& session) { inherited(session, Method::CreateListReplica, "CLR-51"); })));
  cases.push_back(with_any_method(make_case(
      "CGE/not-supported", {"CGE-55"}, "calls the method of a provider that does not implement it",
      "Not Supported", {}, [](Session& session) {
        inherited(session, Method::CreateGroupReplicaFromElements, "CGE-55");
      })));
}

}  // namespace lockstep::conformance
