#include "properties/harness/rapidcheck_entry.hpp"

#include <rapidcheck.h>
#include <rapidcheck/detail/Configuration.h>
#include <rapidcheck/detail/TestListener.h>

#include <unordered_map>

namespace lockstep::properties {
namespace {

class CountShrinks : public rc::detail::TestListener {
 public:
  void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
  void onShrinkTried(const rc::detail::CaseDescription&, bool accepted) override {
    if (accepted) ++accepted_;
  }
  void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
  [[nodiscard]] std::uint64_t accepted() const noexcept { return accepted_; }

 private:
  std::uint64_t accepted_ = 0;
};

}  // namespace

RapidCheckResult run_rapidcheck(const rc::Gen<Drawn>& sequences, const RapidCheckRun& run) {
  const rc::detail::TestMetadata metadata{run.id, run.id};
  rc::detail::TestParams params;
  params.seed = run.seed;
  params.maxSuccess = run.cases;
  CountShrinks listener;
  const auto property = [&] {
    const Drawn drawn = *sequences;
    RC_ASSERT(run.passes(drawn.sequence));
  };
  // Given, so that RapidCheck does not look into the environment for parameters of its own.
  const std::unordered_map<std::string, rc::detail::Reproduce> nothing_to_reproduce;
  const rc::detail::TestResult result =
      rc::detail::checkTestable(property, metadata, params, listener, nothing_to_reproduce);

  RapidCheckResult told;
  told.shrinks = listener.accepted();
  rc::detail::FailureResult failure;
  rc::detail::GaveUpResult gave_up;
  rc::detail::Error error;
  if (result.match(failure)) {
    told.failed = true;
    rc::detail::Configuration configuration;
    configuration.reproduce.emplace(run.id, failure.reproduce);
    told.reproduce = rc::detail::configToMinimalString(configuration);
  } else if (result.match(gave_up)) {
    told.trouble = gave_up.description;
  } else if (result.match(error)) {
    told.trouble = error.description;
  }
  return told;
}

}  // namespace lockstep::properties
