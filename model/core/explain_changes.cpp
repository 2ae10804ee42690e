// Which elements and groups have appeared or are gone since the last look, and which request
// explains it.
#include "model/core/create_info.hpp"
#include "model/core/follow.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

// --- elements ---

std::size_t elements_wanted(const Task& task) {
  if (task.method == Method::CreateVolume) return 1;
  const auto& info = task.info();
  if (!info || info->method == Method::AttachReplica) return 0;
  // An empty target group may be filled.
  if (info->target_group && !task.given_targets.empty()) return 0;
  return info->sources.size() - std::min(info->sources.size(), info->targets.size());
}

// A request that has been judged may have left what it made to one that was open then.
Task* wanting_element(World& world) {
  for (auto* const tasks : {&world.tasks, &world.judged_creates}) {
    const auto found = std::ranges::find_if(
        *tasks, [](const Task& task) { return task.elements.size() < elements_wanted(task); });
    if (found != tasks->end()) return &*found;
  }
  return nullptr;
}

void new_elements(Look& look, const Refusal& refused) {
  for (std::size_t i = 0; i < look.now.elements.size(); ++i) {
    const ElementView& element = look.now.elements[i];
    if (look.aligned.elements.earlier(i) != nullptr) continue;
    Task* const task = wanting_element(look.world);
    const bool asked = task != nullptr;
    const bool zeros = asked && task->method == Method::CreateVolume;
    look.content.know(element.ref, element.blocks, element.block_size, zeros);
    if (asked) {
      task->elements.push_back(element.ref);
      continue;
    }
    const auto attach = std::ranges::find_if(look.world.tasks, [](const Task& candidate) {
      return candidate.method == Method::AttachReplica;
    });
    if (attach != look.world.tasks.end()) {
      look.report.breach("ATT-01", subject_of(attach->request()), "no new element",
                         subject_of(element.ref) + " appeared");
    } else if (refused.request != nullptr) {
      look.report.breach("GEN-08", subject_of(*refused.request),
                         "no new element after " + code_text(*refused.answer),
                         subject_of(element.ref) + " appeared");
    } else {
      look.report.warn("GEN-08", subject_of(element.ref), "no element that nobody asked for",
                       "appeared");
    }
  }
}

bool explains_removal(const Look& look, const Task& task, const ElementRef& element) {
  if (task.method == Method::ReturnToStoragePool) return names(task.request(), element);
  if (operation_of(task.request()) == Operation::ReturnToResourcePool) {
    return std::ranges::any_of(task.operated, [&](const RelationshipView* view) {
      return view->target_element == element ||
             view->relationship_class == RelationshipClass::GroupSynchronized;
    });
  }
  const bool undone = task.stage == Task::Stage::Failed || task.stage == Task::Stage::Unknown;
  if (undone && task.elements.contains(element)) return true;
  // A job that made the element was stopped.
  return task.method == Method::RequestJobStateChange && look.before.find(element) != nullptr;
}

std::string_view clause_of_loss(const Look& look, const ElementRef& element) {
  for (const Task& task : look.world.tasks) {
    const bool end = std::ranges::any_of(task.operated, [&](const RelationshipView* view) {
      return view->target_element == element || view->source_element == element;
    });
    if (end && operation_of(task.request()) == Operation::Detach) return "MRS-14";
    if (end && operation_of(task.request()) == Operation::Dissolve) return "MRS-15";
    if (end && operation_of(task.request()) == Operation::ReturnToResourcePool) return "DS-SN-10";
    if (task.method == Method::DeleteGroup) return "DLG-03";
  }
  return "DEL-3";
}

void gone_elements(Look& look) {
  for (std::size_t i = 0; i < look.before.elements.size(); ++i) {
    const ElementView& element = look.before.elements[i];
    if (look.aligned.elements.later(i) != nullptr) continue;
    const bool asked = std::ranges::any_of(look.world.tasks, [&](const Task& task) {
      return explains_removal(look, task, element.ref);
    });
    if (!asked) {
      look.report.breach(clause_of_loss(look, element.ref), subject_of(element.ref),
                         "to stay: nobody removed it", "gone");
    }
  }
}

// --- groups ---

std::size_t groups_wanted(const Task& task) {
  if (task.method == Method::CreateGroup) return 1;
  if (task.method != Method::CreateGroupReplicaFromElements) return 0;
  const auto& request = std::get<CreateGroupReplicaFromElementsRequest>(task.request());
  return request.target_group ? 1 : 2;
}

void new_groups(Look& look, const Refusal& refused) {
  for (std::size_t i = 0; i < look.now.groups.size(); ++i) {
    const GroupView& group = look.now.groups[i];
    if (look.aligned.groups.earlier(i) != nullptr) continue;
    const auto task = std::ranges::find_if(look.world.tasks, [](const Task& candidate) {
      return candidate.groups.size() < groups_wanted(candidate);
    });
    if (task != look.world.tasks.end()) {
      task->groups.push_back(group.ref);
    } else if (refused.request != nullptr) {
      look.report.breach("GEN-08", subject_of(*refused.request),
                         "no new group after " + code_text(*refused.answer),
                         subject_of(group.ref) + " appeared");
    } else {
      look.report.warn("CLR-40", subject_of(group.ref), "no group that nobody asked for",
                       "appeared");
    }
  }
}

bool may_vanish(const Look& look, const GroupView& group) {
  if (group.delete_on_empty_element || group.delete_on_unassociated || !group.persistent) {
    return true;  // DLG-06
  }
  return std::ranges::any_of(look.world.tasks, [&](const Task& task) {
    const auto operation = operation_of(task.request());
    const bool undone = task.stage == Task::Stage::Failed || task.stage == Task::Stage::Unknown;
    if (undone && task.groups.contains(group.ref)) return true;
    if (const auto* remove = std::get_if<RemoveMembersRequest>(&task.request())) {
      return remove->group == group.ref;
    }
    if (const auto* erase = std::get_if<DeleteGroupRequest>(&task.request())) {
      return erase->group == group.ref;
    }
    if (operation == Operation::RemoveSyncPair || operation == Operation::ReturnToResourcePool) {
      return true;
    }
    return task.method == Method::ReturnToStoragePool ||
           task.method == Method::RequestJobStateChange;
  });
}

void gone_groups(Look& look, const Refusal& refused) {
  for (std::size_t i = 0; i < look.before.groups.size(); ++i) {
    const GroupView& group = look.before.groups[i];
    if (look.aligned.groups.later(i) != nullptr || may_vanish(look, group)) continue;
    const bool refused_delete =
        refused.request != nullptr && std::holds_alternative<DeleteGroupRequest>(*refused.request);
    look.report.breach(refused_delete ? "DLG-02" : "DLG-06", subject_of(group.ref),
                       "to stay: nobody deleted it", "gone");
  }
}

bool may_change_members(const Task& task, const GroupView& group) {
  const auto operation = operation_of(task.request());
  if (operation == Operation::AddSyncPair || operation == Operation::RemoveSyncPair ||
      operation == Operation::ReturnToResourcePool || operation == Operation::ReverseRoles) {
    return true;
  }
  return std::visit(
      [&](const auto& one) {
        if constexpr (requires { one.target_group; }) {
          return one.target_group == group.ref;
        } else if constexpr (requires { one.group; }) {
          return one.group == group.ref;
        } else {
          return task.method == Method::ReturnToStoragePool;
        }
      },
      task.request());
}

void changed_groups(Look& look, const Refusal& refused) {
  for (std::size_t i = 0; i < look.now.groups.size(); ++i) {
    const GroupView& group = look.now.groups[i];
    const GroupView* earlier = look.aligned.groups.earlier(i);
    if (earlier == nullptr || earlier->members == group.members) continue;
    look.stands = false;
    const bool asked = std::ranges::any_of(
        look.world.tasks, [&](const Task& task) { return may_change_members(task, *earlier); });
    if (asked) continue;
    std::string_view clause = "CRG-05";
    if (refused.request != nullptr) {
      if (std::holds_alternative<RemoveMembersRequest>(*refused.request)) clause = "RMB-03";
      if (std::holds_alternative<AddMembersRequest>(*refused.request)) clause = "AMB-01";
      if (std::holds_alternative<DeleteGroupRequest>(*refused.request)) clause = "DLG-04";
    }
    look.report.breach(clause, subject_of(group.ref), "the members it had",
                       std::to_string(group.members.size()) + " members, changed");
  }
}

}  // namespace

void explain_changes(Look& look, const Refusal& refused) {
  const bool same_elements = look.aligned.elements.same();
  const bool same_groups = look.aligned.groups.same();
  if (!same_elements) new_elements(look, refused);
  explain_relationships(look, refused);
  if (!same_elements) gone_elements(look);
  if (!same_groups) {
    new_groups(look, refused);
    gone_groups(look, refused);
  }
  changed_groups(look, refused);
}

}  // namespace lockstep::model
