// How far asynchronous mirrors are behind (DS-MA-04): what a loss of the source would cost now.
#pragma once

#include "target_impl/reference.hpp"
#include "target_impl/replication/world.hpp"

#include <vector>

namespace lockstep::replication {

[[nodiscard]] std::vector<ReplicaLag> lags_of(World& world);

}  // namespace lockstep::replication
