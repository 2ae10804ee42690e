#include "target_impl/replication/settings.hpp"

#include "model/vocab/names.hpp"

#include <algorithm>
#include <limits>

namespace lockstep::replication {
namespace {

template <class E>
bool undefined(const std::optional<E>& value) {
  return value && !name_of(*value);
}

CopyMethodology natural_methodology(SyncType sync_type) {
  return sync_type == SyncType::Snapshot ? CopyMethodology::CopyOnWrite : CopyMethodology::FullCopy;
}

// Nothing: this kind of copy is not made that way here.
std::optional<CopyMethodology> methodology(std::optional<CopyMethodology> wanted,
                                           SyncType sync_type) {
  if (!wanted || *wanted == CopyMethodology::NotSpecified ||
      *wanted == CopyMethodology::ImplementationDecides) {
    return natural_methodology(sync_type);
  }
  if (*wanted == natural_methodology(sync_type)) return wanted;
  const bool mirror_by_increments =
      sync_type == SyncType::Mirror && *wanted == CopyMethodology::IncrementalCopy;
  return mirror_by_increments ? wanted : std::nullopt;
}

bool every_value_defined(const ReplicationSettingData& data) {
  return !undefined(data.pairing) && !undefined(data.unequal_groups_action) &&
         !undefined(data.unequal_lists_action) && !undefined(data.on_group_or_list_error) &&
         !undefined(data.desired_copy_methodology) && !undefined(data.target_element_supplier) &&
         !undefined(data.thin_provisioning_policy) && !undefined(data.copy_priority) &&
         !undefined(data.copy_recovery_mode) && !undefined(data.read_only) &&
         data.copy_recovery_mode != CopyRecoveryMode::Unknown;
}

bool supplier_fits(TargetElementSupplier supplier, bool target_given) {
  switch (supplier) {
    case TargetElementSupplier::CreateNew:
      return !target_given;
    case TargetElementSupplier::UseExisting:  // there is no stock to pick from
    case TargetElementSupplier::ClientMustSupply:
      return target_given;
    default:
      return true;
  }
}

bool offered_here(const ReplicationSettingData& data) {
  // Every volume is thin, and no source may itself be a replica.
  const bool thin = data.thin_provisioning_policy != ThinProvisioningPolicy::ThinToFull &&
                    data.thin_provisioning_policy != ThinProvisioningPolicy::FullToThin;
  return thin && data.multihop.value_or(1) == 1;
}

std::optional<std::uint32_t> objective(const ReplicationSettingData& data) {
  if (!data.desired_rpo_s) return std::nullopt;
  constexpr std::uint64_t kMaximum = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::min(*data.desired_rpo_s, kMaximum));
}

}  // namespace

std::optional<Settings> effective_settings(const Freedom& freedom,
                                           const std::optional<SettingDataParameter>& parameter,
                                           SyncType sync_type, bool target_given) {
  Settings settings;
  settings.copy_methodology = natural_methodology(sync_type);
  settings.copy_recovery_mode = freedom.recovery_mode;
  settings.failed_copy_stops_host_io = freedom.failed_copy_stops_host_io;
  if (!parameter) return settings;
  const auto* data = std::get_if<ReplicationSettingData>(&*parameter);
  if (data == nullptr || !every_value_defined(*data) || !offered_here(*data)) return std::nullopt;
  const auto method = methodology(data->desired_copy_methodology, sync_type);
  const auto supplier =
      data->target_element_supplier.value_or(TargetElementSupplier::InstrumentationDecides);
  if (!method || !supplier_fits(supplier, target_given)) return std::nullopt;

  settings.copy_methodology = *method;
  settings.supplier = supplier;
  settings.copy_priority = data->copy_priority.value_or(settings.copy_priority);
  if (data->copy_recovery_mode != CopyRecoveryMode::ImplementationDecides) {
    settings.copy_recovery_mode = data->copy_recovery_mode.value_or(settings.copy_recovery_mode);
  }
  settings.read_only = data->read_only;
  settings.failed_copy_stops_host_io =
      data->failed_copy_stops_host_io.value_or(settings.failed_copy_stops_host_io);
  settings.consistent_point_in_time = data->consistent_point_in_time.value_or(false);
  settings.on_error = data->on_group_or_list_error.value_or(OnError::Stop);
  settings.unequal_lists = data->unequal_lists_action.value_or(UnequalAction::ReturnError);
  settings.unequal_groups = data->unequal_groups_action.value_or(UnequalAction::ReturnError);
  settings.recovery_point_objective = objective(*data);
  return settings;
}

}  // namespace lockstep::replication
