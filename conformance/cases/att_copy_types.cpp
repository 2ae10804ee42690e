// What each CopyType of AttachReplica does to the association and to the bytes. Its numbers are the
// reverse of Mode's: 2 is asynchronous, 3 synchronous.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

struct Attached {
  ElementRef source;
  ElementRef target;
  std::vector<std::byte> bytes;  // of the source, when it was attached
  Made made;
};

Attached attach(Session& session, CopyType type) {
  Attached pair;
  pair.source = session.volume();
  pair.target = session.volume();
  session.fill(pair.source);
  session.fill(pair.target);
  pair.bytes = session.read_all(pair.source);
  AttachReplicaRequest request;
  request.source_element = pair.source;
  request.target_element = pair.target;
  request.copy_type = type;
  pair.made = make_needed(session, request);
  return pair;
}

// The pair at rest.
std::optional<RelationshipView> settled(Session& session, const Attached& pair) {
  if (!pair.made.pairs.front()) return std::nullopt;
  return brought_up(session, pair.made.pairs.front()->ref);
}

void mirror(Session& session, CopyType type) {
  const bool sync = type == CopyType::Sync;
  const std::string clause = sync ? "ATT-10" : "ATT-09";
  const Attached pair = attach(session, type);
  session.expect(clause, pair.made.pairs.front().has_value(), "an association", "none");
  const auto view = settled(session, pair);
  session.expect(clause, view.has_value(), "an association that stays", "none");
  if (view->copy_type) {
    session.expect(clause, view->copy_type == type, to_text(type), to_text(*view->copy_type));
  }
  if (view->sync_type) {
    session.expect(clause, view->sync_type == SyncType::Mirror, "a Mirror",
                   to_text(*view->sync_type));
  }
  const Mode mode = sync ? Mode::Synchronous : Mode::Asynchronous;
  if (view->mode) session.expect(clause, view->mode == mode, to_text(mode), to_text(*view->mode));
  if (sync && view->sync_state == SyncState::Synchronized) {
    session.expect(clause, view->sync_maintained == true, "SyncMaintained true", "not true");
  }
  session.expect_bytes("ATT-19", "the target", pair.bytes, session.read_all(pair.target));
  session.write(pair.source, Lba{7}, BlockCount{9});
  if (sync) {
    session.expect_bytes(clause, "the target of a synchronised copy after a write",
                         session.read_all(pair.source), session.read_all(pair.target));
  }
  if (!sync) {
    // Kept up to date without a promise when.
    const auto wanted = session.read_all(pair.source);
    session.expect_bytes(clause, "the target of an asynchronous copy some time after a write",
                         wanted, session.await_bytes(pair.target, wanted));
  }
}

void point_in_time(Session& session, CopyType type) {
  const bool kept = type == CopyType::UnSyncAssoc;
  const std::string clause = kept ? "ATT-11" : "ATT-12";
  const Attached pair = attach(session, type);
  const auto view = settled(session, pair);
  if (kept) {
    session.expect(clause, view.has_value(), "an association that stays", "none");
    if (view->copy_type) {
      session.expect(clause, view->copy_type == type, to_text(type), to_text(*view->copy_type));
    }
  } else {
    const auto left = relationships_of(session.look(), pair.source);
    session.expect(clause, left.empty(), "no association at the end", std::to_string(left.size()));
  }
  session.expect_bytes("ATT-19", "the target", pair.bytes, session.read_all(pair.target));
  session.write(pair.source, Lba{7}, BlockCount{9});
  session.expect_bytes(clause, "the target after a later write to the source", pair.bytes,
                       session.read_all(pair.target));
}

void direction(Session& session) {
  const auto& types = session.capabilities().copy_types;
  for (const CopyType type : types) {
    const Attached pair = attach(session, type);
    static_cast<void>(settled(session, pair));
    session.expect_bytes("ATT-20", "the source", pair.bytes, session.read_all(pair.source));
    session.remove_made();
  }
}

void initial_state(Session& session, CopyType type) {
  AttachReplicaRequest request;
  request.source_element = session.volume();
  request.target_element = session.volume();
  request.copy_type = type;
  Outcome outcome = session.call(request);
  session.need(outcome);
  const auto found = relationships_of(outcome.after, *request.source_element);
  for (const RelationshipView& view : found) {
    const std::set<CopyState> legal{CopyState::Initialized, CopyState::Prepared,
                                    CopyState::Unsynchronized, CopyState::Synchronized,
                                    CopyState::Inactive};
    session.expect("ATT-17", view.copy_state && legal.contains(*view.copy_state),
                   "one of " + states_text(legal), state_text(view));
    if (view.sync_state) {
      const std::set<SyncState> initial{
          SyncState::Initialized, SyncState::Prepared,         SyncState::Synchronized,
          SyncState::Idle,        SyncState::ResyncInProgress, SyncState::CopyInProgress,
          SyncState::Frozen};
      session.expect("ATT-17", initial.contains(*view.sync_state), "an initial SyncState",
                     to_text(*view.sync_state));
    }
    session.note("right after the answer: " + state_text(view));
  }
  session.expect("ATT-18", outcome.accepted(), "an answer whatever the state",
                 outcome_text(outcome));
  session.await_job(outcome);
}

void both_views(Session& session) {
  const Attached pair = attach(session, CopyType::Sync);
  const auto view = settled(session, pair);
  if (!view || !view->sync_state || !view->copy_state) {
    session.not_supported("the provider does not offer both views of a pair");
  }
  session.expect("ATT-28", view->sync_state == SyncState::Synchronized,
                 "SyncState Synchronized beside CopyState Synchronized",
                 to_text(*view->sync_state));
}

}  // namespace

void add_att_copy_types(std::vector<Case>& cases) {
  const auto needs_of = [](CopyType type) {
    Needs needs;
    needs.copy_types = {type};
    needs.data = true;
    return needs;
  };
  for (const CopyType type : {CopyType::Async, CopyType::Sync}) {
    const bool sync = type == CopyType::Sync;
    cases.push_back(make_case(sync ? "ATT/sync" : "ATT/async",
                              {sync ? "ATT-10" : "ATT-09", "ATT-19"},
                              "attaches a filled target as " + to_text(type) + ", then writes",
                              "the target is replaced and kept up to date", needs_of(type),
                              [=](Session& session) { mirror(session, type); }));
  }
  for (const CopyType type : {CopyType::UnSyncAssoc, CopyType::UnSyncUnAssoc}) {
    const bool kept = type == CopyType::UnSyncAssoc;
    cases.push_back(make_case(
        kept ? "ATT/unsync-assoc" : "ATT/unsync-unassoc", {kept ? "ATT-11" : "ATT-12", "ATT-19"},
        "attaches a filled target as " + to_text(type) + ", then writes",
        kept ? "later writes stay away and the association stays"
             : "later writes stay away and no association is left",
        needs_of(type), [=](Session& session) { point_in_time(session, type); }));
  }
  Needs data;
  data.data = true;
  cases.push_back(make_case("ATT/direction", {"ATT-20"}, "attaches with every reported CopyType",
                            "the source never changes", data, direction));
  for (const CopyType type : {CopyType::Async, CopyType::Sync, CopyType::UnSyncAssoc}) {
    Needs needs;
    needs.copy_types = {type};
    cases.push_back(make_case(
        "ATT/initial-state-" + std::to_string(number_of(type)), {"ATT-17", "ATT-18"},
        "attaches as " + to_text(type) + " and looks at once", "the state is an initial one", needs,
        [=](Session& session) { initial_state(session, type); }));
  }
  cases.push_back(make_case("ATT/both-views", {"ATT-28"}, "compares SyncState and CopyState",
                            "they tell the same", needs_of(CopyType::Sync), both_views));
}

}  // namespace lockstep::conformance
