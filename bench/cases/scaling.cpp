// How the cost of one request follows what it should not depend on: sessions that work, sessions
// that do nothing, the size of a thin volume, the snapshots that share its extents; and of a
// resync, how much has changed. The growths are fitted over the names (reports/text/growth.hpp).
#include "bench/case.hpp"
#include "bench/closed_loop.hpp"
#include "bench/ends.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <poll.h>
#include <utility>
#include <vector>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRequestBytes = 4096;
constexpr std::size_t kInFlight = 64;  // over all sessions together
constexpr std::int64_t kRequests = 5000;
constexpr std::uint64_t kWrittenExtents = 512;
constexpr std::int64_t kTouches = 10'000;
constexpr std::int64_t kSnapshotRounds = 1000;
constexpr std::uint64_t kDirtyBytes = 64ULL << 20;

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

// Polls all of them until they have completed so many requests together; false: one is over.
bool wait_for_all(std::vector<std::unique_ptr<ClosedLoop>>& loops, std::vector<pollfd>& watched,
                  std::uint64_t completions) {
  constexpr int kPatienceMs = 30'000;
  while (true) {
    std::uint64_t completed = 0;
    for (std::size_t i = 0; i < loops.size(); ++i) {
      completed += loops[i]->completions();
      const initiator::Session& session = loops[i]->session();
      watched[i] = {session.descriptor(), session.events(), 0};
    }
    if (completed >= completions) return true;
    if (::poll(watched.data(), watched.size(), kPatienceMs) <= 0) return false;
    for (std::size_t i = 0; i < loops.size(); ++i) {
      if (watched[i].revents != 0 && !loops[i]->serve(watched[i].revents)) return false;
    }
  }
}

// The same number of requests in flight, spread over more and more sessions of one thread.
void over_sessions(benchmark::State& state, Environment& environment, std::size_t sessions) {
  const Load load{Kind::Read, Order::Random, kRequestBytes, kInFlight / sessions};
  std::vector<std::unique_ptr<initiator::Session>> open;
  std::vector<std::unique_ptr<ClosedLoop>> loops;
  const auto place = place_of(load, environment);
  if (!place) return state.SkipWithError(place.error().message.c_str());
  for (std::size_t i = 0; i < sessions; ++i) {
    auto session = environment.connect();
    if (!session) return state.SkipWithError(session.error().message.c_str());
    open.push_back(std::move(session).value());
    loops.push_back(
        std::make_unique<ClosedLoop>(load, *open.back(), place.value(), environment.block_size()));
  }
  std::vector<pollfd> watched(sessions);
  std::uint64_t wanted = 0;
  bool good = true;
  Ends ends(environment);
  for (auto _ : state) {
    if (wanted == 0) {
      for (const auto& loop : loops) {
        loop->begin();
        good = loop->serve(0) && good;
      }
    }
    good = good && wait_for_all(loops, watched, ++wanted);
    if (!good) break;
  }
  ends.stop();
  std::string problem = good ? "" : "a session is over";
  for (const auto& loop : loops) {
    loop->drain();
    const auto found = loop->verify(environment);
    if (!found.empty()) problem = found;
  }
  if (!problem.empty()) return state.SkipWithError(problem.c_str());
  const auto requests = static_cast<double>(state.iterations());
  set_rates(state, requests, requests * kRequestBytes);
  ends.set(state, requests, requests * kRequestBytes, Ends::Initiator::Libiscsi);
}

// One session works, the others are logged in and silent.
void beside_idle_sessions(benchmark::State& state, Environment& environment, std::size_t idle) {
  const Status kept = environment.keep_idle_sessions(idle);
  if (kept) {
    run_load(state, environment, {Kind::Read, Order::Random, kRequestBytes, 16});
  } else {
    state.SkipWithError(kept.error().message.c_str());
  }
  static_cast<void>(environment.keep_idle_sessions(0));
}

// A thin volume with extents written all over it.
class SparseVolume {
 public:
  explicit SparseVolume(std::uint64_t volume_bytes)
      : volume_(BlockCount{volume_bytes / kBlockSize.bytes}, kBlockSize,
                store::make_pool(ByteCount{1ULL << 30})),
        stride_(volume_.blocks().value / kWrittenExtents),
        data_(kRequestBytes) {
    for (std::uint64_t i = 0; i < kWrittenExtents; ++i) good_ = write(i, i) && good_;
  }
  [[nodiscard]] store::Volume& volume() noexcept { return volume_; }
  [[nodiscard]] bool is_good() const noexcept { return good_; }
  bool write(std::uint64_t place, std::uint64_t stamp) {
    fill_block(data_, Lba{stamp});
    return volume_.write(at(place), data_) == store::WriteResult::Done;
  }
  // Whether it holds that.
  [[nodiscard]] bool holds(std::uint64_t place, std::uint64_t stamp) {
    return volume_.read(at(place), data_) && is_block(data_, Lba{stamp});
  }

 private:
  // Neighbours in time are far apart on the volume.
  [[nodiscard]] Lba at(std::uint64_t place) const {
    return Lba{place * 197 % kWrittenExtents * stride_};
  }
  store::Volume volume_;
  std::uint64_t stride_;
  std::vector<std::byte> data_;
  bool good_ = true;
};

void touch_volume(benchmark::State& state, std::uint64_t volume_bytes, Kind kind) {
  SparseVolume sparse(volume_bytes);
  bool good = sparse.is_good();
  std::uint64_t number = 0;
  for (auto _ : state) {
    const std::uint64_t place = number++ % kWrittenExtents;
    good = (kind == Kind::Read ? sparse.holds(place, place) : sparse.write(place, place)) && good;
  }
  for (std::uint64_t i = 0; i < kWrittenExtents; ++i) good = sparse.holds(i, i) && good;
  if (!good) return state.SkipWithError("the volume does not hold what was written");
  const auto requests = static_cast<double>(state.iterations());
  set_rates(state, requests, requests * kRequestBytes);
}

enum class Timed : std::uint8_t { Snapshot, FirstWrite };

// Every round takes a snapshot, drops the oldest and writes where the newest shares: with `kept` of
// them always there.
void beside_snapshots(benchmark::State& state, std::size_t kept, Timed timed) {
  SparseVolume sparse(1ULL << 30);
  std::deque<store::Image> images;
  std::uint64_t number = 0;
  bool good = sparse.is_good();
  const auto round = [&] {
    const auto begin = Clock::now();
    images.push_back(sparse.volume().snapshot());
    const auto taken = Clock::now();
    good = sparse.write(number % kWrittenExtents, kWrittenExtents + number) && good;
    const auto written = Clock::now();
    ++number;
    if (images.size() > kept) images.pop_front();
    return timed == Timed::Snapshot ? taken - begin : written - taken;
  };
  while (images.size() < kept) round();
  Latencies latencies;
  for (auto _ : state) {
    const auto took = round();
    latencies.record(took);
    state.SetIterationTime(seconds(took));
  }
  good = good && sparse.holds((number - 1) % kWrittenExtents, kWrittenExtents + number - 1);
  if (!good) return state.SkipWithError("the volume does not hold what was written");
  set_percentiles(state, latencies);
}

// Some of a volume's extents have changed since an image of it was taken; the difference is found
// and brought to a copy.
void resync(benchmark::State& state, std::uint64_t percent) {
  const auto pool = store::make_pool(ByteCount{8 * kDirtyBytes});
  const BlockCount blocks{kDirtyBytes / kBlockSize.bytes};
  store::Volume source(blocks, kBlockSize, pool);
  store::Volume target(blocks, kBlockSize, pool);
  constexpr std::uint64_t kExtents = kDirtyBytes / store::kExtentBytes;
  constexpr std::uint64_t kExtentBlocks = store::kExtentBytes / kBlockSize.bytes;
  const std::uint64_t dirty = kExtents * percent / 100;
  std::vector<std::byte> extent(store::kExtentBytes);
  bool good = true;
  const auto write = [&](std::uint64_t number, std::uint64_t stamp) {
    fill_block(extent, Lba{stamp});
    const Lba first{number * store::kExtentBytes / kBlockSize.bytes};
    good = source.write(first, extent) == store::WriteResult::Done && good;
  };
  for (std::uint64_t i = 0; i < kExtents; ++i) write(i, i);
  good = target.assign(source.snapshot()) == store::WriteResult::Done && good;
  std::uint64_t generation = 0;
  for (auto _ : state) {
    const store::Image older = source.snapshot();
    ++generation;
    for (std::uint64_t i = 0; i < dirty; ++i) {
      write(i * kExtents / dirty, kExtents * generation + i);
    }
    const store::Image newer = source.snapshot();
    const auto begin = Clock::now();
    for (const store::BlockRange& range : store::diff(older, newer)) {
      for (std::uint64_t done = 0; done < range.count.value; done += kExtentBlocks) {
        const Lba first = range.first + BlockCount{done};
        good = newer.read(first, extent) && good;
        good = target.write(first, extent) == store::WriteResult::Done && good;
      }
    }
    state.SetIterationTime(seconds(Clock::now() - begin));
  }
  if (!store::diff(source.snapshot(), target.snapshot()).empty()) {
    std::vector<std::byte> copied(store::kExtentBytes);
    for (std::uint64_t i = 0; i < kExtents; ++i) {
      const Lba first{i * store::kExtentBytes / kBlockSize.bytes};
      source.read(first, extent);
      target.read(first, copied);
      good = good && extent == copied;
    }
  }
  if (!good) return state.SkipWithError("the copy differs from its source");
  const auto bytes = static_cast<double>(dirty * store::kExtentBytes);
  state.counters["bytes_per_second"] = benchmark::Counter(
      bytes * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

}  // namespace

std::vector<Case> scaling_cases() {
  std::vector<Case> cases;
  using Run = std::function<void(benchmark::State&, Environment&)>;
  const auto add = [&](const std::string& name, Run run, std::int64_t iterations, bool manual,
                       Needs needs) {
    cases.push_back(needing(needs, Case{"scaling/" + name, std::move(run), iterations, manual}));
  };
  for (const std::size_t sessions : {1U, 4U, 16U, 64U}) {
    add(
        "sessions:" + std::to_string(sessions) + "/read/bs:4KiB",
        [sessions](auto& state, auto& environment) { over_sessions(state, environment, sessions); },
        kRequests, false, Needs::Lun);
  }
  for (const std::size_t idle : {1U, 10U, 100U, 1000U}) {
    add(
        "idle_sessions:" + std::to_string(idle) + "/read/bs:4KiB/qd:16",
        [idle](auto& state, auto& environment) { beside_idle_sessions(state, environment, idle); },
        kRequests, false, Needs::Lun);
  }
  for (const Kind kind : {Kind::Read, Kind::Write}) {
    for (const std::uint64_t gib : {1ULL, 32ULL, 1024ULL, 65'536ULL}) {
      const std::uint64_t bytes = gib << 30;
      add(
          "volume:" + size_text(bytes) + (kind == Kind::Read ? "/read" : "/write") + "/bs:4KiB",
          [bytes, kind](auto& state, auto&) { touch_volume(state, bytes, kind); }, kTouches, false,
          Needs::Nothing);
    }
  }
  for (const Timed timed : {Timed::Snapshot, Timed::FirstWrite}) {
    for (const std::size_t kept : {1U, 10U, 100U, 1000U}) {
      add(
          "snapshots:" + std::to_string(kept) +
              (timed == Timed::Snapshot ? "/create" : "/first_write/bs:4KiB"),
          [kept, timed](auto& state, auto&) { beside_snapshots(state, kept, timed); },
          kSnapshotRounds, true, Needs::Nothing);
    }
  }
  for (const std::uint64_t percent : {1U, 5U, 25U, 100U}) {
    add(
        "dirty:" + std::to_string(percent) + "%/resync/volume:" + size_text(kDirtyBytes),
        [percent](auto& state, auto&) { resync(state, percent); }, 5, true, Needs::Nothing);
  }
  return cases;
}

}  // namespace lockstep::bench
