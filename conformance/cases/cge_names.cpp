// Names in CreateGroupReplicaFromElements: of the relationship, the source group, the new elements.
#include "conformance/cases/cases.hpp"

#include <set>

namespace lockstep::conformance {
namespace {

CreateGroupReplicaFromElementsRequest group_of(Session& session, std::size_t count = 3) {
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = SyncType::Snapshot;
  request.source_elements = session.volumes(count);
  return request;
}

std::string text_of(const std::optional<std::string>& name) {
  return name ? "\"" + *name + "\"" : "NULL";
}

std::optional<std::string> source_group_name(const Made& made) {
  const GroupView* group = made.group && made.group->source_group
                               ? made.outcome.after.find(*made.group->source_group)
                               : nullptr;
  return group == nullptr ? std::nullopt : group->element_name;
}

void group_name_null(Session& session) {
  Made made = make(session, group_of(session));
  session.expect_code("CGE-15", made.outcome);
  const auto& out = made.outcome.answer.source_group_name;
  const auto found = source_group_name(made);
  if (out && made.outcome.succeeded()) {
    session.expect("CGE-15", found == out, "the group to carry the name returned, " + text_of(out),
                   text_of(found));
  }
  session.note("without a name the source group is called " + text_of(found));
}

void group_name_given(Session& session) {
  auto request = group_of(session);
  request.source_group_name = session.unique_name();
  Made made = make(session, request);
  session.expect_code("CGE-16", made.outcome);
  if (!made.outcome.succeeded()) return;
  const auto found = source_group_name(made);
  const auto& out = made.outcome.answer.source_group_name;
  if (!session.capabilities().has(GroupFeature::GroupIsNameable) &&
      found != request.source_group_name) {
    session.note("groups are not nameable; the source group is called " + text_of(found));
    return;
  }
  session.expect("CGE-16", found == request.source_group_name, text_of(request.source_group_name),
                 text_of(found));
  if (made.outcome.answer.completed()) {
    session.expect("CGE-16", out == request.source_group_name, text_of(request.source_group_name),
                   text_of(out));
  }
}

void group_name_in_use(Session& session) {
  auto request = group_of(session);
  request.source_group_name = session.unique_name();
  make_needed(session, request);
  auto second = group_of(session);
  second.source_group_name = request.source_group_name;
  Outcome outcome = session.perform(second);
  session.expect_code("CGE-17", outcome);
  session.note("a group name in use: " + outcome_text(outcome));
}

void relationship_null(Session& session) {
  Made made = make(session, group_of(session));
  session.expect_code("CGE-18", made.outcome);
  if (!made.group) return;
  session.expect("CGE-18", made.group->name && !made.group->name->empty(),
                 "a name of the provider's", text_of(made.group->name));
}

void relationship_given(Session& session) {
  auto request = group_of(session);
  request.relationship_name = session.unique_name();
  const Made made = make(session, request);
  const bool may = session.capabilities().has(GroupFeature::ClientCanSupplyRelationshipName);
  if (!made.outcome.succeeded()) {
    session.expect("CGE-19", !may, "the name to be taken", outcome_text(made.outcome));
    return;
  }
  session.expect("CGE-19", made.group.has_value(), "a group association", "none");
  if (!may && made.group->name != request.relationship_name) {
    session.note("the provider names relationships itself");
    return;
  }
  session.expect("CGE-19", made.group->name == request.relationship_name,
                 text_of(request.relationship_name), text_of(made.group->name));
}

// CGE-20 to 22: derived from the relationship's name; the pattern is an example only.
void element_names(Session& session) {
  auto request = group_of(session);
  std::string prefix = session.unique_name();
  request.relationship_name = prefix;
  const Made made = make_needed(session, request);
  // The provider's own name takes its place where the client's is not heeded (CGE-19).
  const bool may = session.capabilities().has(GroupFeature::ClientCanSupplyRelationshipName);
  if (!may && made.group && made.group->name) prefix = *made.group->name;
  std::set<std::string> distinct;
  bool pattern = true;
  bool order = true;
  for (std::size_t i = 0; i < made.targets.size(); ++i) {
    const ElementView* view = made.targets[i] ? made.outcome.after.find(*made.targets[i]) : nullptr;
    if (view == nullptr || !view->element_name) continue;
    const std::string& name = *view->element_name;
    session.expect("CGE-20", name.find(prefix) != std::string::npos,
                   "a name made from \"" + prefix + "\"", "\"" + name + "\"");
    distinct.insert(name);
    bool numbered = false;
    for (std::size_t n = 1; n <= made.targets.size(); ++n) {
      numbered = numbered || name == prefix + "_" + std::to_string(n);
    }
    pattern = pattern && numbered;
    order = order && name == prefix + "_" + std::to_string(i + 1);
  }
  if (!pattern) session.note("element names do not follow the pattern name_n");
  session.expect("CGE-21", distinct.empty() || distinct.size() == made.targets.size(),
                 "names that differ", std::to_string(distinct.size()) + " different ones");
  if (pattern && !order) session.note("element names are not numbered in the order of the sources");
  session.expect("CGE-22", true, "any order", "any order");
}

}  // namespace

void add_cge_names(std::vector<Case>& cases) {
  const Needs snapshot = of_kind(SyncType::Snapshot);
  cases.push_back(make_case("CGE/group-name-null", {"CGE-15"}, "gives no SourceGroupName",
                            "a name that is returned is the group's", snapshot, group_name_null));
  cases.push_back(make_case("CGE/group-name-given", {"CGE-16"}, "gives a SourceGroupName",
                            "the group carries it and it is returned", snapshot, group_name_given));
  cases.push_back(make_case("CGE/group-name-in-use", {"CGE-17"}, "gives a group name twice",
                            "a second group or a refusal", snapshot, group_name_in_use));
  cases.push_back(make_case("CGE/relationship-name-null", {"CGE-18"}, "gives no RelationshipName",
                            "the provider assigns one", snapshot, relationship_null));
  cases.push_back(make_case("CGE/relationship-name-given", {"CGE-19"}, "gives a RelationshipName",
                            "the group association carries it", snapshot, relationship_given));
  cases.push_back(make_case("CGE/element-names", {"CGE-20", "CGE-21", "CGE-22"},
                            "gives a RelationshipName and reads the new elements' names",
                            "they are made from it", snapshot, element_names));
}

}  // namespace lockstep::conformance
