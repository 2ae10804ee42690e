// What the commands that measure have in common: a run's folder, a line on the console and in the
// records for each benchmark as it ends, the summary, the reports.
#pragma once

#include "cli/run_provider.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace lockstep::cli {

struct Measuring {
  std::string command;  // "bench peers"
  std::map<std::string, std::string> configuration;
  std::string out;
  bool characterization = false;  // the page of that name, too
  // Whose service is measured; null: a reference in this process.
  RunProvider* provider = nullptr;
  std::string provider_spec = "reference";

  using Finished = std::function<void(const report::BenchmarkRecord&)>;
  // Measures, calling `finished` for each record.
  std::function<Result<std::vector<report::BenchmarkRecord>>(const Finished&)> measure;
  // What the console shows of a record.
  std::function<std::string(const report::BenchmarkRecord&)> line_of;
};

// Returns an exit code. Watches for interrupts; `measure` asks interrupted().
[[nodiscard]] int measure_into_records(const Measuring& measuring);

}  // namespace lockstep::cli
