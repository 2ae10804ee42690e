// The groups and associations that CreateGroupReplicaFromElements makes.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

CreateGroupReplicaFromElementsRequest group_of(const std::vector<ElementRef>& sources,
                                               SyncType kind = SyncType::Snapshot) {
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = kind;
  request.source_elements = sources;
  return request;
}

const GroupView* source_group(Session& session, const Made& made, const std::string& clause) {
  const GroupView* group = made.group && made.group->source_group
                               ? made.outcome.after.find(*made.group->source_group)
                               : nullptr;
  session.expect(clause, group != nullptr, "a source group", "none");
  return group;
}

void empty(Session& session) {
  Outcome outcome = session.perform(group_of({}));
  session.expect_code("CGE-10", outcome);
}

void single(Session& session) {
  Outcome outcome = session.perform(group_of(session.volumes(1)));
  const bool more = session.capabilities().has(GroupFeature::SourceGroupNeedsMoreThanOneElement);
  if (more) {
    session.expect_one_of("CGE-12", outcome, {5, 1, 4});
  } else {
    session.expect_code("CGE-12", outcome);
  }
}

void doubled(Session& session) {
  const ElementRef source = session.volume(kTinyVolume);
  const Made made = make(session, group_of({source, source}));
  Outcome outcome = made.outcome;
  session.expect_code("CGE-13", outcome);
  if (!outcome.succeeded() || !made.group || !made.group->source_group) return;
  const GroupView* group = outcome.after.find(*made.group->source_group);
  if (group == nullptr) return;
  session.expect("CGE-13", group->members.size() == 1, "the source stored once",
                 std::to_string(group->members.size()) + " members");
}

void in_order(Session& session) {
  auto sources = session.volumes(4);
  std::rotate(sources.begin(), sources.begin() + 2, sources.end());
  const Made made = make_needed(session, group_of(sources));
  const GroupView* group = source_group(session, made, "CGE-14");
  if (session.capabilities().has(GroupFeature::ImplementationDecidesMemberOrder)) {
    auto members = group->members;
    std::sort(members.begin(), members.end());
    std::sort(sources.begin(), sources.end());
    session.expect("CGE-14", members == sources, "exactly the sources", "others");
    return;
  }
  session.expect("CGE-14", group->members == sources, "exactly the sources in their order",
                 "other members or another order");
}

void kinds(Session& session, SyncType kind) {
  const Made made = make_needed(session, group_of(session.volumes(2), kind));
  if (!made.group && kind == SyncType::Clone &&
      session.capabilities().has(GroupFeature::SynchronizedCloneDetachesAutomatically)) {
    session.not_testable("the group relationship ended by itself");
  }
  session.expect("CGE-05", made.group.has_value(), "a group association", "none");
  session.expect("CGE-05", made.group->sync_type == kind, to_text(kind),
                 made.group->sync_type ? to_text(*made.group->sync_type) : "NULL");
  const bool members = !session.capabilities().has(GroupFeature::NoElementLevelStorageSynchronized);
  if (!members) return;
  for (const auto& pair : made.pairs) {
    session.expect("CGE-48", pair.has_value(), "a relationship for each pair", "none");
    session.expect("CGE-05", pair->sync_type == kind, to_text(kind),
                   pair->sync_type ? to_text(*pair->sync_type) : "NULL");
  }
}

void defaults(Session& session) {
  const Made made = make_needed(session, group_of(session.volumes(2)));
  const GroupView* source = source_group(session, made, "CGE-52");
  const GroupView* target =
      made.group->target_group ? made.outcome.after.find(*made.group->target_group) : nullptr;
  for (const GroupView* group : {source, target}) {
    if (group == nullptr) continue;
    session.expect("CGE-52", group->persistent == session.capabilities().default_group_persistent,
                   "the default Persistent", "the other value");
    session.expect("CGE-52", !group->delete_on_empty_element, "DeleteOnEmptyElement false", "true");
    session.expect("CGE-52", !group->delete_on_unassociated, "DeleteOnUnassociated false", "true");
  }
}

// CGE-47: as far as the port goes, the source group is the one that CreateGroup makes.
void like_create_group(Session& session) {
  const Made made = make_needed(session, group_of(session.volumes(2)));
  const GroupView* combined = source_group(session, made, "CGE-47");
  CreateGroupRequest request;
  request.members = session.volumes(2);
  const Outcome outcome = session.perform(request);
  session.need(outcome);
  const GroupView* plain =
      outcome.answer.group ? outcome.after.find(*outcome.answer.group) : nullptr;
  if (plain == nullptr) session.inconclusive("CreateGroup names no group");
  session.expect("CGE-47",
                 plain->persistent == combined->persistent &&
                     plain->delete_on_empty_element == combined->delete_on_empty_element &&
                     plain->delete_on_unassociated == combined->delete_on_unassociated &&
                     plain->members.size() == combined->members.size(),
                 "the source group to be as CreateGroup makes it", "other properties");
}

void in_two_groups(Session& session) {
  const auto sources = session.volumes(2);
  make_needed(session, group_of(sources));
  Outcome second = session.perform(group_of({sources[0]}));
  session.expect_code("CGE-53", second);
  const bool allowed = session.capabilities().has(GroupFeature::ElementCanBeMemberOfMultipleGroups);
  session.expect("CGE-53", allowed || !second.succeeded(), "a refusal without the group feature",
                 outcome_text(second));
}

void many_to_many(Session& session) {
  Outcome outcome = session.perform(group_of(session.volumes(3)));
  if (session.capabilities().has(GroupFeature::ManyToManyGroups)) {
    session.expect_one_of("CGE-54", outcome, {0, 4096});
  } else {
    session.expect_code("CGE-54", outcome);
  }
}

// CGE-46: a failure part way leaves nothing malformed.
void part_way(Session& session) {
  const auto sources = session.volumes(2);
  const ElementRef gone = session.volume(kTinyVolume);
  session.remove(gone);
  const Outcome outcome = session.perform(group_of({sources[0], gone, sources[1]}));
  // A provider that looks at all sources first refuses the parameter instead.
  session.expect("CGE-46", !outcome.succeeded(), "a failure", outcome_text(outcome));
  for (const auto& view : outcome.after.relationships) {
    if (view.relationship_class != RelationshipClass::GroupSynchronized) continue;
    const bool well_formed = view.source_group && view.target_group &&
                             outcome.after.find(*view.source_group) != nullptr &&
                             outcome.after.find(*view.target_group) != nullptr;
    session.expect("CGE-46", well_formed, "every group association that remains to have two groups",
                   "one without");
  }
}

}  // namespace

void add_cge_groups(std::vector<Case>& cases) {
  const Needs snapshot = of_kind(SyncType::Snapshot);
  cases.push_back(make_case("CGE/sources-empty", {"CGE-10"}, "gives an empty list of sources",
                            "refused, or empty groups are formed", snapshot, empty));
  cases.push_back(make_case("CGE/source-single", {"CGE-12"}, "copies a group of one volume",
                            "accepted unless groups need more than one", snapshot, single));
  cases.push_back(make_case("CGE/source-twice", {"CGE-13"}, "names one source twice",
                            "refused or stored once", snapshot, doubled));
  cases.push_back(
      make_case("CGE/source-group-order", {"CGE-14"}, "gives four sources in an order of their own",
                "the source group holds exactly them in that order", snapshot, in_order));
  for (const SyncType kind : {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone}) {
    const std::string name = kind == SyncType::Mirror     ? "mirror"
                             : kind == SyncType::Snapshot ? "snapshot"
                                                          : "clone";
    cases.push_back(make_case("CGE/members-" + name, {"CGE-05", "CGE-48"},
                              "copies two volumes as a group",
                              "group and member associations have the kind asked for",
                              of_kind(kind), [=](Session& session) { kinds(session, kind); }));
  }
  cases.push_back(make_case("CGE/group-defaults", {"CGE-52"}, "reads the groups' properties",
                            "they are the defaults", snapshot, defaults));
  Needs groups = snapshot;
  groups.methods = {Method::CreateGroup};
  cases.push_back(make_case("CGE/like-create-group", {"CGE-47"},
                            "compares the source group with one of CreateGroup",
                            "they have the same properties", groups, like_create_group));
  cases.push_back(make_case("CGE/source-in-two-groups", {"CGE-53"},
                            "copies a volume that is in a group already",
                            "accepted only with the group feature", snapshot, in_two_groups));
  cases.push_back(make_case("CGE/many-to-many", {"CGE-54"}, "copies three volumes to three",
                            "accepted with the group feature, refused or tolerated without",
                            snapshot, many_to_many));
  cases.push_back(make_case("CGE/failure-part-way", {"CGE-46"},
                            "names a deleted volume as the second of three sources",
                            "the call fails and what remains is well formed", snapshot, part_way));
}

}  // namespace lockstep::conformance
