#include "cli/replica_metrics.hpp"

#include <fmt/format.h>

#include <functional>

namespace lockstep::cli {
namespace {

// Label values (exposition format 0.0.4): backslash, quote and line feed are escaped.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '\n') {
      result += "\\n";
      continue;
    }
    if (letter == '\\' || letter == '"') result += '\\';
    result += letter;
  }
  return result;
}

void put_family(std::string& text, const std::string& name, const std::string& help,
                const std::vector<ReplicaLag>& lags,
                const std::function<std::string(const ReplicaLag&)>& value) {
  text += fmt::format("# HELP lockstep_{0} {1}\n# TYPE lockstep_{0} gauge\n", name, help);
  for (const ReplicaLag& lag : lags) {
    const std::string shown = value(lag);
    if (shown.empty()) continue;
    text += fmt::format("lockstep_{}{{relationship=\"{}\"}} {}\n", name,
                        escaped(lag.relationship.path), shown);
  }
}

}  // namespace

std::string replica_metrics(const std::vector<ReplicaLag>& lags) {
  std::string text;
  put_family(text, "replica_lag_seconds",
             "No answered write that an asynchronous replica lacks is older.", lags,
             [](const ReplicaLag& lag) {
               return fmt::format("{:.6f}", static_cast<double>(lag.lag.count()) / 1e6);
             });
  put_family(text, "replica_owed_bytes", "What is to be shipped to it, in whole extents.", lags,
             [](const ReplicaLag& lag) { return std::to_string(lag.owed_bytes); });
  put_family(text, "replica_recovery_point_objective", "As it was asked for, without a unit.", lags,
             [](const ReplicaLag& lag) {
               return lag.objective ? std::to_string(*lag.objective) : std::string{};
             });
  return text;
}

}  // namespace lockstep::cli
