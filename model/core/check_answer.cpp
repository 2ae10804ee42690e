// The answer itself: its code against allowed(), and the Job out parameter.
#include "model/core/allowed_create.hpp"
#include "model/core/create_info.hpp"
#include "model/core/follow.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <span>

namespace lockstep::model {
namespace {

// The clause to name for a code that does not conform.
std::string_view clause_of_breach(const AllowedCodes& codes, const Answer& answer, Method method,
                                  bool success_possible) {
  if (!answer.cim_status && !legal_return(method, number_of(answer.code))) {
    if (method == Method::CreateReplica) return "MCR-32";
    return method == Method::AttachReplica ? "ATT-27" : "GEN-02";
  }
  if (answer.accepted() && success_possible) {
    switch (method) {
      case Method::CreateGroup:
        return "CRG-01";
      case Method::DeleteGroup:
        return "DLG-05";
      case Method::AddMembers:
        return "AMB-07";
      case Method::RemoveMembers:
        return "RMB-07";
      default:
        return "GEN-09";
    }
  }
  return codes.clauses.empty() ? "GEN-01" : std::string_view(codes.clauses.front().text);
}

void check_code(Reporter& report, const World& world, const Request& request,
                const Answer& answer) {
  const auto verdict = judge_code(world, request, answer);
  if (verdict == AllowedCodes::Verdict::Strict) return;
  const AllowedCodes codes = allowed(world, request);
  const bool success_possible = codes.strict.contains(0) || codes.strict.contains(4096);
  const std::string clause(clause_of_breach(codes, answer, method_of(request), success_possible));
  if (verdict == AllowedCodes::Verdict::Tolerated) {
    report.warn(clause, subject_of(request), "one of " + codes.text(), code_text(answer));
  } else {
    report.breach(clause, subject_of(request), "one of " + codes.text(), code_text(answer));
  }
}

bool has_job_parameter(Method method) {
  return method != Method::CreateGroup && method != Method::DeleteGroup &&
         method != Method::AddMembers && method != Method::RemoveMembers;
}

void check_job_parameter(Reporter& report, const Request& request, const Answer& answer,
                         const Inventory& seen) {
  const Method method = method_of(request);
  if (!has_job_parameter(method)) return;
  const auto subject = [&] { return subject_of(request) + ", Job"; };
  const bool replica = method == Method::CreateReplica;
  if (answer.started_job()) {
    if (!answer.job || answer.job->path.empty()) {
      if (method == Method::AttachReplica) {
        report.warn("ATT-13", subject(), "a job, unless it has ended already", "NULL");
      } else {
        report.breach(replica ? "MCR-30" : "GEN-05", subject(), "a reference to a job", "NULL");
      }
    } else if (method != Method::RequestJobStateChange && seen.find(*answer.job) == nullptr) {
      report.breach("GEN-05", subject(), "a job that exists", answer.job->path + ", not found");
    }
    return;
  }
  if (!answer.job) return;
  const std::string observed = answer.job->path + " with " + code_text(answer);
  if (!answer.completed()) {
    report.breach(replica ? "MCR-30" : "GEN-07", subject(), "NULL after a refusal", observed);
    return;
  }
  const JobView* job = seen.find(*answer.job);
  const bool lenient = method == Method::CreateElementReplica ||
                       method == Method::CreateListReplica ||
                       method == Method::CreateGroupReplicaFromElements;
  if (lenient && job != nullptr && job->finished()) {
    report.warn("GEN-04", subject(), "NULL with 0", observed);
  } else {
    const std::string_view clause = replica                           ? "MCR-30"
                                    : method == Method::AttachReplica ? "ATT-13"
                                                                      : "GEN-04";
    report.breach(clause, subject(), "NULL with 0", observed);
  }
}

std::span<const RelationshipRef> relationships_of(const Request& request) {
  if (const auto* one = std::get_if<ModifyReplicaSynchronizationRequest>(&request)) {
    if (one->synchronization) return {&*one->synchronization, 1};
  }
  if (const auto* list = std::get_if<ModifyListSynchronizationRequest>(&request)) {
    if (list->synchronizations) return *list->synchronizations;
  }
  return {};
}

// The relationships an operation works on, as they were: those named, and the members of groups.
Views operated_on(const World& world, const Request& request) {
  Views operated;
  for (const RelationshipRef& ref : relationships_of(request)) {
    const Relation* relation = world.relation(ref);
    if (relation == nullptr) continue;
    operated.push_back(relation->view);
    if (relation->view->relationship_class != RelationshipClass::GroupSynchronized) continue;
    for (const Relation& member : world.relations) {
      if (world.is_member(*member.view, *relation->view)) operated.push_back(member.view);
    }
  }
  return operated;
}

std::vector<const ElementView*> targets_given(const World& world, const Request& request) {
  std::vector<const ElementView*> views;
  const auto note = [&](const ElementRef& ref) {
    if (const ElementView* view = world.element(ref)) views.push_back(view);
  };
  std::visit(
      [&](const auto& one) {
        if constexpr (requires { one.target_element; }) {
          if (one.target_element) note(*one.target_element);
        }
        if constexpr (requires { one.target_elements; }) {
          if (one.target_elements) std::ranges::for_each(*one.target_elements, note);
        }
        if constexpr (requires { one.target_storage_volume; }) {
          if (one.target_storage_volume) note(*one.target_storage_volume);
        }
        if constexpr (requires { one.target_group; }) {
          const GroupView* group =
              one.target_group ? world.inventory().find(*one.target_group) : nullptr;
          if (group != nullptr) std::ranges::for_each(group->members, note);
        }
      },
      request);
  return views;
}

// CLR-46, MLS-07: of a list that is refused for one of its entries, others may have been carried
// out.
bool may_be_done_in_part(const Request& request, const Answer& answer) {
  if (answer.cim_status || answer.accepted()) return false;
  const bool fits = answer.code == ReturnCode::Failed || answer.code == ReturnCode::Unknown ||
                    answer.code == ReturnCode::InvalidParameter || answer.code == ReturnCode::InUse;
  if (!fits) return false;
  if (const auto* create = std::get_if<CreateListReplicaRequest>(&request)) {
    return create->source_elements && create->source_elements->size() > 1;
  }
  return relationships_of(request).size() > 1;
}

std::vector<std::size_t> suspects_of(const World& world, const Request& request) {
  std::vector<std::size_t> suspects;
  const auto* list = std::get_if<CreateListReplicaRequest>(&request);
  if (list == nullptr || !list->source_elements || !continues_after_errors(*list)) return suspects;
  for (std::size_t i = 0; i < list->source_elements->size(); ++i) {
    if (is_entry_at_fault(world, *list, i) != Sure::No) suspects.push_back(i);
  }
  return suspects;
}

// What an accepted request may take further than any earlier one promised: the deletion of an end
// may take its relationships along.
void overtake_earlier(const World& world, std::span<Task> earlier, const Task& task) {
  if (earlier.empty()) return;
  const auto overtake = [&](const RelationshipRef& ref) {
    for (Task& one : earlier) one.overtaken.push_back(ref);
  };
  for (const RelationshipView* operated : task.operated) overtake(operated->ref);
  if (const auto* deletion = std::get_if<ReturnToStoragePoolRequest>(&task.request())) {
    for (const RelationshipView* view : world.source_of(deletion->element)) overtake(view->ref);
    for (const RelationshipView* view : world.target_of(deletion->element)) overtake(view->ref);
  }
}

}  // namespace

void check_answer(Reporter& report, const World& world, const Request& request,
                  const Answer& answer, const Inventory& seen) {
  check_code(report, world, request, answer);
  check_job_parameter(report, request, answer, seen);
}

void start_task(World& world, const Request& request, const Answer& answer, const Window& window) {
  const bool timed_out = !answer.cim_status && answer.code == ReturnCode::Timeout;
  const bool in_part = may_be_done_in_part(request, answer);
  if (!answer.accepted() && !timed_out && !in_part) return;
  // Before the task is one of those that may be changing what it names.
  std::vector<std::size_t> suspects = suspects_of(world, request);
  Task& task = world.tasks.emplace_back(request, answer, window);
  task.looked = world.shared_inventory();
  task.given_targets = targets_given(world, request);
  task.operated = operated_on(world, request);
  task.suspects = std::move(suspects);
  if (timed_out) {
    // The work may go on in the background, and nobody will say when it ends (GEN-17).
    task.stage = Task::Stage::Unknown;
  } else if (in_part) {
    task.stage = Task::Stage::Failed;
  } else if (answer.completed()) {
    task.stage = Task::Stage::Completed;
  } else {
    task.stage = answer.job ? Task::Stage::Running : Task::Stage::Unknown;
  }
  overtake_earlier(world, std::span(world.tasks).first(world.tasks.size() - 1), task);
}

void expect_overwriting(Content& content, const Task& task) {
  const auto& info = task.info();
  // What a refused list has begun all the same is known by its relationships.
  const bool refused = task.stage == Task::Stage::Failed;
  if (!info || refused) return;
  // What is finished is known by its relationships, too; but a clone's may have ended by itself
  // before anybody saw it (T-015, ATT-12).
  const bool may_have_ended = info->copy_type == CopyType::UnSyncUnAssoc ||
                              info->sync_type == SyncType::Clone ||
                              info->sync_type == SyncType::TokenizedClone;
  if (task.stage == Task::Stage::Completed && !may_have_ended) return;
  for (std::size_t i = 0; i < task.given_targets.size(); ++i) {
    std::optional<ElementRef> source;
    if (i < info->sources.size() && !info->target_group) source = info->sources[i];
    content.overwrite(task.given_targets[i]->ref, source, task.window.issued);
  }
}

}  // namespace lockstep::model
