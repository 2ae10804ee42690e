#include "model/core/content_phases.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

constexpr std::string_view kRestored = "DS-SN-08";
constexpr PlaceSet kUndefined{CopyState::Broken, CopyState::Aborted, CopyState::Partitioned,
                              CopyState::Invalid};

}  // namespace

std::string_view separation_clause(CopyState state, bool mirror) noexcept {
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

}  // namespace lockstep::model
