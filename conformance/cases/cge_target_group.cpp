// TargetGroup of CreateGroupReplicaFromElements.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

GroupRef group_with(Session& session, const std::vector<ElementRef>& members) {
  CreateGroupRequest request;
  request.members = members;
  const Outcome outcome = session.perform(request);
  session.need(outcome);
  if (!outcome.answer.group) session.inconclusive("CreateGroup names no group");
  return *outcome.answer.group;
}

CreateGroupReplicaFromElementsRequest group_of(Session& session, std::size_t count,
                                               SyncType kind = SyncType::Clone) {
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = kind;
  request.source_elements = session.volumes(count);
  return request;
}

void supplied(Session& session, SyncType kind) {
  auto request = group_of(session, 2, kind);
  request.target_group = group_with(session, session.volumes(2));
  Made made = make(session, request);
  if (!made.outcome.succeeded()) {
    const bool forbidden = session.capabilities().has(GroupFeature::TargetGroupShallNotBeSupplied);
    session.expect("CGE-25", forbidden, "the target group to be taken", outcome_text(made.outcome));
    return;
  }
  if (!made.group) session.not_testable("the group relationship ended by itself");
  session.expect("CGE-25", made.group->target_group == request.target_group,
                 session.name(*request.target_group) + " as the target",
                 made.group->target_group ? session.name(*made.group->target_group) : "none");
}

// Pairing 3: by position.
void exact_order(Session& session) {
  auto request = group_of(session, 3, SyncType::Mirror);
  auto targets = session.volumes(3);
  std::swap(targets[0], targets[2]);
  request.target_group = group_with(session, targets);
  // The order may be the provider's own (GroupFeature 57).
  const Inventory present = session.look();
  if (const GroupView* group = present.find(*request.target_group)) targets = group->members;
  ReplicationSettingData settings;
  settings.pairing = Pairing::ExactOrder;
  request.replication_setting_data = SettingDataParameter(settings);
  const Made made = make_needed(session, request);
  for (std::size_t i = 0; i < made.sources.size(); ++i) {
    session.expect("CGE-42", made.pairs[i].has_value(), "a relationship for each pair", "none");
    session.expect("CGE-42", made.pairs[i]->target_element == targets[i],
                   session.name(made.sources[i]) + " with " + session.name(targets[i]),
                   "another pairing");
  }
}

void unequal(Session& session, std::size_t sources, std::size_t targets) {
  auto request = group_of(session, sources);
  request.target_group = group_with(session, session.volumes(targets));
  Outcome outcome = session.perform(request);
  if (sources == 1 && session.capabilities().has(GroupFeature::OneToManyReplication)) {
    session.expect_one_of("CGE-26", outcome, {0, 4096, 5, 4}, {1, 2});
    return;
  }
  session.expect_code("CGE-26", outcome);
}

void empty_group(Session& session) {
  auto request = group_of(session, 2);
  request.target_group = group_with(session, {});
  const Made made = make(session, request);
  Outcome outcome = made.outcome;
  session.expect_code("CGE-27", outcome);
  session.note("an empty target group: " + outcome_text(outcome));
}

void group_and(Session& session, bool pool) {
  auto request = group_of(session, 2);
  request.target_group = group_with(session, session.volumes(2));
  const Inventory before = session.look();
  if (pool) {
    if (before.pools.empty()) session.not_testable("the provider shows no pool");
    request.target_pool = before.pools.back().ref;
  } else {
    request.target_setting_goal = session.known_setting_goal();
  }
  Outcome outcome = session.perform(request);
  const std::string clause = pool ? "CGE-31" : "CGE-30";
  session.expect_code(clause, outcome);
  const GroupView* group = before.find(*request.target_group);
  if (group == nullptr) return;
  for (const ElementRef& member : group->members) {
    const ElementView* was = before.find(member);
    const ElementView* is = outcome.after.find(member);
    session.expect(
        clause,
        was != nullptr && is != nullptr && was->pool == is->pool && was->setting == is->setting,
        "pool and setting of the targets unchanged", "others");
  }
}

void unknown_group(Session& session) {
  auto request = group_of(session, 1);
  request.target_group = GroupRef{"no group has this path"};
  const Outcome outcome = session.perform(request);
  session.expect("GEN-15", !outcome.succeeded(), "a refusal", outcome_text(outcome));
}

}  // namespace

void add_cge_target_group(std::vector<Case>& cases) {
  const auto needs_of = [](SyncType kind) {
    Needs needs = of_kind(kind);
    needs.methods = {Method::CreateGroup};
    return needs;
  };
  const Needs clone = needs_of(SyncType::Clone);
  for (const SyncType kind : {SyncType::Mirror, SyncType::Clone}) {
    cases.push_back(
        make_case(kind == SyncType::Mirror ? "CGE/target-group-mirror" : "CGE/target-group-clone",
                  {"CGE-25"}, "gives an existing target group",
                  "it is the target of the group association, or a feature forbids it",
                  needs_of(kind), [=](Session& session) { supplied(session, kind); }));
  }
  cases.push_back(make_case("CGE/pairing-exact-order", {"CGE-42"},
                            "asks for pairing in exact order", "source i is paired with target i",
                            needs_of(SyncType::Mirror), exact_order));
  cases.push_back(make_case("CGE/target-group-smaller", {"CGE-26"},
                            "gives three sources and two targets", "the call is refused", clone,
                            [](Session& session) { unequal(session, 3, 2); }));
  cases.push_back(make_case("CGE/target-group-larger", {"CGE-26"},
                            "gives two sources and three targets", "the call is refused", clone,
                            [](Session& session) { unequal(session, 2, 3); }));
  cases.push_back(make_case("CGE/target-group-one-to-many", {"CGE-26"},
                            "gives one source and two targets",
                            "refused unless one-to-many is reported", clone,
                            [](Session& session) { unequal(session, 1, 2); }));
  Needs empty = clone;
  empty.group_features = {GroupFeature::EmptyGroupsAllowed};
  cases.push_back(make_case("CGE/target-group-empty", {"CGE-27"}, "gives an empty target group",
                            "the provider fills it or refuses", empty, empty_group));
  cases.push_back(make_case(
      "CGE/target-group-and-goal", {"CGE-30"}, "gives a target group together with a setting goal",
      "the call is refused", clone, [](Session& session) { group_and(session, false); }));
  cases.push_back(make_case("CGE/target-group-and-pool", {"CGE-31"},
                            "gives a target group together with a pool", "the call is refused",
                            clone, [](Session& session) { group_and(session, true); }));
  cases.push_back(make_case("CGE/target-group-unknown", {"GEN-15"},
                            "names a target group that does not exist", "the call is refused",
                            clone, unknown_group));
}

}  // namespace lockstep::conformance
