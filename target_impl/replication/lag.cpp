#include "target_impl/replication/lag.hpp"

#include "target_impl/replication/flow_parts.hpp"
#include "target_impl/replication/pairs.hpp"

#include <chrono>
#include <utility>

namespace lockstep::replication {
namespace {

// Separated pairs are behind because they were told to be.
bool has_lag(const PairRecord& pair) {
  const bool flows = pair.state == CopyState::Synchronized ||
                     pair.state == CopyState::Unsynchronized || pair.state == CopyState::Broken;
  return pair.sync_type == SyncType::Mirror && !follows_each_write(pair.mode) && flows;
}

}  // namespace

std::vector<ReplicaLag> lags_of(World& world) {
  std::vector<ReplicaLag> lags;
  for (const auto& [id, pair] : world.pairs) {
    if (!has_lag(pair)) continue;
    const auto now = std::chrono::steady_clock::now();
    const store::Image source = source_volume(world, pair).snapshot();
    const Ranges owed = united(diff(pair.common.source, source), pair.doubt);
    ReplicaLag lag;
    lag.relationship = pair.ref;
    lag.owed_bytes = bytes_of(blocks_in(owed), source.block_size()).value;
    if (!owed.empty()) {
      lag.lag = std::chrono::duration_cast<std::chrono::microseconds>(now - pair.current_at);
    }
    lag.objective = pair.settings.recovery_point_objective;
    lags.push_back(std::move(lag));
  }
  return lags;
}

}  // namespace lockstep::replication
