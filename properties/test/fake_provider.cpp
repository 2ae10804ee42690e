#include "properties/test/fake_provider.hpp"

#include "model/vocab/methods.hpp"

#include <algorithm>

namespace lockstep::properties {
namespace {

constexpr std::size_t kBlock = 512;
const PoolRef kPool{"pool"};
const std::set<CopyState> kStates = {CopyState::Synchronized, CopyState::Fractured};

Answer answer(ReturnCode code) {
  Answer answer;
  answer.code = code;
  return answer;
}

std::set<Operation> operations_of(SyncType sync_type) {
  std::set<Operation> operations = {Operation::Detach, Operation::Dissolve};
  if (sync_type == SyncType::Mirror) {
    operations.insert(Operation::Fracture);
    operations.insert(Operation::ResyncReplica);
  }
  if (sync_type == SyncType::Snapshot) operations.insert(Operation::ReturnToResourcePool);
  return operations;
}

}  // namespace

Capabilities FakeProvider::abilities() {
  Capabilities capabilities;
  capabilities.methods = {Method::CreateElementReplica, Method::ModifyReplicaSynchronization,
                          Method::CreateVolume, Method::ReturnToStoragePool};
  capabilities.synchronous_actions = capabilities.methods;
  for (const SyncType sync_type : {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone}) {
    const ReplicationKind kind{sync_type, Mode::Synchronous, Locality::Local};
    capabilities.kinds.insert(kind);
    capabilities.operations[kind] = operations_of(sync_type);
    capabilities.copy_states[kind] = kStates;
    capabilities.wait_for_copy_states[{Method::CreateElementReplica, kind}] = {
        CopyState::Synchronized};
    capabilities.wait_for_copy_states[{Method::ModifyReplicaSynchronization, kind}] = {};
  }
  return capabilities;
}

Result<ProviderIdentity> FakeProvider::identity() {
  return ProviderIdentity{"lockstep", "fake", "1", ""};
}

Result<Capabilities> FakeProvider::capabilities() { return abilities(); }

bool FakeProvider::is_related(const ElementRef& element) const {
  return std::any_of(relationships_.begin(), relationships_.end(), [&](const auto& view) {
    return view.source_element == element || view.target_element == element;
  });
}

bool FakeProvider::is_replica(const ElementRef& element) const {
  return std::any_of(relationships_.begin(), relationships_.end(),
                     [&](const auto& view) { return view.target_element == element; });
}

Answer FakeProvider::create_volume(const CreateVolumeRequest& request) {
  const ElementRef ref{"volume:" + std::to_string(next_++)};
  const auto bytes = static_cast<std::size_t>(request.blocks.value) * kBlock;
  volumes_[ref] = Volume{request.element_name, std::vector<std::byte>(bytes)};
  Answer made = answer(ReturnCode::Success);
  made.target_element = ref;
  return made;
}

Answer FakeProvider::drop_volume(const ReturnToStoragePoolRequest& request) {
  if (!volumes_.contains(request.element)) return answer(ReturnCode::InvalidParameter);
  if (is_related(request.element)) return answer(ReturnCode::InUse);
  volumes_.erase(request.element);
  return answer(ReturnCode::Success);
}

std::optional<ReturnCode> FakeProvider::refusal(const CreateElementReplicaRequest& request) const {
  const ReplicationKind kind{request.sync_type.value_or(SyncType{}),
                             request.mode.value_or(Mode::Synchronous), Locality::Local};
  if (!abilities().kinds.contains(kind)) return ReturnCode::InvalidParameter;
  if (!request.source_element || !volumes_.contains(*request.source_element)) {
    return ReturnCode::InvalidParameter;
  }
  if (request.target_setting_goal) return ReturnCode::InvalidParameter;
  if (request.replication_setting_data) return ReturnCode::InvalidParameter;
  if (request.wait_for_copy_state && request.wait_for_copy_state != CopyState::Synchronized) {
    return ReturnCode::InvalidParameter;
  }
  if (is_replica(*request.source_element)) return ReturnCode::NotSupported;
  if (!request.target_element) return std::nullopt;
  if (request.target_pool || request.target_element == request.source_element) {
    return ReturnCode::InvalidParameter;
  }
  const auto target = volumes_.find(*request.target_element);
  if (target == volumes_.end()) return ReturnCode::InvalidParameter;
  if (is_related(target->first)) return ReturnCode::InUse;
  const Volume& source = volumes_.at(*request.source_element);
  if (target->second.bytes.size() != source.bytes.size()) return ReturnCode::InvalidParameter;
  return std::nullopt;
}

void FakeProvider::copy(const ElementRef& from, const ElementRef& to) {
  Volume& target = volumes_[to];
  target.bytes = volumes_[from].bytes;
  if (bug_ == FakeBug::MirrorLosesLastBlock) {
    std::fill(target.bytes.end() - kBlock, target.bytes.end(), std::byte{0});
  }
}

Answer FakeProvider::replicate(const CreateElementReplicaRequest& request) {
  if (const auto code = refusal(request)) {
    return answer(bug_ == FakeBug::ReservedCode ? static_cast<ReturnCode>(7) : *code);
  }
  ElementRef target = request.target_element.value_or(ElementRef{});
  if (!request.target_element) {
    const auto blocks = BlockCount{volumes_[*request.source_element].bytes.size() / kBlock};
    target = *create_volume(CreateVolumeRequest{request.element_name, {}, blocks}).target_element;
  }
  copy(*request.source_element, target);
  RelationshipView view;
  view.ref = RelationshipRef{"relationship:" + std::to_string(next_++)};
  view.source_element = request.source_element;
  view.target_element = target;
  view.sync_type = request.sync_type;
  view.mode = Mode::Synchronous;
  view.copy_state = CopyState::Synchronized;
  view.requested_copy_state = CopyState::NotApplicable;
  view.progress_status = ProgressStatus::Completed;
  view.percent_synced = 100;
  view.sync_maintained = request.sync_type == SyncType::Mirror;
  relationships_.push_back(view);
  Answer made = answer(ReturnCode::Success);
  made.target_element = target;
  made.synchronization = view.ref;
  return made;
}

Answer FakeProvider::modify(const ModifyReplicaSynchronizationRequest& request) {
  const auto at = std::find_if(
      relationships_.begin(), relationships_.end(),
      [&](const RelationshipView& view) { return view.ref == request.synchronization; });
  if (!request.operation || at == relationships_.end() || request.wait_for_copy_state) {
    return answer(ReturnCode::InvalidParameter);
  }
  if (!operations_of(*at->sync_type).contains(*request.operation)) {
    return answer(ReturnCode::NotSupported);
  }
  const ElementRef target = *at->target_element;
  switch (*request.operation) {
    case Operation::Fracture:
      if (at->copy_state != CopyState::Synchronized) return answer(ReturnCode::InvalidParameter);
      at->copy_state = CopyState::Fractured;
      at->sync_maintained = false;
      return answer(ReturnCode::Success);
    case Operation::ResyncReplica:
      if (at->copy_state != CopyState::Fractured) return answer(ReturnCode::InvalidParameter);
      copy(*at->source_element, target);
      at->copy_state = CopyState::Synchronized;
      at->sync_maintained = true;
      return answer(ReturnCode::Success);
    case Operation::ReturnToResourcePool:
      relationships_.erase(at);
      volumes_.erase(target);
      return answer(ReturnCode::Success);
    default:
      relationships_.erase(at);
      return answer(ReturnCode::Success);
  }
}

Result<Answer> FakeProvider::invoke(const Request& request) {
  const std::scoped_lock lock(mutex_);
  if (bug_ == FakeBug::CannotBeAsked) return transport_error("fake provider: expected to answer");
  if (bug_ == FakeBug::RefusesEverything) return answer(ReturnCode::NotSupported);
  if (const auto* create = std::get_if<CreateVolumeRequest>(&request)) {
    return create_volume(*create);
  }
  if (const auto* drop = std::get_if<ReturnToStoragePoolRequest>(&request)) {
    return drop_volume(*drop);
  }
  if (const auto* make = std::get_if<CreateElementReplicaRequest>(&request)) {
    return replicate(*make);
  }
  if (const auto* change = std::get_if<ModifyReplicaSynchronizationRequest>(&request)) {
    return modify(*change);
  }
  return answer(ReturnCode::NotSupported);
}

Result<Inventory> FakeProvider::inventory() {
  const std::scoped_lock lock(mutex_);
  Inventory inventory;
  inventory.pools.push_back(PoolView{kPool, "pool", ByteCount{1u << 30}, ByteCount{1u << 29}});
  for (const auto& [ref, volume] : volumes_) {
    ElementView view;
    view.ref = ref;
    view.element_name = volume.name;
    view.pool = kPool;
    view.blocks = BlockCount{volume.bytes.size() / kBlock};
    view.block_size = BlockSize{kBlock};
    inventory.elements.push_back(view);
  }
  inventory.relationships = relationships_;
  return inventory;
}

Result<VolumeGeometry> FakeProvider::geometry(const ElementRef& element) {
  const std::scoped_lock lock(mutex_);
  return VolumeGeometry{BlockCount{volumes_[element].bytes.size() / kBlock}, BlockSize{kBlock}};
}

Result<DataAnswer> FakeProvider::read(const ElementRef& element, Lba first,
                                      std::span<std::byte> out) {
  const std::scoped_lock lock(mutex_);
  const auto at = volumes_.find(element);
  const std::size_t offset = static_cast<std::size_t>(first.value) * kBlock;
  if (at == volumes_.end() || offset + out.size() > at->second.bytes.size()) {
    return DataAnswer{2, 5, 0x2100};
  }
  std::copy_n(at->second.bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(),
              out.begin());
  return DataAnswer{};
}

void FakeProvider::store(const ElementRef& element, Lba first, std::span<const std::byte> data) {
  const std::size_t offset = static_cast<std::size_t>(first.value) * kBlock;
  std::copy(data.begin(), data.end(),
            volumes_[element].bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  for (const RelationshipView& view : relationships_) {
    const bool follows =
        view.sync_type == SyncType::Mirror ||
        (view.sync_type == SyncType::Snapshot && bug_ == FakeBug::SnapshotFollowsSource);
    if (view.source_element != element || !follows) continue;
    if (view.copy_state != CopyState::Synchronized) continue;
    copy(element, *view.target_element);
  }
}

Result<DataAnswer> FakeProvider::write(const ElementRef& element, Lba first,
                                       std::span<const std::byte> data) {
  const std::scoped_lock lock(mutex_);
  if (!volumes_.contains(element)) return DataAnswer{2, 5, 0x2500};
  // A mirror's target takes no host writes while it is kept up to date.
  for (const RelationshipView& view : relationships_) {
    if (view.target_element == element && view.sync_type == SyncType::Mirror) {
      return DataAnswer{2, 7, 0x2700};
    }
  }
  store(element, first, data);
  return DataAnswer{};
}

Result<DataAnswer> FakeProvider::unmap(const ElementRef& element, Lba first, BlockCount count) {
  const std::vector<std::byte> zeros(static_cast<std::size_t>(count.value) * kBlock);
  return write(element, first, zeros);
}

Result<DataAnswer> FakeProvider::flush(const ElementRef&) { return DataAnswer{}; }

}  // namespace lockstep::properties
