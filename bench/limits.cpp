#include "bench/limits.hpp"

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
  const bool alone = parameter_of(benchmark, "qd") == "1";
  return std::string("limit/") + (over_rings ? "ring" : "tcp") +
         (alone ? "_ping_pong" : "_stream") + "/bs:" + parameter_of(benchmark, "bs");
}

std::optional<double> share_of_limit(const report::BenchmarkRecord& record,
                                     const report::BenchmarkRecord& limit) {
  if (!record.error.empty() || !limit.error.empty()) return std::nullopt;
  const bool by_latency = limit.name.find("_ping_pong/") != std::string::npos;
  const std::string figure = by_latency ? "p50_us" : "bytes_per_second";
  const auto ours = record.counters.find(figure);
  const auto most = limit.counters.find(figure);
  if (ours == record.counters.end() || most == limit.counters.end()) return std::nullopt;
  const double over = by_latency ? most->second : ours->second;
  const double under = by_latency ? ours->second : most->second;
  if (!(under > 0)) return std::nullopt;
  return over / under;
}

}  // namespace lockstep::bench
