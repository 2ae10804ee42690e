// A replica as a client of the service sees it: from the call of CreateElementReplica until the
// copy is done, with either strategy of the reference. Each case has a reference of its own.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"
#include "target_impl/reference.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <thread>
#include <utility>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBytes = 64ULL << 20;
constexpr BlockCount kBlocks{kBytes / kBlockSize.bytes};
constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::microseconds kLookAgain{100};

// Requests of one service, with everything but an acceptance as an Error.
class Client {
 public:
  explicit Client(ReferenceProvider& provider) : provider_(provider) {}

  Result<Answer> call(const Request& request) {
    LOCKSTEP_TRY(auto answer, provider_.invoke(request));
    if (!answer.accepted()) return provider_error("the service answered " + code_text(answer));
    return answer;
  }

  Result<ElementRef> filled_volume() {
    CreateVolumeRequest request;
    request.blocks = kBlocks;
    LOCKSTEP_TRY(const auto made, call(request));
    if (!made.target_element) return provider_error("the service made a volume without a name");
    std::vector<std::byte> piece(kPieceBytes);
    for (std::uint64_t at = 0; at < kBytes; at += piece.size()) {
      fill_piece(piece, at);
      LOCKSTEP_TRY(
          const auto written,
          provider_.data_path()->write(*made.target_element, Lba{at / kBlockSize.bytes}, piece));
      if (!written.good()) return provider_error("the source volume refused a write");
    }
    return *made.target_element;
  }

  // Returns once the copy is done.
  Result<Answer> replicate(SyncType sync_type, const ElementRef& source) {
    CreateElementReplicaRequest request;
    request.sync_type = sync_type;
    request.source_element = source;
    LOCKSTEP_TRY(auto answer, call(request));
    const auto until = Clock::now() + kPatience;
    while (answer.started_job() && answer.job) {
      LOCKSTEP_TRY(const auto seen, provider_.inventory());
      const JobView* job = seen.find(*answer.job);
      if (job == nullptr || job->state == JobState::Completed) break;
      if (job->finished()) return provider_error("the job failed");
      if (Clock::now() > until) return provider_error("the job did not end within 30 s");
      std::this_thread::sleep_for(kLookAgain);
    }
    if (!answer.target_element || !answer.synchronization) {
      return provider_error("the service made no replica");
    }
    return answer;
  }

  Status remove(const Answer& replica, Operation how) {
    ModifyReplicaSynchronizationRequest parting;
    parting.operation = how;
    parting.synchronization = *replica.synchronization;
    LOCKSTEP_TRY(call(parting));
    if (how != Operation::ReturnToResourcePool) {
      LOCKSTEP_TRY(call(ReturnToStoragePoolRequest{*replica.target_element}));
    }
    return ok();
  }

  Status verify(const ElementRef& replica) {
    std::vector<std::byte> held(kPieceBytes);
    std::vector<std::byte> expected(kPieceBytes);
    for (std::uint64_t at = 0; at < kBytes; at += held.size()) {
      LOCKSTEP_TRY(const auto answer,
                   provider_.data_path()->read(replica, Lba{at / kBlockSize.bytes}, held));
      fill_piece(expected, at);
      if (!answer.good() || held != expected) {
        return provider_error("the replica differs from its source in the MiB at byte " +
                              std::to_string(at));
      }
    }
    return ok();
  }

 private:
  static void fill_piece(std::vector<std::byte>& piece, std::uint64_t at) {
    for (std::size_t offset = 0; offset < piece.size(); offset += kBlockSize.bytes) {
      fill_block(std::span(piece).subspan(offset, kBlockSize.bytes),
                 Lba{(at + offset) / kBlockSize.bytes});
    }
  }

  ReferenceProvider& provider_;
};

struct Kind {
  SyncType sync_type;
  CopyStrategy strategy;
  Operation parting;  // how the relationship is dissolved
};

Status measure(benchmark::State& state, const Kind& kind) {
  ReferenceOptions options;
  options.copy_strategy = kind.strategy;
  LOCKSTEP_TRY(const auto provider, make_reference(options));
  Client client(*provider);
  LOCKSTEP_TRY(const auto source, client.filled_volume());
  Latencies latencies;
  double cpu_seconds = 0;
  std::uint64_t made = 0;
  const auto rounds = static_cast<std::uint64_t>(state.max_iterations);
  for (auto _ : state) {
    const double cpu_begin = process_cpu_seconds();
    const auto begin = Clock::now();
    LOCKSTEP_TRY(const auto replica, client.replicate(kind.sync_type, source));
    const auto taken = Clock::now() - begin;
    cpu_seconds += process_cpu_seconds() - cpu_begin;
    latencies.record(taken);
    state.SetIterationTime(std::chrono::duration<double>(taken).count());
    if (++made == rounds) {
      LOCKSTEP_TRY(client.verify(*replica.target_element));
    }
    LOCKSTEP_TRY(client.remove(replica, kind.parting));
  }
  if (kind.sync_type == SyncType::Clone) {
    set_effort(state, cpu_seconds, static_cast<double>(made) * kBytes);
  }
  state.counters["p50_us"] = latencies.percentile_us(0.50);
  state.counters["p99_us"] = latencies.percentile_us(0.99);
  return ok();
}

}  // namespace

std::vector<Case> replica_cases() {
  std::vector<Case> cases;
  const auto add = [&](const char* name, const Kind& kind, std::int64_t iterations) {
    cases.push_back(Case{std::string("replica/") + name + "/volume:" + size_text(kBytes),
                         [kind](benchmark::State& state, Environment&) {
                           const Status done = measure(state, kind);
                           if (!done) state.SkipWithError(done.error().message.c_str());
                         },
                         iterations, true});
  };
  add("clone/through_initiator",
      {SyncType::Clone, CopyStrategy::ThroughInitiator, Operation::Detach}, 5);
  add("clone/share_extents", {SyncType::Clone, CopyStrategy::ShareExtents, Operation::Detach}, 50);
  add("snapshot", {SyncType::Snapshot, CopyStrategy::ShareExtents, Operation::ReturnToResourcePool},
      50);
  return cases;
}

}  // namespace lockstep::bench
