// CreateGroupReplicaFromElements (CGE).
#include "target_impl/replication/groups.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/plan.hpp"

#include <algorithm>
#include <set>

namespace lockstep::replication {
namespace {

constexpr Method kMethod = Method::CreateGroupReplicaFromElements;
using Request = CreateGroupReplicaFromElementsRequest;

// What the group features say about groups of either side.
std::optional<Refusal> check_groups(const World& world, const Request& request) {
  const Freedom& freedom = world.freedom;
  if (request.target_group && freedom.has(GroupFeature::TargetGroupShallNotBeSupplied)) {
    return Refusal::NotSupported;
  }
  const bool target_missing =
      !request.target_group && freedom.has(GroupFeature::TargetGroupShallBeSupplied);
  const bool too_few = request.source_elements->size() == 1 &&
                       freedom.has(GroupFeature::SourceGroupNeedsMoreThanOneElement);
  return target_missing || too_few ? std::optional(Refusal::Invalid) : std::nullopt;
}

std::optional<Refusal> check_consistency(const Request& request) {
  if (!request.consistency) return std::nullopt;
  switch (classify(*request.consistency)) {
    case ValueClass::Defined:
      return std::nullopt;
    case ValueClass::Vendor:
      return Refusal::NotSupported;
    case ValueClass::Reserved:
      break;
  }
  return Refusal::Invalid;
}

// The targets in the group's order; empty when they are to be made.
Checked<std::vector<Id>> checked_targets(World& world, const Request& request,
                                         const Settings& settings) {
  if (!request.target_group) return std::vector<Id>{};
  const GroupRecord* group = world.groups.find(*request.target_group);
  if (group == nullptr) return Refusal::NotFound;
  if (is_associated(world, group->id)) return Refusal::InUse;
  const std::size_t sources = request.source_elements->size();
  const std::size_t targets = group->members.size();
  const bool fits =
      sources == targets ||
      (sources > targets ? settings.unequal_groups == UnequalAction::SourceMayBeLarger
                         : settings.unequal_groups == UnequalAction::TargetMayBeLarger);
  if (targets == 0 || !fits) return Refusal::Invalid;  // CGE-26
  return group->members;
}

Checked<std::vector<Slot>> checked_slots(World& world, const Request& request,
                                         const std::vector<Id>& targets, const std::string& name) {
  std::vector<Slot> slots;
  std::set<ElementRef> seen;
  for (const ElementRef& ref : *request.source_elements) {
    if (!seen.insert(ref).second) return Refusal::Invalid;
    const auto source = checked_source(world, ref);
    if (const auto* refusal = std::get_if<Refusal>(&source)) return *refusal;
    Slot slot;
    slot.source = std::get<const ElementRecord*>(source);
    slot.name = name + world.freedom.member_name_infix + std::to_string(slots.size() + 1);
    slots.push_back(slot);
  }
  if (!request.target_group) return slots;
  slots.resize(std::min(slots.size(), targets.size()));
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const ElementRecord* element = world.elements.find(targets[i]);
    if (!seen.insert(element->ref).second) return Refusal::Invalid;
    const auto target = checked_target(world, element->ref, *slots[i].source);
    if (const auto* refusal = std::get_if<Refusal>(&target)) return *refusal;
    slots[i].target = element;
  }
  return slots;
}

// Asynchronous and consistent, on a peer: the spare that was claimed beside the members' is its
// journal.
void put_journal(World& world, GroupPairRecord& group_pair, const Plan& plan) {
  const bool wanted = plan.peer && group_pair.consistency_enabled && !follows_each_write(plan.mode);
  if (!wanted) return;
  auto& claimed = std::get<0>(*world.peers.offer).at(group_pair.pairs.size());
  group_pair.journal_id = claimed->identity().naa_identifier;
  group_pair.journal_lun = claimed->identity().lun;
  group_pair.journal_blocks = claimed->identity().geometry.blocks.value;
  const PairRecord& first = *world.pairs.find(group_pair.pairs.front());
  group_pair.journal =
      std::make_shared<peer::Journal>(claimed, world.elements.find(first.source)->volume->pool());
  // Of an earlier group, whose members may have another use by now.
  static_cast<void>(group_pair.journal->close());
}

// The groups and their relationship around the pairs that have been formed.
GroupPairRecord& form_group_pair(World& world, const Request& request, const Plan& plan,
                                 const Pairs& pairs, const std::string& name, Id id) {
  GroupPairRecord group_pair;
  group_pair.id = id;
  group_pair.ref = group_pair_path(id);
  group_pair.name = name;
  group_pair.sync_type = plan.sync_type;
  group_pair.mode = plan.mode;
  group_pair.settings = plan.settings;
  group_pair.consistency_enabled = is_consistent(world, request);
  GroupRecord& sources = make_group(world, request.source_group_name);
  for (const ElementRef& ref : *request.source_elements) {
    put_member(world, sources, world.elements.find(ref)->id);
  }
  group_pair.source_group = sources.id;
  GroupRecord* targets = request.target_group ? world.groups.find(*request.target_group)
                                              : &make_group(world, name + "_targets");
  for (PairRecord* pair : pairs) {
    pair->group = id;
    group_pair.pairs.push_back(pair->id);
    if (!request.target_group) targets->members.push_back(pair->target);
  }
  targets->consistent_point_in_time = plan.settings.consistent_point_in_time;
  group_pair.target_group = targets->id;
  put_journal(world, group_pair, plan);
  return world.group_pairs.add(std::move(group_pair));
}

// CGE-18, CGE-19.
std::string relationship_name(const World& world, const Request& request, Id id) {
  const bool heeded = world.freedom.has(GroupFeature::ClientCanSupplyRelationshipName);
  if (heeded && request.relationship_name) return *request.relationship_name;
  return "relationship-" + std::to_string(id);
}

bool names_are_storable(const Request& request) {
  return is_storable_name(request.relationship_name) && is_storable_name(request.source_group_name);
}

}  // namespace

bool is_consistent(const World& world, const Request& request) {
  if (world.freedom.has(GroupFeature::ConsistencyEnabledForAllGroups)) return true;
  if (!request.consistency) {
    return world.freedom.consistency == ConsistencyType::SequentiallyConsistent;
  }
  return request.consistency == ConsistencyRequest::SequentialConsistency;
}

Answer answer(World& world, const Request& request) {
  const auto planned =
      checked_plan(world, {kMethod, request.sync_type, request.mode, request.source_access_point,
                           request.target_access_point, request.replication_setting_data,
                           request.target_setting_goal, request.target_pool,
                           request.wait_for_copy_state, request.target_group.has_value()});
  if (const auto* refusal = std::get_if<Refusal>(&planned))
    return refused(world, kMethod, *refusal);
  Plan plan = std::get<Plan>(planned);
  if (!request.source_elements || request.source_elements->empty() ||
      !names_are_storable(request)) {
    return refused(world, kMethod, Refusal::Invalid);
  }
  if (const auto refusal = check_consistency(request)) return refused(world, kMethod, *refusal);
  if (const auto refusal = check_groups(world, request)) return refused(world, kMethod, *refusal);
  plan.at_one_instant = is_consistent(world, request);

  const auto targets = checked_targets(world, request, plan.settings);
  if (const auto* refusal = std::get_if<Refusal>(&targets))
    return refused(world, kMethod, *refusal);
  const Id id = world.new_id();
  const std::string name = relationship_name(world, request, id);
  const auto checked = checked_slots(world, request, std::get<std::vector<Id>>(targets), name);
  if (const auto* refusal = std::get_if<Refusal>(&checked))
    return refused(world, kMethod, *refusal);
  const auto& slots = std::get<std::vector<Slot>>(checked);

  Pairs pairs;
  if (const auto refusal = form_pairs(world, plan, slots, pairs)) {
    return refused(world, kMethod, *refusal);
  }
  const GroupPairRecord& group_pair = form_group_pair(world, request, plan, pairs, name, id);
  const Id source_group = group_pair.source_group;
  const Id target_group = group_pair.target_group;
  const RelationshipRef relationship = group_pair.ref;
  Answer result = begin(world, plan, slots, pairs);
  if (!result.accepted()) {
    world.groups.erase(source_group);
    if (!request.target_group) world.groups.erase(target_group);
    return result;
  }
  result.synchronization = relationship;
  if (const auto& group_name = world.groups.find(source_group)->name; !group_name.empty()) {
    result.source_group_name = group_name;
  }
  result.target_group = world.groups.find(target_group)->ref;
  return result;
}

}  // namespace lockstep::replication
