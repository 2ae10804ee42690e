#include "conformance/suite/select.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace lockstep::conformance {
namespace {

bool has_wildcard(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

bool names(std::string_view pattern, std::string_view id) noexcept {
  if (has_wildcard(pattern)) return glob_matches(pattern, id);
  return id.substr(0, pattern.size()) == pattern;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  // The last star seen, and where its text began: enough to try again with one character more.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool selects(std::string_view pattern, const Case& subject) noexcept {
  if (pattern.empty()) return false;
  if (names(pattern, subject.id)) return true;
  return std::any_of(subject.clauses.begin(), subject.clauses.end(),
                     [&](const std::string& clause) { return names(pattern, clause); });
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replace, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::vector<std::string> nearest(const std::string& text, const std::vector<std::string>& known) {
  constexpr std::size_t kMost = 3;
  constexpr std::size_t kLongestCompared = 100;
  const std::string compared = text.substr(0, kLongestCompared);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& id : known) ranked.emplace_back(distance(compared, id), id);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> best;
  for (const auto& [away, id] : ranked) {
    const bool seen = std::find(best.begin(), best.end(), id) != best.end();
    if (!seen) best.push_back(id);
    if (best.size() == kMost) break;
  }
  return best;
}

}  // namespace lockstep::conformance
