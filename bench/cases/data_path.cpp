// Reads and writes through libiscsi with a fixed number of requests in flight: whenever one
// completes, the next is submitted.
#include "bench/case.hpp"
#include "bench/closed_loop.hpp"
#include "bench/measure.hpp"

#include <utility>
#include <vector>

namespace lockstep::bench {

std::vector<Case> data_path_cases() {
  std::vector<Case> cases;
  const auto add = [&](Kind kind, Order order, std::size_t request_bytes, std::size_t depth) {
    Load load{kind, order, request_bytes, depth};
    std::string name = std::string("data_path/") + (kind == Kind::Read ? "read" : "write") +
                       (order == Order::Random ? "/random" : "/sequential") +
                       "/bs:" + size_text(request_bytes) + "/qd:" + std::to_string(depth);
    cases.push_back(
        needing(kind == Kind::Read ? Needs::Lun : Needs::WritableLun,
                Case{std::move(name), [load](benchmark::State& state, Environment& environment) {
                       run_load(state, environment, load);
                     }}));
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
