// CreateListReplica as a list: lengths, order, one kind for all, no group.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

CreateListReplicaRequest list_of(const std::vector<ElementRef>& sources,
                                 SyncType kind = SyncType::Snapshot) {
  CreateListReplicaRequest request;
  request.sync_type = kind;
  request.source_elements = sources;
  return request;
}

void empty(Session& session) {
  Outcome outcome = session.perform(list_of({}));
  session.expect_code("CLR-10", outcome);
}

void doubled_source(Session& session) {
  const ElementRef source = session.volume(kTinyVolume);
  Outcome outcome = session.perform(list_of({source, source}));
  session.expect_code("CLR-12", outcome);
  if (outcome.succeeded()) {
    const auto made = relationships_of(outcome.after, source).size();
    session.expect("CLR-12", made == 2, "two replicas", std::to_string(made));
  }
}

void no_group(Session& session) {
  const auto count = [](const Inventory& inventory) {
    std::size_t groups = inventory.groups.size();
    for (const auto& view : inventory.relationships) {
      if (view.relationship_class == RelationshipClass::GroupSynchronized) ++groups;
    }
    return groups;
  };
  const auto sources = session.volumes(3);
  const std::size_t before = count(session.look());
  const Made made = make_needed(session, list_of(sources));
  const std::size_t after = count(made.outcome.after);
  session.expect("CLR-40", before == after, "no new group or group relationship",
                 std::to_string(after) + " instead of " + std::to_string(before));
}

void same_kind(Session& session) {
  const Made made = make_needed(session, list_of(session.volumes(4), SyncType::Mirror));
  std::optional<Mode> mode;
  for (const auto& pair : made.pairs) {
    session.expect("CLR-05", pair && pair->sync_type == SyncType::Mirror, "Mirror for every entry",
                   pair ? "another kind" : "no relationship");
    if (mode) {
      session.expect("CLR-06", pair->mode == mode, "one Mode for all", "another one");
    }
    mode = pair->mode;
  }
}

void unequal_lengths(Session& session) {
  CreateListReplicaRequest request = list_of(session.volumes(3), SyncType::Clone);
  request.target_elements = session.volumes(2);
  Outcome outcome = session.perform(request);
  session.expect_code("CLR-26", outcome);
  request.target_elements = session.volumes(4);
  outcome = session.perform(request);
  session.expect_code("CLR-26", outcome);
}

void relaxed_lengths(Session& session, UnequalAction action) {
  const bool more_sources = action == UnequalAction::SourceMayBeLarger;
  CreateListReplicaRequest request =
      list_of(session.volumes(more_sources ? 3 : 2), SyncType::Clone);
  request.target_elements = session.volumes(more_sources ? 2 : 3);
  ReplicationSettingData settings;
  settings.unequal_lists_action = action;
  request.replication_setting_data = SettingDataParameter(settings);
  const Outcome outcome = session.perform(request);
  session.expect_one_of("CLR-26", outcome, {0, 4096}, {1, 5});
  if (outcome.succeeded()) session.note("unequal lists are accepted when asked for");
}

void paired(Session& session) {
  const auto sources = session.volumes(3);
  CreateListReplicaRequest request = list_of(sources, SyncType::Mirror);
  const auto targets = session.volumes(3);
  // Not in the order of their making, so that a provider that sorts is noticed.
  request.target_elements = std::vector{targets[2], targets[0], targets[1]};
  const Made made = make_needed(session, request);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto pairs = relationships_of(made.outcome.after, sources[i]);
    session.expect("CLR-25", pairs.size() == 1, "one relationship per source",
                   std::to_string(pairs.size()));
    session.expect("CLR-25", pairs.front().target_element == (*request.target_elements)[i],
                   "source " + std::to_string(i + 1) + " with target " + std::to_string(i + 1),
                   "another pairing");
  }
}

void of_one(Session& session) {
  const Made list = make_needed(session, list_of(session.volumes(1)));
  CreateElementReplicaRequest request;
  request.sync_type = SyncType::Snapshot;
  request.source_element = session.volume(kTinyVolume);
  const Made element = make_needed(session, request);
  if (!list.pairs.front() || !element.pairs.front()) return;
  const auto& a = *list.pairs.front();
  const auto& b = *element.pairs.front();
  const bool same = a.sync_type == b.sync_type && a.mode == b.mode &&
                    a.relationship_class == b.relationship_class &&
                    a.sync_maintained == b.sync_maintained;
  session.expect("CLR-48", same, "the relationship that CreateElementReplica makes",
                 "a different one");
}

void with_wait(Session& session) {
  if (!can_wait(session, Method::CreateListReplica, SyncType::Clone, CopyState::Synchronized)) {
    session.not_supported("the provider does not wait for Synchronized");
  }
  const auto sources = session.volumes(3, kSmallVolume);
  for (const ElementRef& source : sources) session.fill(source);
  CreateListReplicaRequest request = list_of(sources, SyncType::Clone);
  request.wait_for_copy_state = CopyState::Synchronized;
  const Made made = make_needed(session, request);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!made.targets[i]) session.not_testable("a replica cannot be found");
    session.expect_bytes("CLR-41", "replica " + std::to_string(i + 1), session.read_all(sources[i]),
                         session.read_all(*made.targets[i]));
  }
}

}  // namespace

void add_clr_lists(std::vector<Case>& cases) {
  const Needs snapshot = of_kind(SyncType::Snapshot);
  const Needs mirror = of_kind(SyncType::Mirror);
  const Needs clone = of_kind(SyncType::Clone);
  cases.push_back(make_case("CLR/sources-empty", {"CLR-10"}, "gives an empty list of sources",
                            "nothing happens or it is refused", snapshot, empty));
  cases.push_back(make_case("CLR/source-twice", {"CLR-12"}, "names one source twice",
                            "two replicas or a refusal", snapshot, doubled_source));
  cases.push_back(make_case("CLR/no-group", {"CLR-40"}, "copies three volumes",
                            "no group and no group relationship appears", snapshot, no_group));
  cases.push_back(
      make_case("CLR/one-kind-for-all", {"CLR-05", "CLR-06"}, "mirrors four volumes in one call",
                "every relationship has that kind and the same Mode", mirror, same_kind));
  cases.push_back(make_case("CLR/lengths-differ", {"CLR-26"},
                            "gives fewer, then more targets than sources", "the calls are refused",
                            clone, unequal_lengths));
  cases.push_back(make_case(
      "CLR/lengths-differ-more-sources", {"CLR-26"},
      "allows more sources than targets by UnequalListsAction", "accepted, or the setting refused",
      clone, [](Session& session) { relaxed_lengths(session, UnequalAction::SourceMayBeLarger); }));
  cases.push_back(make_case(
      "CLR/lengths-differ-more-targets", {"CLR-26"},
      "allows more targets than sources by UnequalListsAction", "accepted, or the setting refused",
      clone, [](Session& session) { relaxed_lengths(session, UnequalAction::TargetMayBeLarger); }));
  cases.push_back(make_case("CLR/targets-in-order", {"CLR-25"},
                            "gives three targets in an order of their own",
                            "entry i pairs with source i", mirror, paired));
  cases.push_back(make_case("CLR/list-of-one", {"CLR-48"}, "copies a list of one volume",
                            "the relationship is as CreateElementReplica makes it", snapshot,
                            of_one));
  Needs data = clone;
  data.data = true;
  cases.push_back(make_case(
      "CLR/wait-synchronized-bytes", {"CLR-41"}, "waits for Synchronized of three filled volumes",
      "every replica holds its source's bytes when the call is done", data, with_wait));
}

}  // namespace lockstep::conformance
