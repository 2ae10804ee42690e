// The members of every kind of command, said once for whoever visits them: the JSON writer, the
// JSON reader, the renumbering of handles. `io` gets each member with its name.
#pragma once

#include "properties/commands/command.hpp"

namespace lockstep::properties {

template <class Io>
void members(Io& io, CreateVolume& op) {
  io.handle("made", op.made, HandleKind::Volume);
  io.number("blocks", op.blocks, kLargestVolumeBlocks);
  io.optional("name", op.name);
}

template <class Io>
void members(Io& io, Meanwhile& op) {
  io.handle("volume", op.volume, HandleKind::Volume);
  io.number("first", op.first, kLargestVolumeBlocks);
  io.number("blocks", op.blocks, kLargestVolumeBlocks);
  io.number("times", op.times, std::uint32_t{64});
}

template <class Io>
void members(Io& io, Replicate& op) {
  io.name("method", op.method);
  io.handles("sources", op.sources, HandleKind::Volume);
  io.optional_handles("targets", op.targets, HandleKind::Volume);
  io.optional_handle("target_group", op.target_group, HandleKind::Group);
  io.optional("sync_type", op.sync_type);
  io.optional("mode", op.mode);
  io.optional("copy_type", op.copy_type);
  io.optional("consistency", op.consistency);
  io.optional("wait", op.wait);
  io.optional("name", op.name);
  io.optional_strings("names", op.names);
  io.optional("source_group_name", op.source_group_name);
  io.optional("recovery_point_objective", op.recovery_point_objective);
  io.optional_name("settings", op.settings);
  io.flag("pool", op.pool);
  io.flag("goal", op.goal);
  io.handles("made_relationships", op.made_relationships, HandleKind::Relationship);
  io.handles("made_volumes", op.made_volumes, HandleKind::Volume);
  io.optional_handle("made_group_relationship", op.made_group_relationship,
                     HandleKind::Relationship);
  io.optional_handle("made_source_group", op.made_source_group, HandleKind::Group);
  io.optional_handle("made_target_group", op.made_target_group, HandleKind::Group);
  io.optional_handle("made_job", op.made_job, HandleKind::Job);
  io.optional_object("meanwhile", op.meanwhile);
}

template <class Io>
void members(Io& io, Modify& op) {
  io.flag("as_list", op.as_list);
  io.handles("relationships", op.relationships, HandleKind::Relationship);
  io.optional("operation", op.operation);
  io.optional("wait", op.wait);
  io.optional("force", op.force);
  io.optional_handle("made_job", op.made_job, HandleKind::Job);
  io.optional_object("meanwhile", op.meanwhile);
}

template <class Io>
void members(Io& io, MakeGroup& op) {
  io.handle("made", op.made, HandleKind::Group);
  io.handles("members", op.members, HandleKind::Volume);
  io.optional("name", op.name);
  io.optional("persistent", op.persistent);
  io.optional("delete_on_empty_element", op.delete_on_empty_element);
  io.optional("delete_on_unassociated", op.delete_on_unassociated);
}

template <class Io>
void members(Io& io, DropGroup& op) {
  io.handle("group", op.group, HandleKind::Group);
  io.optional("remove_elements", op.remove_elements);
}

template <class Io>
void members(Io& io, ExtendGroup& op) {
  io.handle("group", op.group, HandleKind::Group);
  io.handles("members", op.members, HandleKind::Volume);
}

template <class Io>
void members(Io& io, ReduceGroup& op) {
  io.handle("group", op.group, HandleKind::Group);
  io.handles("members", op.members, HandleKind::Volume);
  io.optional("delete_on_empty_element", op.delete_on_empty_element);
}

template <class Io>
void members(Io& io, WriteBlocks& op) {
  io.handle("volume", op.volume, HandleKind::Volume);
  io.number("first", op.first, kLargestVolumeBlocks);
  io.number("blocks", op.blocks, kLargestVolumeBlocks);
}

template <class Io>
void members(Io& io, UnmapBlocks& op) {
  io.handle("volume", op.volume, HandleKind::Volume);
  io.number("first", op.first, kLargestVolumeBlocks);
  io.number("blocks", op.blocks, kLargestVolumeBlocks);
}

template <class Io>
void members(Io& io, ReadVolume& op) {
  io.handle("volume", op.volume, HandleKind::Volume);
}

template <class Io>
void members(Io& io, AwaitJob& op) {
  io.handle("job", op.job, HandleKind::Job);
}

template <class Io>
void members(Io& io, ChangeJob& op) {
  io.handle("job", op.job, HandleKind::Job);
  io.name("requested", op.requested);
}

template <class Io>
void members(Io&, Look&) {}

template <class Io>
void members(Io& io, Disturb& op) {
  io.name("kind", op.kind);
  io.optional_handle("relationship", op.relationship, HandleKind::Relationship);
}

template <class Io>
void members(Io& io, DropVolume& op) {
  io.handle("volume", op.volume, HandleKind::Volume);
}

}  // namespace lockstep::properties
