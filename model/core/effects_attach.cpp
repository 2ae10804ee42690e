// After-effects of AttachReplica.
#include "model/core/effects.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

std::string_view kind_clause(CopyType copy_type) {
  switch (copy_type) {
    case CopyType::Async:
      return "ATT-09";
    case CopyType::Sync:
      return "ATT-10";
    case CopyType::UnSyncAssoc:
      return "ATT-11";
    case CopyType::UnSyncUnAssoc:
      break;
  }
  return "ATT-12";
}

bool task_names_pair(const Task& task, const RelationshipView& view) {
  return names(task.request(), *view.source_element) && names(task.request(), *view.target_element);
}

void check_kind(Look& look, const Task& task, CopyType copy_type, const RelationshipView& view) {
  const auto clause = kind_clause(copy_type);
  const auto subject = [&] { return subject_of(task.request()) + ", " + subject_of(view); };
  if (view.copy_type && *view.copy_type != copy_type) {
    look.report.breach(clause, subject(), "CopyType " + to_text(copy_type),
                       to_text(*view.copy_type));
  }
  const bool mirror = copy_type == CopyType::Async || copy_type == CopyType::Sync;
  if (view.sync_type && mirror != (*view.sync_type == SyncType::Mirror) &&
      number_of(*view.sync_type) < kFirstVendorValue) {
    look.report.breach(clause, subject(), mirror ? "SyncType 6 Mirror" : "SyncType 7 or 8",
                       to_text(*view.sync_type));
  }
  if (!mirror || !view.mode || *view.mode == Mode::Unknown) return;
  const Mode wanted = copy_type == CopyType::Sync ? Mode::Synchronous : Mode::Asynchronous;
  if (*view.mode != wanted) {
    look.report.breach(clause, subject(), "Mode " + to_text(wanted), to_text(*view.mode));
  }
}

// The same two may have been joined again by a later request; or by an earlier one that is still
// being carried out, which this one then found done (ATT-24).
bool made_by_another(const Look& look, const Task& task, const RelationshipView& view,
                     bool only_later) {
  return std::ranges::any_of(look.world.tasks, [&](const Task& other) {
    const bool counts = !only_later || other.window.issued > task.window.answered;
    return &other != &task && counts &&
           std::ranges::find(other.relationships, view.ref) != other.relationships.end();
  });
}

}  // namespace

void check_attach_effects(Look& look, Task& task) {
  const auto& request = std::get<AttachReplicaRequest>(task.request());
  const auto subject = [&] { return subject_of(task.request()); };
  const RelationshipView* joined = nullptr;
  // What an earlier request made does not become temporary.
  const bool lasting = request.copy_type != CopyType::UnSyncUnAssoc;
  for (const RelationshipView& view : look.now.relationships) {
    if (view.source_element == request.source_element &&
        view.target_element == request.target_element &&
        !made_by_another(look, task, view, lasting)) {
      joined = &view;
    }
  }
  if (!lasting) {
    // With 0 the copy, and with it the temporary association, may still be going on; a job has
    // ended with it.
    // A later request for the same pair may have related it anew.
    const bool anew =
        joined != nullptr && std::ranges::any_of(look.world.tasks, [&](const Task& later) {
          return later.window.issued > task.window.answered && task_names_pair(later, *joined);
        });
    if (joined != nullptr && !anew && task.answer().started_job()) {
      look.report.breach("ATT-12", subject(), "no relationship once the job has ended",
                         subject_of(*joined));
    }
    if (joined != nullptr && !anew) {
      Relation* const relation = look.world.relations.find(joined->ref);
      if (relation != nullptr) relation->temporary = true;
    }
    return;
  }
  if (any_overtaken(task)) return;
  if (joined == nullptr) {
    const auto pairs = made_pairs(look, task);
    const std::string seen = pairs.empty() ? "none"
                                           : text_of(pairs.front()->source_element) + " -> " +
                                                 text_of(pairs.front()->target_element);
    look.report.breach(pairs.empty() ? "ATT-15" : "ATT-01", subject(),
                       "a relationship " + text_of(request.source_element) + " -> " +
                           text_of(request.target_element),
                       seen);
    return;
  }
  if (request.copy_type && number_of(*request.copy_type) < kFirstVendorValue) {
    check_kind(look, task, *request.copy_type, *joined);
  }
}

}  // namespace lockstep::model
