// Targets that CreateElementReplica must refuse, and sources that are replicas themselves.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

CreateElementReplicaRequest pair_request(const ElementRef& source, const ElementRef& target,
                                         SyncType kind = SyncType::Clone) {
  CreateElementReplicaRequest request;
  request.sync_type = kind;
  request.source_element = source;
  request.target_element = target;
  return request;
}

void itself(Session& session) {
  const ElementRef volume = session.volume(kTinyVolume);
  Outcome outcome = session.perform(pair_request(volume, volume));
  session.expect_code("CER-44", outcome);
}

void too_small(Session& session) {
  const ElementRef source = session.volume(kSmallVolume);
  const ElementRef target = session.volume(BlockCount{kSmallVolume.value / 2});
  Outcome outcome = session.perform(pair_request(source, target));
  session.expect_code("CER-45", outcome);
}

void larger(Session& session) {
  const ElementRef source = session.volume(kSmallVolume);
  const ElementRef target = session.volume(BlockCount{kSmallVolume.value * 2});
  session.fill(source);
  CreateElementReplicaRequest request = pair_request(source, target);
  if (can_wait(session, Method::CreateElementReplica, SyncType::Clone, CopyState::Synchronized)) {
    request.wait_for_copy_state = CopyState::Synchronized;
  }
  const Made made = make(session, request);
  if (!made.outcome.succeeded()) {
    session.expect_one_of("CER-17", made.outcome, {5, 4, 1, 6}, {2});
    session.note("a larger target is refused: " + outcome_text(made.outcome));
    return;
  }
  if (made.pairs.front()) {
    static_cast<void>(brought_up(session, made.pairs.front()->ref));
  }
  session.expect_bytes("CER-17", "the first half of a larger target", session.read_all(source),
                       session.read(target, Lba{0}, kSmallVolume));
}

void in_use(Session& session, SyncType kind) {
  const ElementRef first = session.volume(kTinyVolume);
  const ElementRef second = session.volume(kTinyVolume);
  const ElementRef target = session.volume(kTinyVolume);
  const Made made = make_needed(session, pair_request(first, target, kind));
  if (!made.pairs.front()) session.not_testable("the first relationship ended by itself");
  Outcome outcome = session.perform(pair_request(second, target, kind));
  session.expect_code("CER-46", outcome);
  session.expect("GEN-18", !outcome.succeeded(), "a refusal", outcome_text(outcome));
}

void of_a_replica(Session& session) {
  CreateElementReplicaRequest request;
  request.sync_type = SyncType::Snapshot;
  request.source_element = session.volume(kTinyVolume);
  const Made first = make_needed(session, request);
  if (!first.targets.front()) session.not_testable("the first replica cannot be found");
  request.source_element = *first.targets.front();
  Outcome second = session.perform(request);
  session.expect_code("CER-47", second);
  const bool multihop = session.capabilities().has(Feature::MultihopElementReplication);
  session.expect("CER-47", multihop || !second.succeeded(), "a refusal without multi-hop support",
                 outcome_text(second));
  session.note(std::string("a replica of a replica: ") + outcome_text(second));
}

// CER-48, one feature after the other, as far as the provider reports them.
void forbidden_parameter(Session& session, Feature feature) {
  CreateElementReplicaRequest request;
  request.sync_type = SyncType::Clone;
  request.source_element = session.volume(kTinyVolume);
  if (feature == Feature::TargetElementShallNotBeSupplied) {
    request.target_element = session.volume(kTinyVolume);
  } else if (feature == Feature::TargetPoolShallNotBeSupplied) {
    const Inventory present = session.look();
    if (present.pools.empty()) session.not_testable("the provider shows no pool");
    request.target_pool = present.pools.front().ref;
  } else {
    request.target_setting_goal = session.known_setting_goal();
  }
  Outcome outcome = session.perform(request);
  session.expect_code("CER-48", outcome);
}

}  // namespace

void add_cer_target(std::vector<Case>& cases) {
  const Needs clone = of_kind(SyncType::Clone);
  Needs data = clone;
  data.data = true;
  cases.push_back(make_case("CER/target-is-source", {"CER-44"},
                            "names the source as its own target", "the call is refused", clone,
                            itself));
  cases.push_back(make_case("CER/target-too-small", {"CER-45"}, "names a target of half the size",
                            "the call is refused", clone, too_small));
  cases.push_back(make_case("CER/target-larger", {"CER-17"}, "names a target of twice the size",
                            "refused, or the replica is that element's first half", data, larger));
  for (const SyncType kind : {SyncType::Mirror, SyncType::Clone}) {
    cases.push_back(make_case(
        kind == SyncType::Mirror ? "CER/target-in-use-mirror" : "CER/target-in-use-clone",
        {"CER-46", "GEN-18"}, "names a target that is another source's replica",
        "the call is refused", of_kind(kind), [=](Session& session) { in_use(session, kind); }));
  }
  cases.push_back(make_case("CER/source-is-replica", {"CER-47"}, "copies a replica",
                            "accepted only with the multi-hop feature", of_kind(SyncType::Snapshot),
                            of_a_replica));
  for (const Feature feature :
       {Feature::TargetElementShallNotBeSupplied, Feature::TargetPoolShallNotBeSupplied,
        Feature::TargetGoalShallNotBeSupplied}) {
    Needs needs = clone;
    needs.features = {feature};
    const std::string name = feature == Feature::TargetElementShallNotBeSupplied ? "element"
                             : feature == Feature::TargetPoolShallNotBeSupplied  ? "pool"
                                                                                 : "goal";
    cases.push_back(make_case("CER/feature-no-target-" + name, {"CER-48"},
                              "gives the parameter that a feature forbids", "the call is refused",
                              needs,
                              [=](Session& session) { forbidden_parameter(session, feature); }));
  }
}

}  // namespace lockstep::conformance
