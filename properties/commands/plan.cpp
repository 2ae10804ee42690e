#include "properties/commands/plan.hpp"

#include "model/vocab/names.hpp"
#include "statemachine/machine.hpp"

#include <algorithm>

namespace lockstep::properties {
namespace {

template <class List>
auto find_in(List& list, Handle handle) {
  return std::find_if(list.begin(), list.end(),
                      [&](const auto& entry) { return entry.handle == handle; });
}

bool contains(const std::vector<Handle>& list, Handle handle) {
  return std::find(list.begin(), list.end(), handle) != list.end();
}

// A copy that cannot make progress while one of these lasts.
constexpr FaultKind kStopCopies[] = {FaultKind::LinkLost, FaultKind::SpaceExhausted,
                                     FaultKind::CopyHeld, FaultKind::StateUnknown};

PlannedRelationship described(const Replicate& op) {
  PlannedRelationship planned;
  const auto copy_type = static_cast<CopyType>(op.copy_type.value_or(0));
  if (op.method == Method::AttachReplica) {
    const bool kept = copy_type == CopyType::Async || copy_type == CopyType::Sync;
    planned.sync_type = kept ? SyncType::Mirror : SyncType::Clone;
    planned.mode = copy_type == CopyType::Sync ? Mode::Synchronous : Mode::Asynchronous;
  } else {
    planned.sync_type = static_cast<SyncType>(op.sync_type.value_or(0));
    planned.mode = static_cast<Mode>(op.mode.value_or(number_of(Mode::Asynchronous)));
  }
  planned.place =
      op.wait ? static_cast<CopyState>(*op.wait) : machine::Place(CopyState::Synchronized);
  return planned;
}

}  // namespace

std::optional<FaultKind> repair_of(FaultKind fault) noexcept {
  switch (fault) {
    case FaultKind::LinkLost:
      return FaultKind::LinkRestored;
    case FaultKind::SpaceExhausted:
      return FaultKind::SpaceRestored;
    case FaultKind::CopyHeld:
      return FaultKind::CopyReleased;
    case FaultKind::StateUnknown:
      return FaultKind::StateKnown;
    case FaultKind::ElementUnknown:
      return FaultKind::ElementKnown;
    default:
      return std::nullopt;
  }
}

bool is_repair(FaultKind kind) noexcept {
  return kind == FaultKind::LinkRestored || kind == FaultKind::SpaceRestored ||
         kind == FaultKind::CopyReleased || kind == FaultKind::StateKnown ||
         kind == FaultKind::ElementKnown;
}

std::optional<PreferredStep> preferred_step(SyncType sync_type, Mode mode, machine::Place from,
                                            machine::Event event) {
  const auto kind = machine::machine_kind_of(sync_type, mode);
  if (!kind) return std::nullopt;
  const machine::Row* best = nullptr;
  for (const machine::Row& row : machine::rows(*kind)) {
    if (row.from != from || row.event != event) continue;
    if (best == nullptr || row.to == machine::Place(CopyState::Synchronized)) best = &row;
  }
  if (best == nullptr) return std::nullopt;
  return PreferredStep{best->to};
}

const PlannedVolume* Plan::volume(Handle handle) const noexcept {
  const auto at = find_in(volumes_, handle);
  return at == volumes_.end() ? nullptr : &*at;
}

const PlannedRelationship* Plan::relationship(Handle handle) const noexcept {
  const auto at = find_in(relationships_, handle);
  return at == relationships_.end() ? nullptr : &*at;
}

bool Plan::is_replica(Handle volume) const noexcept {
  return std::any_of(relationships_.begin(), relationships_.end(),
                     [&](const auto& planned) { return contains(planned.targets, volume); });
}

bool Plan::is_related(Handle volume) const noexcept {
  return std::any_of(relationships_.begin(), relationships_.end(), [&](const auto& planned) {
    return contains(planned.targets, volume) || contains(planned.sources, volume);
  });
}

Handle Plan::fresh(HandleKind kind) const noexcept {
  Handle handle{kind, 1};
  for (const Handle made : made_) {
    if (made.kind == kind) handle.number = std::max(handle.number, made.number + 1);
  }
  return handle;
}

bool Plan::alive(Handle handle) const noexcept {
  switch (handle.kind) {
    case HandleKind::Volume:
      return volume(handle) != nullptr;
    case HandleKind::Relationship:
      return relationship(handle) != nullptr;
    case HandleKind::Group:
      return find_in(groups_, handle) != groups_.end();
    case HandleKind::Job:
      return contains(jobs_, handle);
  }
  return false;
}

bool Plan::inside(Handle handle, std::uint64_t first, std::uint64_t blocks) const noexcept {
  const PlannedVolume* planned = volume(handle);
  return planned != nullptr && blocks > 0 && blocks <= planned->blocks &&
         first <= planned->blocks - blocks;
}

bool Plan::may_block(const Command& command) const noexcept {
  const bool stopped = std::any_of(std::begin(kStopCopies), std::end(kStopCopies),
                                   [&](FaultKind kind) { return faults_.contains(kind); });
  if (!stopped) return false;
  if (const auto* replicate = std::get_if<Replicate>(&command)) return replicate->wait.has_value();
  if (const auto* modify = std::get_if<Modify>(&command)) return modify->wait.has_value();
  return false;
}

bool Plan::possible(const Command& command) const {
  for (const Handle used : handles_used(command)) {
    if (!alive(used)) return false;
  }
  for (const Handle made : handles_made(command)) {
    if (ever_made(made)) return false;
  }
  if (may_block(command)) return false;
  if (const auto* op = std::get_if<WriteBlocks>(&command)) {
    return inside(op->volume, op->first, op->blocks);
  }
  if (const auto* op = std::get_if<UnmapBlocks>(&command)) {
    return inside(op->volume, op->first, op->blocks);
  }
  if (const auto* op = std::get_if<Disturb>(&command)) {
    return !is_repair(op->kind) || std::any_of(faults_.begin(), faults_.end(), [&](FaultKind kind) {
      return repair_of(kind) == op->kind;
    });
  }
  const std::optional<Meanwhile>* meanwhile = nullptr;
  if (const auto* op = std::get_if<Replicate>(&command)) meanwhile = &op->meanwhile;
  if (const auto* op = std::get_if<Modify>(&command)) meanwhile = &op->meanwhile;
  if (meanwhile == nullptr || !*meanwhile) return true;
  return inside((*meanwhile)->volume, (*meanwhile)->first, (*meanwhile)->blocks);
}

void Plan::follow(const Replicate& op) {
  const PlannedRelationship common = described(op);
  std::vector<Handle> targets = op.targets.value_or(op.made_volumes);
  for (std::size_t i = 0; i < op.made_volumes.size() && i < op.sources.size(); ++i) {
    const PlannedVolume* source = volume(op.sources[i]);
    const std::uint64_t blocks = source != nullptr ? source->blocks : 0;
    volumes_.push_back(PlannedVolume{op.made_volumes[i], blocks, 0, 0});
  }
  if (op.target_group) {
    const auto group = find_in(groups_, *op.target_group);
    if (group != groups_.end()) {
      targets = group->members;
      group->related = true;
    }
  }
  for (std::size_t i = 0; i < op.made_relationships.size() && i < op.sources.size(); ++i) {
    PlannedRelationship pair = common;
    pair.handle = op.made_relationships[i];
    pair.sources = {op.sources[i]};
    if (i < targets.size()) pair.targets = {targets[i]};
    pair.pair_of = op.made_group_relationship;
    pair.job = op.made_job;
    relationships_.push_back(pair);
  }
  if (op.made_group_relationship) {
    PlannedRelationship whole = common;
    whole.handle = *op.made_group_relationship;
    whole.sources = op.sources;
    whole.targets = targets;
    whole.group = true;
    whole.job = op.made_job;
    relationships_.push_back(whole);
  }
  if (op.made_source_group)
    groups_.push_back(PlannedGroup{*op.made_source_group, op.sources, true});
  if (op.made_target_group) groups_.push_back(PlannedGroup{*op.made_target_group, targets, true});
}

void Plan::follow(const Modify& op) {
  if (!op.operation) return;
  const auto operation = static_cast<lockstep::Operation>(*op.operation);
  const auto event = machine::event_of(operation);
  if (!event) return;
  for (const Handle handle : op.relationships) {
    const auto planned = find_in(relationships_, handle);
    if (planned == relationships_.end()) continue;
    const auto next = preferred_step(planned->sync_type, planned->mode, planned->place, *event);
    if (!next) continue;
    if (next->to == machine::kNowhere) {
      const std::vector<Handle> targets = planned->targets;
      forget_relationship(handle);
      if (operation == lockstep::Operation::ReturnToResourcePool) {
        for (const Handle target : targets) forget_volume(target);
      }
      continue;
    }
    if (operation == lockstep::Operation::ReverseRoles) {
      std::swap(planned->sources, planned->targets);
    }
    if (operation == lockstep::Operation::ResyncReplica ||
        operation == lockstep::Operation::RestoreFromReplica) {
      planned->apart = false;
    }
    planned->place = next->to;
    follow_pairs(*planned);
    if (planned->pair_of) follow_whole(*planned->pair_of);
  }
}

// What befalls a relationship between groups befalls its pairs, source by source.
void Plan::follow_pairs(const PlannedRelationship& whole) {
  for (PlannedRelationship& pair : relationships_) {
    if (pair.pair_of != whole.handle) continue;
    pair.place = whole.place;
    pair.apart = whole.apart;
    if (!pair.sources.empty() && !contains(whole.sources, pair.sources.front())) {
      std::swap(pair.sources, pair.targets);
    }
  }
}

void Plan::follow_whole(Handle handle) {
  const auto whole = find_in(relationships_, handle);
  if (whole == relationships_.end()) return;
  std::optional<machine::Place> common;
  for (const PlannedRelationship& pair : relationships_) {
    if (pair.pair_of != handle) continue;
    if (common && *common != pair.place) {
      whole->place = CopyState::Mixed;
      return;
    }
    common = pair.place;
  }
  whole->place = *common;
}

// A relationship between groups takes its pairs along, and goes with the last of them.
void Plan::forget_relationship(Handle handle) {
  const auto gone = find_in(relationships_, handle);
  const std::optional<Handle> whole = gone->pair_of;
  std::erase_if(relationships_, [&](const PlannedRelationship& other) {
    return other.handle == handle || other.pair_of == handle;
  });
  if (!whole) return;
  const bool others =
      std::any_of(relationships_.begin(), relationships_.end(),
                  [&](const PlannedRelationship& other) { return other.pair_of == whole; });
  if (others) {
    follow_whole(*whole);
  } else {
    std::erase_if(relationships_,
                  [&](const PlannedRelationship& other) { return other.handle == *whole; });
  }
}

void Plan::note_write(Handle handle, std::uint64_t first, std::uint64_t blocks) {
  const auto written = find_in(volumes_, handle);
  if (written == volumes_.end()) return;
  written->written_first = first;
  written->written_blocks = blocks;
  for (PlannedRelationship& planned : relationships_) {
    const bool follows = planned.sync_type == SyncType::Mirror &&
                         (planned.place == machine::Place(CopyState::Synchronized) ||
                          planned.place == machine::Place(CopyState::Unsynchronized));
    const bool touched = contains(planned.sources, handle) || contains(planned.targets, handle);
    if (touched && !follows) planned.apart = true;
  }
}

void Plan::follow(const Disturb& op) {
  if (repair_of(op.kind)) faults_.insert(op.kind);
  std::erase_if(faults_, [&](FaultKind kind) { return repair_of(kind) == op.kind; });
}

void Plan::forget_volume(Handle handle) {
  std::erase_if(volumes_, [&](const PlannedVolume& entry) { return entry.handle == handle; });
  for (PlannedGroup& group : groups_) std::erase(group.members, handle);
}

void Plan::apply(const Command& command) {
  for (const Handle made : handles_made(command)) {
    made_.insert(made);
    if (made.kind == HandleKind::Job) jobs_.push_back(made);
  }
  if (const auto* op = std::get_if<CreateVolume>(&command)) {
    volumes_.push_back(PlannedVolume{op->made, op->blocks, 0, 0});
  } else if (const auto* replicate = std::get_if<Replicate>(&command)) {
    follow(*replicate);
    if (const auto& during = replicate->meanwhile) {
      note_write(during->volume, during->first, during->blocks);
    }
  } else if (const auto* modify = std::get_if<Modify>(&command)) {
    follow(*modify);
    if (const auto& during = modify->meanwhile) {
      note_write(during->volume, during->first, during->blocks);
    }
  } else if (const auto* write = std::get_if<WriteBlocks>(&command)) {
    note_write(write->volume, write->first, write->blocks);
  } else if (const auto* unmap = std::get_if<UnmapBlocks>(&command)) {
    note_write(unmap->volume, unmap->first, unmap->blocks);
  } else if (const auto* fault = std::get_if<Disturb>(&command)) {
    follow(*fault);
  } else if (const auto* make = std::get_if<MakeGroup>(&command)) {
    groups_.push_back(PlannedGroup{make->made, make->members, false});
  } else if (const auto* await = std::get_if<AwaitJob>(&command)) {
    for (PlannedRelationship& planned : relationships_) {
      if (planned.job == await->job) planned.job.reset();
    }
  } else if (const auto* drop = std::get_if<DropGroup>(&command)) {
    // Preferred: the provider refuses to delete what is in use.
    std::erase_if(groups_, [&](const PlannedGroup& group) {
      return group.handle == drop->group && !group.related &&
             (group.members.empty() || drop->remove_elements.value_or(false));
    });
  } else if (const auto* extend = std::get_if<ExtendGroup>(&command)) {
    const auto group = find_in(groups_, extend->group);
    for (const Handle member : extend->members) {
      if (!contains(group->members, member)) group->members.push_back(member);
    }
  } else if (const auto* reduce = std::get_if<ReduceGroup>(&command)) {
    const auto group = find_in(groups_, reduce->group);
    if (!group->related) {
      for (const Handle member : reduce->members) std::erase(group->members, member);
    }
  } else if (const auto* gone = std::get_if<DropVolume>(&command)) {
    if (!is_related(gone->volume)) forget_volume(gone->volume);
  }
}

}  // namespace lockstep::properties
