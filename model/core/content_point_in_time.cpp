// What a snapshot or a clone holds: its source at one moment.
#include "model/core/content_phases.hpp"

#include <utility>

namespace lockstep::model {

// The operation takes a new point in time (DS-SN-06, DS-SN-07). Prepare and Unprepare go back to
// where a copy may start by itself (T-008), which nobody need see.
bool ContentPhases::retakes() const noexcept {
  return look_.operation == Event::ResyncReplica || may_retake();
}

// Or it leaves the old one.
bool ContentPhases::may_retake() const noexcept {
  return look_.operation == Event::Activate || look_.operation == Event::Prepare ||
         look_.operation == Event::Unprepare;
}

void ContentPhases::point_in_time() {
  const CopyState state = *look_.seen;
  const bool still_taken = pair_.phase == Phase::PointInTime && look_.only_restarted;
  if (look_.trouble && state == CopyState::Synchronized && !still_taken) {
    lose_track();
    return;
  }
  if (kNoFlow.contains(state) || state == CopyState::Unsynchronized) {
    if (pair_.phase == Phase::Copying && !look_.operation) return;
    // One that could start by itself may have, unseen, and an Unprepare that found nothing to do
    // has left it so.
    const bool undisturbed =
        look_.operation == Event::Unprepare && look_.was == Place(CopyState::Initialized);
    if (look_.operation && look_.operation != Event::Resume && !undisturbed) {
      pair_.since = look_.asked.issued;
      pair_.instants.clear();
    }
    push_mix(Span{pair_.since, kNever}, true, false, true, "DS-CL-02");
    pair_.phase = Phase::Copying;
  } else if (state == CopyState::Synchronized) {
    point_in_time_taken();
  } else if (kSeparated.contains(state)) {
    point_in_time_separates(state);
  } else if (state == CopyState::Skewed && (pair_.phase != Phase::PointInTime || retakes())) {
    point_in_time_taken();
  }
}

void ContentPhases::point_in_time_taken() {
  const bool retaken = retakes();
  if (pair_.phase == Phase::PointInTime && !retaken && !pair_.pending) return;
  const Span span = during();
  Span window{pair_.since, span.high};
  if (retaken) window.low = span.low;
  // A clone's point in time lies anywhere until Synchronized was reached (DS-CL-01), which may be
  // later than the answer.
  if (!is(MachineKind::Snapshot)) window.high = later(window.high, look_.at);
  Spans windows{window};
  const bool keeps_old = may_retake() || (retaken && !look_.sure) ||
                         (!retaken && pair_.phase != Phase::Copying && !fresh_);
  if (keeps_old) windows.insert(windows.end(), pair_.instants.begin(), pair_.instants.end());
  const Span begins{retaken ? span.low : pair_.since, later(window.high, look_.at)};
  // A no-op may have been reported as success: then host writes to the target are still there.
  push_instant(windows, begins, retaken && !look_.sure, instant_clause());
  pair_.instants = std::move(windows);
  pair_.phase = Phase::PointInTime;
  pair_.reached = true;
}

void ContentPhases::point_in_time_separates(CopyState state) {
  const Span span = during();
  if (pair_.phase == Phase::PointInTime) {
    // A resync that ends idle (T-035) has a new point in time, or takes it with the Activate.
    if (look_.operation == Event::ResyncReplica && state == CopyState::Inactive) {
      Spans windows{Span{span.low, later(span.high, look_.at)}};
      const Span begins = windows.front();
      windows.insert(windows.end(), pair_.instants.begin(), pair_.instants.end());
      push_instant(windows, begins, true, instant_clause());
      pair_.instants = std::move(windows);
      return;
    }
    // Deactivate: the target writes are lost, at least those of a snapshot (DS-SN-05).
    if (look_.operation == Event::Deactivate && state == CopyState::Inactive) {
      const bool lost = is(MachineKind::Snapshot) && look_.sure;
      push_instant(pair_.instants, span, !lost, "DS-SN-05");
    }
    return;
  }
  if (pair_.phase == Phase::Separated && !look_.operation) return;
  // Inactive from the start: the point in time is that of the create, or of a later Activate
  //
  push_mix(Span{pair_.since, span.high}, false, false, true, separation_clause(state, false));
  pair_.instants = {Span{pair_.since, span.high}};
  pair_.phase = Phase::Separated;
}

}  // namespace lockstep::model
