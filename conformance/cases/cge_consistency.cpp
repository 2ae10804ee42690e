// Consistency across the members of a group.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

CreateGroupReplicaFromElementsRequest group_of(Session& session, SyncType kind,
                                               std::optional<ConsistencyRequest> consistency,
                                               BlockCount blocks = kTinyVolume) {
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = kind;
  request.source_elements = session.volumes(2, blocks);
  request.consistency = consistency;
  return request;
}

std::string text_of(const std::optional<bool>& value) {
  return value ? (*value ? "true" : "false") : "NULL";
}

void by_default(Session& session) {
  Made made = make(session, group_of(session, SyncType::Mirror, std::nullopt));
  session.expect_code("CGE-35", made.outcome);
  if (!made.group) return;
  const bool sequential =
      session.capabilities().default_consistency == ConsistencyType::SequentiallyConsistent;
  session.expect("CGE-35", made.group->consistency_enabled.value_or(false) == sequential,
                 sequential ? "ConsistencyEnabled true" : "ConsistencyEnabled false",
                 text_of(made.group->consistency_enabled));
}

void sequential(Session& session) {
  Made made =
      make(session, group_of(session, SyncType::Mirror, ConsistencyRequest::SequentialConsistency));
  session.expect_code("CGE-36", made.outcome);
  if (!made.outcome.succeeded()) {
    session.expect("CGE-36", !session.capabilities().sequential_consistency_supported,
                   "the supported consistency to be given", outcome_text(made.outcome));
    return;
  }
  session.expect("CGE-36", made.group && made.group->consistency_enabled == true,
                 "ConsistencyEnabled true",
                 made.group ? text_of(made.group->consistency_enabled) : "no group association");
  session.expect("CGE-36", made.group->consistency_type == ConsistencyType::SequentiallyConsistent,
                 "ConsistencyType 2",
                 made.group->consistency_type ? to_text(*made.group->consistency_type) : "NULL");
}

void none(Session& session) {
  Made made = make(session, group_of(session, SyncType::Mirror, ConsistencyRequest::NoConsistency));
  session.expect_code("CGE-37", made.outcome);
  if (!made.outcome.succeeded() || !made.group) return;
  const bool always = session.capabilities().has(GroupFeature::ConsistencyEnabledForAllGroups);
  session.expect("CGE-37", always || !made.group->consistency_enabled.value_or(false),
                 "ConsistencyEnabled false", text_of(made.group->consistency_enabled));
}

void values(Session& session, const std::string& clause, const std::vector<std::uint16_t>& list) {
  auto request = group_of(session, SyncType::Mirror, std::nullopt);
  for (const std::uint16_t value : list) {
    request.consistency = static_cast<ConsistencyRequest>(value);
    Outcome outcome = session.perform(request);
    session.expect_code(clause, outcome);
    if (outcome.succeeded()) {
      session.remove_made();
      request = group_of(session, SyncType::Mirror, std::nullopt);
    }
  }
}

// Dependent writes, alternating between the volumes, before the copy: with everything acknowledged
// the one instant must hold them all, and none of those that follow.
void point_in_time(Session& session, SyncType kind) {
  auto request = group_of(session, kind, std::nullopt, kSmallVolume);
  const auto sources = *request.source_elements;
  for (const ElementRef& source : sources) session.fill(source);
  for (std::uint64_t i = 0; i < 8; ++i) {
    session.write(sources[i % 2], Lba{i}, BlockCount{1});
  }
  ReplicationSettingData settings;
  settings.consistent_point_in_time = true;
  request.replication_setting_data = SettingDataParameter(settings);
  if (can_wait(session, Method::CreateGroupReplicaFromElements, kind, CopyState::Synchronized)) {
    request.wait_for_copy_state = CopyState::Synchronized;
  }
  std::vector<std::vector<std::byte>> before;
  for (const ElementRef& source : sources) before.push_back(session.read_all(source));
  Made made = make(session, request);
  session.expect_code("CGE-43", made.outcome);
  if (!made.outcome.succeeded()) return;
  for (std::uint64_t i = 0; i < 8; ++i) {
    session.write(sources[i % 2], Lba{i}, BlockCount{1});
  }
  std::vector<ElementRef> targets;
  for (const auto& target : made.targets) {
    if (!target) session.not_testable("a replica cannot be found");
    targets.push_back(*target);
  }
  const auto images = session.read_together(targets);
  for (std::size_t i = 0; i < images.size(); ++i) {
    session.expect_bytes("CGE-43", "member " + std::to_string(i + 1) + " at the common instant",
                         before[i], images[i]);
  }
  if (!made.group || !made.group->target_group) return;
  const GroupView* group = made.outcome.after.find(*made.group->target_group);
  session.expect("CGE-43", group != nullptr && group->consistent_point_in_time,
                 "ConsistentPointInTime true at the target group", "false");
}

}  // namespace

void add_cge_consistency(std::vector<Case>& cases) {
  const Needs mirror = of_kind(SyncType::Mirror);
  cases.push_back(make_case("CGE/consistency-null", {"CGE-35"}, "gives no Consistency",
                            "the default applies", mirror, by_default));
  cases.push_back(
      make_case("CGE/consistency-sequential", {"CGE-36"}, "asks for sequential consistency",
                "the group association shows it, or the call is refused", mirror, sequential));
  cases.push_back(make_case("CGE/consistency-none", {"CGE-37"}, "asks for no consistency",
                            "the group association shows none, or the call is refused", mirror,
                            none));
  cases.push_back(make_case("CGE/consistency-reserved", {"CGE-38"},
                            "asks for reserved values of Consistency", "each call is refused",
                            mirror, [](Session& session) {
                              values(session, "CGE-38", {0, 1, 4, 5, 0x7FFF});
                            }));
  cases.push_back(make_case("CGE/consistency-vendor", {"CGE-39"},
                            "asks for vendor values of Consistency",
                            "each is accepted or refused as a value", mirror, [](Session& session) {
                              values(session, "CGE-39", {0x8000, 0xFFFF});
                            }));
  for (const SyncType kind : {SyncType::Snapshot, SyncType::Clone}) {
    Needs needs = of_kind(kind);
    needs.data = true;
    cases.push_back(make_case(
        kind == SyncType::Snapshot ? "CGE/point-in-time-snapshot" : "CGE/point-in-time-clone",
        {"CGE-43"}, "writes to the members in turn and asks for a consistent point in time",
        "all replicas hold one instant", needs,
        [=](Session& session) { point_in_time(session, kind); }));
  }
}

}  // namespace lockstep::conformance
