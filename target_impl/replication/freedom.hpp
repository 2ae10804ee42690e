// Which way the service goes wherever the specification lets a provider choose. Every choice
// conforms (a few, marked so, are tolerated with a warning); the clause that leaves it open stands
// beside it. The values here are the reference's own way. variants.cpp has named sets of them.
//
// Each member is asked in one place. Those that name methods, states or codes take only what the
// clause beside them allows.
#pragma once

#include "model/vocab/enums.hpp"
#include "model/vocab/methods.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace lockstep {

// How a reference that names nothing is refused (GEN-15). CreateReplica has a number of its own.
enum class MissingObject : std::uint8_t {
  InvalidParameter,
  Failed,
  CimNotFound,  // the object manager refuses before the service is asked
};

// A list with an entry at fault, when the request says Stop (CLR-46, MLS-07).
enum class ListStop : std::uint8_t { Nothing, KeepsEarlierEntries };
// The same when it says Continue, and the sound entries are carried out (CLR-47).
enum class ListContinue : std::uint8_t { JobFails, CallFails, JobSucceeds };

// A name for an element that exists already (CER-26, CLR-23).
enum class NameOfExisting : std::uint8_t { Ignored, Renames, Refused };

enum class PercentReporting : std::uint8_t {
  Exact,
  EndsOnly,  // 0, then 100
  Never,     // NULL on relationships; jobs show 0, then 100
};

struct Freedom {
  // --- what is offered ---

  SchemaLevel level = SchemaLevel::Cim241;
  std::set<Method> withheld_methods;        // GEN-21
  std::set<SyncType> withheld_kinds;        // CER-02
  std::set<Mode> withheld_modes;            // CER-07
  std::set<CopyType> withheld_copy_types;   // ATT-06
  std::set<Operation> withheld_operations;  // MRS-03
  // What is declared is kept to: features that narrow narrow.
  std::set<Feature> features{Feature::ReplicationGroups, Feature::ErrorRecoveryFromBrokenAutomatic,
                             Feature::ReverseRolesKeepsCopyState};
  std::set<GroupFeature> group_features{GroupFeature::ManyToManyGroups,
                                        GroupFeature::EmptyGroupsAllowed,
                                        GroupFeature::GroupCanBeTemporary,
                                        GroupFeature::GroupIsNameable,
                                        GroupFeature::ElementCanBeMemberOfMultipleGroups,
                                        GroupFeature::TokenizedCloneConsistentPointInTime,
                                        GroupFeature::ClientCanSupplyRelationshipName};
  friend bool operator==(const Freedom&, const Freedom&) = default;
  [[nodiscard]] bool has(Feature feature) const { return features.contains(feature); }
  [[nodiscard]] bool has(GroupFeature feature) const { return group_features.contains(feature); }

  // --- how calls end ---

  // GEN-09: these never answer 4096 and return when the copy has arrived, or with Timeout when it
  // takes longer than `patience` (GEN-17); those never answer 0.
  std::set<Method> never_by_job;
  std::set<Method> always_by_job;
  std::chrono::milliseconds patience{1000};
  // CER-16, CER-32, CLR-28, CLR-39, CGE-29, CGE-45, MCR-20, MCR-27: out parameters beside 4096.
  bool names_results_with_job = true;
  // CER-50, ATT-16: false keeps a relationship out of sight until its job has ended. Needs
  // names_results_with_job to be false as well.
  bool shows_forming_relationships = true;
  ReturnCode wrong_state = ReturnCode::InvalidParameter;  // MRS-04: 5, 4, 6 or 1
  MissingObject missing_object = MissingObject::InvalidParameter;
  bool repetition_succeeds = false;  // Fracture of what is Fractured, and so on
  ListStop list_stop = ListStop::Nothing;
  ListContinue list_continue = ListContinue::JobFails;

  // --- jobs ---

  std::chrono::seconds time_before_removal{300};  // GEN-12; less than 300 is tolerated
  bool jobs_are_deleted_at_end = true;            // JOB-09: DeleteOnCompletion
  bool jobs_name_results = true;                  // GEN-13: AffectedJobElement
  bool jobs_can_be_ended = true;                  // JOB-05
  PercentReporting percent = PercentReporting::Exact;

  // --- creation ---

  // A-1, T-001, ATT-17: where a create leads that awaits no state. Synchronized and Unsynchronized
  // copy, the first with a job; 2, 8 and 11 wait for Activate.
  CopyState first_state = CopyState::Synchronized;
  bool starts_by_itself = false;         // T-008: what is Initialized goes on without being asked
  Mode mirror_mode = Mode::Synchronous;  // CER-06, of mirrors
  Mode copy_mode = Mode::Asynchronous;   // CER-06, of the other kinds
  bool names_new_elements = true;        // CER-24: NULL otherwise
  bool duplicate_names = true;           // CER-25, CLR-22: false refuses them
  NameOfExisting name_of_existing = NameOfExisting::Ignored;
  bool surplus_names = true;              // CLR-19: false refuses them
  bool same_source_twice = true;          // CLR-12: false refuses it
  bool empty_lists = false;               // CLR-10: true takes an empty list for done
  bool same_pair_again = false;           // ATT-24: true takes it for done
  std::optional<CopyType> copy_type;      // ATT-05: for NULL; without one NULL is refused
  bool access_points = true;              // CER-12: false refuses all, with 1
  bool ignores_pool_with_target = false;  // CER-19 (tolerated): true succeeds
  bool extended_status = true;            // MCR-31
  unsigned pools = 2;
  bool targets_beside_source = true;  // CER-20: false puts them into the last pool
  CopyRecoveryMode recovery_mode = CopyRecoveryMode::Automatic;  // CER-27
  bool failed_copy_stops_host_io = false;                        // CER-27

  // --- groups ---

  ConsistencyType consistency = ConsistencyType::None;  // CGE-35
  bool persistent_groups = true;                        // CGE-52, GetDefaultGroupPersistency
  bool names_groups = true;                             // CGE-15: NULL otherwise
  std::string member_name_infix = "_";                  // CGE-21

  // --- life ---

  bool reports_skewed = true;        // A-10, T-016, T-017
  bool reports_lag = false;          // Unsynchronized while a large epoch is shipped
  bool restore_keeps_state = false;  // otherwise Restored
  CopyState after_unprepare = CopyState::Initialized;  // T-047: or Prepared
  bool abort_ends_clones = false;                      // T-019
  bool reversal_renames = false;             // MRS-25: the relationship has another path afterwards
  bool wants_force = false;                  // MRS-29: for Fracture, Failover, Abort, ReverseRoles
  bool deletion_ends_relationships = false;  // DEL-3
  bool writable_targets = true;              // HostAccessible: false keeps hosts out until Detach

  // --- what is shown ---

  bool legacy_view = true;          // ATT-28: CopyType and SyncState
  bool optional_properties = true;  // those that no clause asks for
};

}  // namespace lockstep
