// Named sets of choices: references that behave otherwise and conform all the same.
#include "target_impl/reference.hpp"

namespace lockstep {
namespace {

using enum Method;

const std::set<Method> kCopying{CreateElementReplica,
                                CreateListReplica,
                                CreateGroupReplicaFromElements,
                                CreateReplica,
                                AttachReplica,
                                ModifyReplicaSynchronization,
                                ModifyListSynchronization};

struct Entry {
  const char* name;
  const char* description;
  void (*choose)(Freedom&);
};

constexpr Entry kAnswers[] = {
    {"at-once", "answers when the copy has arrived, never with a job",
     [](Freedom& its) {
       its.never_by_job = kCopying;
       its.patience = std::chrono::milliseconds{300};
     }},
    {"by-job", "answers with a job whatever can have one",
     [](Freedom& its) {
       its.always_by_job = kCopying;
       its.always_by_job.insert({CreateVolume, ReturnToStoragePool});
     }},
    {"bare-job", "names neither targets nor relationships beside a job",
     [](Freedom& its) { its.names_results_with_job = false; }},
    {"late-relationships", "shows a relationship when the job that makes it has ended",
     [](Freedom& its) {
       its.names_results_with_job = false;
       its.shows_forming_relationships = false;
     }},
    {"failed-codes", "answers 4 to a wrong state and to what does not exist",
     [](Freedom& its) {
       its.wrong_state = ReturnCode::Failed;
       its.missing_object = MissingObject::Failed;
     }},
    {"cim-errors", "answers a CIM error to what does not exist, 1 to a wrong state",
     [](Freedom& its) {
       its.wrong_state = ReturnCode::NotSupported;
       its.missing_object = MissingObject::CimNotFound;
     }},
    {"repeatable", "takes an operation without effect for done, answers 6 to a wrong state",
     [](Freedom& its) {
       its.wrong_state = ReturnCode::InUse;
       its.repetition_succeeds = true;
     }},
    {"list-prefix", "keeps the entries of a list that come before the one at fault",
     [](Freedom& its) {
       its.list_stop = ListStop::KeepsEarlierEntries;
       its.list_continue = ListContinue::CallFails;
     }},
    {"forgiving", "takes empty lists, repeated pairs and left out entries for done",
     [](Freedom& its) {
       its.list_continue = ListContinue::JobSucceeds;
       its.empty_lists = true;
       its.same_pair_again = true;
       its.copy_type = CopyType::Sync;
       its.ignores_pool_with_target = true;
     }},
    {"strict", "refuses repeated and surplus names, repeated sources, access points",
     [](Freedom& its) {
       its.duplicate_names = false;
       its.surplus_names = false;
       its.name_of_existing = NameOfExisting::Refused;
       its.same_source_twice = false;
       its.access_points = false;
       its.extended_status = false;
     }},
};

constexpr Entry kJobs[] = {
    {"short-lived-jobs", "forgets a job once its end has been seen",
     [](Freedom& its) {
       its.time_before_removal = std::chrono::seconds{0};
       its.jobs_name_results = false;
     }},
    {"stubborn-jobs", "keeps jobs until they are deleted and does not end them",
     [](Freedom& its) {
       its.jobs_can_be_ended = false;
       its.jobs_are_deleted_at_end = false;
     }},
    {"coarse-percent", "shows 0 percent, then 100",
     [](Freedom& its) { its.percent = PercentReporting::EndsOnly; }},
    {"sparse", "shows no property that no clause asks for",
     [](Freedom& its) {
       its.percent = PercentReporting::Never;
       its.optional_properties = false;
       its.legacy_view = false;
       its.jobs_name_results = false;
     }},
};

constexpr Entry kCreation[] = {
    {"first-unsynchronized", "answers a create while its copy runs",
     [](Freedom& its) { its.first_state = CopyState::Unsynchronized; }},
    {"first-inactive", "leaves a new relationship Inactive",
     [](Freedom& its) { its.first_state = CopyState::Inactive; }},
    {"first-prepared", "leaves a new relationship Prepared, and one after Unprepare too",
     [](Freedom& its) {
       its.first_state = CopyState::Prepared;
       its.after_unprepare = CopyState::Prepared;
     }},
    {"self-starting", "begins as Initialized and starts to copy by itself",
     [](Freedom& its) {
       its.first_state = CopyState::Initialized;
       its.starts_by_itself = true;
     }},
    {"other-modes", "takes Mode NULL for asynchronous mirrors and synchronous copies",
     [](Freedom& its) {
       its.mirror_mode = Mode::Asynchronous;
       its.copy_mode = Mode::Synchronous;
       its.reports_lag = true;
     }},
    {"adaptive", "takes Mode NULL for adaptive mirrors",
     [](Freedom& its) { its.mirror_mode = Mode::Adaptive; }},
    {"nameless", "gives new elements and groups no name of its own",
     [](Freedom& its) {
       its.names_new_elements = false;
       its.names_groups = false;
     }},
    {"renaming", "gives existing targets the name that came with them",
     [](Freedom& its) {
       its.name_of_existing = NameOfExisting::Renames;
       its.member_name_infix = ".";
     }},
    {"many-pools", "has five pools and puts new targets into the last",
     [](Freedom& its) {
       its.pools = 5;
       its.targets_beside_source = false;
     }},
    {"manual-recovery", "waits for Resume after a repair; a failed copy stops host writes",
     [](Freedom& its) {
       its.recovery_mode = CopyRecoveryMode::Manual;
       its.failed_copy_stops_host_io = true;
     }},
};

constexpr Entry kGroups[] = {
    {"unnameable-groups", "names groups and their relationships itself",
     [](Freedom& its) {
       its.group_features.erase(GroupFeature::GroupIsNameable);
       its.group_features.erase(GroupFeature::ClientCanSupplyRelationshipName);
     }},
    {"no-empty-groups", "has no empty groups, and temporary ones by default",
     [](Freedom& its) {
       its.group_features.erase(GroupFeature::EmptyGroupsAllowed);
       its.persistent_groups = false;
     }},
    {"consistent-groups", "keeps every group consistent",
     [](Freedom& its) { its.group_features.insert(GroupFeature::ConsistencyEnabledForAllGroups); }},
    {"consistent-by-default", "keeps a group consistent unless told otherwise",
     [](Freedom& its) { its.consistency = ConsistencyType::SequentiallyConsistent; }},
    {"own-order", "orders the members of groups itself, two at least in a source group",
     [](Freedom& its) {
       its.group_features.insert(GroupFeature::ImplementationDecidesMemberOrder);
       its.group_features.insert(GroupFeature::SourceGroupNeedsMoreThanOneElement);
     }},
    {"makes-target-groups", "takes no target group",
     [](Freedom& its) { its.group_features.insert(GroupFeature::TargetGroupShallNotBeSupplied); }},
};

constexpr Entry kLife[] = {
    {"detaching-clones", "ends a clone's relationship when it is complete",
     [](Freedom& its) {
       its.features.insert(Feature::SynchronizedCloneDetachesAutomatically);
       its.group_features.insert(GroupFeature::SynchronizedCloneDetachesAutomatically);
       its.withheld_copy_types = {CopyType::UnSyncAssoc};
     }},
    {"never-skewed", "does not report that a host wrote to a target",
     [](Freedom& its) { its.reports_skewed = false; }},
    {"read-only-targets", "keeps hosts from writing to targets",
     [](Freedom& its) { its.writable_targets = false; }},
    {"restore-keeps-state", "does not show Restored",
     [](Freedom& its) { its.restore_keeps_state = true; }},
    {"restore-then-fracture", "asks for Fracture after Restore",
     [](Freedom& its) { its.features.insert(Feature::RestoreRequiresFracture); }},
    {"restore-then-detach", "asks for Detach after Restore",
     [](Freedom& its) { its.features.insert(Feature::RestoreRequiresDetach); }},
    {"restore-then-resume", "asks for Resume after Restore of a mirror",
     [](Freedom& its) { its.features.insert(Feature::RestoreRequiresResume); }},
    {"resync-then-activate", "leaves what is resynchronized Inactive",
     [](Freedom& its) { its.features.insert(Feature::ResyncRequiresActivate); }},
    {"associated-snapshots", "does not part a snapshot from its source",
     [](Freedom& its) { its.features.insert(Feature::TargetMustRemainAssociated); }},
    {"guarded-failover", "fails over from Fractured, and then only back or apart",
     [](Freedom& its) {
       its.features.insert(Feature::FailoverRequiresFailback);
       its.features.insert(Feature::PlannedFailoverRequiresFractured);
       its.features.insert(Feature::ReverseRolesRequiresSplit);
     }},
    {"renaming-reversal", "gives a reversed relationship another path",
     [](Freedom& its) { its.reversal_renames = true; }},
    {"vanishing-aborts", "ends a clone's relationship with Abort",
     [](Freedom& its) { its.abort_ends_clones = true; }},
    {"forceful", "separates nothing without Force", [](Freedom& its) { its.wants_force = true; }},
    {"deletion-ends", "ends the relationships of a volume that is deleted",
     [](Freedom& its) { its.deletion_ends_relationships = true; }},
};

constexpr Entry kOffers[] = {
    {"no-legacy-view", "shows neither CopyType nor SyncState",
     [](Freedom& its) { its.legacy_view = false; }},
    {"seed-level", "knows no number that the first schema level does not know",
     [](Freedom& its) {
       its.level = SchemaLevel::Seed;
       its.withheld_kinds = {SyncType::TokenizedClone};
       its.withheld_modes = {Mode::Adaptive};
       its.restore_keeps_state = true;
     }},
    {"snapshots-only", "makes snapshots and nothing else",
     [](Freedom& its) {
       its.withheld_kinds = {SyncType::Mirror, SyncType::Clone, SyncType::TokenizedClone};
       its.withheld_methods = {AttachReplica};
     }},
    {"mirrors-only", "makes synchronous and asynchronous mirrors",
     [](Freedom& its) {
       its.withheld_kinds = {SyncType::Snapshot, SyncType::Clone, SyncType::TokenizedClone};
       its.withheld_modes = {Mode::Adaptive};
       its.withheld_copy_types = {CopyType::UnSyncAssoc, CopyType::UnSyncUnAssoc};
     }},
    {"single-elements", "has no method for lists and groups, nor the two of other services",
     [](Freedom& its) {
       its.withheld_methods = {CreateListReplica, CreateGroupReplicaFromElements, AttachReplica,
                               ModifyListSynchronization, CreateReplica};
     }},
    {"few-operations", "detaches, resynchronizes, fractures, activates, and nothing more",
     [](Freedom& its) {
       using enum Operation;
       its.withheld_operations = {Abort,    Deactivate,   Dissolve,        Failover,
                                  Failback, Resume,       ResetToSync,     ResetToAsync,
                                  Split,    ReverseRoles, ResetToAdaptive, RestoreFromReplica,
                                  Suspend,  Prepare,      Unprepare};
     }},
};

// Several choices at once, as products make them.
constexpr Entry kCombinations[] = {
    {"array-a", "at once, detaching clones, 4 to a wrong state, nameless, never Skewed",
     [](Freedom& its) {
       its.never_by_job = kCopying;
       its.features.insert(Feature::SynchronizedCloneDetachesAutomatically);
       its.withheld_copy_types = {CopyType::UnSyncAssoc};
       its.patience = std::chrono::milliseconds{300};
       its.wrong_state = ReturnCode::Failed;
       its.legacy_view = false;
       its.names_new_elements = false;
       its.reports_skewed = false;
     }},
    {"array-b", "jobs for everything, results late, further steps after resync and restore",
     [](Freedom& its) {
       its.always_by_job = kCopying;
       its.names_results_with_job = false;
       its.shows_forming_relationships = false;
       its.features.insert(Feature::ResyncRequiresActivate);
       its.features.insert(Feature::RestoreRequiresFracture);
       its.percent = PercentReporting::EndsOnly;
       its.missing_object = MissingObject::CimNotFound;
     }},
    {"array-c", "idle until Activate, asynchronous, consistent, many pools, own group names",
     [](Freedom& its) {
       its.first_state = CopyState::Inactive;
       its.mirror_mode = Mode::Asynchronous;
       its.consistency = ConsistencyType::SequentiallyConsistent;
       its.group_features.erase(GroupFeature::GroupIsNameable);
       its.pools = 4;
       its.targets_beside_source = false;
       its.repetition_succeeds = true;
       its.restore_keeps_state = true;
     }},
};

}  // namespace

const std::vector<ReferenceVariant>& reference_variants() {
  static const std::vector<ReferenceVariant> variants = [] {
    std::vector<ReferenceVariant> all;
    const auto put = [&](const auto& entries) {
      for (const Entry& entry : entries) {
        all.push_back({entry.name, entry.description, {}});
        entry.choose(all.back().freedom);
      }
    };
    put(kAnswers);
    put(kJobs);
    put(kCreation);
    put(kGroups);
    put(kLife);
    put(kOffers);
    put(kCombinations);
    return all;
  }();
  return variants;
}

const ReferenceVariant* find_reference_variant(const std::string& name) {
  for (const ReferenceVariant& variant : reference_variants()) {
    if (variant.name == name) return &variant;
  }
  return nullptr;
}

}  // namespace lockstep
