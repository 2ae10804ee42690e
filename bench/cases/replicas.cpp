// A replica as a client of the service sees it: from the call of CreateElementReplica until the
// copy is done; of any service as that chooses to copy, of the reference with either strategy. Each
// case has a reference of its own.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"
#include "bench/service_client.hpp"
#include "target_impl/reference.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <utility>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBytes = 64ULL << 20;

Status measure(benchmark::State& state, Provider& provider, SyncType sync_type) {
  const bool is_clone = sync_type == SyncType::Clone;
  Client client(provider);
  LOCKSTEP_TRY(const auto source, client.filled_volume(kBytes));
  Latencies latencies;
  double cpu_seconds = 0;
  std::uint64_t made = 0;
  const auto rounds = static_cast<std::uint64_t>(state.max_iterations);
  for (auto _ : state) {
    const double cpu_begin = process_cpu_seconds();
    const auto begin = Clock::now();
    LOCKSTEP_TRY(const auto replica, client.replicate(sync_type, source));
    const auto taken = Clock::now() - begin;
    cpu_seconds += process_cpu_seconds() - cpu_begin;
    latencies.record(taken);
    state.SetIterationTime(std::chrono::duration<double>(taken).count());
    if (++made == rounds) {
      LOCKSTEP_TRY(client.verify(*replica.target_element, kBytes));
    }
    LOCKSTEP_TRY(
        client.remove(replica, is_clone ? Operation::Detach : Operation::ReturnToResourcePool));
  }
  if (is_clone) {
    set_effort(state, cpu_seconds, static_cast<double>(made) * kBytes);
  }
  state.counters["p50_us"] = latencies.percentile_us(0.50);
  state.counters["p99_us"] = latencies.percentile_us(0.99);
  return ok();
}

Status measure_clones_of_reference(benchmark::State& state, CopyStrategy strategy) {
  ReferenceOptions options;
  options.copy_strategy = strategy;
  LOCKSTEP_TRY(const auto provider, make_reference(options));
  return measure(state, *provider, SyncType::Clone);
}

// A copy that shares all extents costs the same whatever the size: the call until its copy is done.
struct Quick {
  SyncType sync_type;
  std::uint64_t volume_bytes;
  bool filled;  // else thin, with a few extents here and there
};

Result<ElementRef> volume_for(Client& client, const Quick& quick) {
  if (quick.filled) return client.filled_volume(quick.volume_bytes);
  constexpr std::uint64_t kMapped = 512;
  LOCKSTEP_TRY(auto volume, client.thin_volume(quick.volume_bytes));
  std::vector<std::byte> block(kBlockSize.bytes);
  for (std::uint64_t i = 0; i < kMapped; ++i) {
    const std::uint64_t offset = i * (quick.volume_bytes / kMapped);
    fill_block(block, Lba{offset / kBlockSize.bytes});
    LOCKSTEP_TRY(client.write(volume, offset, block));
  }
  return volume;
}

Status measure_quick(benchmark::State& state, const Quick& quick) {
  ReferenceOptions options;
  options.copy_strategy = CopyStrategy::ShareExtents;
  options.pool_bytes = 8 * quick.volume_bytes;  // counted, not taken
  LOCKSTEP_TRY(const auto provider, make_reference(options));
  Client client(*provider);
  LOCKSTEP_TRY(const auto source, volume_for(client, quick));
  Latencies latencies;
  std::int64_t made = 0;
  for (auto _ : state) {
    const auto begin = Clock::now();
    LOCKSTEP_TRY(const auto replica, client.replicate(quick.sync_type, source));
    const auto taken = Clock::now() - begin;
    latencies.record(taken);
    state.SetIterationTime(std::chrono::duration<double>(taken).count());
    if (++made == state.max_iterations) {
      LOCKSTEP_TRY(client.expect_equal(source, *replica.target_element, kBytes));
    }
    LOCKSTEP_TRY(client.remove(replica, Operation::Detach));
  }
  state.counters["p50_us"] = latencies.percentile_us(0.50);
  state.counters["p99_us"] = latencies.percentile_us(0.99);
  return ok();
}

}  // namespace

std::vector<Case> replica_cases() {
  std::vector<Case> cases;
  const auto name_of = [](const char* what) {
    return std::string("replica/") + what + "/volume:" + size_text(kBytes);
  };
  const auto add = [&](const char* what, SyncType sync_type, std::int64_t iterations) {
    cases.push_back(service_case(
        name_of(what),
        [sync_type](benchmark::State& state, const Environment& environment) -> Status {
          LOCKSTEP_TRY(const auto provider, environment.service());
          return measure(state, *provider, sync_type);
        },
        iterations));
  };
  const auto add_clone = [&](const char* what, CopyStrategy strategy, std::int64_t iterations) {
    cases.push_back(Case{name_of(what),
                         [strategy](benchmark::State& state, Environment&) {
                           const Status done = measure_clones_of_reference(state, strategy);
                           if (!done) state.SkipWithError(done.error().message.c_str());
                         },
                         iterations, true});
  };
  add("clone", SyncType::Clone, 5);
  add_clone("clone/through_initiator", CopyStrategy::ThroughInitiator, 5);
  add_clone("clone/share_extents", CopyStrategy::ShareExtents, 50);
  add("snapshot", SyncType::Snapshot, 50);
  for (const SyncType sync_type : {SyncType::Clone, SyncType::TokenizedClone}) {
    for (const bool filled : {true, false}) {
      const Quick quick{sync_type, filled ? 1ULL << 30 : 1ULL << 40, filled};
      cases.push_back(Case{std::string("replica/quick/") +
                               (sync_type == SyncType::Clone ? "clone" : "token_clone") +
                               "/volume:" + size_text(quick.volume_bytes),
                           [quick](benchmark::State& state, Environment&) {
                             const Status done = measure_quick(state, quick);
                             if (!done) state.SkipWithError(done.error().message.c_str());
                           },
                           20, true});
    }
  }
  return cases;
}

}  // namespace lockstep::bench
