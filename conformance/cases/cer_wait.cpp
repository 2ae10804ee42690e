// What the awaited states mean for the bytes, and what happens when a state cannot be reached.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

struct Waited {
  ElementRef source;
  ElementRef target;
  Made made;
};

// A supplied, filled target and a create that waits for W.
Waited waited(Session& session, SyncType kind, CopyState wanted) {
  if (!can_wait(session, Method::CreateElementReplica, kind, wanted)) {
    session.not_supported("the provider does not wait for " + to_text(wanted) + " of " +
                          to_text(kind));
  }
  Waited result;
  result.source = session.volume();
  result.target = session.volume();
  session.fill(result.source);
  session.fill(result.target);
  return result;
}

Request request_for(const Waited& waited, SyncType kind, CopyState wanted) {
  Recipe recipe;
  recipe.sync_type = kind;
  recipe.sources = {waited.source};
  recipe.targets = {waited.target};
  recipe.wait = wanted;
  return request_of(recipe);
}

// CER-38: no data flow yet. The copy is held back so that the state can be looked at.
void initialized(Session& session) {
  Waited pair = waited(session, SyncType::Mirror, CopyState::Initialized);
  const auto old_target = session.read_all(pair.target);
  if (session.can(FaultKind::CopyHeld)) session.fault(FaultKind::CopyHeld);
  pair.made = make_needed(session, request_for(pair, SyncType::Mirror, CopyState::Initialized));
  session.expect("CER-38", pair.made.pairs.front().has_value(), "an association", "none");
  const Inventory before = session.look();
  const auto* first = before.find(pair.made.pairs.front()->ref);
  const auto bytes = session.read_all(pair.target);
  const Inventory after = session.look();
  const auto* last = after.find(pair.made.pairs.front()->ref);
  const bool still = first != nullptr && last != nullptr &&
                     first->copy_state == CopyState::Initialized &&
                     last->copy_state == CopyState::Initialized;
  if (!still) {
    session.note("the association moves on from Initialized by itself");
    return;
  }
  session.expect_bytes("CER-38", "the target before any data flow", old_target, bytes);
}

// CER-39: source writes stay away from the target until Activate.
void inactive(Session& session, SyncType kind) {
  Waited pair = waited(session, kind, CopyState::Inactive);
  pair.made = make_needed(session, request_for(pair, kind, CopyState::Inactive));
  if (!pair.made.pairs.front()) session.expect("CER-39", false, "an association", "none");
  const RelationshipRef relationship = pair.made.pairs.front()->ref;
  const auto idle = session.read_all(pair.target);
  session.write(pair.source, Lba{1}, BlockCount{8});
  session.write(pair.source, Lba{kSmallVolume.value / 2}, BlockCount{8});
  session.expect_bytes("CER-39", "the target of an inactive relationship", idle,
                       session.read_all(pair.target));
  const Inventory present = session.look();
  const auto* view = present.find(relationship);
  session.expect("CER-39", view != nullptr && view->copy_state == CopyState::Inactive,
                 "Inactive until Activate",
                 view == nullptr ? "no relationship" : state_text(*view));
}

// CER-40 in the other direction of time: exact at the moment the call returned.
void synchronized_exact(Session& session, SyncType kind) {
  Waited pair = waited(session, kind, CopyState::Synchronized);
  const auto source = session.read_all(pair.source);
  pair.made = make_needed(session, request_for(pair, kind, CopyState::Synchronized));
  session.expect_bytes("CER-40", "a supplied target at Synchronized", source,
                       session.read_all(pair.target));
}

// CER-41: in progress, or already done.
void unsynchronized(Session& session) {
  Waited pair = waited(session, SyncType::Mirror, CopyState::Unsynchronized);
  if (session.can(FaultKind::CopyHeld)) session.fault(FaultKind::CopyHeld);
  pair.made = make_needed(session, request_for(pair, SyncType::Mirror, CopyState::Unsynchronized));
  const auto& view = pair.made.pairs.front();
  const auto legal = closure_of(SyncType::Mirror, CopyState::Unsynchronized, std::nullopt);
  session.expect("CER-41", view && view->copy_state && legal.contains(*view->copy_state),
                 "one of " + states_text(legal), state_text(view));
}

// CER-42: the target can take no data, so Synchronized cannot be reached.
void unreachable(Session& session, FaultKind kind) {
  Waited pair = waited(session, SyncType::Clone, CopyState::Synchronized);
  session.fault(kind);
  Outcome outcome = session.perform(request_for(pair, SyncType::Clone, CopyState::Synchronized));
  session.expect_code("CER-42", outcome);
}

}  // namespace

void add_cer_wait(std::vector<Case>& cases) {
  Needs mirror = of_kind(SyncType::Mirror);
  mirror.data = true;
  Needs clone = of_kind(SyncType::Clone);
  clone.data = true;
  cases.push_back(make_case("CER/wait-initialized-bytes", {"CER-38"},
                            "waits for Initialized with a filled target", "the target is untouched",
                            mirror, initialized));
  for (const SyncType kind : {SyncType::Mirror, SyncType::Clone}) {
    Needs needs = of_kind(kind);
    needs.data = true;
    const std::string name = kind == SyncType::Mirror ? "mirror" : "clone";
    cases.push_back(make_case("CER/wait-inactive-bytes-" + name, {"CER-39"},
                              "waits for Inactive, then writes to the source",
                              "the target does not change before Activate", needs,
                              [=](Session& session) { inactive(session, kind); }));
    cases.push_back(make_case("CER/wait-synchronized-bytes-" + name, {"CER-40"},
                              "waits for Synchronized with a filled target",
                              "the target holds the source's bytes when the call is done", needs,
                              [=](Session& session) { synchronized_exact(session, kind); }));
  }
  cases.push_back(make_case("CER/wait-unsynchronized-running", {"CER-41"},
                            "waits for Unsynchronized while the copy is held back",
                            "the copy is in progress or done", mirror, unsynchronized));
  Needs space = clone;
  space.faults = {FaultKind::SpaceExhausted};
  cases.push_back(make_case("CER/wait-unreachable-space", {"CER-42"},
                            "waits for Synchronized while the target can take no data",
                            "neither 0 nor a job that succeeds", space, [](Session& session) {
                              unreachable(session, FaultKind::SpaceExhausted);
                            }));
}

}  // namespace lockstep::conformance
