#include "statemachine/group/group_state.hpp"

#include "model/vocab/names.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lockstep::machine {
namespace {

using Members = std::vector<std::optional<CopyState>>;

TEST(GroupState, IsTheMembersStateWhereTheyAgree) {
  for (const CopyState state : all_values<CopyState>()) {
    EXPECT_EQ(group_states(Members{state}, false), (GroupStates{state}));
    EXPECT_EQ(group_states(Members{state, state, state}, false), (GroupStates{state}));
  }
}

TEST(GroupState, IsMixedWhereTheyDiffer) {
  for (const CopyState one : all_values<CopyState>()) {
    for (const CopyState other : all_values<CopyState>()) {
      if (one == other) continue;
      EXPECT_EQ(group_states(Members{one, other, one}, false), (GroupStates{CopyState::Mixed}))
          << to_text(one) << ' ' << to_text(other);
    }
  }
}

TEST(GroupState, MayBeMixedWhileAnOperationRuns) {
  EXPECT_EQ(group_states(Members{CopyState::Split, CopyState::Split}, true),
            (GroupStates{CopyState::Split, CopyState::Mixed}));
}

TEST(GroupState, IsOpenForAnEmptyOrUnreadableGroup) {
  const GroupStates open{CopyState::NotApplicable, CopyState::Initialized, CopyState::Partitioned,
                         std::nullopt};
  EXPECT_EQ(group_states(Members{}, false), open);
  EXPECT_EQ(group_states(Members{std::nullopt, std::nullopt}, false), open);
  GroupStates partly = open;
  partly.insert({CopyState::Broken, CopyState::Mixed});
  EXPECT_EQ(group_states(Members{CopyState::Broken, std::nullopt}, false), partly);
}

}  // namespace
}  // namespace lockstep::machine
