#include "properties/generators/draw_command.hpp"

#include "model/vocab/names.hpp"

#include <algorithm>
#include <limits>

namespace lockstep::properties {
namespace {

constexpr std::uint64_t kExtentBlocks = 64 * 1024 / kBlockBytes;

std::optional<Handle> any_volume(Drawing& with) {
  if (with.plan.volumes().empty()) return std::nullopt;
  return with.draws.pick(with.plan.volumes()).handle;
}

std::vector<Handle> some_volumes(Drawing& with, std::uint64_t most) {
  std::vector<Handle> all;
  for (const PlannedVolume& volume : with.plan.volumes()) all.push_back(volume.handle);
  with.draws.shuffle(all);
  const std::uint64_t count = std::min<std::uint64_t>(1 + with.draws.below(most), all.size());
  all.resize(static_cast<std::size_t>(count));
  return all;
}

std::optional<bool> draw_flag(Draws& draws) {
  switch (draws.below(3)) {
    case 0:
      return true;
    case 1:
      return false;
    default:
      return std::nullopt;
  }
}

// Writes go to what matters: sources of relationships, now and then a target or a bystander.
std::optional<Handle> volume_to_write(Drawing& with) {
  std::vector<Handle> sources;
  for (const PlannedRelationship& planned : with.plan.relationships()) {
    sources.insert(sources.end(), planned.sources.begin(), planned.sources.end());
  }
  std::erase_if(sources, [&](Handle handle) { return with.plan.volume(handle) == nullptr; });
  if (!sources.empty() && with.draws.chance(60)) return with.draws.pick(sources);
  std::vector<Handle> plain;
  for (const PlannedVolume& volume : with.plan.volumes()) {
    if (!with.plan.is_replica(volume.handle)) plain.push_back(volume.handle);
  }
  if (!plain.empty() && with.draws.chance(75)) return with.draws.pick(plain);
  return any_volume(with);
}

std::optional<Command> draw_write(Drawing& with) {
  const auto volume = volume_to_write(with);
  if (!volume) return std::nullopt;
  const BlockRange range = draw_range(with.draws, *with.plan.volume(*volume));
  return WriteBlocks{*volume, range.first, range.blocks};
}

std::optional<Command> draw_unmap(Drawing& with) {
  const auto volume = volume_to_write(with);
  if (!volume) return std::nullopt;
  const BlockRange range = draw_range(with.draws, *with.plan.volume(*volume));
  return UnmapBlocks{*volume, range.first, range.blocks};
}

std::optional<Command> draw_make_group(Drawing& with) {
  if (with.plan.volumes().empty()) return std::nullopt;
  MakeGroup op;
  op.made = with.plan.fresh(HandleKind::Group);
  op.members = some_volumes(with, 3);
  if (with.draws.chance(40)) op.name = "set-" + std::to_string(with.draws.below(10));
  op.persistent = draw_flag(with.draws);
  op.delete_on_empty_element = draw_flag(with.draws);
  op.delete_on_unassociated = draw_flag(with.draws);
  return op;
}

std::optional<Command> draw_group_change(Drawing& with, Choice choice) {
  if (with.plan.groups().empty()) return std::nullopt;
  const PlannedGroup& group = with.draws.pick(with.plan.groups());
  if (choice == Choice::DropGroup) return DropGroup{group.handle, draw_flag(with.draws)};
  if (choice == Choice::ExtendGroup) return ExtendGroup{group.handle, some_volumes(with, 2)};
  ReduceGroup op;
  op.group = group.handle;
  op.members = group.members;
  with.draws.shuffle(op.members);
  if (op.members.size() > 1 && with.draws.chance(50)) op.members.resize(1);
  if (op.members.empty() || with.draws.chance(10)) op.members = some_volumes(with, 1);
  op.delete_on_empty_element = draw_flag(with.draws);
  return op;
}

std::optional<Command> draw_disturb(Drawing& with) {
  std::vector<FaultKind> repairs;
  for (const FaultKind fault : with.plan.faults()) {
    const auto repair = repair_of(fault);
    if (repair && with.world.faults.contains(*repair)) repairs.push_back(*repair);
  }
  if (!repairs.empty() && with.draws.chance(60)) return Disturb{with.draws.pick(repairs), {}};
  std::vector<FaultKind> faults;
  for (const FaultKind kind : with.world.faults) {
    if (!is_repair(kind) && !with.plan.faults().contains(kind)) faults.push_back(kind);
  }
  if (faults.empty()) return std::nullopt;
  Disturb op;
  op.kind = with.draws.pick(faults);
  // Naming one relationship matters when there are several.
  const bool lasting = repair_of(op.kind).has_value();
  if (lasting && with.plan.relationships().size() > 1 && with.draws.chance(30)) {
    op.relationship = with.draws.pick(with.plan.relationships()).handle;
  }
  return op;
}

std::optional<Command> draw_job(Drawing& with, Choice choice) {
  if (with.plan.jobs().empty()) return std::nullopt;
  // Late jobs are the interesting ones.
  const std::size_t size = with.plan.jobs().size();
  const auto back = static_cast<std::size_t>(with.draws.below(std::min<std::size_t>(size, 3)));
  const Handle job = with.plan.jobs()[size - 1 - back];
  if (choice == Choice::Await) return AwaitJob{job};
  const auto requested =
      with.draws.chance(70) ? RequestedJobState::Terminate : RequestedJobState::Kill;
  return ChangeJob{job, requested};
}

std::optional<Command> draw_volume(Drawing& with) {
  constexpr std::size_t kEnough = 7;
  if (with.plan.volumes().size() >= kEnough) return std::nullopt;
  CreateVolume op;
  op.made = with.plan.fresh(HandleKind::Volume);
  // Mostly of one size, so that they pair; now and then another, so that they do not.
  op.blocks = with.draws.chance(85) ? with.swarm.volume_blocks : with.swarm.volume_blocks / 2;
  return op;
}

std::optional<Command> draw_choice(Drawing& with, Choice choice) {
  switch (choice) {
    case Choice::Volume:
      return draw_volume(with);
    case Choice::Element:
      return draw_replicate(with, Method::CreateElementReplica);
    case Choice::List:
      return draw_replicate(with, Method::CreateListReplica);
    case Choice::Group:
      return draw_replicate(with, Method::CreateGroupReplicaFromElements);
    case Choice::StorageManagement:
      return draw_replicate(with, Method::CreateReplica);
    case Choice::Attach:
      return draw_replicate(with, Method::AttachReplica);
    case Choice::Modify:
      return draw_modify(with, false);
    case Choice::ModifyList:
      return draw_modify(with, true);
    case Choice::MakeGroup:
      return draw_make_group(with);
    case Choice::DropGroup:
    case Choice::ExtendGroup:
    case Choice::ReduceGroup:
      return draw_group_change(with, choice);
    case Choice::Write:
      return draw_write(with);
    case Choice::Unmap:
      return draw_unmap(with);
    case Choice::Read: {
      const auto volume = any_volume(with);
      if (!volume) return std::nullopt;
      return ReadVolume{*volume};
    }
    case Choice::Await:
    case Choice::ChangeJob:
      return draw_job(with, choice);
    case Choice::Look:
      return Look{};
    case Choice::Disturb:
      return draw_disturb(with);
    case Choice::DropVolume: {
      const auto volume = any_volume(with);
      if (!volume) return std::nullopt;
      return DropVolume{*volume};
    }
  }
  return std::nullopt;
}

}  // namespace

BlockRange draw_range(Draws& draws, const PlannedVolume& volume) {
  BlockRange range;
  const std::uint64_t last = volume.blocks - 1;
  const std::uint64_t extents = (volume.blocks + kExtentBlocks - 1) / kExtentBlocks;
  const std::uint64_t edge = draws.below(extents) * kExtentBlocks;
  const std::uint64_t written_limit = volume.written_first + volume.written_blocks;
  switch (draws.below(8)) {
    case 0:
      range.first = 0;
      break;
    case 1:
    case 2:
      range.first = last;
      break;
    case 3:
      range.first = edge;
      break;
    case 4:
      range.first = edge == 0 ? last : edge - 1;
      break;
    case 5:
      range.first = std::min(written_limit, last);
      break;
    case 6:
      range.first = volume.written_first == 0 ? last : volume.written_first - 1;
      break;
    default:
      range.first = draws.below(volume.blocks);
      break;
  }
  const std::uint64_t room = volume.blocks - range.first;
  switch (draws.below(5)) {
    case 0:
      range.blocks = 1;
      break;
    case 1:
      range.blocks = 1 + draws.below(8);
      break;
    case 2:
      range.blocks = kExtentBlocks;
      break;
    case 3:
      range.blocks = room;
      break;
    default:
      range.blocks = 1 + draws.below(room);
      break;
  }
  range.blocks = std::min(range.blocks, room);
  return range;
}

std::optional<Meanwhile> draw_meanwhile(Drawing& with) {
  if (!with.draws.chance(with.swarm.meanwhile_percent)) return std::nullopt;
  const auto volume = volume_to_write(with);
  if (!volume) return std::nullopt;
  const BlockRange range = draw_range(with.draws, *with.plan.volume(*volume));
  constexpr std::uint64_t kLongest = 16;
  return Meanwhile{*volume, range.first, std::min(range.blocks, kLongest),
                   static_cast<std::uint32_t>(1 + with.draws.below(4))};
}

std::optional<Command> draw_command(Drawing& with) {
  std::uint64_t total = 0;
  for (const std::uint32_t weight : with.swarm.weights) total += weight;
  std::uint64_t ticket = with.draws.below(total);
  for (std::size_t i = 0; i < kChoices; ++i) {
    if (ticket < with.swarm.weights[i]) return draw_choice(with, static_cast<Choice>(i));
    ticket -= with.swarm.weights[i];
  }
  return std::nullopt;
}

}  // namespace lockstep::properties
