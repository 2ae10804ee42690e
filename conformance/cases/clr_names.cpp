// ElementNames of CreateListReplica.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

using Names = std::vector<std::optional<std::string>>;

CreateListReplicaRequest list_of(Session& session, std::size_t sources,
                                 const std::optional<Names>& names) {
  CreateListReplicaRequest request;
  request.sync_type = SyncType::Snapshot;
  request.source_elements = session.volumes(sources);
  request.element_names = names;
  return request;
}

Names distinct(Session& session, std::size_t count) {
  Names names;
  for (std::size_t i = 0; i < count; ++i) names.emplace_back(session.unique_name());
  return names;
}

std::optional<std::string> name_of_target(Session& session, const Made& made, std::size_t index,
                                          const std::string& clause) {
  const auto& target = made.targets[index];
  const ElementView* view = target ? made.outcome.after.find(*target) : nullptr;
  session.expect(clause, view != nullptr, "replica " + std::to_string(index + 1) + " to be found",
                 "none");
  return view == nullptr ? std::nullopt : view->element_name;
}

std::string text_of(const std::optional<std::string>& name) {
  return name ? "\"" + *name + "\"" : "NULL";
}

void in_order(Session& session) {
  const Names names = distinct(session, 3);
  const Made made = make_needed(session, list_of(session, 3, names));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = name_of_target(session, made, i, "CLR-17");
    session.expect("CLR-17", found == names[i], text_of(names[i]), text_of(found));
    session.expect("CLR-21", found == names[i], text_of(names[i]), text_of(found));
  }
}

void none(Session& session) {
  const Made made = make_needed(session, list_of(session, 2, std::nullopt));
  for (std::size_t i = 0; i < 2; ++i) {
    const auto found = name_of_target(session, made, i, "CLR-16");
    session.expect("CLR-16", found && !found->empty(), "a name of the system's", text_of(found));
  }
}

void fewer(Session& session) {
  const Names names = distinct(session, 1);
  const Made made = make(session, list_of(session, 3, names));
  session.expect("CLR-18", made.outcome.succeeded(), "no refusal for a missing name",
                 outcome_text(made.outcome));
  const auto first = name_of_target(session, made, 0, "CLR-18");
  session.expect("CLR-18", first == names.front(), text_of(names.front()), text_of(first));
  for (std::size_t i = 1; i < 3; ++i) {
    const auto found = name_of_target(session, made, i, "CLR-18");
    session.expect("CLR-18", found && !found->empty(), "a name of the system's", text_of(found));
  }
}

void more(Session& session) {
  Made made = make(session, list_of(session, 1, distinct(session, 3)));
  session.expect_code("CLR-19", made.outcome);
  session.note("more names than sources: " + outcome_text(made.outcome));
}

void holes(Session& session) {
  for (const std::optional<std::string>& hole :
       {std::optional<std::string>(), std::optional<std::string>("")}) {
    Names names = distinct(session, 2);
    names.front() = hole;
    Made made = make(session, list_of(session, 2, names));
    session.expect_code("CLR-20", made.outcome);
    session.note("an entry that is " + text_of(hole) + ": " + outcome_text(made.outcome));
    if (!made.outcome.succeeded()) continue;
    const auto second = name_of_target(session, made, 1, "CLR-17");
    session.expect("CLR-17", second == names[1], text_of(names[1]), text_of(second));
  }
}

void equal(Session& session) {
  const std::string name = session.unique_name();
  Made made = make(session, list_of(session, 2, Names{name, name}));
  session.expect_code("CLR-22", made.outcome);
  session.note("equal names: " + outcome_text(made.outcome));
}

void with_targets(Session& session) {
  const Names names = distinct(session, 2);
  CreateListReplicaRequest request = list_of(session, 2, names);
  request.sync_type = SyncType::Clone;
  request.target_elements = session.volumes(2);
  const Inventory before = session.look();
  Outcome outcome = session.perform(request);
  session.expect_code("CLR-23", outcome);
  for (std::size_t i = 0; i < 2; ++i) {
    const ElementView* was = before.find((*request.target_elements)[i]);
    const ElementView* is = outcome.after.find((*request.target_elements)[i]);
    if (was == nullptr || is == nullptr) continue;
    session.expect("CLR-23", is->element_name == was->element_name || is->element_name == names[i],
                   "the old name or the new one", text_of(is->element_name));
  }
}

}  // namespace

void add_clr_names(std::vector<Case>& cases) {
  const Needs snapshot = of_kind(SyncType::Snapshot);
  cases.push_back(make_case("CLR/names-in-order", {"CLR-17", "CLR-21"},
                            "gives three names for three sources", "name i goes to replica i",
                            snapshot, in_order));
  cases.push_back(make_case("CLR/names-null", {"CLR-16"}, "gives no names",
                            "every replica gets one from the system", snapshot, none));
  cases.push_back(make_case("CLR/names-fewer", {"CLR-18"}, "gives one name for three sources",
                            "the others get names from the system", snapshot, fewer));
  cases.push_back(make_case("CLR/names-more", {"CLR-19"}, "gives three names for one source",
                            "the surplus is ignored or refused", snapshot, more));
  cases.push_back(make_case("CLR/names-with-holes", {"CLR-20", "CLR-17"},
                            "gives a NULL, then an empty entry",
                            "a name of the system's, an empty one, or a refusal", snapshot, holes));
  cases.push_back(make_case("CLR/names-equal", {"CLR-22"}, "gives the same name twice",
                            "accepted or refused as names", snapshot, equal));
  cases.push_back(make_case(
      "CLR/names-and-targets", {"CLR-23"}, "gives names together with existing targets",
      "each target has its old name or the new one", of_kind(SyncType::Clone), with_targets));
}

}  // namespace lockstep::conformance
