#include "model/vocab/names.hpp"

#include <gtest/gtest.h>

#include <set>

namespace lockstep {
namespace {

TEST(Names, ReadBothWaysForEveryCopyState) {
  for (const CopyState state : all_values<CopyState>()) {
    EXPECT_EQ(parse_name<CopyState>(to_text(state)), state);
  }
  EXPECT_EQ(all_values<CopyState>().size(), 17U);
}

TEST(Names, KeepNumbersWithoutAName) {
  const auto vendor = static_cast<SyncType>(32769);
  EXPECT_EQ(number_of(vendor), 32769);
  EXPECT_EQ(to_text(vendor), "32769 (vendor specific)");
  EXPECT_EQ(to_text(static_cast<SyncType>(5)), "5");
  EXPECT_FALSE(parse_name<SyncType>("mirror").has_value());
}

TEST(Names, HaveTheSpecificationsNumbers) {
  EXPECT_EQ(number_of(SyncType::TokenizedClone), 9);
  EXPECT_EQ(number_of(CopyType::Async), 2);
  EXPECT_EQ(number_of(CopyType::Sync), 3);
  EXPECT_EQ(number_of(Mode::Synchronous), 2);
  EXPECT_EQ(number_of(ConsistencyRequest::NoConsistency), 2);
  EXPECT_EQ(number_of(ConsistencyType::SequentiallyConsistent), 2);
  EXPECT_EQ(number_of(ProgressStatus::Aborting), 13);
  EXPECT_EQ(number_of(ProgressStatus::NotApplicable), 15);
  EXPECT_EQ(number_of(Operation::ResetToAdaptive), 25);
  EXPECT_EQ(number_of(JobState::Exception), 10);
}

}  // namespace
}  // namespace lockstep
