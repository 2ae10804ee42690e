// CreateGroup, DeleteGroup, AddMembers, RemoveMembers (CRG, DLG, AMB, RMB). Never a job.
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/groups.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/plan.hpp"

#include <algorithm>

namespace lockstep::replication {
namespace {

// 7: "group does not exist" for AddMembers and RemoveMembers, "elements in a replication
// relationship" for DeleteGroup. 8: "member not in group".
constexpr auto kGroupProblem = static_cast<ReturnCode>(7);
constexpr auto kNotAMember = static_cast<ReturnCode>(8);

Answer coded(ReturnCode code) {
  Answer result;
  result.code = code;
  return result;
}

bool has_member(const GroupRecord& group, Id element) {
  return std::find(group.members.begin(), group.members.end(), element) != group.members.end();
}

// The elements' numbers in order, or nothing when one does not exist.
std::optional<std::vector<Id>> elements_of(World& world,
                                           const std::optional<std::vector<ElementRef>>& members) {
  std::vector<Id> ids;
  if (!members) return ids;
  for (const ElementRef& ref : *members) {
    const ElementRecord* element = world.elements.find(ref);
    if (element == nullptr) return std::nullopt;
    ids.push_back(element->id);
  }
  return ids;
}

bool any_related(World& world, const std::vector<Id>& elements) {
  return std::any_of(elements.begin(), elements.end(), [&](Id element) {
    return is_source(world, element) || pair_with_target(world, element) != nullptr;
  });
}

}  // namespace

Answer answer(World& world, const CreateGroupRequest& request) {
  constexpr Method kMethod = Method::CreateGroup;
  if (!is_storable_name(request.group_name)) return refused(world, kMethod, Refusal::Invalid);
  const auto elements = elements_of(world, request.members);
  if (!elements) return refused(world, kMethod, Refusal::NotFound);
  if (elements->empty() && !world.freedom.has(GroupFeature::EmptyGroupsAllowed)) {
    return refused(world, kMethod, Refusal::Invalid);
  }
  GroupRecord& group = make_group(world, request.group_name);
  for (const Id element : *elements) {
    if (!has_member(group, element)) put_member(world, group, element);
  }
  group.persistent = request.persistent.value_or(group.persistent);
  group.delete_on_empty_element = request.delete_on_empty_element.value_or(false);
  group.delete_on_unassociated = request.delete_on_unassociated.value_or(false);
  Answer result;
  result.group = group.ref;
  return result;
}

Answer answer(World& world, const DeleteGroupRequest& request) {
  constexpr Method kMethod = Method::DeleteGroup;
  if (!request.group) return refused(world, kMethod, Refusal::Invalid);
  const GroupRecord* group = world.groups.find(*request.group);
  if (group == nullptr) return refused(world, kMethod, Refusal::NotFound);
  if (is_associated(world, group->id) || any_related(world, group->members)) {
    return coded(kGroupProblem);
  }
  if (!group->members.empty() && !request.remove_elements.value_or(false)) {
    return refused(world, kMethod, Refusal::Failed);  // DLG-02
  }
  world.groups.erase(group->id);
  return {};
}

Answer answer(World& world, const AddMembersRequest& request) {
  constexpr Method kMethod = Method::AddMembers;
  if (!request.group) return refused(world, kMethod, Refusal::Invalid);
  GroupRecord* group = world.groups.find(*request.group);
  if (group == nullptr) return coded(kGroupProblem);
  const auto elements = elements_of(world, request.members);
  if (!elements) return refused(world, kMethod, Refusal::NotFound);
  const bool grows = std::any_of(elements->begin(), elements->end(),
                                 [&](Id element) { return !has_member(*group, element); });
  if (grows && is_associated(world, group->id)) return refused(world, kMethod, Refusal::InUse);
  for (const Id element : *elements) {
    if (!has_member(*group, element)) put_member(world, *group, element);  // AMB-02, AMB-03
  }
  return {};
}

Answer answer(World& world, const RemoveMembersRequest& request) {
  constexpr Method kMethod = Method::RemoveMembers;
  if (!request.group) return refused(world, kMethod, Refusal::Invalid);
  GroupRecord* group = world.groups.find(*request.group);
  if (group == nullptr) return coded(kGroupProblem);
  const auto elements = elements_of(world, request.members);
  if (!elements) return coded(kNotAMember);
  for (const Id element : *elements) {
    if (!has_member(*group, element)) return coded(kNotAMember);
  }
  if (any_related(world, *elements)) return refused(world, kMethod, Refusal::InUse);  // RMB-03
  if (elements->empty()) return {};
  for (const Id element : *elements) std::erase(group->members, element);
  const bool delete_empty =  // RMB-04, RMB-05
      !world.freedom.has(GroupFeature::EmptyGroupsAllowed) ||
      request.delete_on_empty_element.value_or(group->delete_on_empty_element);
  if (group->members.empty() && delete_empty) world.groups.erase(group->id);
  return {};
}

}  // namespace lockstep::replication
