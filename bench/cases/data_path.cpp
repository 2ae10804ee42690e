// Reads and writes through libiscsi against the target of this process, with a fixed number of
// requests in flight: whenever one completes, the next is submitted.
#include "bench/case.hpp"
#include "bench/closed_loop.hpp"
#include "bench/ends.hpp"
#include "bench/environment.hpp"
#include "bench/measure.hpp"

#include <benchmark/benchmark.h>

#include <utility>
#include <vector>

namespace lockstep::bench {
namespace {

void run_load(benchmark::State& state, Environment& environment, const Load& load) {
  auto session = environment.connect();
  if (!session) return state.SkipWithError(session.error().message.c_str());
  ClosedLoop loop(load, *session.value());
  std::uint64_t wanted = 0;
  Ends ends(environment);
  for (auto _ : state) {
    if (wanted == 0) loop.begin();
    if (!loop.wait_for(++wanted)) break;
  }
  ends.stop();
  loop.drain();
  const std::string problem = loop.verify(environment.volume(Environment::kScratchLun));
  if (!problem.empty()) return state.SkipWithError(problem.c_str());
  const double requests = static_cast<double>(state.iterations());
  const double bytes = requests * static_cast<double>(load.request_bytes);
  state.counters["bytes_per_second"] = benchmark::Counter(bytes, benchmark::Counter::kIsRate);
  state.counters["io_per_second"] = benchmark::Counter(requests, benchmark::Counter::kIsRate);
  ends.set(state, requests, bytes, Ends::Initiator::Libiscsi);
  set_percentiles(state, loop.latencies());
  environment.detail = {loop.latencies().percentiles_us(), loop.progress().bytes_per_interval()};
}

}  // namespace

std::vector<Case> data_path_cases() {
  std::vector<Case> cases;
  const auto add = [&](Kind kind, Order order, std::size_t request_bytes, std::size_t depth) {
    Load load{kind, order, request_bytes, depth};
    std::string name = std::string("data_path/") + (kind == Kind::Read ? "read" : "write") +
                       (order == Order::Random ? "/random" : "/sequential") +
                       "/bs:" + size_text(request_bytes) + "/qd:" + std::to_string(depth);
    cases.push_back(
        Case{std::move(name), [load](benchmark::State& state, Environment& environment) {
               run_load(state, environment, load);
             }});
  };
  for (const Kind kind : {Kind::Read, Kind::Write}) {
    for (const std::size_t depth : {1U, 4U, 16U, 64U}) add(kind, Order::Random, 4096, depth);
    for (const std::size_t kib : {4U, 16U, 1024U}) add(kind, Order::Sequential, kib * 1024, 16);
    for (const std::size_t request_bytes : {64U * 1024U, 256U * 1024U}) {
      for (const std::size_t depth : {1U, 16U, 64U}) {
        add(kind, Order::Sequential, request_bytes, depth);
      }
    }
  }
  return cases;
}

}  // namespace lockstep::bench
