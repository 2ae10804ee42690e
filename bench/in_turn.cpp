#include "bench/in_turn.hpp"

#include "bench/load/processes.hpp"
#include "bench/measure.hpp"
#include "target_impl/initiator/initiator.hpp"

#include <benchmark/benchmark.h>

#include <utility>

namespace lockstep::bench {
namespace {

struct Figure {
  const char* name;
  double (*of)(const load::Sample& sample);
};
constexpr Figure kFigures[] = {
    {"io_per_second",
     [](const load::Sample& sample) {
       return static_cast<double>(sample.commands) / sample.seconds;
     }},
    {"p50_us", [](const load::Sample& sample) { return sample.p50_us; }},
    {"p99_us", [](const load::Sample& sample) { return sample.p99_us; }},
};

// Keeps commands under way on one session of libiscsi, whenever one ends the next.
class LibiscsiWrites {
 public:
  using Clock = std::chrono::steady_clock;

  LibiscsiWrites(initiator::Session& session, std::uint16_t lun, VolumeGeometry geometry)
      : session_(session), lun_(lun), geometry_(geometry), data_(kBytes, std::byte{0x5a}) {}

  [[nodiscard]] Result<load::Sample> run(const RandomWrites& load) {
    const auto measured_from = Clock::now() + load.warm_up;
    for (std::uint32_t i = 0; i < load.depth; ++i) submit();
    while (Clock::now() < measured_from) {
      LOCKSTEP_TRY(session_.run_once(kTurn));
    }
    measuring_ = true;
    const auto until = Clock::now() + load.duration;
    const auto begun = Clock::now();
    while (Clock::now() < until) {
      LOCKSTEP_TRY(session_.run_once(kTurn));
    }
    load::Sample sample;
    sample.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    sample.commands = ended_;
    sample.p50_us = latencies_.percentile_us(0.5);
    sample.p99_us = latencies_.percentile_us(0.99);
    sample.longest_us = latencies_.percentile_us(1);
    stopping_ = true;
    LOCKSTEP_TRY(session_.run_until_idle());
    if (refused_ || ended_ == 0) return target_error("load: expected every write to end with GOOD");
    return sample;
  }

 private:
  static constexpr std::size_t kBytes = 4096;
  static constexpr std::chrono::milliseconds kTurn{10};

  void submit() {
    const std::uint64_t blocks = kBytes / geometry_.block_size.bytes;
    at_ = at_ * 6364136223846793005ULL + 1442695040888963407ULL;
    const Lba first{(at_ >> 33) % (geometry_.blocks.value / blocks) * blocks};
    session_.write(lun_, first, geometry_.block_size, data_,
                   [this, submitted = Clock::now()](const initiator::Completion& ended) {
                     refused_ = refused_ || !ended.answer.good() ||
                                ended.outcome != initiator::Outcome::Answered;
                     if (measuring_ && !stopping_) {
                       latencies_.record(Clock::now() - submitted);
                       ++ended_;
                     }
                     if (!stopping_ && !refused_) submit();
                   });
  }

  initiator::Session& session_;
  const std::uint16_t lun_;
  const VolumeGeometry geometry_;
  const std::vector<std::byte> data_;
  std::uint64_t at_ = 1;
  std::uint64_t ended_ = 0;
  bool measuring_ = false;
  bool stopping_ = false;
  bool refused_ = false;
  Latencies latencies_;
};

Result<load::Sample> write_by_libiscsi(const load::Address& address, const RandomWrites& load) {
  LOCKSTEP_TRY(const auto session,
               initiator::Session::connect(address.portal, address.target_name, {}));
  LOCKSTEP_TRY(const auto geometry, session->capacity(address.lun));
  LibiscsiWrites writes(*session, address.lun, geometry);
  return writes.run(load);
}

}  // namespace

Result<load::Sample> write_randomly(const load::Address& address, const RandomWrites& load) {
  const load::OnLastProcessor pinned;
  if (load.host == Host::Libiscsi) return write_by_libiscsi(address, load);
  LOCKSTEP_TRY(auto traffic, load::Traffic::open(address));
  load::Work work;
  work.writes = true;
  work.random = true;
  work.depth = load.depth;
  work.warm_up = load.warm_up;
  work.duration = load.duration;
  return traffic->run(work);
}

Status fill(const load::Address& address) {
  LOCKSTEP_TRY(auto traffic, load::Traffic::open(address));
  return traffic->fill();
}

void Rounds::add(const load::Sample& sample, const load::Sample& reference) {
  samples_.push_back(sample);
  references_.push_back(reference);
}

void Rounds::report(benchmark::State& state, const std::string& reference) const {
  for (const Figure& figure : kFigures) {
    std::vector<double> ours;
    std::vector<double> theirs;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      ours.push_back(figure.of(samples_[i]));
      theirs.push_back(figure.of(references_[i]));
      if (theirs.back() > 0) ratios.push_back(ours.back() / theirs.back());
    }
    const std::string name = figure.name;
    state.counters[name] = median(std::move(ours));
    state.counters[name + "_" + reference] = median(std::move(theirs));
    set_spread(state, name + "_vs_" + reference, std::move(ratios));
  }
}

}  // namespace lockstep::bench
