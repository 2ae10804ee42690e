// What the provider reports about itself, taken at its word both ways: what it reports is not
// refused as unsupported, and an operation that it does not report is refused. The other refusals
// of what is not reported stand with the parameter they are about.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <cctype>

namespace lockstep::conformance {
namespace {

bool says_unsupported(const Answer& answer) {
  if (!answer.cim_status) return answer.code == ReturnCode::NotSupported;
  return *answer.cim_status == CimStatus::NotSupported ||
         *answer.cim_status == CimStatus::MethodNotAvailable ||
         *answer.cim_status == CimStatus::MethodNotFound;
}

std::string clause_about_kinds(Method method) {
  return clause_of(method, method == Method::CreateReplica ? 3 : 2);
}

bool defines(const Session& session, Method method, SyncType kind) {
  return classify(method, session.capabilities().level, kind) == ValueClass::Defined;
}

// A plain request, and where that is refused, the same with targets of the client's: a provider may
// want them supplied. The better of the two answers.
Outcome best_of(Session& session, Recipe recipe) {
  Outcome plain = session.perform(request_of(recipe));
  if (plain.accepted() || recipe.method == Method::CreateGroupReplicaFromElements) return plain;
  recipe.targets = session.volumes(recipe.sources.size());
  Outcome with_targets = session.perform(request_of(recipe));
  return with_targets.accepted() || says_unsupported(plain.answer) ? with_targets : plain;
}

struct Attempt {
  Method method;
  SyncType kind;
};

// Breach when each of the attempts is refused as unsupported; one that works, or that is refused
// for another reason, ends it.
void some_attempt_is_supported(Session& session, const std::vector<Attempt>& attempts,
                               const std::string& what) {
  if (attempts.empty()) session.not_testable("no other report of the provider goes with " + what);
  std::string refusals;
  for (const Attempt& attempt : attempts) {
    const Outcome outcome = best_of(session, fresh(session, attempt.method, attempt.kind));
    if (!says_unsupported(outcome.answer)) return;
    refusals += (refusals.empty() ? "" : "; ") + to_text(attempt.method) + " of a " +
                to_text(attempt.kind) + ": " + outcome_text(outcome);
    session.remove_made();
  }
  session.expect(clause_about_kinds(attempts.front().method), false,
                 what + ", which the provider reports, to be supported", refusals);
}

void reported_kind(Session& session, SyncType kind) {
  std::vector<Attempt> attempts;
  for (const Method method : kCreateMethods) {
    const bool reported = session.capabilities().methods.contains(method);
    if (reported && defines(session, method, kind)) attempts.push_back({method, kind});
  }
  some_attempt_is_supported(session, attempts, to_text(kind));
}

void reported_method(Session& session, Method method) {
  std::vector<Attempt> attempts;
  std::set<SyncType> tried;
  for (const ReplicationKind& known : session.capabilities().kinds) {
    const bool fresh_kind = tried.insert(known.sync_type).second;
    if (fresh_kind && defines(session, method, known.sync_type)) {
      attempts.push_back({method, known.sync_type});
    }
  }
  some_attempt_is_supported(session, attempts, to_text(method));
}

void reported_copy_types(Session& session) {
  for (const CopyType type : session.capabilities().copy_types) {
    AttachReplicaRequest request;
    request.source_element = session.volume(kTinyVolume);
    request.target_element = session.volume(kTinyVolume);
    request.copy_type = type;
    const Outcome outcome = session.perform(request);
    session.expect("ATT-06", !says_unsupported(outcome.answer),
                   "CopyType " + to_text(type) + ", which the provider reports, to be supported",
                   outcome_text(outcome));
    session.remove_made();
  }
}

// CAP-08: what is listed is accepted. Refused as what an unlisted state is refused with counts.
void reported_waits(Session& session, Method method) {
  bool any = false;
  for (const auto& [key, states] : session.capabilities().wait_for_copy_states) {
    const auto& [of_method, kind] = key;
    if (of_method != method || !defines(session, method, kind.sync_type)) continue;
    for (const CopyState state : states) {
      any = true;
      Recipe recipe = fresh(session, method, kind.sync_type);
      recipe.mode = kind.mode;
      recipe.wait = state;
      const Outcome outcome = best_of(session, recipe);
      const bool refused =
          says_unsupported(outcome.answer) ||
          (!outcome.answer.cim_status && outcome.answer.code == ReturnCode::InvalidParameter);
      session.expect("CAP-08", !refused,
                     "WaitForCopyState " + to_text(state) + " of a " + to_text(kind.sync_type) +
                         ", which the provider reports, to be accepted",
                     outcome_text(outcome));
      session.remove_made();
    }
  }
  if (!any) session.not_testable("the provider cannot be asked which states it waits for");
}

void unreported_operations(Session& session, SyncType kind) {
  std::set<Operation> reported;
  bool asked = false;
  for (const auto& [known, operations] : session.capabilities().operations) {
    if (known.sync_type != kind) continue;
    asked = true;
    reported.insert(operations.begin(), operations.end());
  }
  if (!asked) session.not_testable("the provider cannot be asked which operations it has");
  Recipe recipe = fresh(session, Method::CreateElementReplica, kind);
  const Made made = make_needed(session, request_of(recipe));
  if (!made.pairs.front()) session.not_testable("the relationship ended by itself");
  for (const Operation operation : all_values<Operation>()) {
    if (reported.contains(operation)) continue;
    Outcome outcome = modify(session, made.pairs.front()->ref, operation);
    session.expect_code("MRS-03", outcome);
  }
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

}  // namespace

void add_declared(std::vector<Case>& cases) {
  for (const SyncType kind :
       {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone, SyncType::TokenizedClone}) {
    Needs needs = of_kind(kind);
    needs.methods = {Method::CreateVolume};
    std::vector<std::string> clauses;
    for (const Method method : kCreateMethods) clauses.push_back(clause_about_kinds(method));
    cases.push_back(make_case("GEN/reported-" + lower_case(to_text(kind)), std::move(clauses),
                              "asks every reported method for a " + to_text(kind),
                              "not all refuse it as unsupported, because it is reported", needs,
                              [=](Session& session) { reported_kind(session, kind); }));
    Needs relationship = of_kind(kind);
    relationship.methods = {Method::CreateElementReplica};
    if (kind == SyncType::TokenizedClone) continue;  // CreateElementReplica makes none
    cases.push_back(make_case("MRS/unreported-" + lower_case(to_text(kind)), {"MRS-03", "CAP-09"},
                              "gives a " + to_text(kind) + " every operation that is not reported",
                              "each call is refused", relationship,
                              [=](Session& session) { unreported_operations(session, kind); }));
  }
  for (const Method method : kCreateMethods) {
    cases.push_back(make_case(id_of(method, "reported"), {clause_about_kinds(method)},
                              "asks " + to_text(method) + " for every reported kind",
                              "not all are refused as unsupported, because both are reported", {},
                              [=](Session& session) { reported_method(session, method); }));
    if (method == Method::CreateReplica) continue;  // it cannot wait
    cases.push_back(make_case(id_of(method, "waits-reported"), {"CAP-08"},
                              "waits for every state that is reported for the method",
                              "none is refused as a state that cannot be waited for", {},
                              [=](Session& session) { reported_waits(session, method); }));
  }
  cases.push_back(make_case("ATT/reported", {"ATT-06"}, "attaches with every reported CopyType",
                            "none is refused as unsupported", {}, reported_copy_types));
}

}  // namespace lockstep::conformance
