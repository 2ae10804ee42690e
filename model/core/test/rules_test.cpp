// Goal: whatever the oracle holds against a provider can be explained. Method: the ids in the
// oracle's own text are compared with the rules, both ways.
#include "model/core/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace lockstep::model::test {
namespace {

// Tests are run from the root of the project.
std::set<std::string> ids_in(const std::filesystem::path& folder) {
  static const std::regex kId(R"re("((DS-[A-Z]{2}|G|PS)-[0-9]{2})")re");
  std::set<std::string> ids;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::filesystem::path& file = entry.path();
    if (file.extension() != ".cpp" || file.filename() == "rules.cpp") continue;
    std::ifstream stream(file);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    for (std::sregex_iterator at(text.begin(), text.end(), kId); at != std::sregex_iterator();
         ++at) {
      ids.insert((*at)[1]);
    }
  }
  return ids;
}

TEST(Rules, AreThereForAllThatIsReported) {
  const auto reported = ids_in("model/core");
  EXPECT_GT(reported.size(), 40U);
  for (const std::string& id : reported) EXPECT_NE(find_rule(id), nullptr) << id;
}

TEST(Rules, AreFoundByTheirIds) {
  EXPECT_TRUE(std::ranges::is_sorted(rules(), {}, &Rule::id));
  for (const Rule& rule : rules()) {
    EXPECT_EQ(find_rule(rule.id), &rule);
    EXPECT_FALSE(rule.statement.empty() || rule.applies.empty() || rule.basis.empty()) << rule.id;
  }
  EXPECT_EQ(find_rule(""), nullptr);
  EXPECT_EQ(find_rule("DS-MS-99"), nullptr);
}

}  // namespace
}  // namespace lockstep::model::test
