// What the service knows: elements, groups, pairs (StorageSynchronized), group pairs
// (GroupSynchronized) and jobs. Plain records; the rules are elsewhere.
#pragma once

#include "model/vocab/enums.hpp"
#include "model/vocab/ids.hpp"
#include "target_impl/peer/journal.hpp"
#include "target_impl/peer/peer_volume.hpp"
#include "target_impl/replication/mirror_observer.hpp"
#include "target_impl/replication/ranges.hpp"
#include "target_impl/replication/settings.hpp"
#include "target_impl/replication/table.hpp"
#include "target_impl/replication/token_table.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lockstep::replication {

struct PoolRecord {
  Id id = 0;
  PoolRef ref;
  std::string name;
  std::shared_ptr<store::Pool> pool;
};

struct ElementRecord {
  Id id = 0;
  ElementRef ref;
  std::string name;
  PoolRef pool;
  std::optional<SettingRef> setting;
  std::string device_id;
  std::shared_ptr<store::Volume> volume;
  std::shared_ptr<scsi::LogicalUnit> unit;
  std::uint16_t lun = 0;
  // Not null: the element lies on a peer. `volume` then is what the peer is known to hold, and
  // `unit` is seen by no host.
  std::shared_ptr<peer::PeerVolume> peer;
  std::size_t peer_number = 0;
  std::string peer_name;
  std::uint16_t peer_lun = 0;
};

struct GroupRecord {
  Id id = 0;
  GroupRef ref;
  std::string name;
  std::vector<Id> members;  // elements, in the group's order
  bool persistent = true;
  bool delete_on_empty_element = false;
  bool delete_on_unassociated = false;
  bool consistent_point_in_time = false;
};

// Equal contents of both sides at some moment: what changed since on either side is found by
// comparing roots. Both empty volumes when they were never equal.
struct Common {
  store::Image source;
  store::Image target;
};

// Why a pair is Broken, hence which repair ends it.
enum class BreakCause : std::uint8_t { None, Link, Space, Copy };

// A state that hides the pair's own while nothing better is known.
enum class Overlay : std::uint8_t { None, Partitioned, Invalid };

struct PairRecord {
  Id id = 0;
  RelationshipRef ref;
  Id source = 0;
  Id target = 0;
  SyncType sync_type = SyncType::Mirror;
  Mode mode = Mode::Synchronous;
  std::optional<CopyType> copy_type;
  Settings settings;
  std::optional<std::string> name;
  Id group = 0;  // the group pair that it belongs to, or 0

  CopyState state = CopyState::Initialized;
  CopyState requested = CopyState::NotApplicable;
  ProgressStatus progress = ProgressStatus::Dormant;
  Overlay overlay = Overlay::None;
  BreakCause cause = BreakCause::None;
  bool detach_when_done = false;  // CopyType 5
  bool lagging = false;           // asynchronous, Unsynchronized only because of what it owes
  bool ends_idle = false;         // the copy under way leaves it Inactive
  bool forming = false;           // its creating job runs

  Common common;
  Ranges doubt;  // in which a target on a peer may hold anything else than its volume
  // What was changed there before this generation is what the volume holds (peer::ChangeRecord).
  peer::Generation settled = 0;
  bool target_leads = false;                  // on a peer: between Failover and the end of Failback
  std::optional<store::Image> point_in_time;  // Snapshot, Clone, TokenizedClone
  // The target when the state was entered, where what hosts write there afterwards counts.
  std::optional<store::Image> entered;
  std::optional<Token> token;                // TokenizedClone
  std::shared_ptr<MirrorObserver> observer;  // attached to the source's volume while set
  // Asynchronous: every write that was answered before then is on the target.
  std::chrono::steady_clock::time_point current_at = std::chrono::steady_clock::now();
  std::uint64_t cut = 0;           // pairs with the same number were cut together
  std::uint64_t written_mark = 0;  // host writes to the target when the state was entered
  Id flow = 0;                     // the copy under way, or 0
  std::vector<Id> jobs;            // that wait for the copy under way
};

struct GroupPairRecord {
  Id id = 0;
  RelationshipRef ref;
  std::string name;
  Id source_group = 0;
  Id target_group = 0;
  SyncType sync_type = SyncType::Mirror;
  Mode mode = Mode::Synchronous;
  Settings settings;
  bool consistency_enabled = false;
  std::vector<Id> pairs;
  // Asynchronous and consistent, on a peer: through it all members change as one.
  std::shared_ptr<peer::Journal> journal;
  std::string journal_id;  // of the peer's logical unit; empty: none
  std::uint16_t journal_lun = 0;
  std::uint64_t journal_blocks = 0;
};

struct JobRecord {
  Id id = 0;
  JobRef ref;
  JobState state = JobState::Running;
  std::uint16_t percent = 0;
  std::uint16_t error_code = 0;
  std::string error_text;
  std::vector<ElementRef> elements;
  std::vector<RelationshipRef> relationships;
  std::vector<GroupRef> groups;
  std::set<Id> pending;  // pairs whose copy it waits for
  bool end_was_seen = false;
  bool incomplete = false;  // something asked for was left out: it ends as an exception
  std::chrono::steady_clock::time_point ended;
};

}  // namespace lockstep::replication
