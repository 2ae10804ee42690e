// Takes a provider back to what it held before a sequence, by its own methods and unjudged.
#include "properties/commands/plan.hpp"
#include "properties/harness/fixture.hpp"

#include <chrono>
#include <thread>

namespace lockstep::properties {
namespace {

Result<bool> modify(Provider& provider, const RelationshipRef& ref, Operation operation) {
  ModifyReplicaSynchronizationRequest request;
  request.operation = operation;
  request.synchronization = ref;
  request.force = true;
  LOCKSTEP_TRY(auto answer, provider.invoke(request));
  return answer.accepted();
}

// `insist`: an accepted operation may be one that did nothing, so the other ways are tried, too.
Status end_relationship(Provider& provider, const RelationshipView& view, bool insist) {
  std::vector<Operation> ways = {Operation::Detach, Operation::Dissolve};
  if (view.sync_type == SyncType::Snapshot) ways.push_back(Operation::ReturnToResourcePool);
  ways.push_back(Operation::Abort);
  for (const Operation way : ways) {
    LOCKSTEP_TRY(auto accepted, modify(provider, view.ref, way));
    if (accepted && way != Operation::Abort && !insist) return ok();
  }
  return ok();
}

Status repair_everything(Provider& provider) {
  FaultPort* port = provider.fault_port();
  if (port == nullptr) return ok();
  for (const FaultKind kind : port->supported()) {
    if (!is_repair(kind)) continue;
    LOCKSTEP_TRY(port->inject(Fault{kind, std::nullopt}));
  }
  return ok();
}

// One pass; true when nothing of ours was left to remove.
Result<bool> sweep(Provider& provider, const ObjectSet& given, bool insist) {
  LOCKSTEP_TRY(auto seen, provider.inventory());
  bool clean = true;
  for (const RelationshipView& view : seen.relationships) {
    if (view.relationship_class != RelationshipClass::GroupSynchronized) continue;
    if (given.relationships.contains(view.ref)) continue;
    clean = false;
    LOCKSTEP_TRY(end_relationship(provider, view, insist));
  }
  if (!clean) {
    LOCKSTEP_TRY(auto again, provider.inventory());
    seen = std::move(again);
  }
  for (const RelationshipView& view : seen.relationships) {
    if (given.relationships.contains(view.ref)) continue;
    clean = false;
    LOCKSTEP_TRY(end_relationship(provider, view, insist));
  }
  for (const GroupView& view : seen.groups) {
    if (given.groups.contains(view.ref)) continue;
    clean = false;
    LOCKSTEP_TRY(auto answer, provider.invoke(DeleteGroupRequest{view.ref, true}));
    static_cast<void>(answer);  // refused: the next pass tries again
  }
  for (const ElementView& view : seen.elements) {
    if (given.elements.contains(view.ref) || view.element_class != ElementClass::StorageVolume)
      continue;
    clean = false;
    LOCKSTEP_TRY(auto answer, provider.invoke(ReturnToStoragePoolRequest{view.ref}));
    static_cast<void>(answer);
  }
  return clean;
}

}  // namespace

Result<bool> clean_up(Provider& provider, const ObjectSet& given) {
  LOCKSTEP_TRY(repair_everything(provider));
  // A pass may start jobs whose effect the next one has to wait for.
  constexpr int kMostPasses = 8;
  for (int pass = 0; pass < kMostPasses; ++pass) {
    LOCKSTEP_TRY(auto clean, sweep(provider, given, pass > 1));
    if (clean) return true;
    if (pass > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1 << pass));
  }
  return false;
}

}  // namespace lockstep::properties
