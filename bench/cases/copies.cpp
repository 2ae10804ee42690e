// A whole volume copied by each strategy, beside a copy in memory as the line to compare with.
#include "bench/case.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstring>
#include <future>
#include <utility>

namespace lockstep::bench {
namespace {

constexpr BlockCount kBlocks{Environment::kVolumeBytes / kBlockSize.bytes};

// Empty: the two volumes hold the same bytes, and not nothing.
std::string compare(const store::Volume& source, const store::Volume& target) {
  std::vector<std::byte> left(1 << 20);
  std::vector<std::byte> right(left.size());
  for (std::uint64_t at = 0; at < Environment::kVolumeBytes; at += left.size()) {
    const Lba first{at / kBlockSize.bytes};
    source.read(first, left);
    target.read(first, right);
    if (left != right || !is_block(std::span(left).first(kBlockSize.bytes), first)) {
      return "the copy differs from its source in the MiB at LBA " + std::to_string(first.value);
    }
  }
  return {};
}

struct Shape {
  std::uint32_t transfer_bytes = 0;
  std::uint32_t depth = 0;
};

constexpr std::chrono::milliseconds kProgressInterval{5};

// Empty: done. `progress` is added to as the engine tells, in percent.
std::string copy_once(copy::CopyEngine& engine, Environment& environment, const Shape& shape,
                      Progress& progress) {
  constexpr std::chrono::milliseconds kBetweenLooks{1};
  std::promise<std::string> ended;
  auto end = ended.get_future();
  copy::CopyRequest request;
  request.source = environment.endpoint(Environment::kSourceLun);
  request.target = environment.endpoint(Environment::kTargetLun);
  request.block_size = kBlockSize;
  request.ranges = {copy::Range{Lba{0}, kBlocks}};
  request.transfer_bytes = shape.transfer_bytes;
  request.requests_in_flight = shape.depth;
  request.finished = [&](copy::CopyResult result, const std::optional<Error>& error) {
    ended.set_value(result == copy::CopyResult::Done ? ""
                    : error                          ? error->message
                                                     : "the copy was aborted");
  };
  const copy::CopyId id = engine.submit(std::move(request));
  double copied = 0;
  const auto copied_until_now = [&](double percent) {
    const double bytes = percent / 100 * Environment::kVolumeBytes;
    progress.add(std::chrono::steady_clock::now(), bytes - std::exchange(copied, bytes));
  };
  while (end.wait_for(kBetweenLooks) != std::future_status::ready) {
    copied_until_now(engine.percent(id));
  }
  copied_until_now(100);
  return end.get();
}

// Every iteration starts from an empty target, so that blocks left out would show. `move` copies
// once, noting its progress; what it returns is what went wrong.
template <class Move>
void run_copies(benchmark::State& state, Environment& environment, Move move) {
  auto& target = environment.volume(Environment::kTargetLun);
  std::string problem;
  double cpu_seconds = 0;
  Progress progress(kProgressInterval);  // of the last
  for (auto _ : state) {
    state.PauseTiming();
    if (target.unmap(Lba{0}, kBlocks) != store::WriteResult::Done)
      problem = "cannot empty the target";
    const double begin = process_cpu_seconds();
    progress = Progress(kProgressInterval);
    state.ResumeTiming();
    if (problem.empty()) problem = move(progress);
    cpu_seconds += process_cpu_seconds() - begin;
    if (!problem.empty()) break;
  }
  if (problem.empty()) {
    problem = compare(environment.volume(Environment::kSourceLun), target);
  }
  if (!problem.empty()) return state.SkipWithError(problem.c_str());
  set_effort(state, cpu_seconds,
             static_cast<double>(state.iterations()) * Environment::kVolumeBytes);
  environment.detail = {{}, progress.until_end(), progress.interval()};
}

void through_initiator(benchmark::State& state, Environment& environment, const Shape& shape) {
  const auto engine = copy::CopyEngine::start();
  run_copies(state, environment,
             [&](Progress& progress) { return copy_once(*engine, environment, shape, progress); });
}

void share_extents(benchmark::State& state, Environment& environment) {
  auto& source = environment.volume(Environment::kSourceLun);
  auto& target = environment.volume(Environment::kTargetLun);
  run_copies(state, environment, [&](Progress&) -> std::string {
    return target.assign(source.snapshot()) == store::WriteResult::Done
               ? ""
               : "the target did not take the image";
  });
}

// One thread, the same amount of memory, transfers of the same size.
void in_memory(benchmark::State& state, Environment& environment) {
  constexpr std::size_t kPiece = 256 * 1024;
  std::vector<std::byte> source(Environment::kVolumeBytes);
  std::vector<std::byte> target(Environment::kVolumeBytes);
  for (std::size_t at = 0; at < source.size(); at += kBlockSize.bytes) {
    fill_block(std::span(source).subspan(at, kBlockSize.bytes), Lba{at / kBlockSize.bytes});
  }
  Effort effort;
  Progress progress(kProgressInterval);
  for (auto _ : state) {
    progress = Progress(kProgressInterval);
    for (std::size_t at = 0; at < source.size(); at += kPiece) {
      std::memcpy(target.data() + at, source.data() + at, kPiece);
      benchmark::ClobberMemory();
      progress.add(std::chrono::steady_clock::now(), kPiece);
    }
  }
  effort.stop();
  environment.detail = {{}, progress.until_end(), progress.interval()};
  if (source != target) return state.SkipWithError("the copy differs from its source");
  set_effort(state, effort.cpu_seconds(),
             static_cast<double>(state.iterations()) * Environment::kVolumeBytes);
}

// All ways of a whole copy in turn, round by round, beside memcpy.
class InTurn {
 public:
  explicit InTurn(Environment& environment)
      : environment_(environment),
        source_(environment.volume(Environment::kSourceLun)),
        target_(environment.volume(Environment::kTargetLun)),
        engine_(copy::CopyEngine::start()),
        from_(Environment::kVolumeBytes, std::byte{1}),
        to_(Environment::kVolumeBytes, std::byte{2}) {}

  // Empty: done.
  std::string round();
  void report(benchmark::State& state) const;

 private:
  // Two places that lie differently in their extents share nothing: so EXTENDED COPY and WRITE
  // USING TOKEN copy within the target.
  static constexpr std::uint64_t kShiftBytes = kBlockSize.bytes;

  template <class Move>
  std::string take(std::vector<double>& seconds, Move move) {
    if (target_.unmap(Lba{0}, kBlocks) != store::WriteResult::Done) {
      return "cannot empty the target";
    }
    const auto begin = std::chrono::steady_clock::now();
    std::string problem = move();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    return problem;
  }
  [[nodiscard]] std::string verify_shifted() const;

  Environment& environment_;
  store::Volume& source_;
  store::Volume& target_;
  std::unique_ptr<copy::CopyEngine> engine_;
  std::vector<std::byte> from_;
  std::vector<std::byte> to_;
  std::vector<double> memcpy_;
  std::vector<double> in_target_;
  std::vector<double> through_initiator_;
  std::vector<double> sharing_;
};

std::string InTurn::round() {
  std::string problem = take(memcpy_, [&]() -> std::string {
    std::memcpy(to_.data(), from_.data(), from_.size());
    benchmark::ClobberMemory();
    return {};
  });
  const store::Image image = source_.snapshot();
  if (problem.empty()) {
    problem = take(in_target_, [&]() -> std::string {
      const std::uint64_t bytes = Environment::kVolumeBytes - kShiftBytes;
      return target_.share_range(image, {kShiftBytes, 0, bytes}) == store::WriteResult::Done
                 ? ""
                 : "the target did not take the range";
    });
  }
  if (problem.empty()) problem = verify_shifted();
  if (problem.empty()) {
    problem = take(through_initiator_, [&] {
      Progress unseen;
      return copy_once(*engine_, environment_, {256 * 1024, 8}, unseen);
    });
  }
  if (problem.empty()) problem = compare(source_, target_);
  if (problem.empty()) {
    problem = take(sharing_, [&]() -> std::string {
      return target_.assign(image) == store::WriteResult::Done ? "" : "the image was not taken";
    });
  }
  return problem.empty() ? compare(source_, target_) : problem;
}

std::string InTurn::verify_shifted() const {
  std::vector<std::byte> held(kBlockSize.bytes);
  for (std::uint64_t lba = 0; lba + 1 < kBlocks.value; lba += 997) {
    target_.read(Lba{lba}, held);
    if (!is_block(held, Lba{lba + 1})) {
      return "the copy within the target differs at LBA " + std::to_string(lba);
    }
  }
  return {};
}

void InTurn::report(benchmark::State& state) const {
  const auto ratios = [&](const std::vector<double>& seconds) {
    std::vector<double> of_rounds;
    for (std::size_t i = 0; i < seconds.size(); ++i) of_rounds.push_back(memcpy_[i] / seconds[i]);
    return of_rounds;
  };
  state.counters["memcpy_bytes_per_second"] = Environment::kVolumeBytes / median(memcpy_);
  state.counters["in_target_bytes_per_second"] = Environment::kVolumeBytes / median(in_target_);
  set_spread(state, "in_target_vs_memcpy", ratios(in_target_));
  set_spread(state, "through_initiator_vs_memcpy", ratios(through_initiator_));
  set_spread(state, "share_extents_vs_memcpy", ratios(sharing_));
}

void in_turn(benchmark::State& state, Environment& environment) {
  InTurn ways(environment);
  for (auto _ : state) {
    const std::string problem = ways.round();
    if (!problem.empty()) return state.SkipWithError(problem.c_str());
  }
  ways.report(state);
}

}  // namespace

std::vector<Case> copy_cases() {
  std::vector<Case> cases;
  for (const Shape shape : {Shape{64 * 1024, 16}, Shape{256 * 1024, 1}, Shape{256 * 1024, 8},
                            Shape{256 * 1024, 32}, Shape{1024 * 1024, 8}}) {
    cases.push_back(Case{"copy/through_initiator/bs:" + size_text(shape.transfer_bytes) +
                             "/qd:" + std::to_string(shape.depth),
                         [shape](benchmark::State& state, Environment& environment) {
                           through_initiator(state, environment, shape);
                         }});
  }
  // The part that is not timed empties the target, which takes longer than sharing does.
  cases.push_back(Case{"copy/share_extents", share_extents, 20});
  cases.push_back(needing(Needs::Nothing, Case{"copy/memcpy/bs:256KiB", in_memory}));
  cases.push_back(Case{"copy/in_turn/volume:" + size_text(Environment::kVolumeBytes), in_turn, 5});
  return cases;
}

}  // namespace lockstep::bench
