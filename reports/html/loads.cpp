#include "reports/html/loads.hpp"

#include "reports/text/benchmark_name.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace lockstep::report::html {
namespace {

// The path or target that did the work, in words; empty: the benchmark is no such work.
std::string path_of(const std::string& benchmark) {
  constexpr std::array<std::pair<const char*, const char*>, 3> kPaths{
      {{"data_path/", "libiscsi over TCP"},
       {"wire/tcp/", "own initiator over TCP"},
       {"wire/bypass/", "own initiator, shared memory"}}};
  for (const auto& [prefix, words] : kPaths) {
    if (benchmark.starts_with(prefix)) return words;
  }
  const std::size_t target = benchmark.find("/target:");
  if (!benchmark.starts_with("peers/") || target == std::string::npos) return {};
  std::string name = benchmark.substr(target + 8);
  std::ranges::replace(name, '_', ' ');
  return name;
}

bool has_part(const std::string& benchmark, const char* part) {
  return ("/" + benchmark + "/").find(std::string("/") + part + "/") != std::string::npos;
}

}  // namespace

std::string run_letter(const std::vector<Run>& runs, std::size_t run) {
  return runs.size() < 2 ? "" : std::string(1, static_cast<char>('A' + run % 26));
}

std::optional<double> figure_of(const BenchmarkRecord& record, const std::string& figure) {
  if (!record.error.empty()) return std::nullopt;
  if (figure == kRealTimeNs) {
    return std::isfinite(record.real_time_ns) && record.real_time_ns > 0
               ? std::optional(record.real_time_ns)
               : std::nullopt;
  }
  const auto found = record.counters.find(figure);
  if (found == record.counters.end() || !std::isfinite(found->second)) return std::nullopt;
  return found->second;
}

Loads loads_of(const std::vector<Run>& runs) {
  Loads loads;
  std::vector<std::string> paths;  // one colour each
  for (std::size_t run = 0; run < runs.size(); ++run) {
    const std::string letter = run_letter(runs, run);
    for (const BenchmarkRecord& record : runs[run].benchmarks) {
      const std::string path = path_of(record.name);
      const auto bytes = parameter_of(record.name, "bs");
      const auto depth = parameter_of(record.name, "qd");
      const bool writes = has_part(record.name, "write");
      if (path.empty() || !bytes || !depth || (!writes && !has_part(record.name, "read"))) continue;
      const std::string label = letter.empty() ? path : letter + ": " + path;
      auto found = std::ranges::find(loads.contenders, label, &Look::label);
      if (found == loads.contenders.end()) {
        auto colour = std::ranges::find(paths, path);
        if (colour == paths.end()) colour = paths.insert(paths.end(), path);
        loads.contenders.push_back({loads.contenders.size(),
                                    static_cast<std::size_t>(colour - paths.begin()), run, label,
                                    run});
        found = loads.contenders.end() - 1;
      }
      loads.measured.push_back({static_cast<std::size_t>(found - loads.contenders.begin()), writes,
                                has_part(record.name, "random"), bytes->value, depth->value,
                                &record});
    }
  }
  return loads;
}

}  // namespace lockstep::report::html
