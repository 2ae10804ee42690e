// Goal: every rule of the contract catches an adapter that breaks it, and the template breaks none.
// Method: the template itself, and the template with one fault planted for each rule.
#include "conformance/sdk/contract.hpp"

#include "conformance/sdk/adapter_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace lockstep::conformance {
namespace {

using testing::HasSubstr;

ContractOptions python(const std::vector<std::string>& arguments) {
  ContractOptions options;
  options.arguments = {"/usr/bin/python3"};
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  return options;
}

TEST(Contract, TheTemplateKeepsEveryRule) {
  const auto grades = grade_adapter(python({"conformance/sdk/adapter_template.py"}));
  EXPECT_EQ(grades.size(), 21U);
  for (const RuleGrade& graded : grades) {
    EXPECT_EQ(graded.grade, Grade::Pass) << graded.rule << ": " << graded.reason;
  }
}

TEST(Contract, TheTemplateIsHandedOutAsItIs) {
  std::stringstream text;
  text << std::ifstream("conformance/sdk/adapter_template.py").rdbuf();
  EXPECT_EQ(text.str(), adapter_template());
}

TEST(Contract, EveryRuleCatchesItsBreach) {
  std::set<std::string> rules;
  for (const RuleGrade& graded : grade_adapter(python({"-c", ""}))) {
    EXPECT_EQ(graded.grade, Grade::Fail) << graded.rule << ": nobody was there to keep it";
    rules.insert(graded.rule);
  }
  for (const std::string& rule : rules) {
    ContractOptions options = python({"conformance/sdk/test/broken_adapter.py", rule});
    options.only = {rule};
    const auto grades = grade_adapter(options);
    ASSERT_EQ(grades.size(), 1U) << rule;
    EXPECT_EQ(grades.front().grade, Grade::Fail) << rule;
    EXPECT_THAT(grades.front().reason, HasSubstr("expected ")) << rule;
    EXPECT_THAT(grades.front().reason, HasSubstr(", found ")) << rule;
  }
}

TEST(Contract, AnHonestAdapterThatOnlyReadsKeepsTheOtherRules) {
  // One planted fault does not make others.
  ContractOptions options = python({"conformance/sdk/test/broken_adapter.py", "AD-20"});
  for (const RuleGrade& graded : grade_adapter(options)) {
    EXPECT_EQ(graded.grade, graded.rule == "AD-20" ? Grade::Fail : Grade::Pass)
        << graded.rule << ": " << graded.reason;
  }
}

TEST(Contract, WhoHangsIsGradedInTime) {
  ContractOptions options = python({"-c", "import time; time.sleep(60)"});
  options.deadline = std::chrono::milliseconds(200);
  options.only = {"AD-01", "AD-21"};
  for (const RuleGrade& graded : grade_adapter(options)) {
    EXPECT_EQ(graded.grade, Grade::Fail);
    EXPECT_THAT(graded.reason, HasSubstr("none within 200 ms")) << graded.rule;
  }
}

}  // namespace
}  // namespace lockstep::conformance
