// Mode of the four create methods: chosen by the provider, honoured, refused when reserved.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

int number_null(Method method) { return method == Method::CreateReplica ? 7 : 6; }
int number_honoured(Method method) { return method == Method::CreateReplica ? 8 : 7; }
int number_reserved(Method method) { return method == Method::CreateReplica ? 9 : 8; }

template <class F>
void each_view(const Made& made, F&& look) {
  for (const auto& pair : made.pairs) {
    if (pair) look(*pair);
  }
  if (made.group) look(*made.group);
}

std::string mode_text(const RelationshipView& view) {
  return view.mode ? to_text(*view.mode) : "NULL";
}

void null_mode(Session& session, Method method, SyncType kind) {
  Made made = make(session, request_of(fresh(session, method, kind)));
  const std::string clause = clause_of(method, number_null(method));
  session.expect_code(clause, made.outcome);
  each_view(made, [&](const RelationshipView& view) {
    const bool legal =
        !view.mode || view.mode == Mode::Unknown ||
        classify(Method::CreateReplica, SchemaLevel::Cim241, *view.mode) != ValueClass::Reserved;
    session.expect(clause, legal, "a Mode of 0, 2, 3, 4, a vendor's, or NULL", mode_text(view));
    session.note("the provider picks Mode " + mode_text(view) + " for " + to_text(kind));
  });
}

void honoured(Session& session, Method method, SyncType kind, Mode mode) {
  const std::string clause = clause_of(method, number_honoured(method));
  Recipe recipe = fresh(session, method, kind);
  recipe.mode = mode;
  Made made = make(session, request_of(recipe));
  session.expect_code(clause, made.outcome);
  if (!made.outcome.succeeded()) {
    session.expect(clause, !session.capabilities().kinds.contains({kind, mode, Locality::Local}),
                   "a reported kind to be made", outcome_text(made.outcome));
    return;
  }
  each_view(made, [&](const RelationshipView& view) {
    // What Mode means for point-in-time copies is not defined, so they may report none.
    const bool vague = kind != SyncType::Mirror && (!view.mode || view.mode == Mode::Unknown);
    const bool adaptive =
        mode == Mode::Adaptive && (view.mode == Mode::Asynchronous ||
                                   view.mode == Mode::Synchronous || view.mode == Mode::Unknown);
    session.expect(clause, view.mode == mode || vague || adaptive, to_text(mode), mode_text(view));
  });
}

void reserved(Session& session, Method method, SyncType kind) {
  const Recipe good = fresh(session, method, kind);
  for (const std::uint16_t value : std::array<std::uint16_t, 6>{0, 1, 5, 6, 0x7FFE, 0x7FFF}) {
    Recipe recipe = good;
    recipe.mode = static_cast<Mode>(value);
    Outcome outcome = session.perform(request_of(recipe));
    session.expect_code(clause_of(method, number_reserved(method)), outcome);
  }
}

}  // namespace

void add_create_mode(std::vector<Case>& cases, Method method) {
  for (const SyncType kind : {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone}) {
    const std::string suffix = kind == SyncType::Mirror     ? "-mirror"
                               : kind == SyncType::Snapshot ? "-snapshot"
                                                            : "-clone";
    cases.push_back(
        make_case(id_of(method, "mode-null" + suffix), {clause_of(method, number_null(method))},
                  "makes a " + to_text(kind) + " without a Mode", "the provider picks a legal one",
                  of_kind(kind), [=](Session& session) { null_mode(session, method, kind); }));
  }
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous, Mode::Adaptive}) {
    const bool defined = classify(method, SchemaLevel::Cim241, mode) == ValueClass::Defined;
    if (!defined || (mode == Mode::Adaptive && method != Method::CreateReplica)) continue;
    const std::string name = mode == Mode::Synchronous    ? "synchronous"
                             : mode == Mode::Asynchronous ? "asynchronous"
                                                          : "adaptive";
    cases.push_back(make_case(
        id_of(method, "mode-" + name), {clause_of(method, number_honoured(method))},
        "makes a Mirror in Mode " + to_text(mode),
        "the association reports that Mode, or the call is refused because the kind is not offered",
        of_kind(SyncType::Mirror),
        [=](Session& session) { honoured(session, method, SyncType::Mirror, mode); }));
  }
  cases.push_back(
      make_case(id_of(method, "mode-reserved"), {clause_of(method, number_reserved(method))},
                "asks for the reserved modes at the edges of the defined ones",
                "each call is refused", of_kind(SyncType::Mirror),
                [=](Session& session) { reserved(session, method, SyncType::Mirror); }));
}

}  // namespace lockstep::conformance
