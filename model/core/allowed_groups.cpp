// CreateGroup (CRG), DeleteGroup (DLG), AddMembers (AMB), RemoveMembers (RMB). None has a job.
#include "model/core/allowed.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

bool contains(const std::vector<ElementRef>& list, const ElementRef& wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

void tally_elements(Tally& out, const World& world, const std::vector<ElementRef>& members) {
  bool all_volumes = true;
  for (const ElementRef& member : members) {
    apply_if(out, negated(world.exists(member)), "GEN-15", "5,4,E6,E4~1,2"_outcomes);
    const ElementView* view = world.element(member);
    if (view != nullptr && view->element_class != ElementClass::StorageVolume) all_volumes = false;
  }
  if (!all_volumes) out.apply("AMB-05", "5,4,1"_outcomes);
}

// Whether the element takes part in a relationship on the given side of some group.
Sure related(const World& world, const ElementRef& element) {
  const Sure source = world.is_source(element);
  const Sure target = world.is_target(element);
  if (source == Sure::Yes || target == Sure::Yes) return Sure::Yes;
  return source == Sure::Maybe || target == Sure::Maybe ? Sure::Maybe : Sure::No;
}

// A relationship that may have ended by itself since it was seen is one perhaps.
Sure in_group_relationship(const World& world, const GroupRef& group) {
  Sure related = Sure::No;
  for (const RelationshipView& view : world.inventory().relationships) {
    if (view.source_group != group && view.target_group != group) continue;
    if (world.exists(view.ref) == Sure::Yes) return Sure::Yes;
    related = Sure::Maybe;
  }
  return related;
}

bool shares_other_group(const World& world, const ElementRef& element, const GroupRef* except) {
  return std::ranges::any_of(world.inventory().groups, [&](const GroupView& group) {
    return (except == nullptr || group.ref != *except) && contains(group.members, element);
  });
}

}  // namespace

void tally(Tally& out, const World& world, const CreateGroupRequest& request) {
  const Capabilities& capabilities = world.capabilities;
  if (request.group_name) {
    if (capabilities.has(GroupFeature::GroupIsNameable)) {
      out.apply("CRG-03", "0,J"_outcomes);
      const bool taken = std::ranges::any_of(world.inventory().groups, [&](const GroupView& group) {
        return group.element_name == request.group_name;
      });
      if (taken) out.apply("CRG-03", "0,5,4,6"_outcomes);
      if (request.group_name->empty()) out.apply("CRG-03", "0,5,4"_outcomes);
    } else {
      out.apply("CRG-04", "7,0~1,5"_outcomes);
    }
  }
  const bool empty = !request.members || request.members->empty();
  if (empty && !capabilities.has(GroupFeature::EmptyGroupsAllowed)) {
    out.apply("CRG-06", "5,1,4"_outcomes);
  }
  if (request.persistent || request.delete_on_empty_element || request.delete_on_unassociated) {
    out.apply("CRG-07", "0,1,5"_outcomes);
  }
  if (empty) return;
  tally_elements(out, world, *request.members);
  if (has_repeats(*request.members)) out.apply("CRG-11", "0,5"_outcomes);
  const bool shared = std::ranges::any_of(*request.members, [&](const ElementRef& member) {
    return shares_other_group(world, member, nullptr);
  });
  if (shared && !capabilities.has(GroupFeature::ElementCanBeMemberOfMultipleGroups)) {
    out.apply("CGE-53", "0,5,6,4"_outcomes);
  }
}

void tally(Tally& out, const World& world, const DeleteGroupRequest& request) {
  if (!request.group) {
    out.apply("DLG-01", "5,E4,E6~4,2,1"_outcomes);
    return;
  }
  apply_if(out, negated(world.exists(*request.group)), "DLG-01", "5,E4,E6~4,2,1"_outcomes);
  const GroupView* group = world.inventory().find(*request.group);
  if (group == nullptr) return;
  if (!group->members.empty() && !request.remove_elements.value_or(false)) {
    out.apply("DLG-02", "4,5,6,7~1,2"_outcomes);
  }
  // A relationship of the groups themselves blocks for certain. A member that is related for
  // itself, outside the group, is one reading of the rule: then both answers conform.
  const Sure in_relationship = in_group_relationship(world, *request.group);
  apply_if(out, in_relationship, "DLG-04",
           group->members.empty() ? "0,7,6,4,5"_outcomes : "7~6,4,5"_outcomes);
  if (in_relationship == Sure::Yes) return;
  Sure blocked = Sure::No;
  for (const ElementRef& member : group->members) {
    const Sure fact = related(world, member);
    if (fact == Sure::Yes) blocked = Sure::Yes;
    if (fact == Sure::Maybe && blocked == Sure::No) blocked = Sure::Maybe;
  }
  apply_if(out, blocked, "DLG-04", "7~6,4,5"_outcomes);
}

void tally(Tally& out, const World& world, const AddMembersRequest& request) {
  if (!request.group) {
    out.apply("AMB-01", "7,5,E4,E6~4,2"_outcomes);
  } else {
    apply_if(out, negated(world.exists(*request.group)), "AMB-01", "7,5,E4,E6~4,2"_outcomes);
    apply_if(out, in_group_relationship(world, *request.group), "AMB-06", "0,4,5,6,1"_outcomes);
  }
  if (!request.members || request.members->empty()) {
    out.apply("AMB-04", "0,5"_outcomes);
    return;
  }
  tally_elements(out, world, *request.members);
  const GroupRef* group = request.group ? &*request.group : nullptr;
  for (const ElementRef& member : *request.members) {
    if (shares_other_group(world, member, group) &&
        !world.capabilities.has(GroupFeature::ElementCanBeMemberOfMultipleGroups)) {
      out.apply("CGE-53", "0,5,6,4"_outcomes);
    }
  }
}

void tally(Tally& out, const World& world, const RemoveMembersRequest& request) {
  if (!request.group) {
    out.apply("RMB-01", "7,5,E4,E6~4,2"_outcomes);
    return;
  }
  apply_if(out, negated(world.exists(*request.group)), "RMB-01", "7,5,E4,E6~4,2"_outcomes);
  if (!request.members || request.members->empty()) {
    out.apply("RMB-06", "0,5"_outcomes);
    return;
  }
  const GroupView* group = world.inventory().find(*request.group);
  if (group == nullptr) return;
  const Capabilities& capabilities = world.capabilities;
  for (const ElementRef& member : *request.members) {
    if (!contains(group->members, member)) {
      out.apply("RMB-02", "8~5,4"_outcomes);
      continue;
    }
    const bool lifted = (capabilities.has(GroupFeature::SourceElementCanBeRemoved) &&
                         world.is_target(member) == Sure::No) ||
                        (capabilities.has(GroupFeature::TargetElementCanBeRemoved) &&
                         world.is_source(member) == Sure::No);
    const Sure fact = related(world, member);
    if (fact == Sure::No) continue;
    if (lifted) {
      out.apply("RMB-03", "0,4,5,6"_outcomes);
    } else {
      apply_if(out, fact, "RMB-03", "4,5,6~1,2"_outcomes);
    }
  }
  // A parameter false for a group that must not stay empty: deleted anyway, or an error.
  if (request.delete_on_empty_element == false &&
      !capabilities.has(GroupFeature::EmptyGroupsAllowed)) {
    out.apply("RMB-05", "0,4,5,1"_outcomes);
  }
}

}  // namespace lockstep::model
