#include "conformance/clauses/catalogue.hpp"

#include "conformance/clauses/embedded.hpp"
#include "conformance/clauses/parse.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

namespace lockstep::conformance {
namespace {

std::vector<Clause> load() {
  std::string text;
  for (const std::string_view line : embedded_lines()) {
    text.append(line);
    text.push_back('\n');
  }
  auto clauses = parse_catalogue(text);
  if (clauses) return std::move(clauses).value();
  // The text is part of the program; a bad one never passes the tests of this folder.
  std::fprintf(stderr, "%s\n", clauses.error().message.c_str());
  std::abort();
}

}  // namespace

const std::vector<Clause>& catalogue() {
  static const std::vector<Clause> clauses = load();
  return clauses;
}

const Clause* find_clause(std::string_view id) {
  static const std::map<std::string_view, const Clause*> by_id = [] {
    std::map<std::string_view, const Clause*> map;
    for (const Clause& clause : catalogue()) map.emplace(clause.id, &clause);
    return map;
  }();
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : found->second;
}

bool is_binding(Level level) noexcept { return level == Level::Shall || level == Level::Stated; }

const char* to_text(Level level) noexcept {
  switch (level) {
    case Level::Shall:
      return "shall";
    case Level::Stated:
      return "stated";
    case Level::Inferred:
      return "inferred";
    case Level::Should:
      return "should";
    case Level::May:
      return "may";
    case Level::Open:
      return "open";
  }
  return "open";
}

}  // namespace lockstep::conformance
