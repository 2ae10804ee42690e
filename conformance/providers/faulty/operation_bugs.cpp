// Bugs in ModifyReplicaSynchronization and what it leaves behind.
#include "conformance/providers/faulty/bug.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

const ModifyReplicaSynchronizationRequest* modify_of(const Request& request, Operation operation) {
  const auto* modify = std::get_if<ModifyReplicaSynchronizationRequest>(&request);
  return modify != nullptr && modify->operation == operation ? modify : nullptr;
}

bool ends_association(const Request& request) {
  return modify_of(request, Operation::Detach) != nullptr ||
         modify_of(request, Operation::Dissolve) != nullptr;
}

class DetachKeepsAssociation : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    const auto* modify = modify_of(request, Operation::Detach);
    if (modify == nullptr || !modify->synchronization) return inner.invoke(request);
    LOCKSTEP_TRY(const auto inventory, inner.inventory());
    const RelationshipView* view = inventory.find(*modify->synchronization);
    if (view == nullptr || view->copy_state != CopyState::Synchronized)
      return inner.invoke(request);
    return Answer{};
  }
};

class DetachDestroysTargetData : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    const auto* modify = std::get_if<ModifyReplicaSynchronizationRequest>(&request);
    std::optional<ElementRef> target;
    if (ends_association(request) && modify->synchronization) {
      for (const Pair& pair : pairs_of(inner)) {
        if (pair.relationship == *modify->synchronization) target = pair.target;
      }
    }
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (answer.accepted() && target) {
      const std::lock_guard lock(mutex_);
      destroyed_.insert(*target);
    }
    return answer;
  }
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    const std::lock_guard lock(mutex_);
    if (destroyed_.contains(element)) std::fill(out.begin(), out.end(), std::byte{0});
    return answer;
  }
  std::set<ElementRef> destroyed_;
};

// A refused operation takes effect all the same, on what is shown.
class RefusedOperationChangesState : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    const auto* modify = std::get_if<ModifyReplicaSynchronizationRequest>(&request);
    if (modify != nullptr && modify->synchronization && !answer.accepted()) {
      const std::lock_guard lock(mutex_);
      changed_.insert(*modify->synchronization);
    }
    return answer;
  }
  void show(Inventory& inventory) override {
    const std::lock_guard lock(mutex_);
    for (RelationshipView& view : inventory.relationships) {
      if (changed_.contains(view.ref)) view.copy_state = CopyState::Aborted;
    }
  }
  std::set<RelationshipRef> changed_;
};

class UnknownOperationAccepted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (std::holds_alternative<ModifyReplicaSynchronizationRequest>(request) &&
        !answer.accepted()) {
      answer = Answer{};
    }
    return answer;
  }
};

class SplitDoesNothing : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    if (modify_of(request, Operation::Split) == nullptr &&
        modify_of(request, Operation::Fracture) == nullptr) {
      return inner.invoke(request);
    }
    const auto* modify = std::get_if<ModifyReplicaSynchronizationRequest>(&request);
    for (const Pair& pair : pairs_of(inner)) {
      if (modify->synchronization == pair.relationship &&
          pair.copy_state == CopyState::Synchronized && pair.sync_type == SyncType::Mirror) {
        return Answer{};
      }
    }
    return inner.invoke(request);
  }
};

// Shown as separated, but the target still follows.
class SplitTargetFollows : public Bug {
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    for (const Pair& pair : pairs_of(inner)) {
      const bool separated =
          pair.copy_state == CopyState::Split || pair.copy_state == CopyState::Fractured;
      if (pair.target == element && separated)
        return inner.data_path()->read(pair.source, first, out);
    }
    return inner.data_path()->read(element, first, out);
  }
};

// Forgets the first block that was written to the source while the pair was separated.
class ResyncForgetsABlock : public Bug {
  Result<DataAnswer> write(Provider& inner, const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    for (const Pair& pair : pairs_of(inner)) {
      const bool separated =
          pair.copy_state == CopyState::Split || pair.copy_state == CopyState::Fractured;
      if (pair.source != element || !separated) continue;
      std::vector<std::byte> old(kBlockBytes);
      LOCKSTEP_TRY(inner.data_path()->read(pair.target, first, old));
      const std::lock_guard lock(mutex_);
      if (stale_.empty(pair.target)) stale_.put(pair.target, first, old);
    }
    return inner.data_path()->write(element, first, data);
  }
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    const std::lock_guard lock(mutex_);
    stale_.apply(element, first, out);
    return answer;
  }
  Overlay stale_;
};

// Restore leaves the last block of the source as it was.
class RestoreIncomplete : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    const auto* modify = modify_of(request, Operation::RestoreFromReplica);
    std::vector<std::byte> kept(kBlockBytes);
    std::optional<ElementRef> source;
    Lba last;
    if (modify != nullptr && modify->synchronization && inner.data_path() != nullptr) {
      for (const Pair& pair : pairs_of(inner)) {
        if (pair.relationship != *modify->synchronization) continue;
        LOCKSTEP_TRY(const auto geometry, inner.data_path()->geometry(pair.source));
        last = Lba{geometry.blocks.value - 1};
        LOCKSTEP_TRY(inner.data_path()->read(pair.source, last, kept));
        source = pair.source;
      }
    }
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (answer.accepted() && source) {
      const std::lock_guard lock(mutex_);
      kept_.put(*source, last, kept);
    }
    return answer;
  }
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    const std::lock_guard lock(mutex_);
    kept_.apply(element, first, out);
    return answer;
  }
  Result<DataAnswer> write(Provider& inner, const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    {
      const std::lock_guard lock(mutex_);
      kept_.forget(element, first, data.size() / kBlockBytes);
    }
    return inner.data_path()->write(element, first, data);
  }
  Overlay kept_;
};

}  // namespace

std::vector<BugEntry> operation_bugs() {
  return {
      {{"detach-keeps-association",
        "answers 0 to Detach and keeps the association",
        {"MRS-14", "T-022", "T-023"}},
       make_bug<DetachKeepsAssociation>},
      {{"detach-destroys-target-data",
        "the target reads as zeros once it is detached or dissolved",
        {"DS-OP-08", "DS-CL-04", "DS-SN-13", "MRS-14", "MRS-15"}},
       make_bug<DetachDestroysTargetData>},
      {{"refused-operation-changes-state",
        "a refused operation changes CopyState all the same",
        {"MRS-04"}},
       make_bug<RefusedOperationChangesState>},
      {{"unknown-operation-accepted",
        "answers 0 to every operation, also to those it did not carry out",
        {"MRS-01", "MRS-02", "MRS-03", "MRS-04", "MRS-07"}},
       make_bug<UnknownOperationAccepted>},
      {{"split-does-nothing",
        "answers 0 to Split and Fracture and goes on mirroring",
        {"MRS-18", "MRS-26", "T-029", "T-031"}},
       make_bug<SplitDoesNothing>},
      {{"split-target-follows",
        "shows Split or Fractured, but the target still follows the source",
        {"DS-MS-13", "DS-SN-03", "DS-SN-04", "DS-CL-08", "DS-MS-14", "DS-MA-09", "MRS-18", "MRS-26",
         "DS-GR-07"}},
       make_bug<SplitTargetFollows>},
      {{"resync-forgets-a-block",
        "a block written while the pair was separated never reaches the target",
        {"DS-MS-15", "DS-SN-07", "DS-CL-05", "DS-OP-07", "DS-MS-01", "DS-MA-01", "DS-MS-07",
         "DS-MA-09"}},
       make_bug<ResyncForgetsABlock>},
      {{"restore-incomplete",
        "Restore from Replica leaves the last block of the source as it was",
        {"DS-SN-08", "DS-CL-06", "DS-OP-01", "MRS-21", "DS-SN-09", "DS-MS-18"}},
       make_bug<RestoreIncomplete>},
  };
}

}  // namespace lockstep::conformance
