#include "reports/compare/changes.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace lockstep::report {
namespace {

struct Word {
  ChangeKind kind;
  const char* text;
  const char* meaning;
};
constexpr std::array<Word, 8> kWords{{
    {ChangeKind::Regressed, "regressed", "passed before, and now does not"},
    {ChangeKind::Lost, "lost", "was carried out before, and now is skipped"},
    {ChangeKind::Missing, "missing", "is not in the later run at all"},
    {ChangeKind::New, "new", "is not in the earlier run"},
    {ChangeKind::Shifted, "shifted", "has another verdict that is worth the same"},
    {ChangeKind::Reworded, "reworded", "has the same verdict for another reason"},
    {ChangeKind::Gained, "gained", "was skipped before, and now passes"},
    {ChangeKind::Mended, "mended", "did not pass before, and now does"},
}};

const Word& word_of(ChangeKind kind) { return *std::ranges::find(kWords, kind, &Word::kind); }

// A case's id and how many of that id came before it.
using Key = std::pair<std::string, std::size_t>;

std::vector<std::pair<Key, const CaseRecord*>> keyed(const Run& run) {
  std::map<std::string, std::size_t> seen;
  std::vector<std::pair<Key, const CaseRecord*>> all;
  for (const CaseRecord& record : run.cases) {
    all.push_back({{record.id, seen[record.id]++}, &record});
  }
  return all;
}

// Nothing: the two say the same.
std::optional<ChangeKind> kind_of(const CaseRecord& before, const CaseRecord& after) {
  if (before.verdict == after.verdict) {
    const bool same_words =
        before.message == after.message && before.violated_clause == after.violated_clause;
    return same_words || is_pass(after.verdict) ? std::nullopt
                                                : std::optional(ChangeKind::Reworded);
  }
  if (is_skip(after.verdict)) {
    return is_skip(before.verdict) ? ChangeKind::Shifted : ChangeKind::Lost;
  }
  if (is_pass(after.verdict)) {
    if (is_skip(before.verdict)) return ChangeKind::Gained;
    return is_pass(before.verdict) ? ChangeKind::Shifted : ChangeKind::Mended;
  }
  // What was skipped and now fails held as far as anybody knew.
  return is_pass(before.verdict) || is_skip(before.verdict) ? ChangeKind::Regressed
                                                            : ChangeKind::Shifted;
}

void note_difference(std::vector<std::string>& notes, const std::string& what,
                     const std::string& before, const std::string& after) {
  if (before == after) return;
  const auto shown = [](const std::string& text) { return text.empty() ? "nothing" : text; };
  notes.push_back(what + ": " + shown(before) + ", then " + shown(after));
}

void note_differences(std::vector<std::string>& notes, const std::string& what,
                      const std::map<std::string, std::string>& before,
                      const std::map<std::string, std::string>& after) {
  std::set<std::string> names;
  for (const auto* side : {&before, &after}) {
    for (const auto& [name, value] : *side) names.insert(name);
  }
  for (const std::string& name : names) {
    const auto value_in = [&](const std::map<std::string, std::string>& side) {
      const auto found = side.find(name);
      return found == side.end() ? std::string() : found->second;
    };
    note_difference(notes, what + " " + name, value_in(before), value_in(after));
  }
}

std::vector<std::string> circumstances_of(const Run& before, const Run& after) {
  std::vector<std::string> notes;
  const RunHeader& one = before.header;
  const RunHeader& other = after.header;
  note_difference(notes, "lockstep", one.suite_version, other.suite_version);
  note_difference(notes, "provider", one.provider_spec, other.provider_spec);
  note_difference(notes, "product", one.provider_product, other.provider_product);
  note_difference(notes, "product version", one.provider_version, other.provider_version);
  note_difference(notes, "seed", std::to_string(one.seed), std::to_string(other.seed));
  note_differences(notes, "configuration", one.configuration, other.configuration);
  note_differences(notes, "machine", one.host, other.host);
  note_difference(notes, "end of the run", before.summary ? "whole" : "cut off",
                  after.summary ? "whole" : "cut off");
  return notes;
}

}  // namespace

const char* to_text(ChangeKind kind) noexcept { return word_of(kind).text; }
const char* meaning_of(ChangeKind kind) noexcept { return word_of(kind).meaning; }

bool Change::is_worse() const noexcept {
  switch (kind) {
    case ChangeKind::Regressed:
    case ChangeKind::Lost:
    case ChangeKind::Missing:
      return true;
    case ChangeKind::New:
      return !is_pass(after->verdict) && !is_skip(after->verdict);
    default:
      return false;
  }
}

bool Changes::is_worse() const noexcept { return std::ranges::any_of(cases, &Change::is_worse); }

Changes changes_between(const Run& before, const Run& after) {
  Changes changes;
  const auto earlier = keyed(before);
  const auto later = keyed(after);
  std::map<Key, const CaseRecord*> later_by_key(later.begin(), later.end());
  std::set<Key> matched;
  for (const auto& [key, record] : earlier) {
    const auto found = later_by_key.find(key);
    if (found == later_by_key.end()) {
      changes.cases.push_back({ChangeKind::Missing, record->id, record, nullptr});
      continue;
    }
    matched.insert(key);
    if (const auto kind = kind_of(*record, *found->second)) {
      changes.cases.push_back({*kind, record->id, record, found->second});
    } else {
      ++changes.unchanged;
    }
  }
  for (const auto& [key, record] : later) {
    if (!matched.contains(key)) {
      changes.cases.push_back({ChangeKind::New, record->id, nullptr, record});
    }
  }
  std::ranges::stable_sort(changes.cases, {}, &Change::kind);
  changes.circumstances = circumstances_of(before, after);
  return changes;
}

bool CaseRow::is_uniform() const noexcept {
  return std::ranges::all_of(in_runs, [&](const CaseRecord* record) {
    return record != nullptr && in_runs.front() != nullptr &&
           record->verdict == in_runs.front()->verdict;
  });
}

std::vector<CaseRow> side_by_side(const std::vector<Run>& runs) {
  std::vector<CaseRow> rows;
  std::map<Key, std::size_t> row_of;
  for (std::size_t at = 0; at < runs.size(); ++at) {
    for (const auto& [key, record] : keyed(runs[at])) {
      const auto [found, is_new] = row_of.try_emplace(key, rows.size());
      if (is_new) {
        rows.push_back(
            {record->id, record->method, std::vector<const CaseRecord*>(runs.size(), nullptr)});
      }
      rows[found->second].in_runs[at] = record;
    }
  }
  return rows;
}

}  // namespace lockstep::report
