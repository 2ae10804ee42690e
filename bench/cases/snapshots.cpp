// Snapshots: what making one costs against the size of the volume, and what the first write to a
// block costs afterwards, when its extent has to be copied.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <malloc.h>
#include <utility>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kWriteBytes = 4096;
constexpr std::int64_t kSnapshots = 1000;
constexpr std::uint64_t kMappedExtents = 512;
constexpr std::uint64_t kExtents = Environment::kVolumeBytes / store::kExtentBytes;
constexpr std::int64_t kWrites = 1000;

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

// A thin volume with extents written here and there; one of them changes before each snapshot, so
// that no snapshot equals the one before. Every snapshot is kept until the end.
void create(benchmark::State& state, std::uint64_t volume_bytes) {
  const auto pool = store::make_pool(ByteCount{1ULL << 30});
  store::Volume volume(BlockCount{volume_bytes / kBlockSize.bytes}, kBlockSize, pool);
  const std::uint64_t stride = volume.blocks().value / kMappedExtents;
  std::vector<std::byte> block(kBlockSize.bytes);
  std::vector<store::Image> images;
  images.reserve(kSnapshots);
  std::uint64_t number = 0;
  bool wrote = true;
  const auto write_next = [&] {
    const Lba at{number % kMappedExtents * stride};
    fill_block(block, Lba{++number});
    wrote = volume.write(at, block) == store::WriteResult::Done && wrote;
  };
  for (std::uint64_t i = 0; i < kMappedExtents; ++i) write_next();
  Latencies latencies;
  for (auto _ : state) {
    write_next();
    const auto begin = Clock::now();
    images.push_back(volume.snapshot());
    const auto taken = Clock::now() - begin;
    latencies.record(taken);
    state.SetIterationTime(seconds(taken));
  }
  // Snapshot i was taken after write kMappedExtents + i + 1 and holds that write, whatever came
  // later.
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::uint64_t last = kMappedExtents + i + 1;
    images[i].read(Lba{(last - 1) % kMappedExtents * stride}, block);
    wrote = wrote && is_block(block, Lba{last});
  }
  if (!wrote) return state.SkipWithError("a snapshot does not hold what it must");
  set_percentiles(state, latencies);
}

struct SnapshotCost {
  double microseconds;  // median
  double bytes;         // of memory, each
};

// Of a thin volume of this size with 1 GiB written, spread over all of it.
SnapshotCost cost_of_snapshots(std::uint64_t volume_bytes) {
  constexpr std::uint64_t kWrittenExtents = (1ULL << 30) / store::kExtentBytes;
  constexpr std::size_t kTaken = 2000;
  store::Volume volume(BlockCount{volume_bytes / kBlockSize.bytes}, kBlockSize,
                       store::make_pool(ByteCount{2ULL << 30}));
  std::vector<std::byte> block(kBlockSize.bytes);
  const std::uint64_t stride = volume.blocks().value / kWrittenExtents;
  for (std::uint64_t i = 0; i != kWrittenExtents; ++i) {
    (void)volume.write(Lba{i * stride}, block);
  }
  Latencies latencies;
  std::vector<store::Image> images;
  images.reserve(kTaken);
  const std::size_t before = ::mallinfo2().uordblks;
  for (std::size_t i = 0; i != kTaken; ++i) {
    const auto begin = Clock::now();
    images.push_back(volume.snapshot());
    latencies.record(Clock::now() - begin);
  }
  const std::size_t after = ::mallinfo2().uordblks;
  return {latencies.percentile_us(0.5),
          static_cast<double>(after - before) / static_cast<double>(kTaken)};
}

// How the cost of a snapshot follows the size of the volume: a line through sizes up to 1 TiB, by
// least squares.
void slope(benchmark::State& state) {
  constexpr std::array<double, 4> kTib{1.0 / 64, 1.0 / 8, 1.0 / 2, 1.0};
  for (auto _ : state) {
    std::array<SnapshotCost, kTib.size()> costs{};
    double size_mean = 0;
    double cost_mean = 0;
    for (std::size_t i = 0; i != kTib.size(); ++i) {
      costs[i] = cost_of_snapshots(static_cast<std::uint64_t>(kTib[i] * (1ULL << 40)));
      size_mean += kTib[i] / static_cast<double>(kTib.size());
      cost_mean += costs[i].microseconds / static_cast<double>(kTib.size());
    }
    double rise = 0;
    double run = 0;
    for (std::size_t i = 0; i != kTib.size(); ++i) {
      rise += (kTib[i] - size_mean) * (costs[i].microseconds - cost_mean);
      run += (kTib[i] - size_mean) * (kTib[i] - size_mean);
    }
    state.SetIterationTime(costs.back().microseconds / 1e6);
    state.counters["us_at_1TiB"] = costs.back().microseconds;
    state.counters["bytes_at_1TiB"] = costs.back().bytes;
    state.counters["slope_us_per_TiB"] = rise / run;
    if (costs.back().microseconds >= 1000 || costs.back().bytes > 64 * 1024) {
      return state.SkipWithError("a snapshot of 1 TiB took 1 ms or 64 KiB");
    }
  }
}

enum class Which : std::uint8_t { First, Second };

// One write over the wire after each snapshot: to an extent that the snapshot shares (it is
// copied), or to one that was written since.
void write_after(benchmark::State& state, Environment& environment, Which which) {
  auto session = environment.connect();
  if (!session) return state.SkipWithError(session.error().message.c_str());
  auto& volume = environment.volume(Environment::kCowLun);
  std::vector<std::byte> data(kWriteBytes);
  std::string problem;
  const auto write = [&](std::uint64_t extent, std::uint64_t stamp) {
    fill_block(data, Lba{stamp});
    session.value()->write(Environment::kCowLun,
                           Lba{extent * store::kExtentBytes / kBlockSize.bytes}, kBlockSize, data,
                           [&](const initiator::Completion& c) {
                             if (!c.answer.good()) problem = initiator::answer_text(c.answer);
                           });
    const auto begin = Clock::now();
    const Status end = session.value()->run_until_idle();
    if (!end) problem = end.error().message;
    return Clock::now() - begin;
  };
  for (std::uint64_t extent = 0; extent < kExtents; ++extent) write(extent, extent);

  Latencies latencies;
  store::Image image;
  std::uint64_t number = 0;
  for (auto _ : state) {
    const std::uint64_t extent = number++ * 7 % kExtents;
    image = volume.snapshot();
    if (which == Which::Second) write(extent, kExtents + number);
    const auto taken = write(extent, 2 * kExtents + number);
    latencies.record(taken);
    state.SetIterationTime(seconds(taken));
    if (!problem.empty()) break;
  }
  const std::uint64_t extent = (number - 1) * 7 % kExtents;
  const Lba first{extent * store::kExtentBytes / kBlockSize.bytes};
  volume.read(first, data);
  if (problem.empty() && !is_block(data, Lba{2 * kExtents + number})) {
    problem = "the write after the snapshot is not there";
  }
  image.read(first, data);
  if (problem.empty() && is_block(data, Lba{2 * kExtents + number})) {
    problem = "the snapshot follows its source";
  }
  if (!problem.empty()) return state.SkipWithError(problem.c_str());
  set_percentiles(state, latencies);
  state.counters["io_per_second"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

}  // namespace

std::vector<Case> snapshot_cases() {
  std::vector<Case> cases;
  for (const std::uint64_t gib : {1ULL, 16ULL, 128ULL, 1024ULL}) {
    const std::uint64_t bytes = gib << 30;
    cases.push_back(Case{"snapshot/create/volume:" + size_text(bytes),
                         [bytes](benchmark::State& state, Environment&) { create(state, bytes); },
                         kSnapshots, true});
  }
  cases.push_back(Case{"snapshot/slope/written:1GiB",
                       [](benchmark::State& state, Environment&) { slope(state); }, 1, true});
  for (const Which which : {Which::First, Which::Second}) {
    cases.push_back(Case{std::string("snapshot/") +
                             (which == Which::First ? "first_write" : "second_write") +
                             "/bs:" + size_text(kWriteBytes) + "/qd:1",
                         [which](benchmark::State& state, Environment& environment) {
                           write_after(state, environment, which);
                         },
                         kWrites, true});
  }
  return cases;
}

}  // namespace lockstep::bench
