// Properties of relationships beside CopyState: what they must be in that state, and what must not
// change unasked.
#include "model/core/follow.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <initializer_list>

namespace lockstep::model {
namespace {

using enum ProgressStatus;

// ProgressStatus values that may stand beside a CopyState; all inferred from the definitions.
bool goes_with(CopyState state, ProgressStatus progress) {
  const auto one_of = [&](std::initializer_list<ProgressStatus> list) {
    return std::ranges::find(list, progress) != list.end();
  };
  if (number_of(progress) >= kFirstVendorValue) return true;
  if (progress == Unknown) return true;
  if (progress == NotApplicable) return state != CopyState::Mixed;
  switch (state) {
    case CopyState::Initialized:
      return one_of({Initializing, Preparing, Completed, Dormant});
    case CopyState::Prepared:
      return one_of({Preparing, Completed, Dormant, RequiresActivate});
    case CopyState::Inactive:
      return one_of({Dormant, Completed, RequiresActivate});
    case CopyState::Unsynchronized:
      return one_of(
          {Synchronizing, Resyncing, Restoring, Aborting, Suspending, Pending, Initializing});
    case CopyState::Synchronized:
      return one_of({Completed, Synchronizing, Restoring, Fracturing, Splitting, FailingOver,
                     Suspending, RequiresFracture, RequiresResync, RequiresActivate, Pending,
                     Detaching, RequiresDetach, Terminating, RequiresSplit, RequiresResume});
    case CopyState::Fractured:
    case CopyState::Split:
    case CopyState::Skewed:
      return one_of({Completed, Dormant, Resyncing, Restoring, RequiresResync});
    case CopyState::Suspended:
      return one_of({Dormant, Completed, Suspending});
    case CopyState::Failedover:
      return one_of({Completed, Dormant, FailingBack, RequiresResync});
    case CopyState::Aborted:
      return one_of({Completed, Dormant, Aborting, RequiresResync});
    case CopyState::Broken:
      return one_of({RequiresResync, Pending, Dormant, Completed});
    case CopyState::Partitioned:
      return one_of({Pending});
    case CopyState::Invalid:
      return one_of({RequiresResync});
    case CopyState::Restored:
      return one_of(
          {Completed, Restoring, RequiresFracture, RequiresDetach, RequiresResume, RequiresSplit});
    case CopyState::Mixed:
      return one_of({ProgressStatus::Mixed, Completed, Dormant, Synchronizing, Resyncing});
    case CopyState::NotApplicable:
      return true;
  }
  return true;
}

// True: they fit, whoever is at work.
bool check_requested(Look& look, const RelationshipView& view) {
  if (!view.requested_copy_state || !view.copy_state) return true;
  const CopyState requested = *view.requested_copy_state;
  if (requested == CopyState::NotApplicable || requested != *view.copy_state) return true;
  // At rest only: while a request is carried out the two may meet for a moment.
  if (!look.world.worked_on(view.ref)) {
    look.report.breach("MRS-06", subject_of(view),
                       "RequestedCopyState 15 once CopyState has got there",
                       to_text(requested) + " in " + to_text(*view.copy_state));
  }
  return false;
}

void check_percent(Look& look, const RelationshipView& view) {
  if (!view.percent_synced) return;
  const auto shown = [&] { return std::to_string(*view.percent_synced); };
  if (*view.percent_synced > 100) {
    // The property's own range, not an inference.
    look.report.breach("T-010", subject_of(view), "PercentSynced of 0 to 100", shown());
  } else if (view.copy_state == CopyState::Synchronized && view.mode == Mode::Synchronous &&
             *view.percent_synced != 100) {
    look.report.warn("PS-02", subject_of(view), "PercentSynced 100 in Synchronized", shown());
  }
}

// One of the operations is at work on it, or on a pair of such a group: what was done to the last
// of its pairs is done to the group.
bool being(const Look& look, const RelationshipView& before,
           std::initializer_list<Operation> operations) {
  return std::ranges::any_of(look.world.tasks, [&](const Task& task) {
    const auto operation = operation_of(task.request());
    if (!operation || std::ranges::find(operations, *operation) == operations.end()) return false;
    return works_on(task, before.ref) ||
           std::ranges::any_of(task.operated, [&](const RelationshipView* asked) {
             return look.world.is_member(*asked, before);
           });
  });
}

// Which pairs make up a group's Mode changes as pairs leave it.
bool is_mode_of_pairs(const Look& look, const RelationshipView& before,
                      const std::optional<Mode>& mode) {
  bool any = false;
  for (const RelationshipView& pair : look.now.relationships) {
    if (!look.world.is_member(pair, before)) continue;
    if (pair.mode != mode) return false;
    any = true;
  }
  return any;
}

bool have_same_ends(const RelationshipView& one, const RelationshipView& other) {
  return one.source_element == other.source_element && one.target_element == other.target_element &&
         one.source_group == other.source_group && one.target_group == other.target_group;
}

bool is_same_kind(const RelationshipView& one, const RelationshipView& other) {
  return one.sync_type == other.sync_type && one.mode == other.mode && have_same_ends(one, other);
}

void check_unchanged(Look& look, const RelationshipView& before, const RelationshipView& view) {
  if (!have_same_ends(before, view) && !being(look, before, {Operation::ReverseRoles})) {
    look.report.breach("CER-33", subject_of(view), "the two ends it had",
                       "other ends, although nobody reversed the roles");
  }
  if (before.sync_type != view.sync_type) {
    look.report.breach("CER-05", subject_of(view), "the SyncType it had",
                       view.sync_type ? to_text(*view.sync_type) : "NULL");
  }
  // An adaptive mirror may show that it acts synchronously (T-014).
  const bool adapts = (before.mode == Mode::Adaptive || view.mode == Mode::Adaptive) &&
                      (before.mode == Mode::Synchronous || view.mode == Mode::Synchronous);
  if (before.mode != view.mode && !adapts && !is_mode_of_pairs(look, before, view.mode) &&
      !being(look, before,
             {Operation::ResetToSync, Operation::ResetToAsync, Operation::ResetToAdaptive})) {
    look.report.breach("CER-07", subject_of(view), "the Mode it had",
                       view.mode ? to_text(*view.mode) : "NULL");
  }
}

// True: nothing was let pass because somebody is at work.
bool check_view(Look& look, const RelationshipView& view) {
  if (view.copy_state && view.progress_status &&
      !goes_with(*view.copy_state, *view.progress_status)) {
    look.report.breach("PS-01", subject_of(view),
                       "a ProgressStatus that goes with " + to_text(*view.copy_state),
                       to_text(*view.progress_status));
  }
  const bool fits = check_requested(look, view);
  check_percent(look, view);
  if (view.sync_state == SyncState::Synchronized && view.sync_maintained == false) {
    look.report.breach("ATT-10", subject_of(view), "SyncMaintained true in SyncState 6", "false");
  }
  if (view.copy_recovery_mode == CopyRecoveryMode::ImplementationDecides) {
    look.report.breach("CER-29", subject_of(view), "CopyRecoveryMode 0, 2 or 3", "4");
  }
  return fits;
}

}  // namespace

void check_properties(Look& look) {
  const bool fitted = look.world.properties_fit;
  const std::size_t said = look.report.said();
  bool fit = true;
  for (std::size_t i = 0; i < look.now.relationships.size(); ++i) {
    const RelationshipView& view = look.now.relationships[i];
    if (look.shown_again[i] && fitted) continue;
    if (!check_view(look, view)) fit = false;
    if (look.shown_again[i]) continue;
    const RelationshipView* const before = look.aligned.relationships.earlier(i);
    if (before == nullptr || is_same_kind(*before, view)) continue;
    const Relation* const relation = look.world.relation(view.ref);
    if (relation == nullptr || relation->fresh) continue;
    check_unchanged(look, *before, view);
  }
  look.world.properties_fit = fit && look.report.said() == said;
}

}  // namespace lockstep::model
