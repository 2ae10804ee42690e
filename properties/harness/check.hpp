// The lockstep property: random sequences of operations against a provider, judged after every
// step.
#pragma once

#include "model/port/provider.hpp"
#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::properties {

using ProviderFactory = std::function<Result<std::unique_ptr<Provider>>()>;

struct CheckProgress {
  std::uint64_t sequences = 0;
  std::uint64_t steps = 0;
  bool shrinking = false;
  std::size_t operations_left = 0;  // while shrinking
};

// The suite's own saved cases; they are replayed first in every run.
[[nodiscard]] std::filesystem::path default_regression_folder();

struct CheckOptions {
  std::string provider_spec;  // for the saved case and the replay line
  std::uint64_t seed = 1;
  std::chrono::milliseconds budget{60'000};  // generation stops then; shrinking has its own limit
  std::chrono::milliseconds shrink_budget{20'000};
  std::optional<std::uint64_t> max_sequences;
  std::size_t max_operations = 20;                     // per sequence
  std::filesystem::path case_folder;                   // where a failing case is saved
  std::function<void(const CheckProgress&)> progress;  // may be empty
  std::function<bool()> stop_requested;                // asked between sequences; may be empty
  std::filesystem::path regression_folder = default_regression_folder();
};

struct CheckReport {
  report::CoverageRecord coverage;
  // One record per property; a failed one holds the shrunk step table and the replay line.
  std::vector<report::CaseRecord> properties;
  // The table as printed to people (house style), empty without a failure.
  std::string failure_text;
  std::optional<std::filesystem::path> saved_case;
};

// The provider could not be made or reached: an Error.
[[nodiscard]] Result<CheckReport> check(const ProviderFactory& factory,
                                        const CheckOptions& options);

struct ReplayReport {
  bool reproduced = false;    // the same clause is violated again
  std::size_t executed = 0;   // operations carried out; 0 is never a success
  std::string provider_spec;  // of the saved case
  report::CaseRecord record;
  std::string text;  // step table
};

// Truncated, edited or unknown-version file: Origin::Config, naming the member at fault.
[[nodiscard]] Result<ReplayReport> replay(const std::filesystem::path& file,
                                          const ProviderFactory& factory);
// The provider named by a saved case, for making the factory.
[[nodiscard]] Result<std::string> provider_of_case(const std::filesystem::path& file);

}  // namespace lockstep::properties
