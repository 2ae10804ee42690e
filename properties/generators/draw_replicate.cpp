#include "model/vocab/names.hpp"
#include "properties/generators/draw_command.hpp"

#include <algorithm>

namespace lockstep::properties {
namespace {

std::vector<PlannedVolume> sources_of(const Plan& plan) {
  std::vector<PlannedVolume> fit;
  for (const PlannedVolume& volume : plan.volumes()) {
    if (!plan.is_replica(volume.handle)) fit.push_back(volume);
  }
  return fit;
}

// A volume of that size in no relationship and not among `taken`.
std::optional<Handle> draw_target(Drawing& with, std::uint64_t blocks,
                                  const std::vector<Handle>& taken) {
  std::vector<Handle> fit;
  for (const PlannedVolume& volume : with.plan.volumes()) {
    const bool used = std::find(taken.begin(), taken.end(), volume.handle) != taken.end();
    if (!used && volume.blocks == blocks && !with.plan.is_related(volume.handle)) {
      fit.push_back(volume.handle);
    }
  }
  if (fit.empty()) return std::nullopt;
  return with.draws.pick(fit);
}

// The kinds that this method can name at the provider's schema level.
std::vector<ReplicationKind> kinds_for(const Drawing& with, Method method) {
  std::vector<ReplicationKind> fit;
  const SchemaLevel level = with.world.capabilities.level;
  for (const ReplicationKind& kind : with.swarm.kinds) {
    if (classify(method, level, kind.sync_type) != ValueClass::Defined) continue;
    if (classify(method, level, kind.mode) != ValueClass::Defined) continue;
    fit.push_back(kind);
  }
  return fit;
}

void draw_targets(Drawing& with, Replicate& op) {
  std::vector<Handle> taken = op.sources;
  std::vector<Handle> targets;
  for (const Handle source : op.sources) {
    const auto target = draw_target(with, with.plan.volume(source)->blocks, taken);
    if (!target) return;
    targets.push_back(*target);
    taken.push_back(*target);
  }
  op.targets = targets;
}

void name_things(Drawing& with, Replicate& op) {
  constexpr std::uint64_t kNamedPercent = 30;
  const std::string stem = "copy-" + std::to_string(with.draws.below(10));
  if (op.method != Method::AttachReplica && op.method != Method::CreateListReplica &&
      with.draws.chance(kNamedPercent)) {
    // Long names show truncation.
    op.name = with.draws.chance(30) ? stem + std::string(24, 'x') : stem;
  }
  if (op.method == Method::CreateListReplica && with.draws.chance(2 * kNamedPercent)) {
    op.names.emplace();
    const std::uint64_t count = 1 + with.draws.below(op.sources.size());
    for (std::uint64_t i = 0; i < count; ++i) {
      op.names->push_back(stem + '-' + std::to_string(i + 1));
    }
  }
  if (op.method == Method::CreateGroupReplicaFromElements && with.draws.chance(kNamedPercent)) {
    op.source_group_name = "group-" + std::to_string(with.draws.below(10));
  }
}

void draw_settings(Drawing& with, Replicate& op) {
  if (op.method == Method::AttachReplica || !with.draws.chance(15)) return;
  std::vector<SettingChoice> fit = {SettingChoice::HighPriority, SettingChoice::ManualRecovery,
                                    SettingChoice::AutomaticRecovery};
  if (op.method == Method::CreateGroupReplicaFromElements) {
    fit.push_back(SettingChoice::ExactOrder);
    fit.push_back(SettingChoice::ConsistentPointInTime);
    fit.push_back(SettingChoice::ConsistentPointInTime);
  }
  if (op.method == Method::CreateListReplica) fit.push_back(SettingChoice::ContinueOnError);
  op.settings = with.draws.pick(fit);
}

void draw_wait(Drawing& with, Replicate& op, const ReplicationKind& kind) {
  if (!with.draws.chance(with.swarm.wait_percent)) return;
  const auto& all = with.world.capabilities.wait_for_copy_states;
  const auto states = all.find({op.method, kind});
  if (states == all.end() || states->second.empty()) return;
  const std::vector<CopyState> list(states->second.begin(), states->second.end());
  op.wait = number_of(with.draws.pick(list));
}

void draw_kind(Drawing& with, Replicate& op, const ReplicationKind& kind) {
  if (op.method == Method::AttachReplica) {
    const std::set<CopyType>& types = with.world.capabilities.copy_types;
    const std::vector<CopyType> list(types.begin(), types.end());
    op.copy_type = list.empty() ? number_of(CopyType::Async) : number_of(with.draws.pick(list));
    return;
  }
  op.sync_type = number_of(kind.sync_type);
  if (with.draws.chance(60)) op.mode = number_of(kind.mode);
  if (op.method == Method::CreateReplica && with.draws.chance(20)) {
    op.recovery_point_objective = static_cast<std::uint32_t>(with.draws.below(3) * 30);
  }
  if (op.method == Method::CreateGroupReplicaFromElements && with.draws.chance(50)) {
    op.consistency = with.draws.chance(70) ? number_of(ConsistencyRequest::SequentialConsistency)
                                           : number_of(ConsistencyRequest::NoConsistency);
  }
}

bool leaves_relationship(const Replicate& op) {
  return op.copy_type != std::optional(number_of(CopyType::UnSyncUnAssoc));
}

void expect(Drawing& with, Replicate& op) {
  Handle relationship = with.plan.fresh(HandleKind::Relationship);
  Handle volume = with.plan.fresh(HandleKind::Volume);
  Handle group = with.plan.fresh(HandleKind::Group);
  const bool grouped = op.method == Method::CreateGroupReplicaFromElements;
  if (grouped) {
    op.made_group_relationship = relationship;
    ++relationship.number;
    op.made_source_group = group;
    ++group.number;
    if (!op.target_group) op.made_target_group = group;
  }
  for (std::size_t i = 0; i < op.sources.size(); ++i) {
    if (leaves_relationship(op)) {
      op.made_relationships.push_back(relationship);
      ++relationship.number;
    }
    if (!op.targets && !op.target_group) {
      op.made_volumes.push_back(volume);
      ++volume.number;
    }
  }
  const std::set<Method>& asynchronous = with.world.capabilities.asynchronous_actions;
  if (asynchronous.contains(op.method)) op.made_job = with.plan.fresh(HandleKind::Job);
}

// An unrelated group whose members pair with as many sources of the same sizes.
void draw_target_group(Drawing& with, Replicate& op) {
  for (const PlannedGroup& group : with.plan.groups()) {
    if (group.related || group.members.size() != op.sources.size()) continue;
    bool fits = true;
    for (std::size_t i = 0; i < op.sources.size(); ++i) {
      const PlannedVolume* member = with.plan.volume(group.members[i]);
      fits = fits && member != nullptr && !with.plan.is_related(member->handle) &&
             member->blocks == with.plan.volume(op.sources[i])->blocks &&
             std::find(op.sources.begin(), op.sources.end(), member->handle) == op.sources.end();
    }
    if (fits) op.target_group = group.handle;
  }
}

}  // namespace

std::optional<Command> draw_replicate(Drawing& with, Method method) {
  const std::vector<ReplicationKind> kinds = kinds_for(with, method);
  std::vector<PlannedVolume> sources = sources_of(with.plan);
  if (sources.empty()) return std::nullopt;
  if (kinds.empty() && method != Method::AttachReplica) return std::nullopt;

  Replicate op;
  op.method = method;
  const bool several =
      method == Method::CreateListReplica || method == Method::CreateGroupReplicaFromElements;
  with.draws.shuffle(sources);
  const std::uint64_t count =
      several ? std::min<std::uint64_t>(1 + with.draws.below(3), sources.size()) : 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    op.sources.push_back(sources[static_cast<std::size_t>(i)].handle);
  }
  const ReplicationKind kind = kinds.empty() ? ReplicationKind{} : with.draws.pick(kinds);
  draw_kind(with, op, kind);
  if (method == Method::CreateGroupReplicaFromElements) {
    if (with.draws.chance(with.swarm.target_percent)) draw_target_group(with, op);
  } else if (method == Method::AttachReplica || with.draws.chance(with.swarm.target_percent)) {
    draw_targets(with, op);
    if (method == Method::AttachReplica && !op.targets) return std::nullopt;
  }
  name_things(with, op);
  draw_settings(with, op);
  if (method != Method::CreateReplica && method != Method::AttachReplica) {
    draw_wait(with, op, kind);
  }
  const bool creates_targets = !op.targets && !op.target_group;
  op.pool = creates_targets && with.draws.chance(25);
  op.meanwhile = draw_meanwhile(with);
  if (with.draws.chance(with.swarm.invalid_percent)) {
    spoil(with, op);
  } else {
    expect(with, op);
  }
  return op;
}

}  // namespace lockstep::properties
