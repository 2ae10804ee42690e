// The compiled-in catalogue is complete and the reader refuses every kind of damage.
#include "conformance/clauses/catalogue.hpp"

#include "conformance/clauses/parse.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace lockstep::conformance {
namespace {

std::string one_clause(const std::string& row) { return "{\"clauses\":[" + row + "]}"; }

constexpr const char* kGood =
    R"({"id":"CER-01","level":"shall","statement":"s","observable":"o","source":"S","freedom":"","strict":[5,"E4"],"tolerated":["J+"]})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(Catalogue, HoldsEveryClauseOfTheFiveMethodsAndTheGeneralRules) {
  std::map<std::string, int> counts;
  for (const Clause& clause : catalogue()) ++counts[clause.method];
  EXPECT_EQ(counts["GEN"], 21);
  EXPECT_EQ(counts["CER"], 50);
  EXPECT_EQ(counts["CLR"], 51);
  EXPECT_EQ(counts["CGE"], 56);
  EXPECT_EQ(counts["MCR"], 40);
  EXPECT_EQ(counts["ATT"], 29);
}

TEST(Catalogue, NumbersEachMethodWithoutGaps) {
  std::map<std::string, int> last;
  for (const Clause& clause : catalogue()) {
    EXPECT_EQ(std::stoi(clause.id.substr(4)), ++last[clause.method]) << clause.id;
  }
}

TEST(Catalogue, FindsAClauseById) {
  const Clause* clause = find_clause("CER-18");
  ASSERT_NE(clause, nullptr);
  EXPECT_EQ(clause->level, Level::Shall);
  ASSERT_EQ(clause->strict.size(), 1U);
  EXPECT_EQ(clause->strict.front(), (Token{Token::Kind::Code, 5}));
  EXPECT_EQ(clause->tolerated.size(), 6U);
  EXPECT_EQ(find_clause("CER-99"), nullptr);
}

TEST(Catalogue, GivesEachUntestableClauseAReasonInOneSentence) {
  std::size_t untestable = 0;
  for (const Clause& clause : catalogue()) {
    if (clause.untestable.empty()) continue;
    ++untestable;
    EXPECT_EQ(clause.untestable.back(), '.') << clause.id;
    EXPECT_GT(clause.untestable.size(), 30U) << clause.id;
  }
  EXPECT_GT(untestable, 0U);
}

TEST(Catalogue, BindsOnlyStatementsOfTheSources) {
  EXPECT_TRUE(is_binding(Level::Shall));
  EXPECT_TRUE(is_binding(Level::Stated));
  for (const Level level : {Level::Inferred, Level::Should, Level::May, Level::Open}) {
    EXPECT_FALSE(is_binding(level)) << to_text(level);
  }
}

TEST(CatalogueReader, TakesAGoodClause) {
  const auto clauses = parse_catalogue(one_clause(kGood));
  ASSERT_TRUE(clauses) << clauses.error().message;
  ASSERT_EQ(clauses.value().size(), 1U);
  const Clause& clause = clauses.value().front();
  EXPECT_EQ(clause.method, "CER");
  EXPECT_EQ(clause.strict[1], (Token{Token::Kind::CimStatus, 4}));
  EXPECT_EQ(clause.tolerated[0].kind, Token::Kind::JobSucceeds);
}

TEST(CatalogueReader, NamesWhatIsWrong) {
  const std::string good = kGood;
  const std::map<std::string, std::string> damage{
      {replaced(good, "\"shall\"", "\"must\""), "level"},
      {replaced(good, "CER-01", "CER-1"), "id like"},
      {replaced(good, "\"E4\"", "\"E4x\""), "token"},
      {replaced(good, "[5,", "[-5,"), "return code"},
      {replaced(good, "\"freedom\":\"\",", ""), "freedom"},
      {replaced(good, "\"freedom\"", "\"fredom\""), "fredom"},
      {replaced(good, "\"tolerated\":[\"J+\"]", "\"tolerated\":\"J+\""), "tolerated"},
      {replaced(good, "}", R"(,"untestable":""})"), "reason"},
      {good + "," + good, "each id once"},
      {"7", "object"},
  };
  for (const auto& [row, word] : damage) {
    const auto clauses = parse_catalogue(one_clause(row));
    ASSERT_FALSE(clauses) << row;
    EXPECT_EQ(clauses.error().origin, Origin::Config);
    EXPECT_NE(clauses.error().message.find(word), std::string::npos) << clauses.error().message;
  }
  EXPECT_FALSE(parse_catalogue("{"));
  EXPECT_FALSE(parse_catalogue("[]"));
  EXPECT_FALSE(parse_catalogue("{\"clauses\":[]}"));
}

}  // namespace
}  // namespace lockstep::conformance
