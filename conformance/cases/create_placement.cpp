// Where new targets come from: TargetPool and TargetSettingGoal of the create methods.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

struct Numbers {
  int pool_null;
  int pool_given;
  int goal_given;
};

Numbers numbers_of(Method method) {
  switch (method) {
    case Method::CreateElementReplica:
      return {20, 21, 22};
    case Method::CreateListReplica:
      return {32, 31, 33};
    case Method::CreateGroupReplicaFromElements:
      return {33, 32, 34};
    default:
      return {0, 18, 0};
  }
}

void null_pool(Session& session, Method method) {
  Request request = request_of(fresh(session, method, SyncType::Snapshot));
  set_pool(request, std::nullopt);
  Outcome outcome = session.perform(request);
  session.expect_code(clause_of(method, numbers_of(method).pool_null), outcome);
}

// The targets of a group are found by its relationships; of clones these may have ended.
void need_target(Session& session) {
  if (session.capabilities().has(GroupFeature::SynchronizedCloneDetachesAutomatically)) {
    session.not_testable("the relationships ended by themselves, so their targets are not known");
  }
}

void given_pool(Session& session, Method method, SyncType kind) {
  const std::string clause = clause_of(method, numbers_of(method).pool_given);
  const Inventory present = session.look();
  if (present.pools.empty()) session.not_testable("the provider shows no pool");
  for (const PoolView& pool : present.pools) {
    Request request = request_of(fresh(session, method, kind));
    set_pool(request, pool.ref);
    Made made = make(session, request);
    session.expect_code(clause, made.outcome);
    if (!made.outcome.succeeded()) continue;
    for (const auto& target : made.targets) {
      if (!target) need_target(session);
      const ElementView* view = target ? made.outcome.after.find(*target) : nullptr;
      session.expect(clause, view != nullptr, "the new target to be found", "none");
      session.expect(clause, view != nullptr && view->pool == pool.ref,
                     "the new target from " + session.name(pool.ref),
                     view != nullptr && view->pool ? session.name(*view->pool) : "no pool");
    }
  }
}

void given_goal(Session& session, Method method) {
  const std::string clause = clause_of(method, numbers_of(method).goal_given);
  const SettingRef goal = session.known_setting_goal();
  Request request = request_of(fresh(session, method, SyncType::Clone));
  set_goal(request, goal);
  Made made = make(session, request);
  session.expect_code(clause, made.outcome);
  if (!made.outcome.succeeded()) return;
  for (const auto& target : made.targets) {
    if (!target) need_target(session);
    const ElementView* view = target ? made.outcome.after.find(*target) : nullptr;
    session.expect(clause, view != nullptr, "the new target to be found", "none");
    session.expect(clause, view != nullptr && view->setting == goal,
                   "the new target made with " + session.name(goal),
                   view != nullptr && view->setting ? session.name(*view->setting) : "no setting");
  }
}

void unknown_pool(Session& session, Method method) {
  Request request = request_of(fresh(session, method, SyncType::Clone));
  set_pool(request, PoolRef{"no pool has this path"});
  const Outcome outcome = session.perform(request);
  session.expect("GEN-15", !outcome.succeeded(), "a refusal", outcome_text(outcome));
}

}  // namespace

void add_create_placement(std::vector<Case>& cases, Method method) {
  const Numbers numbers = numbers_of(method);
  if (numbers.pool_null != 0) {
    cases.push_back(make_case(id_of(method, "pool-null"), {clause_of(method, numbers.pool_null)},
                              "copies without naming a pool", "the provider allocates as it likes",
                              of_kind(SyncType::Snapshot),
                              [=](Session& session) { null_pool(session, method); }));
  }
  for (const SyncType kind : {SyncType::Snapshot, SyncType::Clone}) {
    cases.push_back(make_case(
        id_of(method, kind == SyncType::Snapshot ? "pool-given-snapshot" : "pool-given-clone"),
        {clause_of(method, numbers.pool_given)}, "names each pool for the new targets",
        "the new targets come from that pool, or the call is refused", of_kind(kind),
        [=](Session& session) { given_pool(session, method, kind); }));
  }
  if (numbers.goal_given != 0) {
    cases.push_back(make_case(id_of(method, "goal-given"), {clause_of(method, numbers.goal_given)},
                              "names a setting goal for the new targets",
                              "the new targets have it, or the call is refused",
                              of_kind(SyncType::Clone),
                              [=](Session& session) { given_goal(session, method); }));
  }
  cases.push_back(make_case(id_of(method, "pool-unknown"), {"GEN-15"},
                            "names a pool that does not exist", "the call is refused",
                            of_kind(SyncType::Clone),
                            [=](Session& session) { unknown_pool(session, method); }));
}

}  // namespace lockstep::conformance
