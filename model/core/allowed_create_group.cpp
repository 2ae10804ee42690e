// CreateGroupReplicaFromElements (CGE).
#include "model/core/allowed_create.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

constexpr CreateClauses kGroupClauses{
    .method = Method::CreateGroupReplicaFromElements,
    .sync_type_required = "CGE-01",
    .kind_supported = "CGE-02",
    .sync_type_reserved = "CGE-03",
    .sync_type_vendor = "CGE-04",
    .mode_null = "CGE-06",
    .mode_honoured = "CGE-07",
    .mode_reserved = "CGE-08",
    .access_point = "CGE-23",
    .target_null = "CGE-24",
    .goal_excluded = "CGE-30",
    .pool_excluded = "CGE-31",
    .pool_used = "CGE-32",
    .goal_used = "CGE-34",
    .settings_malformed = "CGE-41",
    .settings_honoured = "CGE-43",
    .wait_supported = "CGE-50",
    .wait_unreached = "CGE-51",
    .names_with_targets = "CGE-20",
};

using CreateGroupReplica = CreateGroupReplicaFromElementsRequest;

void tally_sources(Tally& out, const World& world, const std::vector<ElementRef>& sources) {
  const Capabilities& capabilities = world.capabilities;
  if (sources.empty()) out.apply("CGE-10", "5,E4,1,4~0,J"_outcomes);
  bool grouped = false;
  for (const ElementRef& source : sources) {
    tally_source(out, world, source, "GEN-15");
    grouped = grouped || std::ranges::any_of(world.inventory().groups, [&](const GroupView& group) {
                return std::ranges::find(group.members, source) != group.members.end();
              });
  }
  if (mix_classes(world, sources)) out.apply("CGE-11", "5,1~2,4"_outcomes);
  if (has_repeats(sources)) out.apply("CGE-13", "5,4,6,0,J"_outcomes);
  if (sources.size() == 1 && capabilities.has(GroupFeature::SourceGroupNeedsMoreThanOneElement)) {
    out.apply("CGE-12", "5,1,4"_outcomes);
  }
  if (sources.size() > 1 && !capabilities.has(GroupFeature::ManyToManyGroups)) {
    out.apply("CGE-54", "1,5,4~0,J"_outcomes);
  }
  if (grouped) out.apply("CGE-53", "0,J,5,6,4"_outcomes);
}

void tally_target_group(Tally& out, const World& world, const CreateGroupReplica& request) {
  const Capabilities& capabilities = world.capabilities;
  if (capabilities.has(GroupFeature::TargetGroupShallNotBeSupplied)) {
    out.apply("CGE-25", "1,5~2,4"_outcomes);
  }
  apply_if(out, negated(world.exists(*request.target_group)), "GEN-15", "5,4,E6,E4~1,2"_outcomes);
  const GroupView* group = world.inventory().find(*request.target_group);
  if (group == nullptr) return;
  const std::vector<ElementRef> none;
  const auto& sources = request.source_elements ? *request.source_elements : none;
  if (group->members.empty()) {
    out.apply("CGE-27", "0,J,5,4,1"_outcomes);
    return;
  }
  if (capabilities.has(GroupFeature::OnlyAcceptsEmptyGroups)) {
    out.apply("CGE-27", "5,1,4"_outcomes);
  }
  const bool one_to_many =
      sources.size() == 1 && capabilities.has(GroupFeature::OneToManyReplication);
  if (group->members.size() != sources.size() && !one_to_many) {
    const ReplicationSettingData* data = settings_of(request.replication_setting_data);
    const auto action = data == nullptr ? std::nullopt : data->unequal_groups_action;
    if (action && action != UnequalAction::ReturnError) {
      out.apply("CGE-26", "0,J,5,4~1,2"_outcomes);
    } else {
      out.apply("CGE-26", "5,4~1,2"_outcomes);
    }
  }
  // Which member pairs with which source is the provider's choice, so only what holds for every
  // pairing is judged: same position first, and a target that is a source.
  for (std::size_t i = 0; i < group->members.size(); ++i) {
    const ElementRef& member = group->members[i];
    const bool is_source = std::ranges::find(sources, member) != sources.end();
    const ElementRef paired = is_source ? member : i < sources.size() ? sources[i] : ElementRef{};
    tally_target(out, world, paired, member, "GEN-15");
  }
}

void tally_consistency(Tally& out, const World& world,
                       const std::optional<ConsistencyRequest>& consistency) {
  if (!consistency) return;
  switch (classify(*consistency)) {
    case ValueClass::Reserved:
      out.apply("CGE-38", "1,5~2,4,E4"_outcomes);
      break;
    case ValueClass::Vendor:
      out.apply("CGE-39", "0,J,1,5"_outcomes);
      break;
    case ValueClass::Defined:
      if (*consistency == ConsistencyRequest::SequentialConsistency) {
        if (world.capabilities.sequential_consistency_supported) {
          out.apply("CGE-36", "0,J,1,5~4"_outcomes);
        } else {
          out.apply("CGE-36", "1,5~0,J,4"_outcomes);
        }
      } else {
        out.apply("CGE-37", "0,J,1,5~4"_outcomes);
      }
      break;
  }
}

void tally_group_names(Tally& out, const World& world, const CreateGroupReplica& request) {
  if (request.source_group_name) {
    out.apply("CGE-16", "0,J,1,5~4"_outcomes);
    const bool taken = std::ranges::any_of(world.inventory().groups, [&](const GroupView& group) {
      return group.element_name == request.source_group_name;
    });
    if (taken) out.apply("CGE-17", "5,6,4,0,J"_outcomes);
  }
  if (request.relationship_name &&
      !world.capabilities.has(GroupFeature::ClientCanSupplyRelationshipName)) {
    out.apply("CGE-19", "0,J,1,5"_outcomes);
  }
}

}  // namespace

void tally(Tally& out, const World& world, const CreateGroupReplica& request) {
  tally_kind(out, world, kGroupClauses, request.sync_type, request.mode);
  if (!request.source_elements) {
    out.apply("CGE-09", "5,E4~1,2,4"_outcomes);
  } else {
    tally_sources(out, world, *request.source_elements);
  }
  tally_access_points(out, kGroupClauses, request.source_access_point, request.target_access_point);
  const bool group_given = request.target_group.has_value();
  if (group_given) {
    tally_target_group(out, world, request);
  } else if (world.capabilities.has(GroupFeature::TargetGroupShallBeSupplied)) {
    out.apply("CGE-24", "5,1,4~0,J"_outcomes);
  }
  tally_placement(out, world, kGroupClauses, request.target_pool, request.target_setting_goal,
                  group_given);
  tally_group_names(out, world, request);
  tally_consistency(out, world, request.consistency);
  tally_settings(out, kGroupClauses, request.replication_setting_data, group_given);
  tally_wait(out, world, kGroupClauses, request.sync_type, request.mode,
             request.wait_for_copy_state);
}

}  // namespace lockstep::model
