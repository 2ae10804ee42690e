// Which operations there are for which kind of copy, in which states they are accepted, and which
// states they end in.
//
// Where the specification leaves acceptance open this service accepts what it can carry out without
// endangering data, and refuses the rest.
#pragma once

#include "model/vocab/enums.hpp"
#include "target_impl/replication/freedom.hpp"

#include <optional>
#include <set>

namespace lockstep::replication {

// GetSupportedOperations.
[[nodiscard]] bool is_supported(const Freedom& freedom, SyncType sync_type, Operation operation);
[[nodiscard]] std::set<Operation> supported_operations(const Freedom& freedom, SyncType sync_type);
// For a pair whose copy does not run backwards and whose state is known.
[[nodiscard]] bool is_acceptable(const Freedom& freedom, SyncType sync_type, Operation operation,
                                 CopyState state);
// Where the operations lead that hold the flow of data.
[[nodiscard]] std::optional<CopyState> held_state(const Freedom& freedom, Operation operation);
// The operation for which a "Requires ..." waits, if any.
[[nodiscard]] std::optional<Operation> required_by(ProgressStatus progress);
// What stands after a Restore from Replica that has left the pair in `state`.
[[nodiscard]] ProgressStatus progress_after_restore(const Freedom& freedom, SyncType sync_type,
                                                    CopyState state);
// Legal as WaitForCopyState with that operation. Operations that keep the state have none.
[[nodiscard]] std::set<CopyState> awaitable_states(const Freedom& freedom, SyncType sync_type,
                                                   Operation operation);
[[nodiscard]] std::set<CopyState> awaitable_states(const Freedom& freedom, SyncType sync_type);
// GetSupportedCopyStates.
[[nodiscard]] std::set<CopyState> reachable_states(const Freedom& freedom, SyncType sync_type);

}  // namespace lockstep::replication
