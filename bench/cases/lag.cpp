// How far an asynchronous mirror is behind its source at a given rate of writes: the age of the
// oldest acknowledged write that is not on the target.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"
#include "bench/service_client.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace lockstep::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBytes = 64ULL << 20;
constexpr std::size_t kWriteBytes = 4096;
constexpr std::int64_t kSamples = 200;
constexpr std::chrono::milliseconds kBetweenBeacons{1};
constexpr std::chrono::milliseconds kBetweenSamples{3};

// Writers of random places, each with one write under way; and a beacon: at place 0 a number that
// rises by one a millisecond, and when each was acknowledged.
class Writers {
 public:
  Writers(DataPath& path, ElementRef volume, unsigned count)
      : path_(path), volume_(std::move(volume)) {
    threads_.emplace_back([this] { keep(write_beacons()); });
    for (unsigned i = 0; i < count; ++i) {
      threads_.emplace_back([this, i] { keep(write_places(i + 1)); });
    }
  }
  ~Writers() { static_cast<void>(stop()); }
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  // What went wrong.
  [[nodiscard]] Status stop() {
    stopping_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return problem_;
  }
  [[nodiscard]] std::uint64_t writes() const noexcept { return writes_; }
  // The age at `now` of the oldest acknowledged beacon after number `held`; zero: there is none.
  [[nodiscard]] Clock::duration age_of_next(std::uint64_t held, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (held >= acknowledged_.size() || acknowledged_[held] > now) return {};
    return now - acknowledged_[held];
  }

 private:
  [[nodiscard]] Status write(std::uint64_t place, std::uint64_t number) {
    std::vector<std::byte> data(kWriteBytes);
    std::memcpy(data.data(), &number, sizeof number);
    const Lba first{place * (kWriteBytes / kBlockSize.bytes)};
    LOCKSTEP_TRY(const auto answer, path_.write(volume_, first, data));
    if (!answer.good()) return provider_error("the source refused a write");
    ++writes_;
    return ok();
  }
  [[nodiscard]] Status write_beacons() {
    auto next = Clock::now();
    for (std::uint64_t number = 1; !stopping_; ++number) {
      LOCKSTEP_TRY(write(0, number));
      {
        const std::lock_guard lock(mutex_);
        acknowledged_.push_back(Clock::now());
      }
      next = std::max(next + kBetweenBeacons, Clock::now());
      std::this_thread::sleep_until(next);
    }
    return ok();
  }
  [[nodiscard]] Status write_places(std::uint64_t writer) {
    constexpr std::uint64_t kPlaces = kBytes / kWriteBytes;
    std::uint64_t at = writer;
    while (!stopping_) {
      at = (at * 1664525 + 1013904223) % kPlaces;
      LOCKSTEP_TRY(write(1 + at % (kPlaces - 1), at));
    }
    return ok();
  }
  void keep(Status status) {
    const std::lock_guard lock(mutex_);
    if (!status && problem_) problem_ = std::move(status);
  }

  DataPath& path_;
  const ElementRef volume_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> writes_{0};
  std::mutex mutex_;
  std::vector<Clock::time_point> acknowledged_;  // guarded by mutex_; of beacon i + 1
  Status problem_ = ok();                        // guarded by mutex_
  std::vector<std::thread> threads_;
};

Result<std::uint64_t> beacon_on(DataPath& path, const ElementRef& target) {
  std::vector<std::byte> data(kWriteBytes);
  LOCKSTEP_TRY(const auto answer, path.read(target, Lba{0}, data));
  if (!answer.good()) return provider_error("the target refused a read");
  std::uint64_t number = 0;
  std::memcpy(&number, data.data(), sizeof number);
  return number;
}

Status measure_lag(benchmark::State& state, const Environment& environment, unsigned writers) {
  LOCKSTEP_TRY(const auto provider, environment.service());
  Client client(*provider);
  LOCKSTEP_TRY(const auto source, client.thin_volume(kBytes));
  LOCKSTEP_TRY(const auto mirror, client.replicate(SyncType::Mirror, source, Mode::Asynchronous));
  DataPath& path = *provider->data_path();
  Latencies lags;
  const auto begun = Clock::now();
  Writers load(path, source, writers);
  for (auto _ : state) {
    std::this_thread::sleep_for(kBetweenSamples);
    const auto now = Clock::now();
    LOCKSTEP_TRY(const auto held, beacon_on(path, *mirror.target_element));
    const auto lag = load.age_of_next(held, now);
    lags.record(lag);
    state.SetIterationTime(std::max(std::chrono::duration<double>(lag).count(), 1e-9));
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  LOCKSTEP_TRY(load.stop());
  // Once nothing is written any more, the target comes to hold everything.
  const auto until = Clock::now() + std::chrono::seconds{10};
  Status equal = client.expect_equal(source, *mirror.target_element, kBytes);
  while (!equal && Clock::now() < until) {
    equal = client.expect_equal(source, *mirror.target_element, kBytes);
  }
  LOCKSTEP_TRY(std::move(equal));
  state.counters["writes_per_second"] = static_cast<double>(load.writes()) / seconds;
  state.counters["p50_us"] = lags.percentile_us(0.50);
  state.counters["p99_us"] = lags.percentile_us(0.99);
  state.counters["longest_us"] = lags.percentile_us(1);
  return ok();
}

}  // namespace

std::vector<Case> lag_cases() {
  std::vector<Case> cases;
  for (const unsigned writers : {0U, 1U, 4U}) {
    cases.push_back(service_case(
        "lag/asynchronous_mirror/writers:" + std::to_string(writers),
        [writers](benchmark::State& state, const Environment& environment) {
          return measure_lag(state, environment, writers);
        },
        kSamples));
  }
  return cases;
}

}  // namespace lockstep::bench
