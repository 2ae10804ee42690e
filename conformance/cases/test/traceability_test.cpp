// Clauses and cases name each other: no testable binding clause without a case, no case without a
// clause, no clause that is unknown or declared untestable.
#include "conformance/cases/cases.hpp"
#include "conformance/clauses/catalogue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace lockstep::conformance {
namespace {

const std::set<std::string> kCovered{"GEN", "CER", "CLR", "CGE", "MCR", "ATT"};

std::map<std::string, std::vector<std::string>> cases_by_clause() {
  std::map<std::string, std::vector<std::string>> map;
  for (const Case& subject : all_cases()) {
    for (const std::string& clause : subject.clauses) map[clause].push_back(subject.id);
  }
  return map;
}

TEST(Traceability, EveryTestableBindingClauseHasACase) {
  const auto map = cases_by_clause();
  for (const Clause& clause : catalogue()) {
    if (!kCovered.contains(clause.method) || !is_binding(clause.level)) continue;
    if (!clause.untestable.empty()) continue;
    EXPECT_TRUE(map.contains(clause.id)) << clause.id << ": " << clause.statement;
  }
}

TEST(Traceability, EveryOtherClauseOfTheFiveMethodsHasACaseOrAReason) {
  const auto map = cases_by_clause();
  for (const Clause& clause : catalogue()) {
    if (!kCovered.contains(clause.method) || is_binding(clause.level)) continue;
    EXPECT_TRUE(map.contains(clause.id) || !clause.untestable.empty())
        << clause.id << ": " << clause.statement;
  }
}

TEST(Traceability, EveryCaseNamesKnownTestableClauses) {
  for (const Case& subject : all_cases()) {
    EXPECT_FALSE(subject.clauses.empty()) << subject.id;
    for (const std::string& id : subject.clauses) {
      const Clause* clause = find_clause(id);
      ASSERT_NE(clause, nullptr) << subject.id << " names " << id;
      EXPECT_TRUE(clause->untestable.empty())
          << subject.id << " tests " << id << ", which is declared untestable";
    }
  }
}

TEST(Traceability, CasesAreNamedOnceAndDescribed) {
  std::set<std::string> ids;
  for (const Case& subject : all_cases()) {
    EXPECT_TRUE(ids.insert(subject.id).second) << subject.id << " twice";
    EXPECT_NE(subject.id.find('/'), std::string::npos) << subject.id;
    EXPECT_FALSE(subject.does.empty()) << subject.id;
    EXPECT_FALSE(subject.requires_text.empty()) << subject.id;
    EXPECT_TRUE(subject.run) << subject.id;
    EXPECT_FALSE(subject.needs.methods.empty()) << subject.id << " would run against anything";
  }
  EXPECT_GE(ids.size(), 180U);
}

TEST(Traceability, EverySweptParameterHasASweepForEachMethodThatTakesIt) {
  std::set<std::string> ids;
  for (const Case& subject : all_cases()) ids.insert(subject.id);
  for (const char* id :
       {"CER/sync-type-sweep", "CER/mode-sweep", "CER/wait-sweep", "CLR/sync-type-sweep",
        "CLR/mode-sweep", "CLR/wait-sweep", "CGE/sync-type-sweep", "CGE/mode-sweep",
        "CGE/wait-sweep", "MCR/sync-type-sweep", "MCR/mode-sweep", "ATT/copy-type-sweep",
        "MRS/wait-sweep", "MLS/wait-sweep"}) {
    EXPECT_TRUE(ids.contains(id)) << id;
  }
}

}  // namespace
}  // namespace lockstep::conformance
