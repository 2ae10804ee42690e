// A history on disk: JSON lines. The first says what was found then, the second what the provider
// declared, each other one what the judge was told. Written to a temporary file and renamed; read
// with suspicion.
//
// What the provider was asked and said has the form of the messages of an adapter
// (docs/process-provider.md). Bytes are runs of zeros and of stamps; other blocks are hexadecimal.
#pragma once

#include "model/vocab/error.hpp"
#include "properties/history/history.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace lockstep::properties {

inline constexpr std::uint64_t kHistoryFormat = 1;
inline constexpr std::uintmax_t kLargestHistoryBytes = 64u << 20;

struct SavedHistory {
  std::string property;
  std::string provider_spec;
  std::string suite_version;
  std::string clause;  // violated then; empty: none, the provider could not be asked
  std::string expected;
  std::string observed;
  History history;
};

// Passwords are left out. Errors: Origin::Config, naming the path; a text of the provider's that is
// no UTF-8: Origin::Usage.
[[nodiscard]] Status write_history(const std::filesystem::path& file, const SavedHistory& saved);
// Truncated, edited, oversized or of an unknown format version: Origin::Config, naming file, line
// and member.
[[nodiscard]] Result<SavedHistory> read_history(const std::filesystem::path& file);

// The same on texts. `where` names the file in messages.
[[nodiscard]] Result<std::string> history_text(const SavedHistory& saved);
[[nodiscard]] Result<SavedHistory> parse_history(const std::string& text, const std::string& where);

// Beside "p-lockstep-9f3c.case.json": "p-lockstep-9f3c.history.jsonl".
[[nodiscard]] std::filesystem::path history_file_of(const std::filesystem::path& saved_case);

}  // namespace lockstep::properties
