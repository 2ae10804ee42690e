#include "properties/history/history_file.hpp"

#include "properties/commands/json_reader.hpp"
#include "properties/commands/whole_file.hpp"
#include "properties/history/entry_json.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace lockstep::properties {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestText = std::size_t{64} * 1024;

// Takes the next line off `rest`.
std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

Result<json::value> parsed(std::string_view line, const std::string& where) {
  boost::system::error_code trouble;
  json::parse_options bounds;
  bounds.max_depth = 16;
  json::value value = json::parse(line, trouble, {}, bounds);
  if (trouble) {
    return config_error(fmt::format("{}: expected JSON, found: {}; the file may be cut short",
                                    where, trouble.message()));
  }
  return value;
}

Status read_header(const json::value& line, const std::string& where, SavedHistory& saved,
                   std::uint64_t& entries) {
  JsonReader header(line, where);
  std::uint64_t format = 0;
  header.read("format", format, UINT32_MAX);
  if (!header.failed() && format != kHistoryFormat) {
    header.fail("format", fmt::format("version {}", kHistoryFormat), std::to_string(format));
  }
  if (header.failed()) {
    LOCKSTEP_TRY(header.finish());
  }
  header.read("entries", entries, kLargestHistoryBytes);
  header.read("property", saved.property, 256);
  header.read("provider", saved.provider_spec, 1024);
  header.read("suite_version", saved.suite_version, 256);
  header.read("clause", saved.clause, 64);
  header.read("expected", saved.expected, kLongestText);
  header.read("observed", saved.observed, kLongestText);
  return header.finish();
}

}  // namespace

Result<std::string> history_text(const SavedHistory& saved) {
  std::string text = json::serialize(json::object{{"format", kHistoryFormat},
                                                  {"entries", saved.history.entries.size()},
                                                  {"property", saved.property},
                                                  {"provider", saved.provider_spec},
                                                  {"suite_version", saved.suite_version},
                                                  {"clause", saved.clause},
                                                  {"expected", saved.expected},
                                                  {"observed", saved.observed}}) +
                     '\n';
  text += json::serialize(capabilities_to_json(*saved.history.capabilities)) + '\n';
  for (const History::Entry& entry : saved.history.entries) {
    LOCKSTEP_TRY(const auto line, entry_to_json(entry));
    text += json::serialize(line) + '\n';
  }
  return text;
}

Result<SavedHistory> parse_history(const std::string& text, const std::string& where) {
  SavedHistory saved;
  std::string_view rest = text;
  std::uint64_t number = 0;
  std::uint64_t entries = 0;
  for (; !rest.empty(); ++number) {
    const std::string place = fmt::format("{}:{}", where, number + 1);
    LOCKSTEP_TRY(const auto line, parsed(next_line(rest), place));
    if (number == 0) {
      LOCKSTEP_TRY(read_header(line, place, saved, entries));
    } else if (number == 1) {
      LOCKSTEP_TRY(auto capabilities, capabilities_from_json(line, place));
      saved.history.capabilities = std::make_shared<const Capabilities>(std::move(capabilities));
    } else {
      LOCKSTEP_TRY(auto entry, entry_from_json(line, place));
      saved.history.entries.push_back(std::move(entry));
    }
  }
  if (number < 2 || saved.history.entries.size() != entries) {
    return config_error(fmt::format("{}: expected {} entries, found {}; the file is cut short",
                                    where, entries, saved.history.entries.size()));
  }
  return saved;
}

Status write_history(const std::filesystem::path& file, const SavedHistory& saved) {
  LOCKSTEP_TRY(const auto text, history_text(saved));
  if (text.size() > kLargestHistoryBytes) {
    return config_error(fmt::format("history {}: expected at most {} bytes, found {}",
                                    file.string(), kLargestHistoryBytes, text.size()));
  }
  return write_whole_file(file, text, "history");
}

Result<SavedHistory> read_history(const std::filesystem::path& file) {
  LOCKSTEP_TRY(const auto text, read_whole_file(file, kLargestHistoryBytes, "history"));
  return parse_history(text, "history " + file.string());
}

std::filesystem::path history_file_of(const std::filesystem::path& saved_case) {
  constexpr std::string_view kEnding = ".case.json";
  std::string path = saved_case.string();
  if (path.ends_with(kEnding)) path.resize(path.size() - kEnding.size());
  return path + ".history.jsonl";
}

}  // namespace lockstep::properties
