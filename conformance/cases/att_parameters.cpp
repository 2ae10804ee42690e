// Parameters of AttachReplica: required, existing, defined, fitting.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

CopyType some_type(Session& session) {
  if (session.capabilities().copy_types.empty()) {
    session.not_supported("the provider reports no CopyType");
  }
  // A kept pair says more than one that ends by itself.
  for (const CopyType type : {CopyType::Sync, CopyType::Async, CopyType::UnSyncAssoc}) {
    if (session.capabilities().copy_types.contains(type)) return type;
  }
  return *session.capabilities().copy_types.begin();
}

AttachReplicaRequest good(Session& session, BlockCount blocks = kTinyVolume) {
  AttachReplicaRequest request;
  request.source_element = session.volume(blocks);
  request.target_element = session.volume(blocks);
  request.copy_type = some_type(session);
  return request;
}

void spoiled(Session& session, const std::string& clause,
             const std::function<void(Session&, AttachReplicaRequest&)>& spoil) {
  AttachReplicaRequest request = good(session, kSmallVolume);
  spoil(session, request);
  Outcome outcome = session.perform(request);
  session.expect_code(clause, outcome);
}

void unsupported_types(Session& session) {
  bool any = false;
  for (const CopyType type : all_values<CopyType>()) {
    if (session.capabilities().copy_types.contains(type)) continue;
    any = true;
    AttachReplicaRequest request = good(session);
    request.copy_type = type;
    Outcome outcome = session.perform(request);
    session.expect_code("ATT-06", outcome);
  }
  if (!any) session.not_testable("the provider reports every defined CopyType");
}

void values(Session& session, const std::string& clause, const std::vector<std::uint16_t>& list) {
  const AttachReplicaRequest request = good(session);
  for (const std::uint16_t value : list) {
    AttachReplicaRequest one = request;
    one.copy_type = static_cast<CopyType>(value);
    Outcome outcome = session.perform(one);
    session.expect_code(clause, outcome);
    if (outcome.succeeded()) return;
  }
}

void in_use(Session& session) {
  AttachReplicaRequest request = good(session);
  const Made first = make_needed(session, request);
  if (!first.pairs.front()) session.not_testable("the first pair ended by itself");
  request.source_element = session.volume(kTinyVolume);
  Outcome second = session.perform(request);
  session.expect_code("ATT-23", second);
}

void again(Session& session) {
  const AttachReplicaRequest request = good(session);
  const Made first = make_needed(session, request);
  if (!first.pairs.front()) session.not_testable("the first pair ended by itself");
  Outcome second = session.perform(request);
  session.expect_code("ATT-24", second);
  const auto count = relationships_of(second.after, *request.source_element).size();
  session.expect("ATT-24", count == 1, "one association", std::to_string(count));
  session.note("attached again: " + outcome_text(second));
}

}  // namespace

void add_att_parameters(std::vector<Case>& cases) {
  const auto refuse = [&](const std::string& name, std::vector<std::string> clauses,
                          const std::string& does,
                          std::function<void(Session&, AttachReplicaRequest&)> spoil) {
    const std::string clause = clauses.front();
    cases.push_back(make_case("ATT/" + name, std::move(clauses), does, "the call is refused", {},
                              [=](Session& session) { spoiled(session, clause, spoil); }));
  };
  refuse("source-null", {"ATT-02"}, "gives no source",
         [](Session&, AttachReplicaRequest& request) { request.source_element.reset(); });
  refuse("target-null", {"ATT-03"}, "gives no target",
         [](Session&, AttachReplicaRequest& request) { request.target_element.reset(); });
  refuse("source-unknown", {"ATT-04"}, "names a deleted volume as source",
         [](Session& session, AttachReplicaRequest& request) {
           session.remove(*request.source_element);
         });
  refuse("target-unknown", {"ATT-04"}, "names a deleted volume as target",
         [](Session& session, AttachReplicaRequest& request) {
           session.remove(*request.target_element);
         });
  refuse("target-is-source", {"ATT-21"}, "names the source as its own target",
         [](Session&, AttachReplicaRequest& request) {
           request.target_element = request.source_element;
         });
  refuse("target-too-small", {"ATT-22"}, "names a target that is too small",
         [](Session& session, AttachReplicaRequest& request) {
           request.target_element = session.volume(kTinyVolume);
         });
  refuse("target-wrong-class", {"ATT-22"}, "names a pool as the target",
         [](Session& session, AttachReplicaRequest& request) {
           const Inventory present = session.look();
           if (present.pools.empty()) session.not_testable("the provider shows no pool");
           request.target_element = ElementRef{present.pools.front().ref.path};
         });
  cases.push_back(make_case("ATT/copy-type-null", {"ATT-05"}, "gives no CopyType",
                            "a default applies, or the call is refused", {}, [](Session& session) {
                              spoiled(session, "ATT-05",
                                      [](Session&, AttachReplicaRequest& request) {
                                        request.copy_type.reset();
                                      });
                            }));
  cases.push_back(make_case("ATT/copy-type-unreported", {"ATT-06"},
                            "gives defined types that the provider does not report",
                            "each call is refused", {}, unsupported_types));
  cases.push_back(make_case("ATT/copy-type-reserved", {"ATT-07"}, "gives reserved types",
                            "each call is refused", {}, [](Session& session) {
                              values(session, "ATT-07", {0, 1, 6, 7, 0x7FFF});
                            }));
  cases.push_back(make_case("ATT/copy-type-vendor", {"ATT-08"}, "gives vendor types",
                            "each is accepted or refused as a type", {}, [](Session& session) {
                              values(session, "ATT-08", {0x8000, 0xFFFF});
                            }));
  cases.push_back(make_case("ATT/target-in-use", {"ATT-23"},
                            "names a target that is another source's replica",
                            "the call is refused", {}, in_use));
  cases.push_back(make_case("ATT/pair-again", {"ATT-24"}, "attaches the same pair again",
                            "one association remains", {}, again));
}

}  // namespace lockstep::conformance
