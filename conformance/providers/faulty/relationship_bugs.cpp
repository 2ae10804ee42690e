// Bugs in what is shown of relationships, groups and elements.
#include "conformance/providers/faulty/bug.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::conformance {
namespace {

constexpr std::size_t kTruncatedNameBytes = 4;

class AssociationMissing : public Bug {
  void show(Inventory& inventory) override {
    std::erase_if(inventory.relationships, [](const RelationshipView& view) {
      return view.relationship_class == RelationshipClass::StorageSynchronized;
    });
  }
};

class WrongCopyState : public Bug {
  void show(Inventory& inventory) override {
    for (RelationshipView& view : inventory.relationships) {
      if (view.copy_state == CopyState::Synchronized) view.copy_state = CopyState::Fractured;
    }
  }
};

class CopyStateOutOfRange : public Bug {
  void show(Inventory& inventory) override {
    for (RelationshipView& view : inventory.relationships) {
      if (view.copy_state == CopyState::Synchronized) view.copy_state = static_cast<CopyState>(1);
    }
  }
};

class WrongSyncTypeReported : public Bug {
  void show(Inventory& inventory) override {
    for (RelationshipView& view : inventory.relationships) {
      if (view.sync_type == SyncType::Snapshot) view.sync_type = SyncType::Clone;
    }
  }
};

class WrongCopyTypeReported : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    const std::lock_guard lock(mutex_);
    attached_ = attached_ || std::holds_alternative<AttachReplicaRequest>(request);
    return inner.invoke(request);
  }
  void show(Inventory& inventory) override {
    const std::lock_guard lock(mutex_);
    if (!attached_) return;
    for (RelationshipView& view : inventory.relationships) {
      if (view.copy_type == CopyType::Async) {
        view.copy_type = CopyType::Sync;
      } else if (view.copy_type == CopyType::Sync) {
        view.copy_type = CopyType::Async;
      }
    }
  }
  bool attached_ = false;
};

class EndsSwapped : public Bug {
  void show(Inventory& inventory) override {
    for (RelationshipView& view : inventory.relationships)
      std::swap(view.source_element, view.target_element);
  }
};

class NameTruncated : public Bug {
  void show(Inventory& inventory) override {
    for (ElementView& element : inventory.elements) {
      if (element.element_name && element.element_name->size() > kTruncatedNameBytes) {
        element.element_name->resize(kTruncatedNameBytes);
      }
    }
  }
};

class RelationshipNameLost : public Bug {
  void show(Inventory& inventory) override {
    for (RelationshipView& view : inventory.relationships) {
      if (view.relationship_class == RelationshipClass::GroupSynchronized) view.name.reset();
    }
  }
};

class GroupOrderReversed : public Bug {
  void show(Inventory& inventory) override {
    for (GroupView& group : inventory.groups)
      std::reverse(group.members.begin(), group.members.end());
  }
};

class GroupMemberMissing : public Bug {
  void show(Inventory& inventory) override {
    for (GroupView& group : inventory.groups) {
      if (group.members.size() > 1) group.members.pop_back();
    }
  }
};

class GroupStateNotOfItsMembers : public Bug {
  void show(Inventory& inventory) override {
    for (RelationshipView& view : inventory.relationships) {
      if (view.relationship_class == RelationshipClass::GroupSynchronized)
        view.copy_state = CopyState::Mixed;
    }
  }
};

class RequestedStateNeverCleared : public Bug {
  void show(Inventory& inventory) override {
    for (RelationshipView& view : inventory.relationships)
      view.requested_copy_state = view.copy_state;
  }
};

// An element that nobody deleted is gone once its replica exists.
class SourceVanishes : public Bug {
  void show(Inventory& inventory) override {
    std::set<ElementRef> sources;
    for (const RelationshipView& view : inventory.relationships) {
      if (view.source_element) sources.insert(*view.source_element);
    }
    std::erase_if(inventory.elements,
                  [&](const ElementView& element) { return sources.contains(element.ref); });
  }
};

}  // namespace

std::vector<BugEntry> relationship_bugs() {
  return {
      {{"missing-association",
        "makes the copy, but no association between source and target can be seen",
        {"CER-31", "CER-33", "CER-50", "CER-05", "CLR-38", "CGE-48", "ATT-15", "MCR-02", "ATT-14"}},
       make_bug<AssociationMissing>},
      {{"wrong-copy-state",
        "shows Fractured where nothing was fractured",
        {"CER-34", "CER-37", "CLR-41", "CGE-49", "MCR-37", "T-001", "T-005", "T-010", "T-029",
         "MRS-04"}},
       make_bug<WrongCopyState>},
      {{"copy-state-out-of-range",
        "shows CopyState 1, which no one defines",
        {"CER-34", "CER-37", "CLR-41", "CGE-49", "MCR-37", "T-001", "T-005"}},
       make_bug<CopyStateOutOfRange>},
      {{"wrong-sync-type-reported",
        "shows a Snapshot as a Clone",
        {"CER-05", "CLR-05", "CGE-05", "MCR-06"}},
       make_bug<WrongSyncTypeReported>},
      {{"wrong-copy-type-reported",
        "shows AttachReplica's Async as Sync and the reverse",
        {"ATT-09", "ATT-10"}},
       make_bug<WrongCopyTypeReported>},
      {{"ends-swapped",
        "shows source and target of an association the wrong way round",
        {"CER-33", "CLR-38", "CGE-48", "MCR-01", "ATT-15", "CGE-42", "CLR-25"}},
       make_bug<EndsSwapped>},
      {{"name-truncated",
        "cuts ElementName off after four characters",
        {"CER-23", "CLR-17", "CLR-21"}},
       make_bug<NameTruncated>},
      {{"relationship-name-lost", "forgets RelationshipName", {"CGE-19", "CGE-18"}},
       make_bug<RelationshipNameLost>},
      {{"group-order-reversed",
        "keeps the members of a group in the reverse order",
        {"CGE-14", "CRG-05", "AMB-02"}},
       make_bug<GroupOrderReversed>},
      {{"group-member-missing", "leaves the last source out of the group", {"CGE-14", "CRG-05"}},
       make_bug<GroupMemberMissing>},
      {{"group-state-not-of-its-members",
        "shows a group as Mixed although all its members are in one state",
        {"CGE-49", "G-01", "G-02"}},
       make_bug<GroupStateNotOfItsMembers>},
      {{"requested-state-never-cleared",
        "keeps RequestedCopyState after it has been reached",
        {"MRS-06", "CER-34"}},
       make_bug<RequestedStateNeverCleared>},
      {{"source-vanishes",
        "loses the source element once it has a replica",
        {"DEL-3", "CER-33", "CER-43", "CER-10", "GEN-08", "CLR-38", "ATT-01", "MCR-01", "CGE-14"}},
       make_bug<SourceVanishes>},
  };
}

}  // namespace lockstep::conformance
