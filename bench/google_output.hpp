// What Google Benchmark measured in its own file formats, for the tools that read them. Internal.
#pragma once

#include "model/vocab/error.hpp"

#include <benchmark/benchmark.h>

#include <optional>
#include <string>
#include <vector>

namespace lockstep::bench {

class GoogleOutput {
 public:
  using Reporter = benchmark::BenchmarkReporter;
  void context(const Reporter::Context& context) { context_.emplace(context); }
  void add(const std::vector<Reporter::Run>& runs) {
    runs_.insert(runs_.end(), runs.begin(), runs.end());
  }

  // Nothing for an empty name. Not writable: Origin::Config, naming the file.
  [[nodiscard]] Status write_json(const std::string& file) const;
  // All of them under one header: a benchmark without a counter leaves its field empty.
  [[nodiscard]] Status write_csv(const std::string& file) const;

 private:
  [[nodiscard]] Status write(const std::string& file, Reporter& reporter) const;
  std::optional<Reporter::Context> context_;
  std::vector<Reporter::Run> runs_;
};

}  // namespace lockstep::bench
