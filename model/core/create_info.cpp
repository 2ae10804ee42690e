#include "model/core/create_info.hpp"

namespace lockstep::model {
namespace {

const ReplicationSettingData* data_of(const std::optional<SettingDataParameter>& parameter) {
  return parameter ? std::get_if<ReplicationSettingData>(&*parameter) : nullptr;
}

template <class T>
std::span<const T> listed(const std::optional<T>& one) {
  return one ? std::span<const T>(&*one, 1) : std::span<const T>();
}

template <class T>
std::span<const T> listed(const std::optional<std::vector<T>>& list) {
  return list ? std::span<const T>(*list) : std::span<const T>();
}

template <class T>
const T* given(const std::optional<T>& one) {
  return one ? &*one : nullptr;
}

struct Collect {
  std::optional<CreateInfo> operator()(const CreateElementReplicaRequest& r) const {
    CreateInfo info;
    info.sync_type = r.sync_type;
    info.mode = r.mode;
    info.sources = listed(r.source_element);
    info.targets = listed(r.target_element);
    info.wait = r.wait_for_copy_state;
    info.pool = given(r.target_pool);
    info.goal = given(r.target_setting_goal);
    info.names = {&r.element_name, 1};
    info.settings = data_of(r.replication_setting_data);
    return info;
  }
  std::optional<CreateInfo> operator()(const CreateListReplicaRequest& r) const {
    CreateInfo info;
    info.sync_type = r.sync_type;
    info.mode = r.mode;
    info.sources = listed(r.source_elements);
    info.targets = listed(r.target_elements);
    info.wait = r.wait_for_copy_state;
    info.pool = given(r.target_pool);
    info.goal = given(r.target_setting_goal);
    info.names = listed(r.element_names);
    info.settings = data_of(r.replication_setting_data);
    return info;
  }
  std::optional<CreateInfo> operator()(const CreateGroupReplicaFromElementsRequest& r) const {
    CreateInfo info;
    info.sync_type = r.sync_type;
    info.mode = r.mode;
    info.sources = listed(r.source_elements);
    info.target_group = given(r.target_group);
    info.wait = r.wait_for_copy_state;
    info.pool = given(r.target_pool);
    info.goal = given(r.target_setting_goal);
    info.settings = data_of(r.replication_setting_data);
    return info;
  }
  std::optional<CreateInfo> operator()(const CreateReplicaRequest& r) const {
    CreateInfo info;
    info.sync_type = r.sync_type;
    info.mode = r.mode;
    info.sources = {&r.source, 1};
    info.targets = listed(r.target_storage_volume);
    // Ignored when a volume is given (MCR-15).
    if (!r.target_storage_volume) info.pool = given(r.target_storage_pool);
    info.settings = given(r.replication_settings);
    return info;
  }
  std::optional<CreateInfo> operator()(const AttachReplicaRequest& r) const {
    CreateInfo info;
    info.copy_type = r.copy_type;
    info.sources = listed(r.source_element);
    info.targets = listed(r.target_element);
    if (r.copy_type == CopyType::Async || r.copy_type == CopyType::Sync) {
      info.sync_type = SyncType::Mirror;
      info.mode = r.copy_type == CopyType::Sync ? Mode::Synchronous : Mode::Asynchronous;
    }
    return info;
  }
  template <class Other>
  std::optional<CreateInfo> operator()(const Other&) const {
    return std::nullopt;
  }
};

constexpr EffectClauses kElement{"CER-05", "CER-07", "CER-15", "CER-17", "CER-18",
                                 "CER-19", "CER-21", "CER-22", "CER-23", "CER-29",
                                 "CER-31", "CER-33", "CER-34", "CER-37"};
constexpr EffectClauses kList{"CLR-05", "CLR-07", "CLR-27", "CLR-25", "CLR-29", "CLR-30", "CLR-31",
                              "CLR-33", "CLR-17", "CLR-35", "CLR-38", "CLR-25", "CLR-41", "T-001"};
constexpr EffectClauses kGroup{"CGE-05", "CGE-07", "CGE-28", "CGE-25", "CGE-30", "CGE-31", "CGE-32",
                               "CGE-34", "CGE-20", "CGE-43", "CGE-44", "CGE-48", "CGE-49", "T-001"};
constexpr EffectClauses kReplica{"MCR-06", "MCR-08", "MCR-20", "MCR-15", "MCR-15",
                                 "MCR-15", "MCR-18", "MCR-18", "MCR-11", "MCR-26",
                                 "MCR-27", "MCR-01", "MCR-37", "MCR-37"};
constexpr EffectClauses kAttach{"ATT-09", "ATT-09", "ATT-01", "ATT-01", "ATT-01",
                                "ATT-01", "ATT-01", "ATT-01", "ATT-01", "ATT-09",
                                "ATT-15", "ATT-01", "ATT-17", "ATT-17"};

}  // namespace

std::optional<CreateInfo> create_info(const Request& request) {
  auto info = std::visit(Collect{}, request);
  if (info) info->method = method_of(request);
  return info;
}

const EffectClauses& effect_clauses(Method method) noexcept {
  switch (method) {
    case Method::CreateListReplica:
      return kList;
    case Method::CreateGroupReplicaFromElements:
      return kGroup;
    case Method::CreateReplica:
      return kReplica;
    case Method::AttachReplica:
      return kAttach;
    default:
      return kElement;
  }
}

}  // namespace lockstep::model
