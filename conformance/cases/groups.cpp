// CreateGroup, DeleteGroup, AddMembers, RemoveMembers.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

GroupRef made_group(Session& session, const std::vector<ElementRef>& members,
                    std::optional<bool> delete_on_empty = std::nullopt) {
  CreateGroupRequest request;
  request.members = members;
  request.delete_on_empty_element = delete_on_empty;
  const Outcome outcome = session.perform(request);
  session.need(outcome);
  if (!outcome.answer.group) session.inconclusive("CreateGroup names no group");
  return *outcome.answer.group;
}

const GroupView& found(Session& session, const Outcome& outcome, const GroupRef& ref,
                       const std::string& clause) {
  const GroupView* group = outcome.after.find(ref);
  session.expect(clause, group != nullptr, "the group to be there", "no such group");
  if (group == nullptr) session.inconclusive("the group cannot be seen");
  return *group;
}

void create(Session& session) {
  CreateGroupRequest request;
  request.group_name = session.unique_name();
  auto members = session.volumes(3);
  std::swap(members[0], members[1]);
  request.members = members;
  Outcome outcome = session.perform(request);
  session.expect_code("CRG-01", outcome);
  session.need(outcome);
  session.expect("CRG-01", !outcome.answer.job, "never a job", "a job");
  session.expect("CRG-08", outcome.answer.group.has_value(), "a group in the answer", "NULL");
  const GroupView& group = found(session, outcome, *outcome.answer.group, "CRG-08");
  if (!session.capabilities().has(GroupFeature::ImplementationDecidesMemberOrder)) {
    session.expect("CRG-05", group.members == members, "the members in their order",
                   "another order");
  }
  if (session.capabilities().has(GroupFeature::GroupIsNameable)) {
    session.expect("CRG-03", group.element_name == request.group_name, *request.group_name,
                   group.element_name.value_or("NULL"));
  }
  session.expect("CRG-07", !group.delete_on_empty_element && !group.delete_on_unassociated,
                 "the defaults false and false", "others");
}

void create_empty(Session& session) {
  CreateGroupRequest request;
  const Outcome outcome = session.perform(request);
  if (session.capabilities().has(GroupFeature::EmptyGroupsAllowed)) {
    session.expect_one_of("CRG-06", outcome, {0});
  } else {
    session.expect_one_of("CRG-06", outcome, {5, 1, 4});
  }
}

void delete_rules(Session& session) {
  const auto members = session.volumes(2);
  const GroupRef group = made_group(session, members);
  DeleteGroupRequest request;
  Outcome outcome = session.perform(request);
  session.expect_code("DLG-01", outcome);
  request.group = group;
  outcome = session.perform(request);
  session.expect_code("DLG-02", outcome);
  session.expect("DLG-02", outcome.after.find(group) != nullptr, "the group still there", "gone");
  request.remove_elements = true;
  outcome = session.perform(request);
  session.expect_code("DLG-03", outcome);
  session.expect("DLG-05", !outcome.answer.job, "never a job", "a job");
  session.expect("DLG-03", outcome.after.find(group) == nullptr, "the group gone",
                 "it is still there");
  for (const ElementRef& member : members) {
    session.expect("DLG-03", outcome.after.find(member) != nullptr, "the elements to survive",
                   "one is gone");
  }
}

void delete_in_use(Session& session) {
  CreateGroupReplicaFromElementsRequest create_request;
  create_request.sync_type = SyncType::Snapshot;
  create_request.source_elements = session.volumes(2);
  const Made made = make_needed(session, create_request);
  if (!made.group || !made.group->source_group) session.not_testable("no source group is shown");
  DeleteGroupRequest request;
  request.group = made.group->source_group;
  request.remove_elements = true;
  Outcome outcome = session.perform(request);
  session.expect_code("DLG-04", outcome);
  session.expect("DLG-04", outcome.after.find(*request.group) != nullptr, "the group unchanged",
                 "it is gone");
}

void add_rules(Session& session) {
  const auto first = session.volumes(2);
  const auto more = session.volumes(2);
  const GroupRef group = made_group(session, first);
  AddMembersRequest request;
  request.members = more;
  request.group = GroupRef{"no group has this path"};
  Outcome outcome = session.perform(request);
  session.expect_code("AMB-01", outcome);
  request.group = group;
  outcome = session.perform(request);
  session.expect_code("AMB-02", outcome);
  session.expect("AMB-07", !outcome.answer.job, "never a job", "a job");
  const std::vector<ElementRef> wanted{first[0], first[1], more[0], more[1]};
  if (!session.capabilities().has(GroupFeature::ImplementationDecidesMemberOrder)) {
    session.expect("AMB-02", found(session, outcome, group, "AMB-02").members == wanted,
                   "new members at the end in their order", "another order");
  }
  request.members = std::vector{more[0]};
  outcome = session.perform(request);
  session.expect_code("AMB-03", outcome);
  session.expect("AMB-03", found(session, outcome, group, "AMB-03").members.size() == 4,
                 "four members", "another number");
}

void remove_rules(Session& session) {
  auto members = session.volumes(3);
  const ElementRef stranger = session.volume(kTinyVolume);
  const GroupRef group = made_group(session, members);
  const Inventory present = session.look();
  // The order may be the provider's own (GroupFeature 57).
  if (const GroupView* made = present.find(group)) members = made->members;
  RemoveMembersRequest request;
  request.members = std::vector{members[1]};
  request.group = GroupRef{"no group has this path"};
  Outcome outcome = session.perform(request);
  session.expect_code("RMB-01", outcome);
  request.group = group;
  request.members = std::vector{stranger};
  outcome = session.perform(request);
  session.expect_code("RMB-02", outcome);
  session.expect("RMB-02", found(session, outcome, group, "RMB-02").members == members,
                 "the members unchanged", "others");
  request.members = std::vector{members[1]};
  outcome = session.perform(request);
  session.expect_one_of("RMB-07", outcome, {0, 1, 2, 3, 4, 5, 6, 7, 8});
  session.expect("RMB-07", !outcome.answer.job, "never a job", "a job");
}

void remove_last(Session& session, std::optional<bool> property, std::optional<bool> parameter) {
  const auto members = session.volumes(1);
  const GroupRef group = made_group(session, members, property);
  RemoveMembersRequest request;
  request.members = members;
  request.group = group;
  request.delete_on_empty_element = parameter;
  Outcome outcome = session.perform(request);
  const bool empty_allowed = session.capabilities().has(GroupFeature::EmptyGroupsAllowed);
  const std::string clause = empty_allowed ? "RMB-05" : "RMB-04";
  session.expect_code(clause, outcome);
  const bool deleted = !empty_allowed || parameter.value_or(property.value_or(false));
  session.expect(clause, (outcome.after.find(group) == nullptr) == deleted,
                 deleted ? "the empty group deleted" : "the empty group kept",
                 deleted ? "it is kept" : "it is deleted");
}

}  // namespace

void add_groups(std::vector<Case>& cases) {
  const auto add = [&](const std::string& id, std::vector<std::string> clauses,
                       const std::string& does, const std::string& requires_text,
                       std::function<void(Session&)> run) {
    Needs needs;
    needs.methods = {Method::CreateGroup};
    cases.push_back(
        make_case(id, std::move(clauses), does, requires_text, std::move(needs), std::move(run)));
  };
  add("CRG/create", {"CRG-01", "CRG-03", "CRG-05", "CRG-07", "CRG-08"},
      "makes a named group of three in an order of its own",
      "the group has name, members, order and defaults", create);
  add("CRG/empty", {"CRG-06"}, "makes a group without members",
      "made or refused, as the group feature says", create_empty);
  add("DLG/rules", {"DLG-01", "DLG-02", "DLG-03", "DLG-05"},
      "deletes no group, a full one, a full one with RemoveElements",
      "refused, refused, deleted without its elements", delete_rules);
  cases.push_back(make_case(
      "DLG/in-use", {"DLG-04"}, "deletes a group in a relationship",
      "refused whatever RemoveElements says",
      [] {
        Needs needs = of_kind(SyncType::Snapshot);
        needs.methods = {Method::CreateGroupReplicaFromElements};
        return needs;
      }(),
      delete_in_use));
  add("AMB/rules", {"AMB-01", "AMB-02", "AMB-03", "AMB-07"},
      "adds to no group, adds two, adds one again", "refused, at the end in order, unchanged",
      add_rules);
  add("RMB/rules", {"RMB-01", "RMB-02", "RMB-07"}, "removes from no group, a stranger, a member",
      "refused, refused, removed", remove_rules);
  add("RMB/last-kept", {"RMB-04", "RMB-05"}, "removes the last member of a plain group",
      "kept if empty groups are allowed",
      [](Session& session) { remove_last(session, std::nullopt, std::nullopt); });
  add("RMB/last-deleted", {"RMB-04", "RMB-05"},
      "removes the last member of a group with DeleteOnEmptyElement", "the group is deleted",
      [](Session& session) { remove_last(session, true, std::nullopt); });
  add("RMB/last-overridden", {"RMB-04", "RMB-05"},
      "removes the last member with DeleteOnEmptyElement true as parameter",
      "the parameter overrides the property",
      [](Session& session) { remove_last(session, false, true); });
}

}  // namespace lockstep::conformance
