#include "statemachine/events.hpp"

#include "model/vocab/names.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace lockstep::machine {
namespace {

TEST(MachineKind, FollowsSyncTypeAndMode) {
  EXPECT_EQ(machine_kind_of(SyncType::Mirror, Mode::Synchronous), MachineKind::MirrorSync);
  EXPECT_EQ(machine_kind_of(SyncType::Mirror, Mode::Asynchronous), MachineKind::MirrorAsync);
  EXPECT_EQ(machine_kind_of(SyncType::Mirror, Mode::Adaptive), MachineKind::MirrorAdaptive);
  EXPECT_EQ(machine_kind_of(SyncType::Mirror, Mode::Unknown), MachineKind::MirrorAdaptive);
  EXPECT_EQ(machine_kind_of(SyncType::Snapshot, Mode::Synchronous), MachineKind::Snapshot);
  EXPECT_EQ(machine_kind_of(SyncType::Clone, Mode::Asynchronous), MachineKind::Clone);
  EXPECT_EQ(machine_kind_of(SyncType::TokenizedClone, Mode::Unknown), MachineKind::TokenizedClone);
  EXPECT_EQ(machine_kind_of(SyncType{5}, Mode::Synchronous), std::nullopt);
  EXPECT_EQ(machine_kind_of(SyncType{32768}, Mode::Synchronous), std::nullopt);
}

TEST(EventOfOperation, HasTheOperationsNameOrNothing) {
  std::set<Operation> without;
  for (const Operation operation : all_values<Operation>()) {
    const auto event = event_of(operation);
    if (!event) {
      without.insert(operation);
      continue;
    }
    EXPECT_EQ(to_text(*event), to_text(operation));
    EXPECT_EQ(kind_of(*event), EventKind::Operation);
  }
  EXPECT_EQ(without, (std::set{Operation::ActivateConsistency, Operation::AddSyncPair,
                               Operation::DeactivateConsistency, Operation::RemoveSyncPair}));
  EXPECT_EQ(event_of(Operation{26}), std::nullopt);
  EXPECT_EQ(event_of(Operation{32768}), std::nullopt);
}

TEST(EventKind, CountsAsTheSpecificationSorts) {
  std::map<EventKind, int> counts;
  for (const Event event : all_values<Event>()) ++counts[kind_of(event)];
  EXPECT_EQ(counts[EventKind::Create], 7);
  EXPECT_EQ(counts[EventKind::Operation], 20);
  EXPECT_EQ(counts[EventKind::Automatic], 6);
  EXPECT_EQ(counts[EventKind::Host], 2);
  EXPECT_EQ(counts[EventKind::Fault], 6);
  EXPECT_EQ(counts[EventKind::Repair], 6);
}

}  // namespace
}  // namespace lockstep::machine
