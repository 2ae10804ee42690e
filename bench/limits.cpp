#include "bench/limits.hpp"

#include <algorithm>

namespace lockstep::bench {
namespace {

// "4KiB" of ".../bs:4KiB/qd:1"; empty: the name has none.
std::string parameter_of(const std::string& name, const std::string& parameter) {
  const std::string mark = "/" + parameter + ":";
  const std::size_t at = name.find(mark);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + mark.size();
  return name.substr(begin, name.find('/', begin) - begin);
}

}  // namespace

std::optional<std::string> limit_of(const std::string& benchmark) {
  if (benchmark.starts_with("copy/") && !benchmark.starts_with("copy/memcpy") &&
      benchmark != "copy/share_extents") {
    return "copy/memcpy/bs:256KiB";
  }
  const bool over_rings = benchmark.starts_with("wire/bypass/");
  if (!over_rings && !benchmark.starts_with("wire/tcp/") && !benchmark.starts_with("data_path/")) {
    return std::nullopt;
  }
  const std::string line = std::string("limit/") + (over_rings ? "ring" : "tcp");
  const std::string depth = parameter_of(benchmark, "qd");
  const std::string size = "/bs:" + parameter_of(benchmark, "bs");
  return depth == "1" ? line + "_ping_pong" + size : line + "_stream" + size + "/qd:" + depth;
}

std::optional<double> share_of_limit(const report::BenchmarkRecord& record,
                                     const report::BenchmarkRecord& limit) {
  if (!record.error.empty() || !limit.error.empty()) return std::nullopt;
  const bool by_latency = limit.name.find("_ping_pong/") != std::string::npos;
  const std::string figure = by_latency ? "p50_us" : "bytes_per_second";
  const auto ours = record.counters.find(figure);
  const auto most = limit.samples.find(figure);
  if (ours == record.counters.end() || most == limit.samples.end() || most->second.empty()) {
    return std::nullopt;
  }
  const double over = by_latency ? *std::ranges::min_element(most->second) : ours->second;
  const double under = by_latency ? ours->second : *std::ranges::max_element(most->second);
  if (!(under > 0)) return std::nullopt;
  return over / under;
}

}  // namespace lockstep::bench
