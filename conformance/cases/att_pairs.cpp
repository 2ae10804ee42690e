// The pair that AttachReplica makes: found by looking, made of what was there, then managed.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

AttachReplicaRequest request_for(Session& session, CopyType type) {
  AttachReplicaRequest request;
  request.source_element = session.volume(kTinyVolume);
  request.target_element = session.volume(kTinyVolume);
  request.copy_type = type;
  return request;
}

void only_existing(Session& session) {
  for (const CopyType type : session.capabilities().copy_types) {
    const AttachReplicaRequest request = request_for(session, type);
    const std::size_t before = session.look().elements.size();
    const Made made = make_needed(session, request);
    session.expect("ATT-01", made.outcome.after.elements.size() == before, "no new element",
                   std::to_string(made.outcome.after.elements.size() - before) + " more");
    const auto found = relationships_of(made.outcome.after, *request.source_element);
    if (type == CopyType::UnSyncUnAssoc) continue;
    session.expect("ATT-01", found.size() == 1, "one pair", std::to_string(found.size()));
    session.expect("ATT-15", found.size() == 1, "the association after the end",
                   std::to_string(found.size()));
    session.expect("ATT-01",
                   found.front().relationship_class == RelationshipClass::StorageSynchronized &&
                       found.front().target_element == request.target_element,
                   "a StorageSynchronized of the two elements", "another association");
  }
}

void found_from_both_ends(Session& session) {
  const AttachReplicaRequest request = request_for(session, CopyType::Sync);
  Outcome outcome = session.call(request);
  session.need(outcome);
  session.expect("ATT-14", !outcome.answer.synchronization, "no Synchronization in the answer",
                 "one");
  if (outcome.answer.started_job()) {
    session.note("right after 4096 there are " +
                 std::to_string(relationships_of(outcome.after, *request.source_element).size()) +
                 " associations");
  }
  session.await_job(outcome);
  session.expect("ATT-16", outcome.succeeded(), "a job that succeeds", outcome_text(outcome));
  for (const auto& end : {request.source_element, request.target_element}) {
    const auto found = relationships_of(outcome.after, *end);
    session.expect("ATT-14", found.size() == 1, "the association from " + session.name(*end),
                   std::to_string(found.size()));
  }
}

void job_out(Session& session) {
  AttachReplicaRequest request;
  request.source_element = session.volume(kSmallVolume);
  request.target_element = session.volume(kSmallVolume);
  request.copy_type = *session.capabilities().copy_types.begin();
  Outcome outcome = session.call(request);
  session.need(outcome);
  session.expect("ATT-13", outcome.answer.started_job() || !outcome.answer.job,
                 "a job only with 4096", "a job with 0");
  session.expect("GEN-04", outcome.answer.started_job() || !outcome.answer.job, "no job with 0",
                 "a job");
  session.await_job(outcome);
  const std::uint32_t code = number_of(outcome.answer.code);
  session.expect("ATT-27", legal_return(Method::AttachReplica, code), "a listed code",
                 outcome_text(outcome));
}

void legal_codes(Session& session) {
  AttachReplicaRequest good;
  good.source_element = session.volume(kTinyVolume);
  good.target_element = session.volume(kTinyVolume);
  good.copy_type = CopyType::Sync;
  std::vector<AttachReplicaRequest> requests(4, good);
  requests[0].copy_type = static_cast<CopyType>(0x7FFF);
  requests[1].target_element = good.source_element;
  requests[2].source_element = ElementRef{"no volume has this path"};
  requests[3].target_element.reset();
  for (const AttachReplicaRequest& request : requests) {
    const Outcome outcome = session.perform(request);
    if (outcome.answer.cim_status) continue;
    const std::uint32_t code = number_of(outcome.answer.code);
    session.expect("ATT-27", legal_return(Method::AttachReplica, code), "a listed code",
                   outcome_text(outcome));
  }
}

void managed(Session& session) {
  const Made made = make_needed(session, request_for(session, CopyType::Sync));
  if (!made.pairs.front()) session.not_testable("the pair cannot be found");
  const RelationshipRef ref = made.pairs.front()->ref;
  static_cast<void>(brought_up(session, ref));
  Outcome outcome = carry_out(session, ref, Operation::Fracture);
  session.expect_code("ATT-29", outcome);
}

void whole_method_unsupported(Session& session) {
  AttachReplicaRequest request;
  request.source_element = ElementRef{"source"};
  request.target_element = ElementRef{"target"};
  request.copy_type = CopyType::Sync;
  Outcome outcome = session.perform(request);
  session.expect_code("ATT-25", outcome);
}

}  // namespace

void add_att_pairs(std::vector<Case>& cases) {
  Needs sync;
  sync.copy_types = {CopyType::Sync};
  cases.push_back(make_case(
      "ATT/existing-elements-only", {"ATT-01", "ATT-15"}, "attaches with every reported CopyType",
      "the two elements become a pair and no element is made", {}, only_existing));
  cases.push_back(make_case("ATT/found-by-looking", {"ATT-14", "ATT-16"},
                            "attaches and looks from both ends",
                            "the association is found from either", sync, found_from_both_ends));
  cases.push_back(make_case("ATT/job-out", {"ATT-13", "ATT-27", "GEN-04"},
                            "attaches and looks at Job", "a job only with 4096", {}, job_out));
  cases.push_back(make_case("ATT/listed-codes-only", {"ATT-27"}, "spoils the request in four ways",
                            "every answer is a listed code", {}, legal_codes));
  cases.push_back(make_case("ATT/managed-afterwards", {"ATT-29"}, "fractures an attached pair",
                            "accepted, or not supported", sync, managed));
  Case unsupported = make_case("ATT/not-supported", {"ATT-25"},
                               "calls the method of a provider that does not implement it",
                               "Not Supported", {}, whole_method_unsupported);
  unsupported.needs.methods = {Method::CreateElementReplica};
  unsupported.run = [](Session& session) {
    if (session.capabilities().methods.contains(Method::AttachReplica)) {
      session.not_testable("the provider implements the method");
    }
    whole_method_unsupported(session);
  };
  cases.push_back(std::move(unsupported));
}

}  // namespace lockstep::conformance
