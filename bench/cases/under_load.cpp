// What snapshots and freezes cost those who write meanwhile: random writes at depth 16, with and
// without, in turn.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/in_turn.hpp"
#include "bench/measure.hpp"
#include "bench/service_client.hpp"

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBytes = 128ULL << 20;
constexpr std::int64_t kRounds = 9;

// One volume of the service, every extent written.
struct Loaded {
  std::shared_ptr<Provider> provider;
  ElementRef volume;
  load::Address address;

  [[nodiscard]] Client client() { return Client(*provider); }
};

Result<Loaded> loaded_volume(const Environment& environment) {
  Loaded loaded;
  LOCKSTEP_TRY(loaded.provider, environment.service());
  LOCKSTEP_TRY(loaded.volume, loaded.client().thin_volume(kBytes));
  LOCKSTEP_TRY(loaded.address, loaded.client().address_of(loaded.volume));
  LOCKSTEP_TRY(fill(loaded.address));
  // The system hands out a page once in the life of a pool, and on a virtual machine that may cost
  // a hundred times as much as copying an extent into it: not what is measured here.
  Client client = loaded.client();
  LOCKSTEP_TRY(const auto snapshot, client.replicate(SyncType::Snapshot, loaded.volume));
  LOCKSTEP_TRY(fill(loaded.address));
  LOCKSTEP_TRY(client.remove(snapshot, Operation::ReturnToResourcePool));
  return loaded;
}

// Nearly every write is then the first to its extent, which has to be copied.
Status measure_right_after(benchmark::State& state, const Environment& environment) {
  LOCKSTEP_TRY(auto loaded, loaded_volume(environment));
  Client client = loaded.client();
  RandomWrites load;
  load.duration = std::chrono::milliseconds{50};
  RandomWrites at_once = load;
  at_once.warm_up = {};
  Rounds rounds;
  for (auto _ : state) {
    LOCKSTEP_TRY(const auto before, write_randomly(loaded.address, load));
    LOCKSTEP_TRY(const auto snapshot, client.replicate(SyncType::Snapshot, loaded.volume));
    LOCKSTEP_TRY(const auto after, write_randomly(loaded.address, at_once));
    LOCKSTEP_TRY(client.remove(snapshot, Operation::ReturnToResourcePool));
    rounds.add(after, before);
    state.SetIterationTime(after.seconds / static_cast<double>(after.commands));
  }
  rounds.report(state, "before");
  return ok();
}

// Takes a snapshot every so often and gives the one before it back, until told to stop.
class Snapshots {
 public:
  Snapshots(Loaded& loaded, std::chrono::milliseconds every)
      : thread_([this, &loaded, every] { take(loaded, every); }) {}
  ~Snapshots() {
    if (thread_.joinable()) static_cast<void>(stop());
  }
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;
  [[nodiscard]] Status stop() {
    stopping_ = true;
    thread_.join();
    return std::move(end_);
  }

 private:
  void take(Loaded& loaded, std::chrono::milliseconds every) { end_ = take_all(loaded, every); }
  Status take_all(Loaded& loaded, std::chrono::milliseconds every) {
    Client client = loaded.client();
    std::optional<Answer> last;
    for (auto next = Clock::now() + every / 2; !stopping_; next += every) {
      std::this_thread::sleep_until(next);
      LOCKSTEP_TRY(auto snapshot, client.replicate(SyncType::Snapshot, loaded.volume));
      if (last) {
        LOCKSTEP_TRY(client.remove(*last, Operation::ReturnToResourcePool));
      }
      last = std::move(snapshot);
    }
    if (last) {
      LOCKSTEP_TRY(client.remove(*last, Operation::ReturnToResourcePool));
    }
    return ok();
  }

  std::atomic<bool> stopping_{false};
  Status end_ = ok();
  std::thread thread_;
};

Status measure_with_snapshots(benchmark::State& state, const Environment& environment) {
  LOCKSTEP_TRY(auto loaded, loaded_volume(environment));
  RandomWrites load;
  load.duration = std::chrono::milliseconds{300};
  Rounds rounds;
  for (auto _ : state) {
    LOCKSTEP_TRY(const auto without, write_randomly(loaded.address, load));
    Snapshots snapshots(loaded, std::chrono::milliseconds{100});
    auto with = write_randomly(loaded.address, load);
    LOCKSTEP_TRY(snapshots.stop());
    LOCKSTEP_TRY(const auto sample, std::move(with));
    rounds.add(sample, without);
    state.SetIterationTime(sample.seconds / static_cast<double>(sample.commands));
  }
  rounds.report(state, "without");
  return ok();
}

// A consistent group of mirrors is split while one of its sources is written: for no longer than
// the longest of these writes took are writes held.
class FrozenGroup {
 public:
  [[nodiscard]] Status make(const Environment& environment);
  // The longest write, in microseconds, while the group is split or while nothing is done.
  [[nodiscard]] Result<double> longest_write(bool split);

 private:
  static constexpr std::size_t kVolumes = 8;
  static constexpr std::uint64_t kBytesEach = 8ULL << 20;

  std::shared_ptr<Provider> provider_;
  RelationshipRef group_;
  load::Address address_;
};

Status FrozenGroup::make(const Environment& environment) {
  LOCKSTEP_TRY(provider_, environment.service());
  Client client(*provider_);
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = SyncType::Mirror;
  request.mode = Mode::Synchronous;
  request.consistency = ConsistencyRequest::SequentialConsistency;
  request.source_elements.emplace();
  for (std::size_t i = 0; i < kVolumes; ++i) {
    LOCKSTEP_TRY(const auto volume, client.thin_volume(kBytesEach));
    LOCKSTEP_TRY(address_, client.address_of(volume));
    LOCKSTEP_TRY(fill(address_));
    request.source_elements->push_back(volume);
  }
  LOCKSTEP_TRY(const auto answer, client.call(request));
  LOCKSTEP_TRY(client.job_ends(answer));
  if (!answer.synchronization) return provider_error("the service made no group relationship");
  group_ = *answer.synchronization;
  return ok();
}

Result<double> FrozenGroup::longest_write(bool split) {
  Client client(*provider_);
  RandomWrites load;
  load.duration = std::chrono::milliseconds{60};
  Status done = ok();
  std::thread splitter;
  if (split) {
    splitter = std::thread([&] {
      std::this_thread::sleep_for(load.warm_up + load.duration / 2);
      const auto answer = client.modify(Operation::Split, group_);
      if (!answer) done = answer.error();
    });
  }
  auto sample = write_randomly(address_, load);
  if (splitter.joinable()) splitter.join();
  LOCKSTEP_TRY(std::move(done));
  LOCKSTEP_TRY(const auto taken, std::move(sample));
  if (split) {
    LOCKSTEP_TRY(client.modify(Operation::ResyncReplica, group_));
    LOCKSTEP_TRY(client.becomes(group_, CopyState::Synchronized));
  }
  return taken.longest_us;
}

Status measure_freeze(benchmark::State& state, const Environment& environment) {
  FrozenGroup group;
  LOCKSTEP_TRY(group.make(environment));
  std::vector<double> with;
  std::vector<double> without;
  for (auto _ : state) {
    LOCKSTEP_TRY(const double quiet, group.longest_write(false));
    LOCKSTEP_TRY(const double split, group.longest_write(true));
    without.push_back(quiet);
    with.push_back(split);
    state.SetIterationTime(split / 1e6);
  }
  set_spread(state, "longest_write_us", std::move(with));
  set_spread(state, "longest_write_us_without", std::move(without));
  return ok();
}

}  // namespace

std::vector<Case> under_load_cases() {
  return {
      service_case("under_load/right_after_snapshot/write/random/bs:4KiB/qd:16",
                   measure_right_after, kRounds),
      service_case("under_load/snapshot_every_100ms/write/random/bs:4KiB/qd:16",
                   measure_with_snapshots, kRounds),
      service_case("under_load/split_of_group/volumes:8/bs:4KiB/qd:16", measure_freeze, 9),
  };
}

}  // namespace lockstep::bench
