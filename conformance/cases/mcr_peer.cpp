// The system and the credentials of CreateReplica.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

CreateReplicaRequest replica_of(Session& session) {
  CreateReplicaRequest request;
  request.source = session.volume(kTinyVolume);
  request.sync_type = SyncType::Clone;
  return request;
}

void local_by_default(Session& session) {
  Outcome outcome = session.perform(replica_of(session));
  session.expect_code("MCR-13", outcome);
  session.note("without a system: " + outcome_text(outcome));
}

void designated(Session& session) {
  if (!session.known().local_peer) session.not_testable("no peer of the provider is known");
  CreateReplicaRequest request = replica_of(session);
  request.target_storage_system = session.known().local_peer;
  const Made made = make(session, request);
  session.expect("MCR-12", made.outcome.succeeded(), "the known system to be taken",
                 outcome_text(made.outcome));
  const auto& target = made.targets.front();
  session.expect("MCR-12", target && made.outcome.after.find(*target) != nullptr,
                 "the replica on that system", "none");
}

void unknown(Session& session) {
  CreateReplicaRequest request = replica_of(session);
  request.target_storage_system = PeerRef{"no peer has this path"};
  Outcome outcome = session.perform(request);
  session.expect_code("MCR-14", outcome);
}

void credentials_missing(Session& session) {
  for (const bool user : {true, false}) {
    CreateReplicaRequest request = replica_of(session);
    if (user) {
      request.username = session.known().username.value_or("operator");
    } else {
      request.password = session.known().password.value_or("secret");
    }
    Outcome outcome = session.perform(request);
    if (!outcome.answer.cim_status) {
      session.expect_one_of("MCR-28", outcome, {0, 4096, 40001, 4, 2, 5});
    }
    session.note(std::string("only the ") + (user ? "username" : "password") + ": " +
                 outcome_text(outcome));
  }
}

void credentials_good(Session& session) {
  if (!session.known().username || !session.known().password) {
    session.not_testable("no credentials of the provider are known");
  }
  CreateReplicaRequest request = replica_of(session);
  request.username = session.known().username;
  request.password = session.known().password;
  Outcome outcome = session.perform(request);
  session.expect_code("MCR-28", outcome);
  session.expect("MCR-28", outcome.succeeded(), "good credentials to be taken",
                 outcome_text(outcome));
}

void credentials_bad(Session& session) {
  if (!session.known().username) {
    session.not_testable(
        "a local copy may need no credentials, and none of the provider are known");
  }
  CreateReplicaRequest request = replica_of(session);
  request.username = session.known().username;
  request.password = "certainly not the password";
  Outcome outcome = session.perform(request);
  session.expect_code("MCR-29", outcome);
  session.expect("GEN-20", !outcome.accepted() && !outcome.answer.job,
                 "access denied and nothing started", outcome_text(outcome));
}

}  // namespace

void add_mcr_peer(std::vector<Case>& cases) {
  const Needs clone = of_kind(SyncType::Clone);
  cases.push_back(make_case("MCR/system-null", {"MCR-13"}, "names no target system",
                            "local, or refused", clone, local_by_default));
  cases.push_back(make_case("MCR/system-given", {"MCR-12"}, "names the local system",
                            "the replica is made there", clone, designated));
  cases.push_back(make_case("MCR/system-unknown", {"MCR-14"}, "names a system nobody knows",
                            "the call is refused", clone, unknown));
  cases.push_back(
      make_case("MCR/credentials-half", {"MCR-28"}, "gives a username alone, then a password alone",
                "configured ones are tried, or the call is refused", clone, credentials_missing));
  cases.push_back(make_case("MCR/credentials-good", {"MCR-28"}, "gives good credentials",
                            "the call is carried out", clone, credentials_good));
  cases.push_back(make_case("MCR/credentials-bad", {"MCR-29", "GEN-20"}, "gives a wrong password",
                            "access is denied", clone, credentials_bad));
}

}  // namespace lockstep::conformance
