#include "bench/in_turn.hpp"

#include "bench/load/libiscsi_traffic.hpp"
#include "bench/load/processes.hpp"
#include "bench/measure.hpp"

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

}  // namespace

Result<load::Sample> write_randomly(const load::Address& address, const RandomWrites& load) {
  const load::OnLastProcessor pinned;
  load::Work work;
  work.writes = true;
  work.random = true;
  work.depth = load.depth;
  work.warm_up = load.warm_up;
  work.duration = load.duration;
  if (load.host == Host::Libiscsi) return load::run_through_libiscsi(address, work);
  LOCKSTEP_TRY(auto traffic, load::Traffic::open(address));
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
