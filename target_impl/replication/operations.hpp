// What the operations of ModifyReplicaSynchronization and ModifyListSynchronization do.
#pragma once

#include "model/vocab/answers.hpp"
#include "model/vocab/methods.hpp"
#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/refusal.hpp"

#include <optional>

namespace lockstep::replication {

struct OperationRequest {
  Method method = Method::ModifyReplicaSynchronization;
  Operation operation = Operation::Abort;
  bool force = false;
  std::optional<CopyState> wait;
};

// Why not, if it cannot be carried out for all of them.
[[nodiscard]] std::optional<Refusal> check_operation(World& world, const OperationRequest& request,
                                                     const Pairs& pairs);

// For all pairs or for none. They are of one SyncType and not empty.
[[nodiscard]] Answer operate(World& world, const OperationRequest& request, const Pairs& pairs);

// The parts: operations on the flow of data, and on who leads.
Answer let_flow(World& world, const OperationRequest& request, const Pairs& pairs);
// The last part of it for snapshots: each target becomes its point in time.
Answer show_snapshots(World& world, const OperationRequest& request, const Pairs& pairs);
Answer hold_flow(World& world, const OperationRequest& request, const Pairs& pairs);
Answer part(World& world, const OperationRequest& request, const Pairs& pairs);
Answer change_roles(World& world, const OperationRequest& request, const Pairs& pairs);
Answer change_mode(World& world, const OperationRequest& request, const Pairs& pairs);

}  // namespace lockstep::replication
