// The SyncState of the legacy Copy Services view (StorageSynchronized), as AttachReplica,
// StorageConfigurationService.CreateReplica and ModifySynchronization move it. Most rows hold for
// some CopyTypes only.
#pragma once

#include "model/vocab/enums.hpp"

#include <boost/describe/enum.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace lockstep::machine {

// Nowhere before the creation and once the association is gone.
using LegacyPlace = std::optional<SyncState>;

enum class LegacyEvent : std::uint8_t {
  Create,  // AttachReplica or CreateReplica
  Detach,
  Fracture,
  ResyncReplica,
  RestoreFromReplica,
  Prepare,
  Unprepare,
  Quiesce,
  Unquiesce,
  ResetToSync,   // CopyType becomes Sync
  ResetToAsync,  // CopyType becomes Async
  StartCopy,
  StopCopy,
  CopyFinishes,  // by itself
  ElementFails,
};
BOOST_DESCRIBE_ENUM(LegacyEvent, Create, Detach, Fracture, ResyncReplica, RestoreFromReplica,
                    Prepare, Unprepare, Quiesce, Unquiesce, ResetToSync, ResetToAsync, StartCopy,
                    StopCopy, CopyFinishes, ElementFails)

struct LegacyRow {
  CopyType copy_type;
  LegacyPlace from;
  LegacyEvent event;
  LegacyPlace to;
  friend auto operator<=>(const LegacyRow&, const LegacyRow&) = default;
};
// Exported from the MSM table, one per CopyType.
[[nodiscard]] const std::vector<LegacyRow>& legacy_rows();
// The machine takes this step for a relationship of that CopyType.
[[nodiscard]] bool legacy_steps(const LegacyRow& step);

// The CopyStates that may stand in the present view beside that SyncState; empty for a number
// without a name and for Unknown.
[[nodiscard]] std::set<CopyState> copy_states_beside(SyncState state);

}  // namespace lockstep::machine
