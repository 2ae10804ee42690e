#include "target_impl/replication/elements.hpp"

#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/pairs.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace lockstep::replication {
namespace {

bool source_is_locked(const PairRecord& pair) {
  const auto& read_only = pair.settings.read_only;
  if (read_only == ReadOnly::SystemElement || read_only == ReadOnly::Both) return true;
  // FailedCopyStopsHostIO (T-048).
  return pair.state == CopyState::Broken && pair.settings.failed_copy_stops_host_io;
}

bool target_is_writable(const World& world, const PairRecord& pair) {
  if (!world.freedom.writable_targets && pair.state != CopyState::Failedover) return false;
  const auto& read_only = pair.settings.read_only;
  if (read_only == ReadOnly::SyncedElement || read_only == ReadOnly::Both) return false;
  return host_may_write_target(pair.sync_type, pair.state);
}

}  // namespace

std::shared_ptr<scsi::LogicalUnit> make_unit(const ElementRecord& element,
                                             const std::array<std::uint8_t, 16>& identifier) {
  scsi::LogicalUnitOptions options;
  options.naa_identifier = identifier;
  options.serial_number = "LS" + std::to_string(element.id);
  return std::make_shared<scsi::LogicalUnit>(element.volume, std::move(options));
}

std::shared_ptr<scsi::LogicalUnit> make_peer_unit(const ElementRecord& element) {
  return std::make_shared<scsi::LogicalUnit>(element.volume, scsi::LogicalUnitOptions{});
}

ElementRecord* make_element(World& world, const PoolRecord& pool, const NewElement& wanted) {
  ElementRecord element;
  element.id = world.new_id();
  element.name = wanted.name.value_or("volume-" + std::to_string(element.id));
  element.pool = pool.ref;
  element.setting = wanted.setting;
  element.volume = std::make_shared<store::Volume>(wanted.blocks, wanted.block_size, pool.pool);
  const auto identifier = make_naa_identifier();
  element.device_id = hex_text(identifier);
  element.ref = element_path(element.device_id);
  element.unit = make_unit(element, identifier);
  const auto lun = world.devices.hosts().publish(element.unit);
  if (!lun) return nullptr;
  element.lun = *lun;
  return &world.elements.add(std::move(element));
}

ElementRecord& make_peer_element(World& world, const ElementRecord& source,
                                 std::shared_ptr<peer::PeerVolume> peer, std::size_t peer_number) {
  ElementRecord element;
  element.id = world.new_id();
  element.name = "volume-" + std::to_string(element.id);
  element.pool = source.pool;
  element.device_id = peer->identity().naa_identifier;
  element.ref = element_path(element.device_id);
  element.volume = std::make_shared<store::Volume>(
      source.volume->blocks(), source.volume->block_size(), source.volume->pool());
  element.unit = make_peer_unit(element);
  element.peer = std::move(peer);
  element.peer_number = peer_number;
  element.peer_name = world.peers.name_of(peer_number);
  element.peer_lun = element.peer->identity().lun;
  use_change_record(world, element, 0);
  return world.elements.add(std::move(element));
}

void use_change_record(const World& world, const ElementRecord& element, peer::Generation settled) {
  if (world.change_directory.empty()) return;
  element.peer->use(std::make_shared<peer::ChangeRecord>(
      world.change_directory + "/" + kChangeRecordPrefix + std::to_string(element.id),
      element.peer->identity().geometry, settled));
}

void remove_element(World& world, Id id) {
  const ElementRecord* element = world.elements.find(id);
  if (element == nullptr) return;
  if (!element->peer) world.devices.hosts().withdraw(element->lun);
  std::vector<Id> emptied;
  for (auto& [group_id, group] : world.groups) {
    const auto removed = std::erase(group.members, id);
    const bool delete_empty =
        group.delete_on_empty_element || !world.freedom.has(GroupFeature::EmptyGroupsAllowed);
    if (removed != 0 && group.members.empty() && delete_empty) {
      emptied.push_back(group_id);
    }
  }
  for (const Id group : emptied) world.groups.erase(group);
  world.elements.erase(id);
}

PairRecord* pair_with_target(World& world, Id element) {
  for (auto& [id, pair] : world.pairs) {
    if (pair.target == element) return &pair;
  }
  return nullptr;
}

bool is_source(World& world, Id element) {
  return std::any_of(world.pairs.begin(), world.pairs.end(),
                     [&](const auto& entry) { return entry.second.source == element; });
}

void update_host_access(World& world, Id id) {
  ElementRecord* element = world.elements.find(id);
  if (element == nullptr) return;
  bool writable = true;
  for (const auto& [pair_id, pair] : world.pairs) {
    if (pair.source == id && source_is_locked(pair)) writable = false;
    if (pair.target == id && !target_is_writable(world, pair)) writable = false;
  }
  element->unit->set_host_access(writable ? scsi::HostAccess::ReadWrite
                                          : scsi::HostAccess::ReadOnly);
}

}  // namespace lockstep::replication
