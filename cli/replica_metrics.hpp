// What a reference says of its replicas, in the text format that Prometheus scrapes.
#pragma once

#include "target_impl/reference.hpp"

#include <string>
#include <vector>

namespace lockstep::cli {

[[nodiscard]] std::string replica_metrics(const std::vector<ReplicaLag>& lags);

}  // namespace lockstep::cli
