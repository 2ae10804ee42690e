// What the target of a mirror holds: all that its source holds, or what it held when they parted.
#include "model/core/content_phases.hpp"

namespace lockstep::model {

void ContentPhases::mirror() {
  const CopyState state = *look_.seen;
  const bool following = pair_.phase == Phase::Exact || pair_.phase == Phase::Lagging;
  if (kNoFlow.contains(state) || state == CopyState::Unsynchronized) {
    // An asynchronous mirror may show 3 while it lags.
    const bool lags = pair_.phase == Phase::Lagging && !look_.operation && !look_.trouble;
    if (lags || (pair_.phase == Phase::Copying && !look_.operation)) return;
    if (look_.operation || following) pair_.since = look_.asked.issued;
    const std::string_view clause = kNoFlow.contains(state) ? "DS-MS-08"
                                    : pair_.reached         ? "DS-MS-07"
                                                            : "DS-MS-06";
    push_mix(Span{pair_.since, kNever}, true, false, true, clause);
    pair_.phase = Phase::Copying;
  } else if (state == CopyState::Synchronized) {
    mirror_reaches_synchronized();
  } else if (kSeparated.contains(state)) {
    mirror_separates(state);
  } else if (state == CopyState::Skewed && following) {
    // Hosts wrote to the target; whether it still follows its source is not said.
    pair_.since = pair_.phase == Phase::Exact ? look_.asked.issued : pair_.since;
    push_mix(Span{pair_.since, kNever}, true, false, true, "DS-MS-02");
    pair_.phase = Phase::Copying;
  }
}

void ContentPhases::mirror_reaches_synchronized() {
  const bool restore = look_.operation == Event::RestoreFromReplica;
  if (look_.trouble) {
    // The state may be old news.
    push_mix(Span{pair_.since, kNever}, true, false, true, "DS-MS-05");
    pair_.phase = Phase::Copying;
    return;
  }
  const bool exact = is(MachineKind::MirrorSync);
  const Phase wanted = exact ? Phase::Exact : Phase::Lagging;
  if (pair_.phase == wanted && !pair_.pending && !look_.operation) return;
  const std::string_view clause = !exact                      ? "DS-MA-02"
                                  : pair_.reached && !restore ? "DS-MS-15"
                                                              : "DS-MS-02";
  if (look_.operation) pair_.since = look_.asked.issued;
  const bool maybe_no_op = look_.operation && !look_.sure && !swapped_;
  push_mix(Span{pair_.since, kNever}, true, exact, maybe_no_op, clause);
  pair_.phase = wanted;
  pair_.reached = true;
}

void ContentPhases::mirror_separates(CopyState state) {
  if (pair_.phase == Phase::Separated && !look_.operation && !pair_.pending) return;
  const bool followed = pair_.phase == Phase::Exact || pair_.phase == Phase::Lagging;
  const Span span = during();
  const Instant low = pair_.phase == Phase::Exact ? span.low : pair_.since;
  // A restore that is done leaves the target as it was.
  if (look_.operation == Event::RestoreFromReplica && pair_.phase == Phase::Separated) return;
  const bool promised = state == CopyState::Split || state == CopyState::Inactive;
  const bool sure = followed && look_.sure && !look_.trouble;
  if (promised && sure && look_.operation) {
    const std::string_view clause = pair_.phase == Phase::Lagging ? std::string_view("DS-MA-09")
                                                                  : separation_clause(state, true);
    push_instant({Span{low, span.high}}, span, false, clause);
  } else {
    const std::string_view clause = pair_.reached || state != CopyState::Inactive
                                        ? separation_clause(state, true)
                                        : std::string_view("DS-MS-09");
    push_mix(Span{low, span.high}, false, false, !sure, clause);
  }
  pair_.phase = Phase::Separated;
  pair_.since = low;
}

}  // namespace lockstep::model
