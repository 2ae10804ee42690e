// Which operations there are for which kind of copy, in which states they are accepted, and which
// states they end in.
//
// Where the specification leaves acceptance open this service accepts what it can carry out without
// endangering data, and refuses the rest.
#pragma once

#include "model/vocab/enums.hpp"

#include <set>

namespace lockstep::replication {

// GetSupportedOperations.
[[nodiscard]] const std::set<Operation>& supported_operations(SyncType sync_type);
// For a pair whose copy does not run backwards and whose state is known.
[[nodiscard]] bool is_acceptable(SyncType sync_type, Operation operation, CopyState state);
// Legal as WaitForCopyState with that operation. Operations that keep the state have none.
[[nodiscard]] std::set<CopyState> awaitable_states(Operation operation);
[[nodiscard]] std::set<CopyState> awaitable_states(SyncType sync_type);
// GetSupportedCopyStates.
[[nodiscard]] std::set<CopyState> reachable_states(SyncType sync_type);

}  // namespace lockstep::replication
