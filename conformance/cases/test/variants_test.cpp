// Goal: conforming providers that choose otherwise than the reference raise no alarm, neither in
// the cases nor in the random search. Method: every named variant of the reference, in process.
#include "conformance/cases/cases.hpp"
#include "conformance/providers/factory.hpp"
#include "conformance/suite/runner.hpp"
#include "properties/harness/check.hpp"
#include "target_impl/reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <ostream>

namespace lockstep {

// For the names of tests; the bytes of a variant differ from run to run.
void PrintTo(const ReferenceVariant& variant, std::ostream* out) { *out << variant.name; }

}  // namespace lockstep

namespace lockstep::conformance {
namespace {

std::string spec_of(const ReferenceVariant& variant) { return "reference:" + variant.name; }

// Whole sweeps try the same refusals 65,536 times: LOCKSTEP_WHOLE_VARIANTS asks for them, and for
// a longer search.
bool whole() { return std::getenv("LOCKSTEP_WHOLE_VARIANTS") != nullptr; }

std::string told_by(const report::CaseRecord& record) {
  std::string text =
      record.id + " is " + report::to_text(record.verdict) + ": " + record.message + "\n";
  for (const report::StepRecord& step : record.steps) {
    text +=
        std::string(step.differs ? "> " : "  ") + step.operation + " -> " + step.answered + "\n";
  }
  return text;
}

class Variants : public testing::TestWithParam<ReferenceVariant> {};

TEST_P(Variants, ConformsInEveryCase) {
  auto provider = make_provider(spec_of(GetParam()));
  ASSERT_TRUE(provider) << provider.error().message;
  RunOptions options;
  options.provider_spec = spec_of(GetParam());
  if (!whole()) options.exclude = {"*sweep*"};
  const auto records = run_cases(*provider.value(), options);
  ASSERT_TRUE(records) << records.error().message;
  std::size_t passed = 0;
  for (const report::CaseRecord& record : records.value()) {
    EXPECT_FALSE(report::is_bad(record.verdict)) << told_by(record);
    if (!report::is_skip(record.verdict) && record.verdict != report::Verdict::Inconclusive) {
      ++passed;
    }
  }
  // Few enough kinds and methods leave few cases, but never only a handful.
  EXPECT_GE(passed, 80U);
}

TEST_P(Variants, SurvivesTheRandomSearch) {
  properties::CheckOptions options;
  options.provider_spec = spec_of(GetParam());
  options.budget = std::chrono::milliseconds(whole() ? 20'000 : 500);
  options.shrink_budget = std::chrono::milliseconds(5'000);
  options.case_folder = testing::TempDir();
  const auto report =
      properties::check([&] { return make_provider(spec_of(GetParam())); }, options);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report.value().failure_text.empty()) << report.value().failure_text;
  EXPECT_GT(report.value().coverage.sequences, 0U);
}

INSTANTIATE_TEST_SUITE_P(Of, Variants, testing::ValuesIn(reference_variants()),
                         [](const auto& one) {
                           std::string name = one.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(VariantTable, NamesAreUniqueAndEveryVariantDiffers) {
  std::map<std::string, int> names;
  for (const ReferenceVariant& variant : reference_variants()) {
    EXPECT_EQ(++names[variant.name], 1) << variant.name;
    EXPECT_FALSE(variant.description.empty()) << variant.name;
    EXPECT_FALSE(variant.freedom == Freedom{}) << variant.name;
  }
  EXPECT_GE(names.size(), 24U);
}

}  // namespace
}  // namespace lockstep::conformance
