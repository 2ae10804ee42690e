#include "tiny_provider.hpp"

#include <algorithm>

namespace tiny {

using namespace lockstep;

namespace {

constexpr std::size_t kBlockBytes = 512;
constexpr std::uint64_t kPoolBytes = 1ULL << 26;
const PoolRef kPool{"pool:1"};
const ReplicationKind kSnapshot{SyncType::Snapshot, Mode::Synchronous, Locality::Local};
const std::set<Operation> kOperations{Operation::Detach, Operation::ReturnToResourcePool};

Answer with(ReturnCode code) {
  Answer answer;
  answer.code = code;
  return answer;
}

DataAnswer illegal_request(std::uint16_t asc_ascq) { return {2, 5, asc_ascq}; }

}  // namespace

Result<ProviderIdentity> TinyProvider::identity() {
  return ProviderIdentity{"example", "tiny", "1.0", ""};
}

Result<Capabilities> TinyProvider::capabilities() {
  Capabilities capabilities;
  capabilities.methods = {Method::CreateVolume, Method::ReturnToStoragePool,
                          Method::CreateElementReplica, Method::ModifyReplicaSynchronization};
  capabilities.synchronous_actions = capabilities.methods;
  capabilities.kinds = {kSnapshot};
  capabilities.operations[kSnapshot] = kOperations;
  capabilities.copy_states[kSnapshot] = {CopyState::Synchronized};
  capabilities.wait_for_copy_states[{Method::CreateElementReplica, kSnapshot}] = {
      CopyState::Synchronized};
  return capabilities;
}

Result<Answer> TinyProvider::invoke(const Request& request) {
  const std::lock_guard lock(mutex_);
  if (const auto* create = std::get_if<CreateVolumeRequest>(&request)) {
    return create_volume(*create);
  }
  if (const auto* give_back = std::get_if<ReturnToStoragePoolRequest>(&request)) {
    return return_volume(*give_back);
  }
  if (const auto* create = std::get_if<CreateElementReplicaRequest>(&request)) {
    return snapshot(*create);
  }
  if (const auto* change = std::get_if<ModifyReplicaSynchronizationRequest>(&request)) {
    return modify(*change);
  }
  return with(ReturnCode::NotSupported);
}

Result<Inventory> TinyProvider::inventory() {
  const std::lock_guard lock(mutex_);
  Inventory inventory;
  std::uint64_t taken = 0;
  for (const auto& [ref, volume] : volumes_) {
    ElementView view;
    view.ref = ref;
    view.element_name = volume.name;
    view.pool = kPool;
    view.blocks = BlockCount{volume.bytes.size() / kBlockBytes};
    view.block_size = BlockSize{kBlockBytes};
    inventory.elements.push_back(view);
    taken += volume.bytes.size();
  }
  inventory.pools.push_back({kPool, "main", ByteCount{kPoolBytes}, ByteCount{kPoolBytes - taken}});
  inventory.relationships = snapshots_;
  return inventory;
}

Answer TinyProvider::create_volume(const CreateVolumeRequest& request) {
  std::uint64_t taken = 0;
  for (const auto& [ref, volume] : volumes_) taken += volume.bytes.size();
  if ((request.pool && request.pool != kPool) || request.blocks.value == 0) {
    return with(ReturnCode::InvalidParameter);
  }
  if (request.blocks.value > (kPoolBytes - taken) / kBlockBytes) return with(ReturnCode::Failed);
  Answer made = with(ReturnCode::Success);
  made.target_element = ElementRef{"volume:" + std::to_string(++last_)};
  volumes_[*made.target_element] = {request.element_name,
                                    Bytes(request.blocks.value * kBlockBytes)};
  return made;
}

bool TinyProvider::is_related(const ElementRef& element) const {
  return std::any_of(snapshots_.begin(), snapshots_.end(), [&](const RelationshipView& view) {
    return view.source_element == element || view.target_element == element;
  });
}

Answer TinyProvider::return_volume(const ReturnToStoragePoolRequest& request) {
  if (!volumes_.contains(request.element)) return with(ReturnCode::InvalidParameter);
  if (is_related(request.element)) return with(ReturnCode::InUse);
  volumes_.erase(request.element);
  return with(ReturnCode::Success);
}

Answer TinyProvider::snapshot(const CreateElementReplicaRequest& request) {
  const auto source = volumes_.find(request.source_element.value_or(ElementRef{}));
  const bool wrong =
      request.sync_type != SyncType::Snapshot || source == volumes_.end() ||
      request.mode.value_or(Mode::Synchronous) != Mode::Synchronous ||
      request.source_access_point || request.target_access_point ||
      request.replication_setting_data || request.target_setting_goal ||
      (request.target_pool && request.target_pool != kPool) ||
      request.wait_for_copy_state.value_or(CopyState::Synchronized) != CopyState::Synchronized;
  if (wrong) return with(ReturnCode::InvalidParameter);
  for (const RelationshipView& view : snapshots_) {
    if (view.target_element == request.source_element) return with(ReturnCode::NotSupported);
  }
  ElementRef target;
  if (request.target_element) {
    target = *request.target_element;
    if (!volumes_.contains(target) || request.target_pool ||
        volumes_[target].bytes.size() != source->second.bytes.size()) {
      return with(ReturnCode::InvalidParameter);
    }
    if (is_related(target) || target == source->first) return with(ReturnCode::InUse);
  } else {
    const Answer made = create_volume(
        {request.element_name, kPool, BlockCount{source->second.bytes.size() / kBlockBytes}});
    if (!made.completed()) return made;
    target = *made.target_element;
  }
  volumes_[target].bytes = source->second.bytes;
  RelationshipView view;
  view.ref = RelationshipRef{"snapshot:" + std::to_string(++last_)};
  view.source_element = source->first;
  view.target_element = target;
  view.sync_type = SyncType::Snapshot;
  view.mode = Mode::Synchronous;
  view.copy_state = CopyState::Synchronized;
  view.requested_copy_state = CopyState::NotApplicable;
  view.progress_status = ProgressStatus::Completed;
  view.percent_synced = 100;
  view.sync_maintained = false;
  snapshots_.push_back(view);
  Answer made = with(ReturnCode::Success);
  made.target_element = target;
  made.synchronization = view.ref;
  return made;
}

Answer TinyProvider::modify(const ModifyReplicaSynchronizationRequest& request) {
  const auto at = std::find_if(
      snapshots_.begin(), snapshots_.end(),
      [&](const RelationshipView& view) { return view.ref == request.synchronization; });
  if (at == snapshots_.end() || !request.operation || request.wait_for_copy_state) {
    return with(ReturnCode::InvalidParameter);
  }
  if (!kOperations.contains(*request.operation)) {
    const bool reserved =
        *request.operation < Operation::Abort || *request.operation > Operation::ResetToAdaptive;
    return with(reserved ? ReturnCode::InvalidParameter : ReturnCode::NotSupported);
  }
  if (*request.operation == Operation::ReturnToResourcePool) volumes_.erase(*at->target_element);
  snapshots_.erase(at);
  return with(ReturnCode::Success);
}

std::span<std::byte> TinyProvider::range(const ElementRef& element, Lba first, std::size_t bytes) {
  const auto at = volumes_.find(element);
  if (at == volumes_.end()) return {};
  const std::size_t size = at->second.bytes.size();
  if (first.value >= size / kBlockBytes || bytes > size - first.value * kBlockBytes) return {};
  return std::span(at->second.bytes).subspan(first.value * kBlockBytes, bytes);
}

Result<VolumeGeometry> TinyProvider::geometry(const ElementRef& element) {
  const std::lock_guard lock(mutex_);
  const auto at = volumes_.find(element);
  if (at == volumes_.end()) return config_error(element.path + ": expected a volume, found none");
  return VolumeGeometry{BlockCount{at->second.bytes.size() / kBlockBytes}, BlockSize{kBlockBytes}};
}

Result<DataAnswer> TinyProvider::read(const ElementRef& element, Lba first,
                                      std::span<std::byte> out) {
  const std::lock_guard lock(mutex_);
  const auto found = range(element, first, out.size());
  if (found.empty()) return illegal_request(0x2100);
  std::copy(found.begin(), found.end(), out.begin());
  return DataAnswer{};
}

Result<DataAnswer> TinyProvider::write(const ElementRef& element, Lba first,
                                       std::span<const std::byte> data) {
  const std::lock_guard lock(mutex_);
  const auto found = range(element, first, data.size());
  if (found.empty()) return illegal_request(0x2100);
  std::copy(data.begin(), data.end(), found.begin());
  return DataAnswer{};
}

Result<DataAnswer> TinyProvider::unmap(const ElementRef& element, Lba first, BlockCount count) {
  return write(element, first, Bytes(count.value * kBlockBytes));
}

Result<DataAnswer> TinyProvider::flush(const ElementRef&) { return DataAnswer{}; }

}  // namespace tiny
