#include "model/custody/removal.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace lockstep {
namespace {

using Clock = std::chrono::steady_clock;

Result<bool> accepted(Provider& provider, const Request& request) {
  LOCKSTEP_TRY(const auto answer, provider.invoke(request));
  return answer.accepted();
}

struct Way {
  Operation operation;
  std::optional<bool> force;
};

std::vector<Way> ways_to_end(const RelationshipView& view) {
  std::vector<Way> ways;
  if (view.sync_type == SyncType::Snapshot) ways.push_back({Operation::ReturnToResourcePool, {}});
  ways.push_back({Operation::Detach, {}});
  ways.push_back({Operation::Dissolve, {}});
  ways.push_back({Operation::Detach, true});
  return ways;
}

Status end_relationship(Provider& provider, const RelationshipView& view) {
  ModifyReplicaSynchronizationRequest request;
  request.synchronization = view.ref;
  if (view.copy_state == CopyState::Failedover) {
    // Only Failback and Detach are legal from there; whichever the provider takes.
    request.operation = Operation::Failback;
    LOCKSTEP_TRY(const bool done, accepted(provider, request));
    static_cast<void>(done);
  }
  for (const auto& [operation, force] : ways_to_end(view)) {
    request.operation = operation;
    request.force = force;
    LOCKSTEP_TRY(const bool done, accepted(provider, request));
    if (done) return ok();
  }
  // A copy that is under way may have to be stopped first; the next pass goes on from there.
  request.operation = Operation::Abort;
  request.force.reset();
  LOCKSTEP_TRY(const bool done, accepted(provider, request));
  static_cast<void>(done);
  return ok();
}

// Group relationships first: their members' relationships usually end with them.
Status end_relationships(Provider& provider, const Custody& custody, const Inventory& present) {
  for (const RelationshipClass which :
       {RelationshipClass::GroupSynchronized, RelationshipClass::StorageSynchronized}) {
    for (const RelationshipView& view : present.relationships) {
      if (view.relationship_class != which || !custody.owns(view.ref)) continue;
      LOCKSTEP_TRY(end_relationship(provider, view));
    }
  }
  return ok();
}

// A refusal is no error: the next pass tries again.
Status return_objects(Provider& provider, const Custody& custody, const Inventory& present) {
  for (const GroupView& view : present.groups) {
    if (!custody.owns(view.ref)) continue;
    LOCKSTEP_TRY(const bool done, accepted(provider, DeleteGroupRequest{view.ref, true}));
    static_cast<void>(done);
  }
  LOCKSTEP_TRY(const auto now, provider.inventory());
  for (const ElementView& view : now.elements) {
    if (!custody.owns(view.ref)) continue;
    LOCKSTEP_TRY(const bool done, accepted(provider, ReturnToStoragePoolRequest{view.ref}));
    static_cast<void>(done);
  }
  return ok();
}

}  // namespace

Result<ObjectSet> remove_owned(Provider& provider, Custody& custody,
                               std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kLongestPause{200};
  const auto deadline = Clock::now() + patience;
  for (std::chrono::milliseconds pause{1};; pause = std::min(pause * 2, kLongestPause)) {
    LOCKSTEP_TRY(const auto present, provider.inventory());
    custody.seen(present);
    ObjectSet left = present_in(present, custody.owned());
    custody.release(without(custody.owned(), left));
    if (left.empty() || Clock::now() >= deadline) return left;
    LOCKSTEP_TRY(end_relationships(provider, custody, present));
    LOCKSTEP_TRY(return_objects(provider, custody, present));
    // What was asked for may go on as a job.
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace lockstep
