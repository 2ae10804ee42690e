// CIM_ReplicationSettingData, the embedded instance that the create methods take.
#pragma once

#include "model/vocab/enums.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace lockstep {

// Every member may be NULL. Defaults that CIM 2.41 gives are noted; they hold when the member is
// NULL.
struct ReplicationSettingData {
  std::optional<Pairing> pairing;
  std::optional<UnequalAction>
      unequal_groups_action;                          // NULL: an error, one source to many excepted
  std::optional<UnequalAction> unequal_lists_action;  // 2
  std::optional<OnError> on_group_or_list_error;      // 3 Stop
  std::optional<CopyMethodology> desired_copy_methodology;
  std::optional<TargetElementSupplier> target_element_supplier;    // 4
  std::optional<ThinProvisioningPolicy> thin_provisioning_policy;  // 7
  std::optional<bool> consistent_point_in_time;                    // false
  std::optional<std::uint16_t> multihop;                           // 1 hop
  std::optional<CopyPriority> copy_priority;
  std::optional<CopyRecoveryMode> copy_recovery_mode;  // 4
  std::optional<bool> failed_copy_stops_host_io;       // false
  std::optional<ReadOnly> read_only;
  std::optional<std::uint64_t> delta_update_interval_s;
  std::optional<std::uint64_t> delta_update_blocks;
  std::optional<std::uint64_t> desired_rpo_s;
  std::optional<std::uint64_t> maximum_skew_bytes;

  friend bool operator==(const ReplicationSettingData&, const ReplicationSettingData&) = default;
};

// The parameter is a string that should hold an embedded instance. A plain string is sent as it is,
// so that a malformed instance can be tried (CER-28).
using SettingDataParameter = std::variant<ReplicationSettingData, std::string>;

}  // namespace lockstep
