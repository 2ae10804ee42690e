// Calls that are wrong on purpose, in one way each. Whether a provider reacts rightly is up to the
// judge; here it matters only that the wrong way is worth trying (reserved numbers, NULL for
// required parameters, parameters that exclude each other, targets that cannot be).
#include "model/vocab/names.hpp"
#include "properties/generators/draw_command.hpp"

namespace lockstep::properties {
namespace {

std::uint16_t draw_number(Drawing& with, const std::vector<std::uint16_t>& numbers) {
  return with.draws.pick(numbers);
}

// A volume of another size than the first source's, smaller if there is one.
std::optional<Handle> smaller_volume(const Drawing& with, Handle source) {
  const std::uint64_t blocks = with.plan.volume(source)->blocks;
  for (const PlannedVolume& volume : with.plan.volumes()) {
    if (volume.blocks < blocks && volume.handle != source) return volume.handle;
  }
  return std::nullopt;
}

std::optional<Handle> any_replica(const Drawing& with) {
  for (const PlannedVolume& volume : with.plan.volumes()) {
    if (with.plan.is_replica(volume.handle)) return volume.handle;
  }
  return std::nullopt;
}

void give_target(Replicate& op, Handle target) {
  if (op.method == Method::CreateGroupReplicaFromElements) return;
  op.targets = std::vector<Handle>(op.sources.size(), target);
}

void spoil_kind(Drawing& with, Replicate& op) {
  if (op.method == Method::AttachReplica) {
    op.copy_type = draw_number(with, {0, 1, 6, 7, 100, 32767, 32768});
    return;
  }
  switch (with.draws.below(4)) {
    case 0:
      op.sync_type = draw_number(with, {0, 1, 2, 5, 10, 11, 100, 32767});
      break;
    case 1:
      op.sync_type = std::nullopt;
      break;
    case 2:
      op.sync_type = draw_number(with, {9, 32768, 65535});
      break;
    default:
      op.mode = draw_number(with, {0, 1, 4, 5, 6, 100, 32767});
      break;
  }
}

void spoil_target(Drawing& with, Replicate& op) {
  const Handle source = op.sources.front();
  switch (with.draws.below(3)) {
    case 0:
      give_target(op, source);
      break;
    case 1:
      if (const auto small = smaller_volume(with, source)) give_target(op, *small);
      break;
    default:
      if (const auto replica = any_replica(with)) give_target(op, *replica);
      break;
  }
}

void spoil_exclusion(Drawing& with, Replicate& op) {
  if (!op.targets && !op.target_group) {
    for (const PlannedVolume& volume : with.plan.volumes()) {
      if (volume.handle != op.sources.front() && !with.plan.is_related(volume.handle) &&
          volume.blocks == with.plan.volume(op.sources.front())->blocks) {
        give_target(op, volume.handle);
      }
    }
  }
  if (op.method == Method::AttachReplica) return;
  if (with.draws.chance(60) || op.method == Method::CreateReplica) {
    op.pool = true;
  } else {
    op.goal = true;
  }
}

void spoil_rest(Drawing& with, Replicate& op) {
  const bool waits = op.method != Method::CreateReplica && op.method != Method::AttachReplica;
  switch (with.draws.below(4)) {
    case 0:
      // An instance method is always invoked on something.
      if (op.method == Method::CreateReplica) {
        spoil_kind(with, op);
      } else {
        op.sources.clear();
      }
      break;
    case 1:
      if (op.method != Method::AttachReplica) op.settings = SettingChoice::Malformed;
      break;
    case 2:
      if (waits) op.wait = draw_number(with, {0, 1, 14, 15, 19, 100, 32767});
      break;
    default:
      if (op.method == Method::CreateGroupReplicaFromElements) {
        op.consistency = draw_number(with, {0, 1, 4, 5, 32767});
      }
      break;
  }
}

}  // namespace

void spoil(Drawing& with, Replicate& op) {
  op.meanwhile.reset();
  switch (with.draws.below(4)) {
    case 0:
      spoil_kind(with, op);
      break;
    case 1:
      spoil_target(with, op);
      break;
    case 2:
      spoil_exclusion(with, op);
      break;
    default:
      spoil_rest(with, op);
      break;
  }
}

}  // namespace lockstep::properties
