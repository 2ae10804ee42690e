// JOB-01: the states come in order, steps may be missed, and a terminal state is final.
#include "statemachine/job.hpp"

#include "model/vocab/names.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::machine {
namespace {

constexpr JobState kVendor{32768};

TEST(JobMachine, TakesItsRowsAndNoOtherStep) {
  for (const JobState from : all_values<JobState>()) {
    for (const JobState to : all_values<JobState>()) {
      const bool has_row = std::ranges::any_of(
          job_rows(), [&](const JobRow& row) { return row.from == from && row.to == to; });
      EXPECT_EQ(job_steps(from, to), has_row) << to_text(from) << " to " << to_text(to);
    }
  }
  EXPECT_EQ(job_rows().size(), 16U);
  EXPECT_FALSE(job_steps(kVendor, JobState::Running));
}

TEST(JobMachine, EndsInOneOfFourStatesForGood) {
  int terminal = 0;
  for (const JobState from : all_values<JobState>()) {
    terminal += is_terminal(from) ? 1 : 0;
    for (const JobState to : all_values<JobState>()) {
      if (is_terminal(from)) {
        EXPECT_EQ(job_can_reach(from, to), from == to) << to_text(from) << " to " << to_text(to);
      } else if (is_terminal(to)) {
        EXPECT_TRUE(job_can_reach(from, to)) << to_text(from) << " to " << to_text(to);
      }
    }
    EXPECT_EQ(job_can_reach(from, JobState::New), from == JobState::New) << to_text(from);
  }
  EXPECT_EQ(terminal, 4);
  EXPECT_TRUE(is_terminal(JobState::Exception));
  EXPECT_FALSE(is_terminal(JobState::ShuttingDown));
  EXPECT_FALSE(is_terminal(kVendor));
}

TEST(JobMachine, NeverGoesBackFromShuttingDown) {
  EXPECT_TRUE(job_can_reach(JobState::Suspended, JobState::Running));
  EXPECT_TRUE(job_can_reach(JobState::Service, JobState::QueryPending));
  EXPECT_FALSE(job_can_reach(JobState::ShuttingDown, JobState::Running));
  EXPECT_FALSE(job_can_reach(JobState::ShuttingDown, JobState::Suspended));
}

TEST(JobMachine, LetsVendorStatesStandAnywhereBetween) {
  EXPECT_TRUE(job_can_reach(JobState::New, kVendor));
  EXPECT_TRUE(job_can_reach(kVendor, JobState::Completed));
  EXPECT_FALSE(job_can_reach(JobState::Completed, kVendor));
  EXPECT_FALSE(job_can_reach(kVendor, JobState::New));
}

}  // namespace
}  // namespace lockstep::machine
