// A failing sequence on disk: explicit commands and what was observed, as JSON. Written to a
// temporary file and renamed; read with suspicion.
#pragma once

#include "model/vocab/error.hpp"
#include "properties/commands/command.hpp"
#include "reports/record/record.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lockstep::properties {

inline constexpr std::uint64_t kCaseFormat = 1;
inline constexpr std::uintmax_t kLargestCaseBytes = 4u << 20;

struct SavedCase {
  std::string property;
  std::string provider_spec;
  std::string suite_version;
  std::uint64_t seed = 0;
  std::string reproduce;  // RapidCheck's own string; secondary
  std::string clause;     // violated; empty: the provider could not be asked
  std::string expected;
  std::string observed;
  Sequence operations;
  std::vector<report::StepRecord> observations;
  friend bool operator==(const SavedCase&, const SavedCase&) = default;
};

// Errors: Origin::Config, naming the path.
[[nodiscard]] Status write_case(const std::filesystem::path& file, const SavedCase& saved);

// Truncated, edited, oversized or of an unknown format version: Origin::Config, naming file and
// member. The operations of a case that was read are possible in their order.
[[nodiscard]] Result<SavedCase> read_case(const std::filesystem::path& file);

// The same on texts: what a file holds, and the case in it. `where` names it in messages.
[[nodiscard]] std::string case_text(const SavedCase& saved);
[[nodiscard]] Result<SavedCase> parse_case(const std::string& text, const std::string& where);

[[nodiscard]] std::string suite_version();

// "p-lockstep-9f3c.case.json"; the digits depend on the operations.
[[nodiscard]] std::string case_file_name(const SavedCase& saved);

}  // namespace lockstep::properties
