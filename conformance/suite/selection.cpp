#include "conformance/suite/selection.hpp"

#include "conformance/suite/case.hpp"
#include "conformance/suite/select.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace lockstep::conformance {
namespace {

constexpr std::array<const char*, 7> kKeys{"case",  "clause",  "method", "section",
                                           "level", "feature", "tag"};
constexpr std::size_t kLargestFileBytes = 1U << 20U;

// "level:shall" as key and value; a selector without a key has an empty one.
struct Parts {
  std::string key;
  std::string value;
};

Result<Parts> parts_of(const std::string& selector) {
  const std::size_t colon = selector.find(':');
  if (colon == std::string::npos) return Parts{"", selector};
  Parts parts{selector.substr(0, colon), selector.substr(colon + 1)};
  if (std::find(kKeys.begin(), kKeys.end(), parts.key) != kKeys.end()) return parts;
  std::string known;
  for (const char* key : kKeys) known += (known.empty() ? "" : ", ") + std::string(key);
  return config_error("selector \"" + selector + "\": expected a key of " + known +
                      " before the colon, found \"" + parts.key + "\"");
}

std::string method_name(const Case& subject) {
  for (const Method method : all_values<Method>()) {
    if (subject.method() == clause_prefix(method)) return to_text(method);
  }
  return subject.method();
}

// What a key looks at.
std::vector<std::string> values_of(const std::string& key, const Case& subject) {
  if (key == "case") return {subject.id};
  if (key == "clause") return subject.clauses;
  if (key == "method") return {method_name(subject), subject.method()};
  if (key == "section") return {subject.method()};
  if (key == "level") return {to_text(subject.level)};
  if (key == "feature") return features_of(subject);
  return tags_of(subject);
}

bool any_glob(const std::string& pattern, const std::vector<std::string>& values) {
  return std::any_of(values.begin(), values.end(),
                     [&](const std::string& value) { return glob_matches(pattern, value); });
}

class Chooser {
 public:
  explicit Chooser(const std::vector<Case>& cases) : cases_(cases) {}

  // Every selector can be read and chooses something.
  [[nodiscard]] Status check(const std::vector<std::string>& selectors) const {
    for (const std::string& selector : selectors) {
      LOCKSTEP_TRY(const auto parts, parts_of(selector));
      const bool found = std::any_of(cases_.begin(), cases_.end(),
                                     [&](const Case& subject) { return picks(parts, subject); });
      if (!found) return chooses_nothing(selector, parts);
    }
    return ok();
  }

  // After check().
  [[nodiscard]] bool any_picks(const std::vector<std::string>& selectors,
                               const Case& subject) const {
    return std::any_of(selectors.begin(), selectors.end(), [&](const std::string& selector) {
      return picks(parts_of(selector).value(), subject);
    });
  }

 private:
  // The id of a case means that case alone, though it may begin other ids; so does the name of a
  // method with the name of its section.
  [[nodiscard]] bool picks(const Parts& parts, const Case& subject) const {
    if (!parts.key.empty()) return any_glob(parts.value, values_of(parts.key, subject));
    const bool is_an_id = std::any_of(cases_.begin(), cases_.end(),
                                      [&](const Case& other) { return other.id == parts.value; });
    if (is_an_id) return subject.id == parts.value;
    return selects(parts.value, subject) || parts.value == method_name(subject);
  }

  [[nodiscard]] Error chooses_nothing(const std::string& selector, const Parts& parts) const {
    std::vector<std::string> known;
    const auto add = [&](const std::string& key, const std::string& prefix) {
      for (const Case& subject : cases_) {
        for (const std::string& value : values_of(key, subject)) known.push_back(prefix + value);
      }
    };
    if (parts.key.empty()) {
      for (const char* key : {"case", "clause", "method"}) add(key, "");
    } else {
      add(parts.key, parts.key + ":");
    }
    std::string near;
    for (const std::string& id : nearest(selector, known)) near += (near.empty() ? "" : ", ") + id;
    const std::string expected = parts.key.empty()
                                     ? "a clause id, case id, prefix or glob that names a case"
                                     : "a " + parts.key + " that a case has";
    return usage_error("case selection \"" + selector + "\": expected " + expected +
                       ", found none; nearest: " + near);
  }

  const std::vector<Case>& cases_;
};

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " or ") + text;
  return all;
}

Error nothing_left(const Selection& selection) {
  std::string asked = selection.select.empty() ? "all cases" : joined(selection.select);
  for (const auto& list : selection.narrow) asked += ", and " + joined(list);
  if (selection.only) {
    asked += ", and of the " + std::to_string(selection.only->size()) + " of the earlier run";
  }
  return usage_error("case selection: expected a case that is " + asked +
                     ", found none; leave one of the conditions out");
}

void add_names(std::vector<std::string>& names, const auto& values) {
  for (const auto& value : values) names.push_back(to_text(value));
}

std::string trimmed(const std::string& line) {
  const std::string text = line.substr(0, line.find('#'));
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

Result<std::vector<std::string>> selectors_in(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(kLargestFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    return config_error("selectors \"@" + file + "\": expected a file with one selector a line, " +
                        "it cannot be read");
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kLargestFileBytes) {
    return config_error("selectors \"@" + file + "\": expected at most 1 MiB, found more");
  }
  std::vector<std::string> selectors;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string selector = trimmed(text.substr(begin, end - begin));
    begin = end + 1;
    if (selector.empty()) continue;
    if (selector.front() == '@') {
      return config_error("selectors \"@" + file + "\": expected selectors, found another file \"" +
                          selector + "\"; name it on the command line");
    }
    selectors.push_back(std::move(selector));
  }
  if (selectors.empty()) {
    return usage_error("selectors \"@" + file + "\": expected at least one, found none");
  }
  return selectors;
}

}  // namespace

Result<std::vector<Chosen>> choose(const std::vector<Case>& cases, const Selection& selection) {
  const Chooser chooser(cases);
  LOCKSTEP_TRY(chooser.check(selection.select));
  LOCKSTEP_TRY(chooser.check(selection.exclude));
  for (const auto& list : selection.narrow) {
    LOCKSTEP_TRY(chooser.check(list));
  }
  const auto wanted = [&](const Case& subject) {
    if (!selection.select.empty() && !chooser.any_picks(selection.select, subject)) return false;
    if (selection.only && std::find(selection.only->begin(), selection.only->end(), subject.id) ==
                              selection.only->end()) {
      return false;
    }
    return std::all_of(selection.narrow.begin(), selection.narrow.end(),
                       [&](const auto& list) { return chooser.any_picks(list, subject); });
  };
  std::vector<Chosen> chosen;
  std::size_t index = 0;
  for (const Case& subject : cases) {
    if (!wanted(subject)) continue;
    if (index % selection.shards == selection.shard - 1) {
      chosen.push_back({&subject, chooser.any_picks(selection.exclude, subject), index});
    }
    ++index;
  }
  if (index == 0) return nothing_left(selection);
  return chosen;
}

Result<std::vector<std::string>> with_files(const std::vector<std::string>& selectors) {
  std::vector<std::string> all;
  for (const std::string& selector : selectors) {
    if (selector.empty() || selector.front() != '@') {
      all.push_back(selector);
      continue;
    }
    LOCKSTEP_TRY(auto more, selectors_in(selector.substr(1)));
    std::move(more.begin(), more.end(), std::back_inserter(all));
  }
  return all;
}

std::vector<std::string> features_of(const Case& subject) {
  std::vector<std::string> names;
  const Needs& needs = subject.needs;
  add_names(names, needs.kinds);
  add_names(names, needs.copy_types);
  add_names(names, needs.operations);
  add_names(names, needs.features);
  add_names(names, needs.group_features);
  add_names(names, needs.faults);
  return names;
}

std::vector<std::string> tags_of(const Case& subject) {
  std::vector<std::string> tags = subject.tags;
  if (subject.needs.data) tags.emplace_back("bytes");
  if (!subject.needs.faults.empty()) tags.emplace_back("faults");
  return tags;
}

}  // namespace lockstep::conformance
