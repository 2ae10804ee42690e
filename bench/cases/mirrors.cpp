// Synchronous mirrors: what one costs those who write its source, beside a volume without a mirror
// in the same reference; and how long a resync takes, beside the first copy.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/far_system.hpp"
#include "bench/in_turn.hpp"
#include "bench/measure.hpp"
#include "bench/service_client.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBytes = 64ULL << 20;
constexpr std::int64_t kRounds = 9;

enum class Where : std::uint8_t { Local, Peer };

// A mirrored volume and one that is not, every extent written since the mirror was made.
class Stand {
 public:
  // Local: of the service to measure, the mirror within it. Peer: of a reference, the mirror leads
  // to the far system.
  [[nodiscard]] static Result<std::unique_ptr<Stand>> make(const Environment& environment,
                                                           Where where);

  [[nodiscard]] const load::Address& plain() const noexcept { return plain_; }
  [[nodiscard]] const load::Address& mirrored() const noexcept { return mirrored_; }
  // That the mirror holds what its source holds.
  [[nodiscard]] Status verify();

 private:
  std::shared_ptr<Provider> provider_;
  load::Address plain_;
  load::Address mirrored_;
  load::Address target_;
};

// A reference that knows the far system, and where its mirrors lead to.
Result<std::shared_ptr<Provider>> near_system(FarSystem& far_system, load::Address& target) {
  LOCKSTEP_TRY(target, far_system.renew(kBytes));
  PeerOptions far;
  far.name = "far";
  far.portal = target.portal;
  far.target_name = target.target_name;
  ReferenceOptions options;
  options.peers.push_back(far);
  LOCKSTEP_TRY(auto reference, make_reference(options));
  return std::shared_ptr<Provider>(std::move(reference));
}

Result<std::unique_ptr<Stand>> Stand::make(const Environment& environment, Where where) {
  auto stand = std::make_unique<Stand>();
  if (where == Where::Peer) {
    LOCKSTEP_TRY(stand->provider_, near_system(*environment.far_system, stand->target_));
  } else {
    LOCKSTEP_TRY(stand->provider_, environment.service());
  }
  Client client(*stand->provider_);
  LOCKSTEP_TRY(const auto unmirrored, client.thin_volume(kBytes));
  LOCKSTEP_TRY(stand->plain_, client.address_of(unmirrored));
  LOCKSTEP_TRY(const auto source, client.thin_volume(kBytes));
  LOCKSTEP_TRY(stand->mirrored_, client.address_of(source));
  if (where == Where::Peer) {
    CreateReplicaRequest request;
    request.source = source;
    request.sync_type = SyncType::Mirror;
    request.mode = Mode::Synchronous;
    request.target_storage_system = reference_peer("far");
    LOCKSTEP_TRY(const auto answer, client.call(request));
    LOCKSTEP_TRY(client.job_ends(answer));
  } else {
    LOCKSTEP_TRY(const auto replica, client.replicate(SyncType::Mirror, source, Mode::Synchronous));
    LOCKSTEP_TRY(stand->target_, client.address_of(*replica.target_element));
  }
  LOCKSTEP_TRY(fill(stand->plain_));
  LOCKSTEP_TRY(fill(stand->mirrored_));
  return stand;
}

Status Stand::verify() {
  LOCKSTEP_TRY(const auto source,
               initiator::Session::connect(mirrored_.portal, mirrored_.target_name, {}));
  LOCKSTEP_TRY(const auto target,
               initiator::Session::connect(target_.portal, target_.target_name, {}));
  std::vector<std::byte> held(1 << 20);
  std::vector<std::byte> expected(held.size());
  bool good = true;
  const auto note = [&](const initiator::Completion& ended) {
    good = good && ended.outcome == initiator::Outcome::Answered && ended.answer.good();
  };
  for (std::uint64_t at = 0; at < kBytes; at += held.size()) {
    const Lba first{at / kBlockSize.bytes};
    source->read(mirrored_.lun, first, kBlockSize, expected, note);
    target->read(target_.lun, first, kBlockSize, held, note);
    LOCKSTEP_TRY(source->run_until_idle());
    LOCKSTEP_TRY(target->run_until_idle());
    if (!good || held != expected) {
      return provider_error("the mirror differs from its source in the MiB at byte " +
                            std::to_string(at));
    }
  }
  return ok();
}

Status measure_writes(benchmark::State& state, const Environment& environment, Where where,
                      Host host, std::uint32_t depth) {
  LOCKSTEP_TRY(const auto stand, Stand::make(environment, where));
  RandomWrites load;
  load.host = host;
  load.depth = depth;
  Rounds rounds;
  for (auto _ : state) {
    LOCKSTEP_TRY(const auto plain, write_randomly(stand->plain(), load));
    LOCKSTEP_TRY(const auto mirrored, write_randomly(stand->mirrored(), load));
    rounds.add(mirrored, plain);
    state.SetIterationTime(mirrored.seconds / static_cast<double>(mirrored.commands));
  }
  LOCKSTEP_TRY(stand->verify());
  rounds.report(state, "unmirrored");
  return ok();
}

constexpr std::uint64_t kResyncBytes = 128ULL << 20;
constexpr std::array<double, 4> kFractions{0.01, 0.05, 0.2, 0.5};

double ms(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// Whole extents, spread over the volume.
Status change_fraction(Client& client, const ElementRef& volume, double fraction,
                       std::uint64_t round) {
  constexpr std::uint64_t kExtents = kResyncBytes / store::kExtentBytes;
  const auto changed = static_cast<std::uint64_t>(fraction * kExtents);
  std::vector<std::byte> extent(store::kExtentBytes);
  for (std::uint64_t i = 0; i < changed; ++i) {
    const std::uint64_t at = (i * kExtents / changed) * store::kExtentBytes;
    fill_block(extent, Lba{at + round});
    LOCKSTEP_TRY(client.write(volume, at, extent));
  }
  return ok();
}

// Of one round: the first copy, and a resync after each fraction was changed.
struct ResyncTimes {
  double full_ms = 0;
  std::array<double, kFractions.size()> resync_ms{};
};

Result<ResyncTimes> resync_once(Client& client, const ElementRef& source, std::uint64_t round) {
  ResyncTimes times;
  auto begin = Clock::now();
  LOCKSTEP_TRY(const auto mirror, client.replicate(SyncType::Mirror, source, Mode::Synchronous));
  times.full_ms = ms(Clock::now() - begin);
  for (std::size_t i = 0; i < kFractions.size(); ++i) {
    LOCKSTEP_TRY(client.modify(Operation::Fracture, *mirror.synchronization));
    LOCKSTEP_TRY(change_fraction(client, source, kFractions[i], round * kFractions.size() + i));
    begin = Clock::now();
    LOCKSTEP_TRY(client.modify(Operation::ResyncReplica, *mirror.synchronization));
    LOCKSTEP_TRY(client.becomes(*mirror.synchronization, CopyState::Synchronized));
    times.resync_ms[i] = ms(Clock::now() - begin);
  }
  LOCKSTEP_TRY(client.expect_equal(source, *mirror.target_element, kResyncBytes));
  LOCKSTEP_TRY(client.remove(mirror, Operation::Detach));
  return times;
}

// The slope of a line through the times over the fractions' shares of the full copy, by least
// squares: 1 when a resync costs its share.
double slope_of(const ResyncTimes& times) {
  double x_mean = 0;
  double y_mean = 0;
  for (std::size_t i = 0; i < kFractions.size(); ++i) {
    x_mean += kFractions[i] * times.full_ms / kFractions.size();
    y_mean += times.resync_ms[i] / kFractions.size();
  }
  double rise = 0;
  double run = 0;
  for (std::size_t i = 0; i < kFractions.size(); ++i) {
    const double x = kFractions[i] * times.full_ms - x_mean;
    rise += x * (times.resync_ms[i] - y_mean);
    run += x * x;
  }
  return rise / run;
}

Status measure_resync(benchmark::State& state, const Environment& environment) {
  // What a resync may take of a fraction of the full copy, and besides.
  constexpr double kMostShare = 1.3;
  constexpr double kMostBesidesMs = 20;
  LOCKSTEP_TRY(const auto provider, environment.service());
  Client client(*provider);
  LOCKSTEP_TRY(const auto source, client.filled_volume(kResyncBytes));
  std::vector<double> full;
  std::array<std::vector<double>, kFractions.size()> resync;
  std::vector<double> slopes;
  std::vector<double> worst;
  std::uint64_t round = 0;
  for (auto _ : state) {
    LOCKSTEP_TRY(const auto times, resync_once(client, source, ++round));
    state.SetIterationTime(times.resync_ms.back() / 1e3);
    full.push_back(times.full_ms);
    slopes.push_back(slope_of(times));
    double most = 0;
    for (std::size_t i = 0; i < kFractions.size(); ++i) {
      resync[i].push_back(times.resync_ms[i]);
      const double allowed = kMostShare * kFractions[i] * times.full_ms + kMostBesidesMs;
      most = std::max(most, times.resync_ms[i] / allowed);
    }
    worst.push_back(most);
  }
  state.counters["full_copy_ms"] = median(std::move(full));
  for (std::size_t i = 0; i < kFractions.size(); ++i) {
    const auto percent = static_cast<int>(kFractions[i] * 100 + 0.5);
    state.counters["resync_ms_" + std::to_string(percent) + "_percent"] =
        median(std::move(resync[i]));
  }
  set_spread(state, "slope_vs_full_copy", std::move(slopes));
  set_spread(state, "worst_vs_allowed", std::move(worst));
  return ok();
}

}  // namespace

std::vector<Case> mirror_cases() {
  std::vector<Case> cases;
  const auto add = [&](Where where, Host host, std::uint32_t depth) {
    std::string name = std::string("mirror/") + (where == Where::Local ? "local" : "peer") +
                       (host == Host::Libiscsi ? "/libiscsi" : "") +
                       "/write/random/bs:4KiB/qd:" + std::to_string(depth);
    Case made = service_case(
        std::move(name),
        [where, host, depth](benchmark::State& state, const Environment& environment) {
          return measure_writes(state, environment, where, host, depth);
        },
        kRounds);
    if (where == Where::Peer) {
      made.needs_far_system = true;
      made.needs = Needs::OwnTarget;
    }
    cases.push_back(std::move(made));
  };
  for (const std::uint32_t depth : {16U, 64U}) {
    add(Where::Local, Host::Batching, depth);
    add(Where::Peer, Host::Batching, depth);
    // A host that costs as much for each command as the way to the peer does.
    add(Where::Peer, Host::Libiscsi, depth);
  }
  cases.push_back(
      service_case("mirror/resync/volume:" + size_text(kResyncBytes), measure_resync, 3));
  return cases;
}

}  // namespace lockstep::bench
