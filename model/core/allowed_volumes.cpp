// CreateVolume, ReturnToStoragePool and a job's RequestStateChange.
#include "model/core/allowed.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

// More blocks than any pool of ours ever holds; such a request may well be refused as nonsense.
constexpr std::uint64_t kAbsurdBlocks = std::uint64_t{1} << 40;

bool finished(JobState state) {
  return state == JobState::Completed || state == JobState::Terminated ||
         state == JobState::Killed || state == JobState::Exception;
}

}  // namespace

void tally(Tally& out, const World& world, const CreateVolumeRequest& request) {
  if (request.blocks.value == 0) out.apply("LCS-11", "5,4,1,E4~2"_outcomes);
  if (request.blocks.value > kAbsurdBlocks) out.apply("LCS-11", "0,J,5,4,1,2"_outcomes);
  if (request.pool) {
    apply_if(out, negated(world.exists(*request.pool)), "GEN-15", "5,4,E6,E4~1,2"_outcomes);
  }
  if (request.element_name && world.name_taken(*request.element_name)) {
    out.apply("CER-25", "0,J,5,4,6"_outcomes);
  }
  // Space may run out at any time.
  out.apply("LCS-11", "0,J,4,5~2"_outcomes);
}

void tally(Tally& out, const World& world, const ReturnToStoragePoolRequest& request) {
  apply_if(out, negated(world.exists(request.element)), "GEN-15", "5,4,E6,E4~1,2"_outcomes);
  const ElementView* view = world.element(request.element);
  if (view != nullptr && view->element_class != ElementClass::StorageVolume) {
    out.apply("GEN-15", "5,4,1,6~2"_outcomes);
    return;
  }
  bool snapshot_depends = false;
  for (const RelationshipView* replicated : world.source_of(request.element)) {
    const Relation* relation = world.relation(replicated->ref);
    snapshot_depends = snapshot_depends ||
                       (relation != nullptr && relation->view->sync_type == SyncType::Snapshot &&
                        world.exists(replicated->ref) == Sure::Yes);
  }
  if (snapshot_depends && world.capabilities.has(Feature::TargetMustRemainAssociated)) {
    out.apply("DEL-4", "6,5,4~1,2"_outcomes);
  } else if (world.is_source(request.element) != Sure::No ||
             world.is_target(request.element) != Sure::No) {
    out.apply("LCS-13", "0,J,6,4,5~1,2"_outcomes);
  }
  const bool grouped = std::ranges::any_of(world.inventory().groups, [&](const GroupView& group) {
    return std::ranges::find(group.members, request.element) != group.members.end();
  });
  if (grouped) out.apply("DEL-3", "0,J,6,4,5~1,2"_outcomes);
}

void tally(Tally& out, const World& world, const RequestJobStateChangeRequest& request) {
  const JobView* job = world.inventory().find(request.job);
  if (job == nullptr) {
    // It may have existed and be removed, or never have been shown.
    if (world.seen) out.apply("GEN-15", "5,4,E6,E4~1,2,4097"_outcomes);
    return;
  }
  if (finished(job->state)) {
    out.apply("JOB-05", "4097,5,4,1~0,2,6"_outcomes);
    return;
  }
  // The job may have ended since, and replication jobs may refuse to be stopped at all.
  out.apply("JOB-05", "0,J,4097,1,4098,4099,5,4,6"_outcomes);
}

}  // namespace lockstep::model
