// SyncType of the four create methods: required, defined, reserved, vendor, and reported back.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

constexpr std::array<SyncType, 4> kKinds{SyncType::Mirror, SyncType::Snapshot, SyncType::Clone,
                                         SyncType::TokenizedClone};

std::string lower(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

// A kind of the method's that the provider does not report.
std::optional<SyncType> unreported(const Session& session, Method method) {
  for (const SyncType kind : kKinds) {
    const bool defined =
        classify(method, session.capabilities().level, kind) == ValueClass::Defined;
    if (defined && !session.capabilities().supports(kind)) return kind;
  }
  return std::nullopt;
}

SyncType some_kind(Session& session) {
  if (session.capabilities().kinds.empty()) session.not_testable("the provider makes no replicas");
  return session.capabilities().kinds.begin()->sync_type;
}

void null_sync_type(Session& session, Method method) {
  Request request = request_of(fresh(session, method, some_kind(session)));
  set_sync_type(request, std::nullopt);
  Outcome outcome = session.perform(request);
  if (method == Method::CreateReplica) {
    // MCR-03 does not print "Required", but leaves nothing to choose a kind by.
    if (!outcome.answer.cim_status) session.expect_one_of("MCR-03", outcome, {5}, {1, 2, 4});
    return;
  }
  session.expect_code(clause_of(method, 1), outcome);
}

void unreported_kind(Session& session, Method method) {
  const auto kind = unreported(session, method);
  if (!kind) session.not_testable("the provider reports every kind that the method defines");
  Outcome outcome = session.perform(request_of(fresh(session, method, *kind)));
  session.expect_code(clause_of(method, method == Method::CreateReplica ? 3 : 2), outcome);
}

void refused_values(Session& session, Method method, int number,
                    const std::vector<std::uint16_t>& values) {
  const Recipe good = fresh(session, method, some_kind(session));
  for (const std::uint16_t value : values) {
    Recipe recipe = good;
    recipe.sync_type = static_cast<SyncType>(value);
    Outcome outcome = session.perform(request_of(recipe));
    session.expect_code(clause_of(method, number), outcome);
  }
}

void vendor_values(Session& session, Method method, int number) {
  for (const std::uint16_t value : {std::uint16_t{0x8000}, std::uint16_t{0xFFFF}}) {
    Recipe recipe = fresh(session, method, some_kind(session));
    recipe.sync_type = static_cast<SyncType>(value);
    Outcome outcome = session.perform(request_of(recipe));
    session.expect_code(clause_of(method, number), outcome);
    if (outcome.succeeded())
      session.note("vendor SyncType " + to_text(*recipe.sync_type) + " works");
  }
}

// CER-05 and its like: what was asked for is what the association says.
void reported_back(Session& session, Method method, int number, SyncType kind) {
  const Made made = make_needed(session, request_of(fresh(session, method, kind)));
  const std::string clause = clause_of(method, number);
  bool seen = false;
  const auto check = [&](const std::optional<RelationshipView>& view) {
    if (!view) return;
    seen = true;
    const std::string found = view->sync_type ? to_text(*view->sync_type) : "NULL";
    const bool same = view->sync_type == kind;
    // MCR-06 leaves the number for a tokenized clone open.
    const bool other_clone = method == Method::CreateReplica && kind == SyncType::TokenizedClone &&
                             view->sync_type == SyncType::Clone;
    session.expect(clause, same || other_clone, to_text(kind), found);
  };
  for (const auto& pair : made.pairs) check(pair);
  check(made.group);
  if (!seen) session.not_testable("the relationship had ended by itself before it could be read");
}

}  // namespace

void add_create_sync_type(std::vector<Case>& cases, Method method) {
  const bool volume = method == Method::CreateReplica;
  const int required = volume ? 3 : 1;
  const int reserved = volume ? 4 : 3;
  const int vendor = volume ? 5 : 4;
  const int reported = volume ? 6 : 5;
  std::vector<std::string> null_clauses{clause_of(method, required)};
  if (!volume) null_clauses.push_back("GEN-14");
  cases.push_back(make_case(id_of(method, "sync-type-null"), null_clauses,
                            "calls the method without a SyncType", "the call is refused", {},
                            [=](Session& session) { null_sync_type(session, method); }));
  cases.push_back(
      make_case(id_of(method, "sync-type-unreported"), {clause_of(method, volume ? 3 : 2)},
                "asks for a defined kind that the provider does not report", "the call is refused",
                {}, [=](Session& session) { unreported_kind(session, method); }));
  cases.push_back(
      make_case(id_of(method, "sync-type-reserved"), {clause_of(method, reserved)},
                "asks for the reserved kinds at the edges of the defined ones",
                "each call is refused", {}, [=](Session& session) {
                  refused_values(session, method, reserved, {0, 1, 5, 10, 0x7FFE, 0x7FFF});
                }));
  cases.push_back(make_case(id_of(method, "sync-type-vendor"), {clause_of(method, vendor)},
                            "asks for the first and the last vendor kind",
                            "each is accepted or refused as a kind", {},
                            [=](Session& session) { vendor_values(session, method, vendor); }));
  for (const SyncType kind : kKinds) {
    if (classify(method, SchemaLevel::Cim241, kind) != ValueClass::Defined) continue;
    cases.push_back(make_case(
        id_of(method, "sync-type-reported-" + lower(to_text(kind))), {clause_of(method, reported)},
        "makes a " + to_text(kind) + " and reads its association",
        "the association reports SyncType " + to_text(kind), of_kind(kind),
        [=](Session& session) { reported_back(session, method, reported, kind); }));
  }
}

}  // namespace lockstep::conformance
