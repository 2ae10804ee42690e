// After-effects of CreateGroup, DeleteGroup, AddMembers and RemoveMembers.
#include "model/core/effects.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

std::vector<ElementRef> unique(const std::vector<ElementRef>& list) {
  std::vector<ElementRef> once;
  for (const ElementRef& element : list) {
    if (std::ranges::find(once, element) == once.end()) once.push_back(element);
  }
  return once;
}

bool same_members(const Look& look, std::vector<ElementRef> have, std::vector<ElementRef> want) {
  if (have == want) return true;
  if (look.world.capabilities.has(GroupFeature::ImplementationDecidesMemberOrder)) {
    std::ranges::sort(have);
    std::ranges::sort(want);
  }
  return have == want;
}

std::string count_text(const std::vector<ElementRef>& members) {
  return std::to_string(members.size()) + " members";
}

void check_created(Look& look, const Task& task, const CreateGroupRequest& request) {
  const auto subject = [&] { return subject_of(task.request()); };
  const auto& out = task.answer().group;
  const GroupView* group = out ? look.now.find(*out) : nullptr;
  if (group == nullptr) {
    look.report.breach("CRG-08", subject(), "a group that exists",
                       out ? out->path + ", not found" : "NULL");
    return;
  }
  if (request.group_name && look.world.capabilities.has(GroupFeature::GroupIsNameable) &&
      group->element_name != request.group_name) {
    look.report.breach("CRG-03", subject(), "the name \"" + *request.group_name + "\"",
                       group->element_name.value_or("NULL"));
  }
  const auto wanted = unique(request.members.value_or(std::vector<ElementRef>{}));
  if (!same_members(look, group->members, wanted)) {
    look.report.breach("CRG-05", subject(), "the given members in the given order",
                       count_text(group->members) + ", others or in another order");
  }
  const bool persistent =
      request.persistent.value_or(look.world.capabilities.default_group_persistent);
  if (group->persistent != persistent ||
      group->delete_on_empty_element != request.delete_on_empty_element.value_or(false) ||
      group->delete_on_unassociated != request.delete_on_unassociated.value_or(false)) {
    look.report.breach("CRG-07", subject(), "the properties that were asked for, or the defaults",
                       "others");
  }
}

void check_deleted(Look& look, const Task& task, const DeleteGroupRequest& request) {
  if (request.group && look.now.find(*request.group) != nullptr) {
    look.report.breach("DLG-03", subject_of(task.request()), "the group gone", "still there");
  }
}

void check_added(Look& look, const Task& task, const AddMembersRequest& request) {
  const GroupView* before = request.group ? look.before.find(*request.group) : nullptr;
  const GroupView* now = request.group ? look.now.find(*request.group) : nullptr;
  if (before == nullptr) return;
  std::vector<ElementRef> wanted = before->members;
  for (const ElementRef& member : request.members.value_or(std::vector<ElementRef>{})) {
    wanted.push_back(member);
  }
  wanted = unique(wanted);
  const auto subject = [&] { return subject_of(task.request()); };
  if (now == nullptr) {
    look.report.breach("AMB-02", subject(), "the group still there", "gone");
  } else if (unique(now->members).size() != now->members.size()) {
    look.report.breach("AMB-03", subject(), "no member twice", count_text(now->members));
  } else if (!same_members(look, now->members, wanted)) {
    look.report.breach("AMB-02", subject(), "the new members at the end, in the given order",
                       count_text(now->members) + ", others or in another order");
  }
}

void check_emptied(Look& look, const Task& task, const RemoveMembersRequest& request,
                   const GroupView& before, const GroupView* now) {
  const auto subject = [&] { return subject_of(task.request()); };
  if (!look.world.capabilities.has(GroupFeature::EmptyGroupsAllowed)) {
    if (now != nullptr) {
      look.report.breach("RMB-04", subject(), "the emptied group gone", "still there");
    }
    return;
  }
  const bool erase = request.delete_on_empty_element.value_or(before.delete_on_empty_element);
  if (erase && now != nullptr) {
    look.report.breach("RMB-05", subject(), "the emptied group gone", "still there");
  } else if (!erase && now == nullptr) {
    look.report.breach("RMB-05", subject(), "the emptied group still there", "gone");
  }
}

void check_removed(Look& look, const Task& task, const RemoveMembersRequest& request) {
  const GroupView* before = request.group ? look.before.find(*request.group) : nullptr;
  if (before == nullptr || !request.members || request.members->empty()) return;
  const GroupView* now = look.now.find(*request.group);
  std::vector<ElementRef> wanted = before->members;
  for (const ElementRef& member : *request.members) std::erase(wanted, member);
  if (wanted.empty()) {
    check_emptied(look, task, request, *before, now);
    return;
  }
  const auto subject = [&] { return subject_of(task.request()); };
  if (now == nullptr) {
    look.report.breach("RMB-05", subject(), "the group still there", "gone");
  } else if (!same_members(look, now->members, wanted)) {
    look.report.breach("RMB-02", subject(), "the other members, as they were",
                       count_text(now->members));
  }
}

}  // namespace

void check_collection_effects(Look& look, Task& task) {
  if (const auto* create = std::get_if<CreateGroupRequest>(&task.request())) {
    check_created(look, task, *create);
  } else if (const auto* erase = std::get_if<DeleteGroupRequest>(&task.request())) {
    check_deleted(look, task, *erase);
  } else if (const auto* add = std::get_if<AddMembersRequest>(&task.request())) {
    check_added(look, task, *add);
  } else if (const auto* remove = std::get_if<RemoveMembersRequest>(&task.request())) {
    check_removed(look, task, *remove);
  }
}

}  // namespace lockstep::model
