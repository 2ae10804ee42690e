// Bugs in what is accepted: reserved values, required parameters, combinations, and what is
// ignored.
#include "conformance/providers/faulty/bug.hpp"
#include "model/vocab/methods.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

class ReservedSyncTypeAccepted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (const auto parts = create_parts(changed); parts && *parts->sync_type) {
      const auto value = classify(method_of(request), SchemaLevel::Cim241, **parts->sync_type);
      if (value == ValueClass::Reserved) *parts->sync_type = SyncType::Snapshot;
    }
    return inner.invoke(changed);
  }
};

class ReservedModeAccepted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (const auto parts = create_parts(changed); parts && *parts->mode) {
      const auto value = classify(method_of(request), SchemaLevel::Cim241, **parts->mode);
      if (value == ValueClass::Reserved) parts->mode->reset();
    }
    return inner.invoke(changed);
  }
};

class ReservedCopyTypeAccepted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (auto* attach = std::get_if<AttachReplicaRequest>(&changed);
        attach != nullptr && attach->copy_type) {
      if (classify(*attach->copy_type) == ValueClass::Reserved)
        attach->copy_type = CopyType::UnSyncAssoc;
    }
    return inner.invoke(changed);
  }
};

class ReservedConsistencyAccepted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (auto* group = std::get_if<CreateGroupReplicaFromElementsRequest>(&changed);
        group != nullptr && group->consistency &&
        classify(*group->consistency) == ValueClass::Reserved) {
      group->consistency.reset();
    }
    return inner.invoke(changed);
  }
};

Answer not_supported() {
  Answer answer;
  answer.code = ReturnCode::NotSupported;
  return answer;
}

class ReportedKindRefused : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request asked = request;
    const auto parts = create_parts(asked);
    if (parts && *parts->sync_type == SyncType::Clone) return not_supported();
    return inner.invoke(request);
  }
};

class ReportedWaitRefused : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request asked = request;
    const auto parts = create_parts(asked);
    if (parts && parts->wait != nullptr && *parts->wait == CopyState::Synchronized) {
      return not_supported();
    }
    return inner.invoke(request);
  }
};

class MissingSyncTypeAccepted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (const auto parts = create_parts(changed); parts && !*parts->sync_type)
      *parts->sync_type = SyncType::Snapshot;
    return inner.invoke(changed);
  }
};

class MalformedSettingsAccepted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (const auto parts = create_parts(changed);
        parts && parts->settings != nullptr && *parts->settings &&
        std::holds_alternative<std::string>(**parts->settings)) {
      parts->settings->reset();
    }
    return inner.invoke(changed);
  }
};

class UnknownWaitAccepted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (const auto parts = create_parts(changed); parts && parts->wait != nullptr && *parts->wait) {
      if (classify_wait(**parts->wait) != ValueClass::Defined) parts->wait->reset();
    }
    return inner.invoke(changed);
  }
};

// Ignores the wait: answers 0 as soon as the copy has been started.
class WaitIgnored : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    const auto parts = create_parts(changed);
    if (!parts || parts->wait == nullptr || *parts->wait != CopyState::Synchronized)
      return inner.invoke(request);
    *parts->wait = CopyState::Inactive;
    LOCKSTEP_TRY(auto answer, inner.invoke(changed));
    if (answer.started_job()) {
      answer.code = ReturnCode::Success;
      answer.job.reset();
    }
    return answer;
  }
};

class ModeSilentlyChanged : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (const auto parts = create_parts(changed); parts && *parts->mode == Mode::Synchronous) {
      *parts->mode = Mode::Asynchronous;
    }
    return inner.invoke(changed);
  }
};

class PoolIgnored : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    const auto parts = create_parts(changed);
    if (!parts || !*parts->pool) return inner.invoke(request);
    const auto inventory = inner.inventory();
    if (!inventory) return inner.invoke(request);
    const auto& pools = inventory.value().pools;
    const auto other = std::find_if(pools.begin(), pools.end(), [&](const PoolView& pool) {
      return pool.ref != **parts->pool;
    });
    // A pool that does not exist is still refused.
    if (inventory.value().find(**parts->pool) != nullptr && other != pools.end())
      *parts->pool = other->ref;
    return inner.invoke(changed);
  }
};

// Takes both and shows the target as drawn from the pool.
class TargetAndPoolAccepted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    auto element = request;
    auto* create = std::get_if<CreateElementReplicaRequest>(&element);
    if (create == nullptr || !create->target_element || !create->target_pool)
      return inner.invoke(request);
    const PoolRef pool = *create->target_pool;
    create->target_pool.reset();
    LOCKSTEP_TRY(auto answer, inner.invoke(element));
    if (answer.accepted()) {
      const std::lock_guard lock(mutex_);
      moved_[*create->target_element] = pool;
    }
    return answer;
  }
  void show(Inventory& inventory) override {
    const std::lock_guard lock(mutex_);
    for (ElementView& element : inventory.elements) {
      if (const auto found = moved_.find(element.ref); found != moved_.end())
        element.pool = found->second;
    }
  }
  std::map<ElementRef, PoolRef> moved_;
};

class VolumeAndPoolRefused : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    if (const auto* create = std::get_if<CreateReplicaRequest>(&request);
        create != nullptr && create->target_storage_volume && create->target_storage_pool) {
      Answer answer;
      answer.code = ReturnCode::InvalidParameter;
      return answer;
    }
    return inner.invoke(request);
  }
};

class GroupNotConsistent : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (auto* group = std::get_if<CreateGroupReplicaFromElementsRequest>(&changed);
        group != nullptr && group->consistency == ConsistencyRequest::SequentialConsistency) {
      group->consistency = ConsistencyRequest::NoConsistency;
    }
    return inner.invoke(changed);
  }
};

class ListNamesShifted : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (auto* list = std::get_if<CreateListReplicaRequest>(&changed);
        list != nullptr && list->element_names && list->element_names->size() > 1) {
      std::rotate(list->element_names->begin(), list->element_names->begin() + 1,
                  list->element_names->end());
    }
    return inner.invoke(changed);
  }
};

// Stays associated where the copy should be set free.
class UnassociatedStaysAssociated : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    Request changed = request;
    if (auto* attach = std::get_if<AttachReplicaRequest>(&changed);
        attach != nullptr && attach->copy_type == CopyType::UnSyncUnAssoc) {
      attach->copy_type = CopyType::UnSyncAssoc;
    }
    return inner.invoke(changed);
  }
};

class AttachCreatesElement : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (std::holds_alternative<AttachReplicaRequest>(request) && answer.accepted()) {
      CreateVolumeRequest extra;
      extra.element_name = "attached";
      extra.blocks = BlockCount{kExtentBlocks};
      LOCKSTEP_TRY(inner.invoke(extra));
    }
    return answer;
  }
};

}  // namespace

std::vector<BugEntry> parameter_bugs() {
  return {
      {{"reserved-sync-type-accepted",
        "takes a reserved SyncType for Snapshot",
        {"CER-03", "CLR-03", "CGE-03", "MCR-04"}},
       make_bug<ReservedSyncTypeAccepted>},
      {{"reserved-mode-accepted",
        "ignores a reserved Mode",
        {"CER-08", "CLR-08", "CGE-08", "MCR-09"}},
       make_bug<ReservedModeAccepted>},
      {{"reserved-copy-type-accepted",
        "takes a reserved CopyType for UnSyncAssoc",
        {"ATT-07", "ATT-06"}},
       make_bug<ReservedCopyTypeAccepted>},
      {{"reserved-consistency-accepted", "ignores a reserved Consistency", {"CGE-38"}},
       make_bug<ReservedConsistencyAccepted>},
      {{"reported-kind-refused",
        "refuses Clone as unsupported although it reports it",
        {"CER-02", "CLR-02", "CGE-02", "MCR-03", "CER-06"}},
       make_bug<ReportedKindRefused>},
      {{"reported-wait-refused",
        "refuses to wait for Synchronized although it reports that it can",
        {"CAP-08"}},
       make_bug<ReportedWaitRefused>},
      {{"missing-sync-type-accepted",
        "takes a missing SyncType for Snapshot",
        {"CER-01", "CLR-01", "CGE-01", "GEN-14", "MCR-03"}},
       make_bug<MissingSyncTypeAccepted>},
      {{"malformed-settings-accepted",
        "ignores ReplicationSettingData that is no embedded instance",
        {"CER-28", "CLR-36", "CLR-35", "CGE-41"}},
       make_bug<MalformedSettingsAccepted>},
      {{"unknown-wait-accepted",
        "ignores a WaitForCopyState that is no state to wait for",
        {"CER-35", "CLR-42", "CGE-50"}},
       make_bug<UnknownWaitAccepted>},
      {{"wait-ignored",
        "answers 0 before WaitForCopyState Synchronized is reached",
        {"CER-34", "CLR-41", "CGE-49", "CER-40"}},
       make_bug<WaitIgnored>},
      {{"mode-silently-changed",
        "makes an asynchronous copy where a synchronous one was asked for",
        {"CER-07", "CLR-07", "CGE-07", "MCR-08"}},
       make_bug<ModeSilentlyChanged>},
      {{"pool-ignored",
        "draws the new element from another pool than TargetPool",
        {"CER-21", "CLR-31", "CGE-32", "MCR-18"}},
       make_bug<PoolIgnored>},
      {{"target-and-pool-accepted",
        "accepts TargetElement together with TargetPool and uses the pool",
        {"CER-19"}},
       make_bug<TargetAndPoolAccepted>},
      {{"volume-and-pool-refused",
        "CreateReplica refuses a pool beside a volume instead of ignoring it",
        {"MCR-15", "MCR-16"}},
       make_bug<VolumeAndPoolRefused>},
      {{"group-not-consistent",
        "makes a group without consistency where Consistency 3 was asked for",
        {"CGE-36"}},
       make_bug<GroupNotConsistent>},
      {{"list-names-shifted", "gives the names of a list to the wrong replicas", {"CLR-17"}},
       make_bug<ListNamesShifted>},
      {{"unassociated-stays-associated",
        "keeps the association of an UnSyncUnAssoc copy",
        {"ATT-12"}},
       make_bug<UnassociatedStaysAssociated>},
      {{"attach-creates-element",
        "AttachReplica leaves one element more than there was",
        {"ATT-01"}},
       make_bug<AttachCreatesElement>},
  };
}

}  // namespace lockstep::conformance
