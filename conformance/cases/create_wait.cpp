// WaitForCopyState of the create methods: what may be seen once the call is done, and which states
// may be waited for at all.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

struct Numbers {
  int reached;  // with 0
  int subset;
  int with_job;
};

Numbers numbers_of(Method method) {
  switch (method) {
    case Method::CreateElementReplica:
      return {34, 35, 36};
    case Method::CreateListReplica:
      return {41, 42, 43};
    default:
      return {49, 50, 51};
  }
}

std::string kind_name(SyncType kind) {
  switch (kind) {
    case SyncType::Mirror:
      return "mirror";
    case SyncType::Snapshot:
      return "snapshot";
    case SyncType::Clone:
      return "clone";
    default:
      return "tokenized-clone";
  }
}

std::string state_name(CopyState state) {
  std::string text = to_text(state);
  text.front() = static_cast<char>(text.front() - 'A' + 'a');
  return text;
}

bool may_be_gone(const Session& session, SyncType kind) {
  return kind != SyncType::Mirror && kind != SyncType::Snapshot &&
         session.capabilities().has(Feature::SynchronizedCloneDetachesAutomatically);
}

void wait_for(Session& session, Method method, SyncType kind, CopyState wanted) {
  if (!can_wait(session, method, kind, wanted)) {
    session.not_supported("the provider does not wait for " + to_text(wanted) + " of " +
                          to_text(kind));
  }
  Recipe recipe = fresh(session, method, kind, kSmallVolume);
  recipe.wait = wanted;
  const Made made = make_needed(session, request_of(recipe));
  const bool at_once = made.outcome.answer.completed();
  const Numbers numbers = numbers_of(method);
  const std::string clause = clause_of(method, at_once ? numbers.reached : numbers.with_job);
  const auto check = [&](const std::optional<RelationshipView>& view) {
    if (!view && may_be_gone(session, kind)) return;
    const auto legal = closure_of(kind, wanted, view ? view->mode : std::nullopt);
    session.expect(clause, view && view->copy_state && legal.contains(*view->copy_state),
                   "a state that follows from " + to_text(wanted) + ": " + states_text(legal),
                   state_text(view));
  };
  for (const auto& pair : made.pairs) check(pair);
  if (method == Method::CreateGroupReplicaFromElements) {
    check(made.group);
    const bool mixed = made.group && made.group->copy_state == CopyState::Mixed;
    session.expect(clause, !mixed, to_text(wanted), "Mixed");
  }
}

void unsupported_states(Session& session, Method method, SyncType kind) {
  const std::string clause = clause_of(method, numbers_of(method).subset);
  const Recipe good = fresh(session, method, kind);
  const auto refused = [&](CopyState state) {
    Recipe recipe = good;
    recipe.wait = state;
    Outcome outcome = session.perform(request_of(recipe));
    session.expect_code(clause, outcome);
  };
  for (const std::uint16_t number : std::array<std::uint16_t, 6>{0, 1, 14, 15, 19, 0x7FFF}) {
    refused(static_cast<CopyState>(number));
  }
  for (const CopyState state : all_values<CopyState>()) {
    if (!can_wait(session, method, kind, state)) refused(state);
  }
}

// CER-37, MCR-37: no state was asked for.
void no_wait(Session& session, Method method, const std::string& clause) {
  for (const SyncType kind : {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone}) {
    if (!session.capabilities().supports(kind)) continue;
    Recipe recipe = fresh(session, method, kind, kSmallVolume);
    const Outcome outcome = session.call(request_of(recipe));
    session.need(outcome);
    std::set<CopyState> legal{CopyState::Initialized, CopyState::Unsynchronized,
                              CopyState::Synchronized, CopyState::Inactive, CopyState::Prepared};
    for (const auto& [known, states] : session.capabilities().copy_states) {
      if (known.sync_type == kind) legal.insert(states.begin(), states.end());
    }
    for (const auto& view : relationships_of(outcome.after, recipe.sources.front())) {
      session.expect(clause, view.copy_state && legal.contains(*view.copy_state),
                     "one of " + states_text(legal), state_text(view));
    }
    Outcome rest = outcome;
    session.await_job(rest);
  }
}

}  // namespace

void add_create_wait(std::vector<Case>& cases, Method method) {
  const Numbers numbers = numbers_of(method);
  if (method == Method::CreateReplica || method == Method::CreateElementReplica) {
    const std::string clause = clause_of(method, 37);
    cases.push_back(make_case(id_of(method, "wait-null"), {clause},
                              "makes each kind without waiting for a state",
                              "the relationship is in a state that a new one may be in", {},
                              [=](Session& session) { no_wait(session, method, clause); }));
  }
  if (method == Method::CreateReplica) return;
  const std::vector<std::string> clauses{clause_of(method, numbers.reached),
                                         clause_of(method, numbers.with_job)};
  for (const SyncType kind : {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone}) {
    for (const CopyState state : {CopyState::Initialized, CopyState::Inactive,
                                  CopyState::Unsynchronized, CopyState::Synchronized}) {
      const bool element = method == Method::CreateElementReplica;
      if (!element && state != CopyState::Synchronized && state != CopyState::Inactive) continue;
      cases.push_back(make_case(id_of(method, "wait-" + state_name(state) + "-" + kind_name(kind)),
                                clauses, "waits for " + to_text(state) + " of a " + to_text(kind),
                                "the state had been reached when the call or its job was done",
                                of_kind(kind),
                                [=](Session& session) { wait_for(session, method, kind, state); }));
    }
  }
  cases.push_back(make_case(
      id_of(method, "wait-unsupported"), {clause_of(method, numbers.subset)},
      "waits for states that the provider does not offer or that are none", "each call is refused",
      of_kind(SyncType::Snapshot),
      [=](Session& session) { unsupported_states(session, method, SyncType::Snapshot); }));
}

}  // namespace lockstep::conformance
