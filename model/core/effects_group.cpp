// After-effects of CreateGroupReplicaFromElements.
#include "model/core/effects.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

using CreateGroupReplica = CreateGroupReplicaFromElementsRequest;

bool holds_sources(const Look& look, const GroupView& group, const CreateGroupReplica& request) {
  if (request.source_elements && group.members == *request.source_elements) return true;
  auto have = group.members;
  auto want = request.source_elements.value_or(std::vector<ElementRef>{});
  // One that was deleted since has left the group.
  std::erase_if(want, [&](const ElementRef& source) { return look.now.find(source) == nullptr; });
  if (look.world.capabilities.has(GroupFeature::ImplementationDecidesMemberOrder)) {
    std::ranges::sort(have);
    std::ranges::sort(want);
  }
  // The same source twice may be stored once (CGE-13).
  std::vector<ElementRef> once;
  for (const ElementRef& element : want) {
    if (std::ranges::find(once, element) == once.end()) once.push_back(element);
  }
  return have == want || have == once;
}

void check_source_group(Look& look, const Task& task, const CreateGroupReplica& request,
                        const RelationshipView& relationship) {
  const auto subject = [&] { return subject_of(task.request()); };
  const GroupView* group =
      relationship.source_group ? look.now.find(*relationship.source_group) : nullptr;
  if (group == nullptr) {
    look.report.breach("CGE-14", subject(), "a source group", "none");
    return;
  }
  if (!holds_sources(look, *group, request)) {
    const auto& have = group->members;
    look.report.breach("CGE-14", subject(), "the sources as members, in the given order",
                       std::to_string(have.size()) + " members, others or in another order");
  }
  const bool nameable = look.world.capabilities.has(GroupFeature::GroupIsNameable);
  if (request.source_group_name && nameable && group->element_name != request.source_group_name) {
    look.report.breach("CGE-16", subject(),
                       "source group name \"" + *request.source_group_name + "\"",
                       group->element_name.value_or("NULL"));
  }
  if (task.answer().completed() && task.answer().source_group_name &&
      group->element_name != task.answer().source_group_name) {
    look.report.breach("CGE-16", subject(), "SourceGroupName as the group is called",
                       *task.answer().source_group_name);
  }
}

void check_new_group_properties(Look& look, const Task& task) {
  for (const GroupRef& ref : task.groups) {
    const GroupView* group = look.now.find(ref);
    if (group == nullptr) continue;
    const bool persistent = look.world.capabilities.default_group_persistent;
    if (group->persistent != persistent || group->delete_on_empty_element ||
        group->delete_on_unassociated) {
      look.report.breach("CGE-52", subject_of(task.request()) + ", " + subject_of(ref),
                         std::string("Persistent ") + (persistent ? "true" : "false") +
                             ", the two deletion properties false",
                         "others");
    }
  }
}

void check_target_group(Look& look, const Task& task, const CreateGroupReplica& request,
                        const RelationshipView& relationship) {
  const auto subject = [&] { return subject_of(task.request()); };
  if (request.target_group && relationship.target_group != request.target_group) {
    look.report.breach("CGE-25", subject(), "target group " + request.target_group->path,
                       relationship.target_group ? relationship.target_group->path : "NULL");
  }
  const auto settings = task.info()->settings;
  const bool point_in_time =
      settings != nullptr && settings->consistent_point_in_time.value_or(false) &&
      (request.sync_type == SyncType::Snapshot || request.sync_type == SyncType::Clone);
  const GroupView* group =
      relationship.target_group ? look.now.find(*relationship.target_group) : nullptr;
  if (point_in_time && group != nullptr && !group->consistent_point_in_time) {
    look.report.breach("CGE-43", subject(), "ConsistentPointInTime true on the target group",
                       "false");
  }
}

void check_consistency(Look& look, const Task& task, const CreateGroupReplica& request,
                       const RelationshipView& relationship) {
  const auto subject = [&] { return subject_of(task.request()); };
  const auto enabled = relationship.consistency_enabled;
  if (request.consistency == ConsistencyRequest::SequentialConsistency) {
    if (enabled != true) {
      look.report.breach("CGE-36", subject(), "ConsistencyEnabled true",
                         enabled ? "false" : "NULL");
    } else if (relationship.consistency_type &&
               *relationship.consistency_type != ConsistencyType::SequentiallyConsistent) {
      look.report.breach("CGE-36", subject(), "ConsistencyType 2",
                         to_text(*relationship.consistency_type));
    }
  } else if (request.consistency == ConsistencyRequest::NoConsistency && enabled == true &&
             !look.world.capabilities.has(GroupFeature::ConsistencyEnabledForAllGroups)) {
    look.report.breach("CGE-37", subject(), "ConsistencyEnabled false", "true");
  }
}

void check_names(Look& look, const Task& task, const CreateGroupReplica& request,
                 const RelationshipView& relationship) {
  if (!request.relationship_name) return;
  const auto subject = [&] { return subject_of(task.request()); };
  const bool supplied =
      look.world.capabilities.has(GroupFeature::ClientCanSupplyRelationshipName) ||
      look.world.capabilities.level == SchemaLevel::Seed;
  if (supplied && relationship.name != request.relationship_name) {
    look.report.breach("CGE-19", subject(),
                       "RelationshipName \"" + *request.relationship_name + "\"",
                       relationship.name.value_or("NULL"));
  }
  // Of elements that appear together nothing but the group tells which were made for it.
  const GroupView* targets =
      relationship.target_group ? look.now.find(*relationship.target_group) : nullptr;
  if (targets == nullptr) return;
  for (const ElementRef& ref : targets->members) {
    const bool is_new = std::ranges::any_of(
        look.world.tasks, [&](const Task& one) { return one.elements.contains(ref); });
    const ElementView* element = is_new ? look.now.find(ref) : nullptr;
    if (element == nullptr || !element->element_name || element->element_name->empty()) continue;
    if (element->element_name->find(*request.relationship_name) == std::string::npos) {
      look.report.warn("CGE-21", subject() + ", " + subject_of(ref),
                       "a name made from \"" + *request.relationship_name + "\"",
                       *element->element_name);
    }
  }
}

void check_pairs(Look& look, const Task& task, const CreateInfo& info,
                 const RelationshipView& relationship, bool gone_is_legal) {
  if (look.world.capabilities.has(GroupFeature::NoElementLevelStorageSynchronized)) return;
  const auto subject = [&] { return subject_of(task.request()); };
  const auto pairs = made_pairs(look, task);
  const GroupView* targets =
      relationship.target_group ? look.now.find(*relationship.target_group) : nullptr;
  const bool exact = info.settings != nullptr && info.settings->pairing == Pairing::ExactOrder;
  for (std::size_t i = 0; i < info.sources.size(); ++i) {
    const auto pair = std::ranges::find_if(pairs, [&](const RelationshipView* view) {
      return view->source_element == info.sources[i];
    });
    if (pair == pairs.end()) {
      if (gone_is_legal) continue;
      look.report.breach("CGE-48", subject(), "a relationship for source " + info.sources[i].path,
                         "none");
      continue;
    }
    const bool member =
        targets != nullptr && (*pair)->target_element &&
        std::ranges::find(targets->members, *(*pair)->target_element) != targets->members.end();
    if (targets != nullptr && !member) {
      look.report.breach("CGE-48", subject() + ", " + subject_of(**pair),
                         "a target that is a member of the target group",
                         text_of((*pair)->target_element));
    }
    const bool one_to_one = targets != nullptr && targets->members.size() == info.sources.size();
    if (exact && one_to_one && (*pair)->target_element != targets->members[i]) {
      look.report.breach("CGE-42", subject() + ", " + subject_of(**pair),
                         "target " + targets->members[i].path + ", by position",
                         text_of((*pair)->target_element));
    }
  }
}

void check_outs(Look& look, const Task& task, const RelationshipView* made, bool gone_is_legal) {
  const auto subject = [&] { return subject_of(task.request()); };
  const auto& out = task.answer().synchronization;
  const RelationshipView* view = out ? look.now.find(*out) : nullptr;
  if (view == nullptr) {
    if (!gone_is_legal) {
      look.report.breach("CGE-44", subject(), "a group relationship that exists",
                         out ? out->path + ", not found" : "NULL");
    }
  } else if (view->relationship_class != RelationshipClass::GroupSynchronized || view != made) {
    look.report.breach("CGE-44", subject(), "the relationship of the two groups",
                       subject_of(*view));
  }
  const auto& group = task.answer().target_group;
  if (!group || look.now.find(*group) == nullptr) {
    look.report.breach("CGE-28", subject(), "a target group that exists",
                       group ? group->path + ", not found" : "NULL");
  }
}

}  // namespace

void check_group_create_effects(Look& look, Task& task) {
  const auto& info = task.info();
  const auto& request = std::get<CreateGroupReplica>(task.request());
  const RelationshipView* group = made_group(look, task);
  // What it made while its job ran may have been ended by another request since.
  const bool gone_is_legal = may_be_gone(look, *info) || any_overtaken(task);
  if (task.answer().completed()) check_outs(look, task, group, gone_is_legal);
  check_new_group_properties(look, task);
  if (group == nullptr) {
    if (!gone_is_legal) {
      look.report.breach("CGE-44", subject_of(task.request()), "a group relationship", "none");
    }
    return;
  }
  check_source_group(look, task, request, *group);
  check_target_group(look, task, request, *group);
  check_consistency(look, task, request, *group);
  check_names(look, task, request, *group);
  if (!overtaken(task, group->ref)) check_shown_kind(look, task, *info, *group);
  check_pairs(look, task, *info, *group, gone_is_legal);
  for (const RelationshipView* pair : made_pairs(look, task)) {
    if (overtaken(task, pair->ref)) continue;
    check_shown_kind(look, task, *info, *pair);
    if (pair->target_element) check_target(look, task, *info, *pair->target_element, 0);
  }
}

}  // namespace lockstep::model
