// TargetStorageVolume and TargetStoragePool of CreateReplica: unlike the other methods, a pool
// beside a volume is ignored.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

CreateReplicaRequest replica_of(const ElementRef& source, SyncType kind = SyncType::Clone) {
  CreateReplicaRequest request;
  request.source = source;
  request.sync_type = kind;
  return request;
}

void both(Session& session, bool known_pool) {
  CreateReplicaRequest request = replica_of(session.volume(kTinyVolume));
  const ElementRef target = session.volume(kTinyVolume);
  request.target_storage_volume = target;
  const Inventory before = session.look();
  if (known_pool) {
    if (before.pools.empty()) session.not_testable("the provider shows no pool");
    request.target_storage_pool = before.pools.front().ref;
  } else {
    request.target_storage_pool = PoolRef{"no pool has this path"};
  }
  Made made = make(session, request);
  if (known_pool) {
    session.expect("MCR-15", made.outcome.succeeded(), "the pool to be ignored",
                   outcome_text(made.outcome));
  } else {
    session.expect_code("MCR-16", made.outcome);
    if (!made.outcome.succeeded()) return;
  }
  const std::string clause = known_pool ? "MCR-15" : "MCR-16";
  const ElementView* was = before.find(target);
  const ElementView* is = made.outcome.after.find(target);
  session.expect(clause, was != nullptr && is != nullptr && was->pool == is->pool,
                 "the volume's pool unchanged", "another pool");
  if (made.targets.front()) {
    session.expect(clause, *made.targets.front() == target, session.name(target),
                   session.name(*made.targets.front()));
  }
}

void unknown_volume(Session& session) {
  const ElementRef gone = session.volume(kTinyVolume);
  session.remove(gone);
  CreateReplicaRequest request = replica_of(session.volume(kTinyVolume));
  request.target_storage_volume = gone;
  Outcome outcome = session.perform(request);
  session.expect_code("MCR-17", outcome);
}

void overwritten(Session& session) {
  const ElementRef source = session.volume();
  const ElementRef target = session.volume();
  session.fill(source);
  session.fill(target);
  const auto bytes = session.read_all(source);
  CreateReplicaRequest request = replica_of(source);
  request.target_storage_volume = target;
  const Made made = make_needed(session, request);
  if (made.pairs.front()) {
    static_cast<void>(brought_up(session, made.pairs.front()->ref));
  }
  session.expect_bytes("MCR-40", "the supplied volume", bytes, session.read_all(target));
  session.expect_bytes("MCR-38", "the source", bytes, session.read_all(source));
}

void busy(Session& session) {
  const ElementRef target = session.volume(kTinyVolume);
  CreateReplicaRequest request = replica_of(session.volume(kTinyVolume), SyncType::Mirror);
  request.target_storage_volume = target;
  const Made first = make_needed(session, request);
  if (!first.pairs.front()) session.not_testable("the first relationship ended by itself");
  request.source = session.volume(kTinyVolume);
  Outcome second = session.perform(request);
  session.expect_code("MCR-35", second);
}

void identical(Session& session) {
  CreateReplicaRequest request = replica_of(session.volume(kTinyVolume), SyncType::Mirror);
  request.target_storage_volume = session.volume(kTinyVolume);
  const Made first = make_needed(session, request);
  if (!first.pairs.front()) session.not_testable("the first relationship ended by itself");
  Outcome second = session.perform(request);
  session.expect_code("MCR-36", second);
  session.note("a second identical relationship: " + outcome_text(second));
}

}  // namespace

void add_mcr_target(std::vector<Case>& cases) {
  const Needs clone = of_kind(SyncType::Clone);
  const Needs mirror = of_kind(SyncType::Mirror);
  Needs data = clone;
  data.data = true;
  cases.push_back(make_case("MCR/target-and-pool", {"MCR-15"},
                            "gives a volume together with a pool", "the pool is ignored", clone,
                            [](Session& session) { both(session, true); }));
  cases.push_back(make_case("MCR/target-and-unknown-pool", {"MCR-16"},
                            "gives a volume together with a pool that does not exist",
                            "the pool is ignored", clone,
                            [](Session& session) { both(session, false); }));
  cases.push_back(make_case("MCR/target-unknown", {"MCR-17"}, "names a deleted volume as target",
                            "the call is refused", clone, unknown_volume));
  cases.push_back(make_case("MCR/target-overwritten", {"MCR-40", "MCR-38"},
                            "gives a filled volume as target",
                            "it holds the source's bytes at the end", data, overwritten));
  cases.push_back(make_case("MCR/target-busy", {"MCR-35"},
                            "names a target that is another source's replica",
                            "the call is refused", mirror, busy));
  cases.push_back(make_case("MCR/pair-twice", {"MCR-36"}, "makes the same relationship twice",
                            "refused or accepted as a pair", mirror, identical));
}

}  // namespace lockstep::conformance
