#include "target_impl/replication/views.hpp"

#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/pairs.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::replication {
namespace {

ElementView view_of(const ElementRecord& element) {
  ElementView view;
  view.ref = element.ref;
  if (!element.name.empty()) view.element_name = element.name;
  if (!element.peer) view.pool = element.pool;
  view.setting = element.setting;
  view.blocks = element.volume->blocks();
  view.block_size = element.volume->block_size();
  view.device_id = element.device_id;
  return view;
}

GroupView view_of(World& world, const GroupRecord& group) {
  GroupView view;
  view.ref = group.ref;
  if (!group.name.empty()) view.element_name = group.name;
  for (const Id member : group.members) view.members.push_back(world.elements.find(member)->ref);
  view.persistent = group.persistent;
  view.delete_on_empty_element = group.delete_on_empty_element;
  view.delete_on_unassociated = group.delete_on_unassociated;
  view.consistent_point_in_time = group.consistent_point_in_time;
  return view;
}

// The older service's name for the same state (values of the 3PAR mapping; ATT-28).
SyncState legacy_state(const PairRecord& pair, CopyState state) {
  if (pair.progress == ProgressStatus::Restoring) return SyncState::RestoreInProgress;
  const bool mirror = pair.sync_type == SyncType::Mirror;
  switch (state) {
    case CopyState::Initialized:
      return SyncState::Initialized;
    case CopyState::Prepared:
      return SyncState::Prepared;
    case CopyState::Unsynchronized:
      return mirror ? SyncState::ResyncInProgress : SyncState::CopyInProgress;
    case CopyState::Synchronized:
      return mirror ? SyncState::Synchronized : SyncState::Frozen;
    // The older service has no name for either: whole, but not following.
    case CopyState::Restored:
    case CopyState::Skewed:
      return mirror ? SyncState::Fractured : SyncState::Frozen;
    case CopyState::Fractured:
    case CopyState::Split:
    case CopyState::Failedover:
      return SyncState::Fractured;
    case CopyState::Suspended:
      return SyncState::Quiesced;
    case CopyState::Inactive:
      return SyncState::Idle;
    case CopyState::Broken:
    case CopyState::Aborted:
      return SyncState::Broken;
    default:
      return SyncState::Unknown;
  }
}

void put_settings(RelationshipView& view, const Settings& settings, SyncType sync_type) {
  view.copy_priority = settings.copy_priority;
  view.copy_recovery_mode = settings.copy_recovery_mode;
  view.copy_methodology = settings.copy_methodology;
  view.replica_type =
      sync_type == SyncType::Snapshot ? ReplicaType::BeforeDelta : ReplicaType::FullCopy;
  view.read_only = settings.read_only;
  view.failed_copy_stops_host_io = settings.failed_copy_stops_host_io;
}

std::uint16_t percent_synced(World& world, const PairRecord& pair) {
  switch (pair.state) {
    case CopyState::Unsynchronized:
      return percent_of_copy(world, pair);
    case CopyState::Initialized:
    case CopyState::Prepared:
    case CopyState::Aborted:
      return 0;
    default:
      return 100;
  }
}

RelationshipView view_of(World& world, PairRecord& pair) {
  notice_host_writes(world, pair);
  const CopyState state = shown_state(pair);
  RelationshipView view;
  view.ref = pair.ref;
  view.source_element = world.elements.find(pair.source)->ref;
  view.target_element = world.elements.find(pair.target)->ref;
  view.sync_type = pair.sync_type;
  view.mode = pair.mode;
  view.copy_state = state;
  view.requested_copy_state = pair.requested == state ? CopyState::NotApplicable : pair.requested;
  view.progress_status = pair.overlay == Overlay::None ? pair.progress : ProgressStatus::Unknown;
  view.percent_synced = percent_synced(world, pair);
  view.copy_type = pair.copy_type;
  view.sync_state = legacy_state(pair, state);
  view.sync_maintained = pair.sync_type == SyncType::Mirror && state == CopyState::Synchronized;
  put_settings(view, pair.settings, pair.sync_type);
  view.recovery_point_objective = pair.settings.recovery_point_objective;
  view.name = pair.name;
  return view;
}

void put_consistency(World& world, RelationshipView& view, const GroupPairRecord& group_pair) {
  view.consistency_enabled = group_pair.consistency_enabled;
  if (!group_pair.consistency_enabled) {
    view.consistency_state = ConsistencyState::NotApplicable;
    view.consistency_status = ConsistencyStatus::Disabled;
    return;
  }
  view.consistency_type = ConsistencyType::SequentiallyConsistent;
  std::set<std::uint64_t> cuts;
  for (const Id id : group_pair.pairs) cuts.insert(world.pairs.find(id)->cut);
  const CopyState state = *view.copy_state;
  if (state == CopyState::Unsynchronized || state == CopyState::Initialized ||
      state == CopyState::Prepared) {
    view.consistency_state = ConsistencyState::Inconsistent;
    view.consistency_status = ConsistencyStatus::InProgress;
  } else if (state == CopyState::Mixed || state == CopyState::Skewed || cuts.size() > 1) {
    view.consistency_state = ConsistencyState::Inconsistent;
    view.consistency_status = ConsistencyStatus::InError;
  } else {
    view.consistency_state = ConsistencyState::Consistent;
    view.consistency_status = ConsistencyStatus::Completed;
  }
}

// What all members show, or `otherwise`.
template <class Value, class Projection>
Value common_value(World& world, const GroupPairRecord& group_pair, Value otherwise,
                   Projection projection) {
  std::set<Value> values;
  for (const Id id : group_pair.pairs) values.insert(projection(*world.pairs.find(id)));
  return values.size() == 1 ? *values.begin() : otherwise;
}

RelationshipView view_of(World& world, const GroupPairRecord& group_pair) {
  RelationshipView view;
  view.ref = group_pair.ref;
  view.relationship_class = RelationshipClass::GroupSynchronized;
  view.source_group = world.groups.find(group_pair.source_group)->ref;
  view.target_group = world.groups.find(group_pair.target_group)->ref;
  view.sync_type = group_pair.sync_type;
  view.mode = common_value(world, group_pair, group_pair.mode,
                           [](const PairRecord& pair) { return pair.mode; });
  view.copy_state = group_state(world, group_pair);
  const auto requested = common_value(world, group_pair, CopyState::NotApplicable,
                                      [](const PairRecord& pair) { return pair.requested; });
  view.requested_copy_state = requested == *view.copy_state ? CopyState::NotApplicable : requested;
  view.progress_status =
      common_value(world, group_pair, ProgressStatus::Mixed, [](const PairRecord& pair) {
        return pair.overlay == Overlay::None ? pair.progress : ProgressStatus::Unknown;
      });
  if (view.copy_state == CopyState::Mixed) view.progress_status = ProgressStatus::Mixed;
  unsigned percent = 0;
  for (const Id id : group_pair.pairs) percent += percent_synced(world, *world.pairs.find(id));
  view.percent_synced = static_cast<std::uint16_t>(percent / group_pair.pairs.size());
  put_settings(view, group_pair.settings, group_pair.sync_type);
  view.name = group_pair.name;
  put_consistency(world, view, group_pair);
  return view;
}

// What the service chooses not to show.
void conceal(const Freedom& freedom, RelationshipView& view) {
  if (freedom.percent == PercentReporting::Never) view.percent_synced.reset();
  if (freedom.percent == PercentReporting::EndsOnly && view.percent_synced != 100) {
    view.percent_synced = 0;
  }
  if (!freedom.legacy_view) {
    view.copy_type.reset();
    view.sync_state.reset();
    view.sync_maintained.reset();
  }
  if (freedom.optional_properties) return;
  view.progress_status.reset();
  view.percent_synced.reset();
  view.sync_maintained.reset();
  view.replica_type.reset();
  view.consistency_status.reset();
}

bool is_out_of_sight(const World& world, const PairRecord& pair) {
  return pair.forming && !world.freedom.shows_forming_relationships;
}

void put_relationships(World& world, std::vector<RelationshipView>& views) {
  for (auto& [id, pair] : world.pairs) {
    if (!is_out_of_sight(world, pair)) views.push_back(view_of(world, pair));
  }
  for (auto& [id, group_pair] : world.group_pairs) {
    const bool hidden = std::any_of(
        group_pair.pairs.begin(), group_pair.pairs.end(),
        [&](const Id member) { return is_out_of_sight(world, *world.pairs.find(member)); });
    if (!hidden) views.push_back(view_of(world, group_pair));
  }
  for (RelationshipView& view : views) conceal(world.freedom, view);
}

JobView view_of(World& world, JobRecord& job) {
  JobView view;
  view.ref = job.ref;
  view.state = job.state;
  switch (job.state) {
    case JobState::Completed:
      view.operational_status = {OperationalStatus::Completed, OperationalStatus::OK};
      break;
    case JobState::Exception:
      view.operational_status = {OperationalStatus::Completed, OperationalStatus::Error};
      break;
    case JobState::Terminated:
    case JobState::Killed:
      view.operational_status = {OperationalStatus::Stopped, OperationalStatus::Error};
      break;
    default:
      view.operational_status = {OperationalStatus::OK};
      break;
  }
  view.percent_complete = percent_of(world, job);
  view.error_code = job.error_code;
  if (job.error_code != 0) view.error_text = job.error_text;
  view.time_before_removal_s =
      static_cast<std::uint32_t>(world.freedom.time_before_removal.count());
  view.delete_on_completion = world.freedom.jobs_are_deleted_at_end;
  if (view.finished()) job.end_was_seen = true;
  if (!world.freedom.jobs_name_results) return view;
  view.affected_elements = job.elements;
  view.affected_relationships = job.relationships;
  view.affected_groups = job.groups;
  return view;
}

PoolView view_of(const PoolRecord& pool) {
  PoolView view;
  view.ref = pool.ref;
  view.name = pool.name;
  view.total = capacity_of(*pool.pool);
  const ByteCount used = used_of(*pool.pool);
  view.remaining = ByteCount{view.total.value - std::min(view.total.value, used.value)};
  return view;
}

// Pools are managed elements too, and no sources of replicas (CER-10).
ElementView pool_element(const PoolRecord& pool) {
  ElementView view;
  view.ref = ElementRef{pool.ref.path};
  view.element_class = ElementClass::StoragePool;
  view.element_name = pool.name;
  return view;
}

}  // namespace

CopyState group_state(World& world, const GroupPairRecord& group_pair) {
  return common_value(world, group_pair, CopyState::Mixed, [&](PairRecord& pair) {
    notice_host_writes(world, pair);
    return shown_state(pair);
  });
}

Inventory view_of(World& world) {
  Inventory inventory;
  for (auto& [id, pool] : world.pools) inventory.pools.push_back(view_of(pool));
  for (auto& [id, element] : world.elements) inventory.elements.push_back(view_of(element));
  for (auto& [id, pool] : world.pools) inventory.elements.push_back(pool_element(pool));
  for (auto& [id, group] : world.groups) inventory.groups.push_back(view_of(world, group));
  put_relationships(world, inventory.relationships);
  for (auto& [id, job] : world.jobs) inventory.jobs.push_back(view_of(world, job));
  return inventory;
}

}  // namespace lockstep::replication
