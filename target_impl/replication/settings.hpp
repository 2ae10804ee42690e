// ReplicationSettingData as the service honours it: checked, with the defaults filled in.
//
// CER-27 to CER-29: what the client gives shows up on the association, or the call is refused. The
// defaults are CIM 2.41's where it states one.
#pragma once

#include "model/vocab/enums.hpp"
#include "model/vocab/settings.hpp"
#include "target_impl/replication/freedom.hpp"

#include <cstdint>
#include <optional>

namespace lockstep::replication {

struct Settings {
  CopyPriority copy_priority = CopyPriority::NotManaged;
  CopyRecoveryMode copy_recovery_mode = CopyRecoveryMode::Automatic;
  CopyMethodology copy_methodology = CopyMethodology::ImplementationDecides;
  std::optional<ReadOnly> read_only;
  bool failed_copy_stops_host_io = false;
  bool consistent_point_in_time = false;
  OnError on_error = OnError::Stop;
  UnequalAction unequal_lists = UnequalAction::ReturnError;
  UnequalAction unequal_groups = UnequalAction::ReturnError;
  TargetElementSupplier supplier = TargetElementSupplier::InstrumentationDecides;
  std::optional<std::uint32_t> recovery_point_objective;
};

// Nothing when the parameter is malformed (CER-28) or asks for what this service does not do; the
// method then answers Invalid Parameter. `target_given`: the client named the target.
[[nodiscard]] std::optional<Settings> effective_settings(
    const Freedom& freedom, const std::optional<SettingDataParameter>& parameter,
    SyncType sync_type, bool target_given);

}  // namespace lockstep::replication
