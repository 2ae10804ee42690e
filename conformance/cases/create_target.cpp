// Targets of the create methods: made when none is given, used when one is, never with a pool or
// goal.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

struct Numbers {
  int null_target;  // NULL on input
  int out_target;   // resolves after 0
  int out_job;      // may be missing after 4096
  int supplied;     // the given one is used
  int with_goal;    // refused; 0: no such clause
  int with_pool;
};

Numbers numbers_of(Method method) {
  switch (method) {
    case Method::CreateElementReplica:
      return {14, 15, 16, 17, 18, 19};
    case Method::CreateListReplica:
      return {24, 27, 28, 25, 29, 30};
    case Method::CreateGroupReplicaFromElements:
      return {24, 28, 29, 0, 0, 0};
    default:
      return {19, 20, 0, 15, 0, 0};
  }
}

void null_target(Session& session, Method method) {
  Made made = make(session, request_of(fresh(session, method, SyncType::Snapshot)));
  session.expect_code(clause_of(method, numbers_of(method).null_target), made.outcome);
  for (const auto& target : made.targets) {
    if (target) session.note("the provider made or picked a target");
  }
}

void check_out_elements(Session& session, const std::string& clause, const Made& made) {
  const Answer& answer = made.outcome.answer;
  const auto resolves = [&](const std::optional<ElementRef>& ref) {
    return ref && made.outcome.after.find(*ref) != nullptr;
  };
  if (!answer.target_elements) {
    session.expect(clause, resolves(answer.target_element),
                   "a reference to an element that can be found",
                   answer.target_element ? "a reference to nothing" : "NULL");
    return;
  }
  session.expect(clause, answer.target_elements->size() == made.sources.size(),
                 std::to_string(made.sources.size()) + " targets",
                 std::to_string(answer.target_elements->size()));
  for (const auto& ref : *answer.target_elements) {
    session.expect(clause, resolves(ref), "references to elements that can be found",
                   ref ? "a reference to nothing" : "NULL");
  }
}

// After 0 the out parameter is there; after 4096 it may be missing, but what is there must resolve
// once the job has succeeded.
void out_target(Session& session, Method method) {
  const Numbers numbers = numbers_of(method);
  const Made made = make_needed(session, request_of(fresh(session, method, SyncType::Snapshot)));
  const Answer& answer = made.outcome.answer;
  if (method == Method::CreateGroupReplicaFromElements) {
    const bool resolves =
        answer.target_group && made.outcome.after.find(*answer.target_group) != nullptr;
    if (answer.completed()) {
      session.expect("CGE-28", resolves, "a group that can be found",
                     answer.target_group ? "a reference to nothing" : "NULL");
    } else if (answer.target_group) {
      session.expect("CGE-29", resolves, "a group that can be found after the job", "none");
    }
    return;
  }
  if (answer.completed()) {
    check_out_elements(session, clause_of(method, numbers.out_target), made);
    return;
  }
  session.note("the provider answers with a job");
  if (numbers.out_job == 0) return;
  const std::string clause = clause_of(method, numbers.out_job);
  for (const auto& target : made.targets) {
    session.expect(clause, target && made.outcome.after.find(*target) != nullptr,
                   "a target that can be found after the job", "none");
  }
}

void supplied_target(Session& session, Method method) {
  const std::string clause = clause_of(method, numbers_of(method).supplied);
  Recipe recipe = fresh(session, method, SyncType::Clone, kSmallVolume);
  recipe.targets = session.volumes(recipe.sources.size(), kSmallVolume);
  for (const ElementRef& source : recipe.sources) session.fill(source);
  const bool waits = method != Method::CreateReplica;
  if (waits && can_wait(session, method, SyncType::Clone, CopyState::Synchronized)) {
    recipe.wait = CopyState::Synchronized;
  }
  const Made made = make_needed(session, request_of(recipe));
  for (std::size_t i = 0; i < recipe.targets.size(); ++i) {
    if (made.targets[i]) {
      session.expect(clause, *made.targets[i] == recipe.targets[i], session.name(recipe.targets[i]),
                     session.name(*made.targets[i]));
    }
    const auto& pair = made.pairs[i];
    if (pair && pair->target_element) {
      session.expect(clause, *pair->target_element == recipe.targets[i],
                     "an association with " + session.name(recipe.targets[i]),
                     session.name(*pair->target_element));
    }
    if (pair) {
      static_cast<void>(brought_up(session, pair->ref));
    }
    session.expect_bytes(clause, "the supplied target", session.read_all(recipe.sources[i]),
                         session.read_all(recipe.targets[i]));
  }
}

// CER-18, CER-19 and their like. Success is tolerated when the surplus parameter was ignored.
void target_and(Session& session, Method method, int number, bool pool) {
  const std::string clause = clause_of(method, number);
  Recipe recipe = fresh(session, method, SyncType::Clone);
  recipe.targets = session.volumes(recipe.sources.size(), kTinyVolume);
  Request request = request_of(recipe);
  const Inventory before = session.look();
  if (pool) {
    if (before.pools.empty()) session.not_testable("the provider shows no pool");
    set_pool(request, before.pools.back().ref);
  } else {
    set_goal(request, session.known_setting_goal());
  }
  Outcome outcome = session.perform(request);
  session.expect_code(clause, outcome);
  for (const ElementRef& target : recipe.targets) {
    const ElementView* was = before.find(target);
    const ElementView* is = outcome.after.find(target);
    const bool same =
        was != nullptr && is != nullptr && was->pool == is->pool && was->setting == is->setting;
    session.expect(clause, same, "pool and setting of the target unchanged", "another one");
  }
}

}  // namespace

void add_create_target(std::vector<Case>& cases, Method method) {
  const Numbers numbers = numbers_of(method);
  const Needs snapshot = of_kind(SyncType::Snapshot);
  Needs clone_data = of_kind(SyncType::Clone);
  clone_data.data = true;
  cases.push_back(make_case(id_of(method, "target-null"), {clause_of(method, numbers.null_target)},
                            "copies without naming a target", "the provider makes or picks one",
                            snapshot, [=](Session& session) { null_target(session, method); }));
  std::vector<std::string> out{clause_of(method, numbers.out_target)};
  if (numbers.out_job != 0) out.push_back(clause_of(method, numbers.out_job));
  cases.push_back(make_case(id_of(method, "target-out"), out,
                            "looks up the targets that the answer names",
                            "each is there after 0, or after the job", snapshot,
                            [=](Session& session) { out_target(session, method); }));
  if (numbers.supplied != 0) {
    cases.push_back(
        make_case(id_of(method, "target-supplied"), {clause_of(method, numbers.supplied)},
                  "gives existing volumes as the targets of clones",
                  "those volumes become the replicas and hold the sources' bytes", clone_data,
                  [=](Session& session) { supplied_target(session, method); }));
  }
  if (numbers.with_goal == 0) return;
  cases.push_back(
      make_case(id_of(method, "target-and-goal"), {clause_of(method, numbers.with_goal)},
                "gives existing targets together with a setting goal", "the call is refused",
                of_kind(SyncType::Clone),
                [=](Session& session) { target_and(session, method, numbers.with_goal, false); }));
  cases.push_back(
      make_case(id_of(method, "target-and-pool"), {clause_of(method, numbers.with_pool)},
                "gives existing targets together with a pool", "the call is refused",
                of_kind(SyncType::Clone),
                [=](Session& session) { target_and(session, method, numbers.with_pool, true); }));
}

}  // namespace lockstep::conformance
