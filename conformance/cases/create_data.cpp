// The bytes that the create methods promise, read back over the data path.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

int number_source_unchanged(Method method) {
  switch (method) {
    case Method::CreateElementReplica:
      return 43;
    case Method::CreateListReplica:
      return 50;
    case Method::CreateGroupReplicaFromElements:
      return 56;
    default:
      return 38;
  }
}

// The clause under which the replica's bytes are judged.
std::string replica_clause(Method method) {
  switch (method) {
    case Method::CreateElementReplica:
      return "CER-40";
    case Method::CreateListReplica:
      return "CLR-41";
    case Method::CreateGroupReplicaFromElements:
      return "CGE-49";
    default:
      return "MCR-02";
  }
}

// Copies filled volumes and compares every byte of source and replica, before and after later
// writes to the source.
void copies(Session& session, Method method, SyncType kind) {
  Recipe recipe = fresh(session, method, kind, kSmallVolume);
  std::vector<std::vector<std::byte>> before;
  for (const ElementRef& source : recipe.sources) {
    session.fill(source);
    before.push_back(session.read_all(source));
  }
  const bool waits =
      method != Method::CreateReplica && can_wait(session, method, kind, CopyState::Synchronized);
  if (waits) recipe.wait = CopyState::Synchronized;
  const Made made = make_needed(session, request_of(recipe));
  const std::string clause = replica_clause(method);
  for (std::size_t i = 0; i < made.sources.size(); ++i) {
    session.expect_bytes(clause_of(method, number_source_unchanged(method)), "the source",
                         before[i], session.read_all(made.sources[i]));
    if (!made.targets[i]) session.not_testable("the replica cannot be found");
    if (made.pairs[i]) {
      static_cast<void>(brought_up(session, made.pairs[i]->ref));
    }
    session.expect_bytes(clause, "the replica", before[i], session.read_all(*made.targets[i]));
  }
  for (const ElementRef& source : made.sources) {
    session.write(source, Lba{3}, BlockCount{5});
    session.write(source, Lba{kSmallVolume.value - 1}, BlockCount{1});
  }
  for (std::size_t i = 0; i < made.sources.size(); ++i) {
    const auto replica = session.read_all(*made.targets[i]);
    if (kind != SyncType::Mirror) {
      session.expect_bytes(clause, "the point-in-time replica after later writes", before[i],
                           replica);
    } else if (made.pairs[i] && made.pairs[i]->mode == Mode::Synchronous) {
      session.expect_bytes(clause, "the synchronous mirror after later writes",
                           session.read_all(made.sources[i]), replica);
    }
  }
}

}  // namespace

void add_create_data(std::vector<Case>& cases, Method method) {
  const std::vector<std::string> clauses{replica_clause(method),
                                         clause_of(method, number_source_unchanged(method))};
  for (const SyncType kind :
       {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone, SyncType::TokenizedClone}) {
    if (classify(method, SchemaLevel::Cim241, kind) != ValueClass::Defined) continue;
    const std::string name = kind == SyncType::Mirror     ? "mirror"
                             : kind == SyncType::Snapshot ? "snapshot"
                             : kind == SyncType::Clone    ? "clone"
                                                          : "tokenized-clone";
    Needs needs = of_kind(kind);
    needs.data = true;
    cases.push_back(make_case(
        id_of(method, "bytes-" + name), clauses,
        "makes a " + to_text(kind) + " of filled volumes, then writes to the sources",
        kind == SyncType::Mirror
            ? "the replica holds every acknowledged write and the sources are untouched"
            : "the replica holds one point in time, also later, and the sources are untouched",
        needs, [=](Session& session) { copies(session, method, kind); }));
  }
}

}  // namespace lockstep::conformance
