#include "model/core/content_phases.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

constexpr std::string_view kRestored = "DS-SN-08";
constexpr PlaceSet kNoFlow{CopyState::Initialized, CopyState::Prepared};
constexpr PlaceSet kSeparated{CopyState::Fractured, CopyState::Split, CopyState::Inactive,
                              CopyState::Suspended, CopyState::Failedover};
constexpr PlaceSet kUndefined{CopyState::Broken, CopyState::Aborted, CopyState::Partitioned,
                              CopyState::Invalid};

Instant later(Instant a, Instant b) { return a < b ? b : a; }

std::string_view separation_clause(CopyState state, bool mirror) {
  switch (state) {
    case CopyState::Fractured:
      return mirror ? "DS-MS-13" : "DS-CL-08";
    case CopyState::Split:
      return mirror ? "DS-MS-14" : "DS-CL-08";
    case CopyState::Inactive:
      return mirror ? "DS-MS-10" : "DS-CL-08";
    case CopyState::Suspended:
      return mirror ? "DS-MS-11" : "DS-CL-08";
    default:
      return "DS-OP-02";
  }
}

}  // namespace

bool ContentPhases::is_mirror() const {
  return is(MachineKind::MirrorSync) || is(MachineKind::MirrorAsync) ||
         is(MachineKind::MirrorAdaptive);
}

Span ContentPhases::during() const {
  const Instant end = look_.immediate ? look_.asked.answered : look_.at;
  return Span{look_.asked.issued, later(end, look_.asked.issued)};
}

std::string_view ContentPhases::instant_clause() const {
  const bool resync = look_.operation == Event::ResyncReplica;
  if (is(MachineKind::Snapshot)) {
    if (resync) return "DS-SN-07";
    return look_.operation == Event::Activate ? "DS-SN-06" : "DS-SN-01";
  }
  if (is(MachineKind::TokenizedClone)) return "DS-TK-01";
  return resync ? "DS-CL-05" : "DS-CL-01";
}

void ContentPhases::push(VolumeNumber volume, Epoch epoch) {
  told_ = true;
  VolumeContent* content = content_.find(volume);
  if (content == nullptr) return;
  // An epoch that was superseded before anything could be read is of no use to anybody.
  content->epochs.push_back(std::move(epoch));
}

void ContentPhases::push_mix(Span window, bool live, bool exact, bool or_before,
                             std::string_view clause) {
  Epoch epoch;
  epoch.kind = Epoch::Kind::Mix;
  epoch.source = pair_.source;
  epoch.windows = {window};
  epoch.live = live;
  epoch.exact = exact;
  epoch.or_before = or_before;
  epoch.begins = Span{look_.asked.issued, later(look_.at, look_.asked.issued)};
  if (!live) epoch.begins = during();
  epoch.clause = clause;
  push(pair_.target, std::move(epoch));
}

void ContentPhases::push_instant(Spans windows, Span begins, bool or_before,
                                 std::string_view clause) {
  Epoch epoch;
  epoch.kind = Epoch::Kind::Instant;
  epoch.source = pair_.source;
  epoch.windows = std::move(windows);
  epoch.or_before = or_before;
  epoch.begins = begins;
  epoch.clause = clause;
  push(pair_.target, std::move(epoch));
}

bool ContentPhases::follow() {
  if (fresh_) begin();
  const bool swapped = pair_.source == look_.target && pair_.target == look_.source;
  if (swapped) swap_roles();
  if (!look_.kind) {
    lose_track();
    return look_.seen.has_value();
  }
  if (look_.operation == Event::RestoreFromReplica) note_restore();
  if (look_.operation == Event::Failback) note_failback();
  if (!look_.seen) {
    end();
    return false;
  }
  if (look_.operation && !look_.done) {
    // A restore reads the point in time and leaves it alone (DS-OP-01).
    const bool reads_target = look_.operation == Event::RestoreFromReplica && !is_mirror();
    if (!reads_target) pend();
    return true;
  }
  if (kUndefined.contains(look_.seen)) {
    lose_track();
  } else if (is_mirror()) {
    mirror();
  } else {
    point_in_time();
  }
  pair_.pending = false;
  return true;
}

void ContentPhases::begin() {
  pair_ = Content::Pair{};
  pair_.source = look_.source;
  pair_.target = look_.target;
  pair_.since = look_.asked.issued;
}

// The ends changed places; no bytes move by that (DS-OP-05).
void ContentPhases::swap_roles() {
  swapped_ = true;
  const Span swap = during();
  const bool followed = pair_.phase == Phase::Exact || pair_.phase == Phase::Lagging;
  // What the old target holds is what it had got from its source so far.
  if (pair_.phase != Phase::Separated) {
    const Instant low = pair_.phase == Phase::Exact ? swap.low : pair_.since;
    push_mix(Span{low, swap.high}, false, false, !followed, "DS-OP-05");
  }
  std::swap(pair_.source, pair_.target);
  pair_.phase = followed ? Phase::Copying : pair_.phase;
  pair_.since = swap.low;
  // Until it is seen to follow the new source, the old source keeps its blocks.
  push_mix(Span{swap.low, kNever}, true, false, true, "DS-OP-05");
}

// Whether another replica was restored into the same source during `span`. Nothing orders two
// restores that overlap, such as the entries of one list, so either may have the last word.
bool ContentPhases::restored_besides(Span span) const {
  const VolumeContent* source = content_.find(pair_.source);
  if (source == nullptr) return false;
  return std::any_of(source->epochs.begin(), source->epochs.end(), [&](const Epoch& epoch) {
    return epoch.clause == kRestored && !epoch.live && epoch.source != pair_.target &&
           !overlap(epoch.begins, span).empty();
  });
}

// Restore: the source gets what the replica held when it was called (DS-SN-08); until that is done
// every block of the source holds the old or the restored value (DS-SN-09).
void ContentPhases::note_restore() {
  Epoch epoch;
  epoch.kind = Epoch::Kind::Mix;
  epoch.source = pair_.target;
  const Span span = during();
  if (!look_.done) {
    if (pair_.restoring == look_.asked.issued) return;
    epoch.windows = {Span{span.low, kNever}};
    epoch.live = true;
    epoch.or_before = true;
    epoch.begins = Span{span.low, kNever};
    epoch.clause = "DS-SN-09";
  } else {
    epoch.windows = {span};
    epoch.or_before = !look_.sure || restored_besides(span);
    epoch.begins = span;
    epoch.clause = kRestored;
  }
  pair_.restoring = look_.asked.issued;
  push(pair_.source, std::move(epoch));
}

// Failback: what was written to the target meanwhile is carried to the source, or discarded; the
// sources leave open which (DS-OP-04).
void ContentPhases::note_failback() {
  Epoch epoch;
  epoch.kind = Epoch::Kind::Mix;
  epoch.source = pair_.target;
  const Span span = during();
  epoch.windows = {Span{span.low, look_.done ? span.high : kNever}};
  epoch.live = !look_.done;
  epoch.or_before = true;
  epoch.begins = Span{span.low, look_.done ? span.high : kNever};
  epoch.clause = "DS-OP-04";
  push(pair_.source, std::move(epoch));
}

// An operation is at work: the target holds what it held, or what the source has held since.
void ContentPhases::pend() {
  if (pair_.pending) return;
  pair_.pending = true;
  push_mix(Span{look_.asked.issued, kNever}, true, false, true, "DS-MS-07");
  const bool both_ways = look_.operation == Event::ReverseRoles;
  if (!both_ways) return;
  Epoch epoch;
  epoch.kind = Epoch::Kind::Mix;
  epoch.source = pair_.target;
  epoch.windows = {Span{look_.asked.issued, kNever}};
  epoch.live = true;
  epoch.or_before = true;
  epoch.begins = Span{look_.asked.issued, kNever};
  epoch.clause = "DS-OP-05";
  push(pair_.source, std::move(epoch));
}

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
    if (look_.operation && look_.operation != Event::Resume) {
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

void ContentPhases::lose_track() {
  if (pair_.phase == Phase::Unknown) return;
  Epoch epoch;
  epoch.kind = Epoch::Kind::Unknown;
  epoch.live = true;
  epoch.begins = Span{look_.asked.issued, later(look_.at, look_.asked.issued)};
  epoch.clause = "DS-MS-16";
  push(pair_.target, std::move(epoch));
  pair_.phase = Phase::Unknown;
}

// The relationship is gone: what the target holds is its own from now on (DS-OP-08).
void ContentPhases::end() {
  const Span span = during();
  const bool mirror_like = is_mirror();
  switch (pair_.phase) {
    case Phase::Exact:
      push_mix(Span{span.low, span.high}, false, false, false, "DS-OP-08");
      break;
    case Phase::Lagging:
      push_mix(Span{pair_.since, span.high}, false, false, false, "DS-OP-08");
      break;
    case Phase::Start:
    case Phase::Copying: {
      // A clone that detaches by itself was complete (DS-CL-04).
      const bool complete = !mirror_like && !look_.operation && !look_.trouble;
      if (complete) {
        const Span window{pair_.since, later(span.high, look_.at)};
        push_instant({window}, window, false,
                     is(MachineKind::TokenizedClone) ? "DS-TK-03" : "DS-CL-04");
      } else {
        push_mix(Span{pair_.since, later(span.high, look_.at)}, false, false, true, "DS-OP-08");
      }
      break;
    }
    case Phase::PointInTime:
      if (VolumeContent* volume = content_.find(pair_.target)) {
        volume->epochs.back().clause = is(MachineKind::Snapshot)         ? "DS-SN-13"
                                       : is(MachineKind::TokenizedClone) ? "DS-TK-03"
                                                                         : "DS-CL-04";
      }
      break;
    case Phase::Separated:
      break;
    case Phase::Unknown: {
      Epoch epoch;
      epoch.kind = Epoch::Kind::Unknown;
      epoch.begins = Span{span.low, later(look_.at, span.low)};
      epoch.clause = "DS-OP-08";
      push(pair_.target, std::move(epoch));
      break;
    }
  }
}

bool Content::look(const CopyLook& look) {
  const std::size_t place = place_of(*look.ref, look.place != nullptr ? *look.place : 0);
  const bool added = place == pairs_.size();
  if (added) {
    constexpr std::size_t kUsual = 8;
    if (pairs_.capacity() == 0) pairs_.reserve(kUsual);
    pairs_.emplace_back().ref = *look.ref;
  }
  if (look.place != nullptr) *look.place = place;
  const bool fresh = look.fresh || added;
  Pair& pair = pairs_[place].pair;
  const Standing before = pair;
  ContentPhases phases(*this, look, pair, fresh);
  if (!phases.follow()) {
    if (place + 1 < pairs_.size()) pairs_[place] = std::move(pairs_.back());
    pairs_.pop_back();
    return true;
  }
  // Of one that goes on, the instants change only as something is told.
  return fresh || phases.told() || pair != before;
}

void Content::disturb(const RelationshipRef& ref, Instant at) {
  Pair* const found = find(ref);
  if (found == nullptr) return;
  Pair& pair = *found;
  VolumeContent* target = find(pair.target);
  if (target == nullptr || pair.phase == Phase::Unknown || pair.phase == Phase::Separated) return;
  // A synchronous target had everything up to now; whatever comes next may or may not reach it.
  if (pair.phase == Phase::Exact) pair.since = at;
  Epoch epoch;
  const bool mirror = pair.phase == Phase::Exact || pair.phase == Phase::Lagging;
  epoch.kind = mirror ? Epoch::Kind::Mix : Epoch::Kind::Unknown;
  epoch.source = pair.source;
  epoch.windows = {Span{pair.since, kNever}};
  epoch.live = true;
  epoch.or_before = true;
  epoch.begins = Span{at, kNever};
  epoch.clause = "DS-MS-05";
  target->epochs.push_back(std::move(epoch));
  pair.phase = mirror ? Phase::Copying : Phase::Unknown;
}

void Content::overwrite(const ElementRef& target, const std::optional<ElementRef>& source,
                        Instant from) {
  VolumeContent* volume = find(number_of(target));
  if (volume == nullptr) return;
  Epoch epoch;
  epoch.kind = source ? Epoch::Kind::Mix : Epoch::Kind::Unknown;
  epoch.source = source ? number_of(*source) : 0;
  epoch.windows = {Span{from, kNever}};
  epoch.live = true;
  epoch.or_before = true;
  epoch.begins = Span{from, kNever};
  epoch.clause = "DS-MS-08";
  volume->epochs.push_back(std::move(epoch));
}

void Content::settled(const RelationshipRef& ref, Instant at) {
  Pair* const found = find(ref);
  if (found == nullptr || found->phase != Phase::Lagging) return;
  Pair& pair = *found;
  VolumeContent* target = find(pair.target);
  if (target == nullptr) return;
  pair.since = at;
  Epoch epoch;
  epoch.kind = Epoch::Kind::Mix;
  epoch.source = pair.source;
  epoch.windows = {Span{at, kNever}};
  epoch.live = true;
  epoch.begins = Span{at, at};
  epoch.clause = "DS-MA-01";
  target->epochs.push_back(std::move(epoch));
}

}  // namespace lockstep::model
