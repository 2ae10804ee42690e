// Goal: on this machine, with whatever else it does, the gate sees a tenth more time and sees
// nothing where there is nothing. Method: twenty trials each of two programs that measure the real
// data path, one of which burns a tenth on top (gate_subject.cpp); 19 of 20 must end right. It
// takes half an hour, and minutes more on a machine that is busy.
#include "bench/compare/comparison.hpp"
#include "bench/compare/in_turn.hpp"
#include "bench/process/child.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace lockstep::bench::compare {
namespace {

constexpr int kTrials = 20;
constexpr int kLeastRight = 19;

// As `lockstep gate --programs` judges, with its defaults.
Result<Comparison> judge(const std::string& base, const std::string& fresh) {
  LOCKSTEP_TRY(const auto folder, ScratchFolder::make());
  const Thresholds thresholds;
  const CompareOptions options{.in_turn = true};
  const auto judged = [&](const Runs& runs) {
    return compare_runs(runs.base, runs.fresh, &runs.again, thresholds, options);
  };
  InTurnOptions in_turn;
  in_turn.base_program = base;
  in_turn.new_program = fresh;
  in_turn.folder = folder.path();
  in_turn.is_enough = [&](const Runs& runs) {
    const auto comparison = judged(runs);
    return !comparison || comparison.value().count(Verdict::Undecided) == 0;
  };
  LOCKSTEP_TRY(const auto runs, measure_in_turn(in_turn));
  return judged(runs);
}

// How many trials end with an alarm; each is told as it ends.
int alarms(const char* what, const std::string& fresh) {
  int alarms = 0;
  for (int trial = 1; trial <= kTrials; ++trial) {
    const auto comparison = judge(LOCKSTEP_GATE_SUBJECT, fresh);
    EXPECT_TRUE(comparison) << comparison.error().message;
    if (!comparison) return -1;
    if (comparison.value().fails()) ++alarms;
    std::string told;
    for (const Row& row : comparison.value().rows) {
      told += std::string("  ") + to_text(row.verdict) + " " +
              std::to_string(row.change.log_ratio * 100).substr(0, 5) + " %";
    }
    std::printf("%s, trial %d of %d:%s; alarms so far: %d\n", what, trial, kTrials, told.c_str(),
                alarms);
    std::fflush(stdout);
  }
  return alarms;
}

TEST(GateTrials, SeeATenthMoreTime) {
  EXPECT_GE(alarms("a tenth slower", LOCKSTEP_GATE_SUBJECT_SLOWER), kLeastRight);
}

TEST(GateTrials, SeeNothingBetweenTheSame) {
  EXPECT_LE(alarms("the same", LOCKSTEP_GATE_SUBJECT), kTrials - kLeastRight);
}

}  // namespace
}  // namespace lockstep::bench::compare
