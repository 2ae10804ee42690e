#include "model/core/rules.hpp"

#include <algorithm>
#include <array>

namespace lockstep::model {
namespace {

constexpr std::string_view kExactCopy = "the definitions of SyncType and CopyState";
constexpr std::string_view kOperation = "the definition of the operation";
constexpr std::string_view kConsistency = "the definition of Consistency";
constexpr std::string_view kInferred = "inferred by this project";

// "At one moment": with all writes answered before it, none begun after it, and of those under way
// any that leaves no later write without an earlier one.
constexpr auto kRules = std::to_array<Rule>({
    {"DS-AT-02", "AttachReplica, once the copy is complete",
     "nothing of what the target held before is left in the copied range", kInferred},
    {"DS-CL-01", "a clone that is Synchronized, or that has detached by itself",
     "the target holds the source at one moment between the call and the end of the copy",
     kExactCopy},
    {"DS-CL-02", "a clone while it is copied",
     "each block of the target is what it was, what the source held since the call, or already "
     "that "
     "of the finished clone",
     kExactCopy},
    {"DS-CL-03", "a clone that is shown complete while it is still copied behind the scenes",
     "reads of the target return the finished clone", kExactCopy},
    {"DS-CL-04", "a clone that is detached",
     "later writes to the source do not show on the target, nor the other way round; deleting one "
     "leaves the other whole",
     kExactCopy},
    {"DS-CL-05", "Resync of a clone",
     "the target holds the source at a new moment between the call and the end of the copy",
     kOperation},
    {"DS-CL-06", "Restore from a clone",
     "the source holds what the clone held when it was asked for, and later writes to the source",
     kOperation},
    {"DS-CL-08", "a clone that is Inactive or separated",
     "the target does not follow writes to the source", kExactCopy},
    {"DS-GR-01", "mirrors of a consistent group, where their states claim consistency",
     "all targets together hold their sources at one moment", kConsistency},
    {"DS-GR-03", "a consistent group of mirrors that loses the link of one member",
     "all members stop at one moment", "follows from DS-GR-01"},
    {"DS-GR-04", "a group without consistency", "each member alone obeys the rules of its kind",
     kConsistency},
    {"DS-GR-05", "snapshots or clones made together with ConsistentPointInTime",
     "all targets hold their sources at one and the same moment", kConsistency},
    {"DS-GR-07", "Split of a consistent group",
     "all targets together hold their sources at one moment within the call", kConsistency},
    {"DS-IO-01", "a read of a volume",
     "it returns the last write that was answered, or a later one that is under way",
     "what a block device is"},
    {"DS-LI-01", "a list of replicas made by one request",
     "each pair alone obeys the rules of its kind", "the definition of CreateListReplica"},
    {"DS-MA-01", "an asynchronous mirror that is Synchronized and has been left in peace",
     "source and target are equal", kExactCopy},
    {"DS-MA-02", "an asynchronous mirror that is Synchronized while hosts write",
     "each block of the target is one that the source has held since it was last known to be equal",
     kExactCopy},
    {"DS-MA-09", "an asynchronous mirror that is separated",
     "the target holds what it had received, and follows no write from then on", kOperation},
    {"DS-MS-01", "a synchronous mirror that is Synchronized, with no write under way",
     "source and target are equal", kExactCopy},
    {"DS-MS-02", "a synchronous mirror that is Synchronized while hosts write",
     "every write that was answered is on the target; of those under way, either", kExactCopy},
    {"DS-MS-05", "a synchronous mirror that is Broken by a lost link",
     "the target holds the source as it was at the moment of the loss until it is copied again",
     kExactCopy},
    {"DS-MS-06", "a mirror during its first copy",
     "each block of the target is what it was or one that the source has held since the call",
     kExactCopy},
    {"DS-MS-07", "a mirror while it is resynchronized",
     "each block of the target is what it was when separated or one that the source has held since",
     kInferred},
    {"DS-MS-08", "a mirror that is Initialized or Prepared",
     "a supplied target holds what it held before", kExactCopy},
    {"DS-MS-09", "a mirror that was made Inactive", "writes to the source do not reach the target",
     kExactCopy},
    {"DS-MS-10", "a mirror that was deactivated",
     "the target stays as it was at one moment within the call", kOperation},
    {"DS-MS-11", "a mirror that is Suspended", "the target stays as it is until Resume",
     kOperation},
    {"DS-MS-13", "a mirror that is Fractured", "the target does not follow writes to the source",
     kOperation},
    {"DS-MS-14", "a mirror that is Split",
     "the target holds the source at one moment within the call, and stays so", kOperation},
    {"DS-MS-15", "Resync of a mirror, once Synchronized again",
     "source and target are equal, whatever was written to the target meanwhile", kOperation},
    {"DS-MS-16", "a mirror that is Aborted or Broken",
     "the source is unharmed; of the target nothing is promised", kExactCopy},
    {"DS-MS-18", "any replica, but for Restore, Failback and Reverse Roles",
     "replication never changes the source", kInferred},
    {"DS-OP-01", "Restore from a replica", "the replica itself is not changed", kInferred},
    {"DS-OP-02", "Failover while both ends can be reached",
     "the target holds every write that was answered before; hosts write to it from then on",
     kOperation},
    {"DS-OP-04", "Failback",
     "source and target are equal in the end: as the target was, or as the source was before the "
     "failover, and no mixture",
     kOperation},
    {"DS-OP-05", "Reverse Roles",
     "no byte changes by it; later writes to the new source reach the new target", kOperation},
    {"DS-OP-07", "Resync after Fracture",
     "source and target are equal in the end, and little more than what changed was moved",
     kOperation},
    {"DS-OP-08", "Detach or Dissolve", "no byte of source or target changes by it", kOperation},
    {"DS-SN-01", "a snapshot that is Synchronized",
     "the target holds the source at one moment within the call that took it", kExactCopy},
    {"DS-SN-03", "a snapshot after later writes to the source", "they do not show on the target",
     kExactCopy},
    {"DS-SN-04", "a snapshot that hosts write to",
     "the target holds its moment with these writes over it; the source does not change",
     kExactCopy},
    {"DS-SN-05", "a snapshot that was deactivated",
     "what was written to it is lost: it cannot be read, or holds its moment", kOperation},
    {"DS-SN-06", "a snapshot that is activated again",
     "the target holds the source at one moment, the old one or a new one", kInferred},
    {"DS-SN-07", "Resync of a snapshot",
     "the target holds the source at a new moment within the call", kOperation},
    {"DS-SN-08", "Restore from a snapshot",
     "the source holds what the snapshot held when it was asked for, and later writes to the "
     "source",
     kOperation},
    {"DS-SN-09", "the source while it is restored",
     "each block is what it was or what it is restored to", kInferred},
    {"DS-SN-10", "Return To ResourcePool",
     "the snapshot is gone; the source and its other snapshots do not change", kOperation},
    {"DS-SN-11", "a snapshot without room for what changes",
     "the source keeps working; of the target nothing is promised", kExactCopy},
    {"DS-SN-13", "Detach or Dissolve of a snapshot",
     "the target keeps what it held, and is independent from then on", kOperation},
    {"DS-TK-01", "a clone by token that is complete",
     "the target holds the source at one moment within the call", kExactCopy},
    {"DS-TK-03", "a clone by token that is detached",
     "later writes to the source do not show on the target, nor the other way round", kInferred},
    {"G-01", "a group whose members are all in one CopyState", "the group is in that state",
     "the definition of Mixed"},
    {"G-02", "a group whose members are in several CopyStates", "the group is Mixed",
     "the definition of Mixed"},
    {"G-06", "a group without consistency", "ConsistencyState is Not Applicable", kInferred},
    {"G-07", "a consistent group that is Synchronized, Split or Inactive",
     "ConsistencyState is not Inconsistent", kInferred},
    {"PS-01", "ProgressStatus", "it goes with the CopyState", kInferred},
    {"PS-02", "PercentSynced of a synchronous mirror that is Synchronized", "it is 100", kInferred},
});

}  // namespace

std::span<const Rule> rules() noexcept { return kRules; }

const Rule* find_rule(std::string_view id) noexcept {
  const auto found = std::ranges::lower_bound(kRules, id, {}, &Rule::id);
  return found != kRules.end() && found->id == id ? &*found : nullptr;
}

}  // namespace lockstep::model
