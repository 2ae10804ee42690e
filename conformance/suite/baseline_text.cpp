// The form of a baseline: reading it line by line, and writing it in one order.
#include "conformance/suite/baseline.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <sstream>
#include <tuple>

namespace lockstep::conformance {
namespace {

constexpr std::size_t kMostEntries = 10'000;
constexpr const char* kBlanks = " \t\r";

std::string trimmed_line(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

bool digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const std::string_view view = text;
  if (!digits(view.substr(0, 4)) || !digits(view.substr(5, 2)) || !digits(view.substr(8, 2))) {
    return false;
  }
  const int month = std::stoi(text.substr(5, 2));
  const int day = std::stoi(text.substr(8, 2));
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

class BaselineReader {
 public:
  explicit BaselineReader(const std::string& name) { baseline_.name = name; }

  Result<Baseline> read(std::string_view text) {
    if (text.size() > kLargestBaselineBytes) {
      return config_error(baseline_.name + ": expected a baseline of at most 1 MiB, found more");
    }
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      ++line_;
      LOCKSTEP_TRY(take(trimmed_line(text.substr(begin, end - begin))));
      begin = end + 1;
    }
    baseline_.ending = std::move(comments_);
    return std::move(baseline_);
  }

 private:
  [[nodiscard]] Error bad(const std::string& what) const {
    return config_error(baseline_.name + ", line " + std::to_string(line_) + ": " + what);
  }

  // A blank line: comments before the first entry are the heading; later ones wait for their entry.
  void end_block() {
    if (comments_.empty()) return;
    if (!baseline_.entries.empty()) {
      comments_.emplace_back("");
      return;
    }
    auto& heading = baseline_.heading;
    if (!heading.empty()) heading.emplace_back("");
    std::move(comments_.begin(), comments_.end(), std::back_inserter(heading));
    comments_.clear();
  }

  Status take(const std::string& line) {
    if (line.empty()) {
      end_block();
      return ok();
    }
    if (line.front() == '#') {
      comments_.push_back(line);
      return ok();
    }
    if (baseline_.entries.size() == kMostEntries) {
      return bad("expected at most " + std::to_string(kMostEntries) + " entries, found more");
    }
    BaselineEntry entry;
    entry.line = line_;
    LOCKSTEP_TRY(read_entry(line, entry));
    entry.comments = std::move(comments_);
    comments_.clear();
    baseline_.entries.push_back(std::move(entry));
    return ok();
  }

  Status read_entry(const std::string& line, BaselineEntry& entry) const {
    const std::size_t hash = std::min(line.find('#'), line.size());
    if (hash < line.size()) entry.reason = trimmed_line(std::string_view(line).substr(hash + 1));
    std::istringstream words(line.substr(0, hash));
    std::string verdict;
    words >> entry.subject >> verdict;
    const auto known = report::parse_verdict(verdict);
    if (!known || *known == report::Verdict::Pass || *known == report::Verdict::Disabled) {
      return bad(
          "expected SUBJECT and a verdict that is worth expecting, such as Fail, Error, "
          "Warning or NotSupported, found \"" +
          verdict + "\"");
    }
    entry.verdict = *known;
    for (std::string word; words >> word;) {
      LOCKSTEP_TRY(read_member(word, entry));
    }
    if (!entry.clause.empty() && entry.verdict != report::Verdict::Fail) {
      return bad("clause=" + entry.clause + ": only a Fail names a clause");
    }
    return ok();
  }

  Status read_member(const std::string& word, BaselineEntry& entry) const {
    const std::array<std::pair<std::string_view, std::string BaselineEntry::*>, 3> members{
        {{"clause=", &BaselineEntry::clause},
         {"until=", &BaselineEntry::until},
         {"provider=", &BaselineEntry::provider}}};
    for (const auto& [key, member] : members) {
      if (!word.starts_with(key)) continue;
      entry.*member = word.substr(key.size());
      if ((entry.*member).empty()) return bad(word + ": expected a value behind the equals sign");
      if (key == "until=" && !is_date(entry.until)) {
        return bad(word + ": expected a date such as 2027-03-31");
      }
      return ok();
    }
    return bad("\"" + word + "\": expected clause=, until= or provider=, or the reason behind a #");
  }

  Baseline baseline_;
  std::size_t line_ = 0;
  std::vector<std::string> comments_;
};

std::string members_of(const BaselineEntry& entry) {
  std::string text;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) text += (text.empty() ? "" : " ") + std::string(key) + value;
  };
  add("clause=", entry.clause);
  add("until=", entry.until);
  add("provider=", entry.provider);
  return text;
}

void pad(std::string& text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
}

}  // namespace

Result<Baseline> parse_baseline(std::string_view text, const std::string& name) {
  return BaselineReader(name).read(text);
}

std::string to_text(const Baseline& baseline) {
  std::vector<BaselineEntry> entries = baseline.entries;
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.subject, a.provider, a.verdict, a.clause) <
           std::tie(b.subject, b.provider, b.verdict, b.clause);
  });
  std::size_t subject_width = 0;
  std::size_t verdict_width = 0;
  for (const BaselineEntry& entry : entries) {
    subject_width = std::max(subject_width, entry.subject.size());
    verdict_width = std::max(verdict_width, std::string_view(to_text(entry.verdict)).size());
  }
  std::string text;
  for (const std::string& comment : baseline.heading) text += comment + '\n';
  const bool goes_on = !entries.empty() || !baseline.ending.empty();
  if (!baseline.heading.empty() && goes_on) text += '\n';
  for (const BaselineEntry& entry : entries) {
    for (const std::string& comment : entry.comments) {
      // Above the first entry a gap would make a heading of what stands before it.
      if (!comment.empty() || &entry != &entries.front()) text += comment + '\n';
    }
    std::string line = entry.subject;
    pad(line, subject_width);
    line += "  " + std::string(to_text(entry.verdict));
    const std::string members = members_of(entry);
    if (!members.empty()) {
      pad(line, subject_width + 2 + verdict_width);
      line += "  " + members;
    }
    text += line + "  #" + (entry.reason.empty() ? "" : " " + entry.reason) + '\n';
  }
  for (const std::string& comment : baseline.ending) text += comment + '\n';
  return text;
}

}  // namespace lockstep::conformance
