// What can be seen of a provider without changing it: properties of its elements, groups,
// relationships and jobs, as the object manager would enumerate them. NULL is an empty optional.
#pragma once

#include "model/vocab/enums.hpp"
#include "model/vocab/ids.hpp"
#include "model/vocab/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lockstep {

// What a ElementRef names. Only volumes can be replicated; the others exist to be refused (CER-10).
enum class ElementClass : std::uint8_t { StorageVolume, StoragePool, Other };
BOOST_DESCRIBE_ENUM(ElementClass, StorageVolume, StoragePool, Other)

struct ElementView {
  ElementRef ref;
  ElementClass element_class = ElementClass::StorageVolume;
  std::optional<std::string> element_name;
  std::optional<PoolRef> pool;        // AllocatedFromStoragePool
  std::optional<SettingRef> setting;  // the setting goal it was made with, if any
  BlockCount blocks;
  BlockSize block_size;
  std::string
      device_id;  // NAA identifier of VPD page 83h in hex, by which the LUN is found; may be empty
  friend bool operator==(const ElementView&, const ElementView&) = default;
};

struct PoolView {
  PoolRef ref;
  std::string name;
  ByteCount total;
  ByteCount remaining;
  friend bool operator==(const PoolView&, const PoolView&) = default;
};

struct GroupView {
  GroupRef ref;
  std::optional<std::string> element_name;
  std::vector<ElementRef> members;  // in the group's order
  bool persistent = true;
  bool delete_on_empty_element = false;
  bool delete_on_unassociated = false;
  bool consistent_point_in_time = false;
  friend bool operator==(const GroupView&, const GroupView&) = default;
};

enum class RelationshipClass : std::uint8_t { StorageSynchronized, GroupSynchronized };
BOOST_DESCRIBE_ENUM(RelationshipClass, StorageSynchronized, GroupSynchronized)

// CIM_StorageSynchronized or CIM_GroupSynchronized.
struct RelationshipView {
  RelationshipRef ref;
  RelationshipClass relationship_class = RelationshipClass::StorageSynchronized;
  // The two ends, SystemElement and SyncedElement: elements, or groups for a GroupSynchronized.
  std::optional<ElementRef> source_element;
  std::optional<ElementRef> target_element;
  std::optional<GroupRef> source_group;
  std::optional<GroupRef> target_group;

  std::optional<SyncType> sync_type;
  std::optional<Mode> mode;
  std::optional<CopyState> copy_state;
  std::optional<CopyState> requested_copy_state;
  std::optional<ProgressStatus> progress_status;
  std::optional<std::uint16_t> percent_synced;  // 0..100
  std::optional<bool> sync_maintained;

  // Legacy Copy Services view; NULL where the provider does not offer it.
  std::optional<CopyType> copy_type;
  std::optional<SyncState> sync_state;

  std::optional<CopyPriority> copy_priority;
  std::optional<CopyRecoveryMode> copy_recovery_mode;
  std::optional<CopyMethodology> copy_methodology;
  std::optional<ReplicaType> replica_type;
  std::optional<ReadOnly> read_only;
  std::optional<bool> failed_copy_stops_host_io;
  std::optional<std::uint32_t> recovery_point_objective;
  std::optional<std::string> name;  // RelationshipName (groups), or the name given to CreateReplica

  // Groups only.
  std::optional<bool> consistency_enabled;
  std::optional<ConsistencyType> consistency_type;
  std::optional<ConsistencyState> consistency_state;
  std::optional<ConsistencyStatus> consistency_status;

  friend bool operator==(const RelationshipView&, const RelationshipView&) = default;
};

struct JobView {
  JobRef ref;
  JobState state = JobState::New;
  std::vector<OperationalStatus> operational_status;
  std::uint16_t percent_complete = 0;
  std::uint16_t error_code = 0;           // 0: no error
  std::optional<std::string> error_text;  // GetError, once failed
  bool delete_on_completion = true;
  std::uint32_t time_before_removal_s = 300;
  // AffectedJobElement, the objects the job made or worked on (GEN-13).
  std::vector<ElementRef> affected_elements;
  std::vector<RelationshipRef> affected_relationships;
  std::vector<GroupRef> affected_groups;
  friend bool operator==(const JobView&, const JobView&) = default;

  [[nodiscard]] bool finished() const noexcept {
    return state == JobState::Completed || state == JobState::Terminated ||
           state == JobState::Killed || state == JobState::Exception;
  }
};

// Everything at once. The four lists need not come from one instant.
struct Inventory {
  std::vector<PoolView> pools;
  std::vector<ElementView> elements;
  std::vector<GroupView> groups;
  std::vector<RelationshipView> relationships;
  std::vector<JobView> jobs;
  friend bool operator==(const Inventory&, const Inventory&) = default;

  [[nodiscard]] const ElementView* find(const ElementRef& ref) const noexcept {
    return in(elements, ref);
  }
  [[nodiscard]] const GroupView* find(const GroupRef& ref) const noexcept {
    return in(groups, ref);
  }
  [[nodiscard]] const RelationshipView* find(const RelationshipRef& ref) const noexcept {
    return in(relationships, ref);
  }
  [[nodiscard]] const JobView* find(const JobRef& ref) const noexcept { return in(jobs, ref); }
  [[nodiscard]] const PoolView* find(const PoolRef& ref) const noexcept { return in(pools, ref); }

 private:
  template <class View, class Reference>
  [[nodiscard]] static const View* in(const std::vector<View>& views,
                                      const Reference& ref) noexcept {
    for (const View& view : views) {
      if (view.ref == ref) return &view;
    }
    return nullptr;
  }
};

}  // namespace lockstep
