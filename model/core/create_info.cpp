#include "model/core/create_info.hpp"

namespace lockstep::model {
namespace {

const ReplicationSettingData* data_of(const std::optional<SettingDataParameter>& parameter) {
  return parameter ? std::get_if<ReplicationSettingData>(&*parameter) : nullptr;
}

template <class T>
std::vector<T> listed(const std::optional<T>& one) {
  return one ? std::vector<T>{*one} : std::vector<T>{};
}

struct Collect {
  std::optional<CreateInfo> operator()(const CreateElementReplicaRequest& r) const {
    CreateInfo info;
    info.sync_type = r.sync_type;
    info.mode = r.mode;
    info.sources = listed(r.source_element);
    info.targets = listed(r.target_element);
    info.wait = r.wait_for_copy_state;
    info.pool = r.target_pool;
    info.goal = r.target_setting_goal;
    info.names = {r.element_name};
    info.settings = data_of(r.replication_setting_data);
    return info;
  }
  std::optional<CreateInfo> operator()(const CreateListReplicaRequest& r) const {
    CreateInfo info;
    info.sync_type = r.sync_type;
    info.mode = r.mode;
    info.sources = r.source_elements.value_or(std::vector<ElementRef>{});
    info.targets = r.target_elements.value_or(std::vector<ElementRef>{});
    info.wait = r.wait_for_copy_state;
    info.pool = r.target_pool;
    info.goal = r.target_setting_goal;
    if (r.element_names) info.names = *r.element_names;
    info.settings = data_of(r.replication_setting_data);
    return info;
  }
  std::optional<CreateInfo> operator()(const CreateGroupReplicaFromElementsRequest& r) const {
    CreateInfo info;
    info.sync_type = r.sync_type;
    info.mode = r.mode;
    info.sources = r.source_elements.value_or(std::vector<ElementRef>{});
    info.target_group = r.target_group;
    info.wait = r.wait_for_copy_state;
    info.pool = r.target_pool;
    info.goal = r.target_setting_goal;
    info.settings = data_of(r.replication_setting_data);
    return info;
  }
  std::optional<CreateInfo> operator()(const CreateReplicaRequest& r) const {
    CreateInfo info;
    info.sync_type = r.sync_type;
    info.mode = r.mode;
    info.sources = {r.source};
    info.targets = listed(r.target_storage_volume);
    // Ignored when a volume is given (MCR-15).
    if (!r.target_storage_volume) info.pool = r.target_storage_pool;
    info.settings = r.replication_settings ? &*r.replication_settings : nullptr;
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
