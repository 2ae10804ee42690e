// The machines against the specified table: the same rows, and nothing but these rows when run.
#include "model/vocab/names.hpp"
#include "statemachine/machine.hpp"
#include "statemachine/test/specified.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

namespace lockstep::machine {
namespace {

std::vector<SpecifiedRow> exported_rows() {
  std::vector<SpecifiedRow> found;
  for (const MachineKind kind : all_values<MachineKind>()) {
    for (const Row& row : rows(kind)) {
      found.push_back(
          {std::string(row.id), row.machine, row.from, row.event, row.to, row.certainty});
    }
  }
  return found;
}

TEST(MachineRows, AreTheSpecifiedOnesAndNoOthers) {
  const auto specified = specified_rows();
  const auto exported = exported_rows();
  const std::set<SpecifiedRow> want(specified.begin(), specified.end());
  const std::set<SpecifiedRow> have(exported.begin(), exported.end());
  ASSERT_GT(want.size(), 2000U);
  for (const auto& row : want) {
    EXPECT_TRUE(have.contains(row)) << "missing: " << testing::PrintToString(row);
  }
  for (const auto& row : have) {
    EXPECT_TRUE(want.contains(row)) << "unspecified: " << testing::PrintToString(row);
  }
  EXPECT_EQ(have.size(), exported.size()) << "a row is exported twice";
}

TEST(MachineRows, NameEveryTransitionOfTheSpecification) {
  std::set<std::string> ids;
  for (const auto& row : exported_rows()) ids.insert(row.id);
  EXPECT_EQ(ids.size(), 59U);
  EXPECT_EQ(*ids.begin(), "T-001");
  EXPECT_EQ(*ids.rbegin(), "T-059");
}

// No guard depends on the order of rows only if place, event and arrival name one row.
TEST(MachineRows, AreDeterministic) {
  std::set<std::tuple<MachineKind, Place, Event, Place>> seen;
  for (const auto& row : exported_rows()) {
    EXPECT_TRUE(seen.emplace(row.machine, row.from, row.event, row.to).second)
        << testing::PrintToString(row);
  }
}

class EveryMachine : public testing::TestWithParam<MachineKind> {};

TEST_P(EveryMachine, TakesEachOfItsRows) {
  const auto machine = make_machine(GetParam());
  for (const Row& row : rows(GetParam())) {
    machine->put(row.from);
    EXPECT_EQ(machine->fire(row.event, row.to), row.id);
    EXPECT_EQ(machine->place(), row.to);
  }
}

TEST_P(EveryMachine, StaysWhereNoRowLeadsAway) {
  std::map<std::tuple<Place, Event, Place>, std::string> specified;
  for (const auto& row : specified_rows()) {
    if (row.machine == GetParam()) specified[{row.from, row.event, row.to}] = row.id;
  }
  std::vector<Place> everywhere{kNowhere};
  for (const CopyState state : all_values<CopyState>()) everywhere.push_back(state);
  const auto machine = make_machine(GetParam());
  int absent = 0;
  for (const Place from : everywhere) {
    for (const Event event : all_values<Event>()) {
      for (const Place arrival : everywhere) {
        if (specified.contains({from, event, arrival})) continue;
        ++absent;
        machine->put(from);
        ASSERT_EQ(machine->fire(event, arrival), "")
            << place_text(from) << ' ' << to_text(event) << ' ' << place_text(arrival);
        ASSERT_EQ(machine->place(), from);
      }
    }
  }
  EXPECT_EQ(absent + static_cast<int>(specified.size()), 18 * 47 * 18);
}

INSTANTIATE_TEST_SUITE_P(All, EveryMachine,
                         testing::Values(MachineKind::MirrorSync, MachineKind::MirrorAsync,
                                         MachineKind::MirrorAdaptive, MachineKind::Snapshot,
                                         MachineKind::Clone, MachineKind::TokenizedClone),
                         [](const auto& machine) { return to_text(machine.param); });

TEST(Machine, StartsNowhereAndKeepsItsPlaceBetweenEvents) {
  const auto machine = make_machine(MachineKind::Snapshot);
  EXPECT_EQ(machine->kind(), MachineKind::Snapshot);
  EXPECT_EQ(machine->place(), kNowhere);
  EXPECT_EQ(machine->fire(Event::CreateInitialized, CopyState::Initialized), "T-002");
  EXPECT_EQ(machine->fire(Event::NoDataToMove, CopyState::Synchronized), "T-011");
  EXPECT_EQ(machine->fire(Event::Failover, CopyState::Failedover), "");
  EXPECT_EQ(machine->place(), Place(CopyState::Synchronized));
  EXPECT_EQ(machine->fire(Event::ReturnToResourcePool, kNowhere), "T-044");
  EXPECT_EQ(machine->place(), kNowhere);
}

TEST(MachineFlags, DifferBetweenMirrorAndReplica) {
  const Place synchronized = CopyState::Synchronized;
  for (const MachineKind kind : all_values<MachineKind>()) {
    const bool mirror = kind <= MachineKind::MirrorAdaptive;
    EXPECT_EQ(has_flag(kind, synchronized, Flag::TargetEqualsSource), mirror) << to_text(kind);
    EXPECT_EQ(has_flag(kind, synchronized, Flag::TargetIsPointInTime), !mirror) << to_text(kind);
    EXPECT_EQ(has_flag(kind, synchronized, Flag::DataFlows), mirror) << to_text(kind);
    EXPECT_EQ(has_flag(kind, CopyState::Failedover, Flag::HostMayWriteTarget), mirror);
    EXPECT_TRUE(has_flag(kind, CopyState::Unsynchronized, Flag::DataFlows));
  }
}

// A host may write the target exactly where a row says what such a write does, or where it already
// has: in Skewed and Failedover.
TEST(MachineFlags, AgreeWithTheRowsOnWritesToTheTarget) {
  for (const MachineKind kind : all_values<MachineKind>()) {
    std::set<Place> writable;
    for (const Row& row : rows(kind)) {
      if (row.event == Event::TargetWritten) writable.insert(row.from);
    }
    for (const Place place : specified_places(kind)) {
      const bool already = place == CopyState::Skewed || place == CopyState::Failedover;
      EXPECT_EQ(has_flag(kind, place, Flag::HostMayWriteTarget),
                already || writable.contains(place))
          << to_text(kind) << ' ' << place_text(place);
    }
  }
}

TEST(MachineFlags, AreNotSetWhereTheMachineHasNoSuchPlace) {
  for (const Flag flag : all_values<Flag>()) {
    EXPECT_FALSE(has_flag(MachineKind::MirrorSync, kNowhere, flag));
    EXPECT_FALSE(has_flag(MachineKind::MirrorSync, CopyState::Mixed, flag));
    EXPECT_FALSE(has_flag(MachineKind::TokenizedClone, CopyState::Split, flag));
    EXPECT_FALSE(has_flag(MachineKind::MirrorSync, CopyState{40000}, flag));
  }
}

}  // namespace
}  // namespace lockstep::machine
