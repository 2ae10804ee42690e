#include "bench/compare/thresholds.hpp"

#include "reports/record/record.hpp"
#include "target_impl/daemon/configuration/small_file.hpp"
#include "target_impl/daemon/configuration/table.hpp"

#include <algorithm>
#include <regex>

namespace lockstep::bench::compare {

struct Thresholds::Rule {
  std::regex name;
  std::string figure;
  unsigned worse_percent;
};

namespace {

constexpr unsigned kUsualPercent = 5;
constexpr unsigned kLargestPercent = 1000;
constexpr std::size_t kMaxFileKib = 1024;
constexpr std::size_t kMaxPatternBytes = 200;  // std::regex recurses over it

}  // namespace

bool more_is_better(const std::string& figure) { return figure.ends_with("_per_second"); }

Thresholds::Thresholds() : rules_{{std::regex(""), report::kRealTimeNs, kUsualPercent}} {}
Thresholds::Thresholds(Thresholds&&) noexcept = default;
Thresholds& Thresholds::operator=(Thresholds&&) noexcept = default;
Thresholds::~Thresholds() = default;

Result<Thresholds> Thresholds::read(const std::string& file) {
  LOCKSTEP_TRY(const std::string text,
               target::read_small_text(file, kMaxFileKib, "thresholds " + file));
  return parse(text, file);
}

Result<Thresholds> Thresholds::parse(const std::string& text, const std::string& file) {
  toml::table content;
  try {
    content = toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return config_error(file + ":" + std::to_string(error.source().begin.line) + ": " +
                        std::string(error.description()));
  }
  target::Reading reading;
  reading.file = file;
  target::Table whole(reading, content, "");
  auto tables = whole.tables("rule");
  whole.finish();
  Thresholds thresholds;
  for (target::Table& table : tables) {
    std::string pattern;
    std::string figure = report::kRealTimeNs;
    unsigned percent = kUsualPercent;
    table.require("name", "a regular expression over benchmark names", "\"data_path/.*\"");
    table.require("worse_percent", "a whole number of percent", "10");
    table.text("name", pattern);
    table.text("figure", figure);
    table.number("worse_percent", percent, target::Range<unsigned>{1, kLargestPercent});
    table.finish();
    if (pattern.size() > kMaxPatternBytes) {
      table.refuse("name", "at most 200 characters", std::to_string(pattern.size()));
    }
    if (reading.mistake) break;
    try {
      thresholds.rules_.push_back({std::regex(pattern), figure, percent});
    } catch (const std::regex_error& error) {
      table.refuse("name", "a regular expression", error.what());
    }
  }
  if (reading.mistake) return config_error(*reading.mistake);
  return thresholds;
}

std::vector<Thresholds::Limit> Thresholds::limits_of(const std::string& benchmark) const {
  std::vector<Limit> limits;
  for (const Rule& rule : rules_) {
    if (!std::regex_search(benchmark, rule.name)) continue;
    const auto found = std::ranges::find(limits, rule.figure, &Limit::figure);
    if (found == limits.end()) {
      limits.push_back({rule.figure, static_cast<double>(rule.worse_percent)});
    } else {
      found->worse_percent = rule.worse_percent;
    }
  }
  return limits;
}

}  // namespace lockstep::bench::compare
