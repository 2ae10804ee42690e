// Goal: a transition that was never taken has a reason only if what was seen gives it one.
#include "properties/harness/tally.hpp"

#include <gtest/gtest.h>

#include <string>

namespace lockstep::properties {
namespace {

constexpr const char* kRepair = "Snapshot T-052";

class TallyOfSnapshots : public testing::Test {
 protected:
  TallyOfSnapshots() {
    world_.capabilities.kinds = {{SyncType::Snapshot, Mode::Synchronous, Locality::Local}};
    world_.faults = {FaultKind::SpaceExhausted, FaultKind::SpaceRestored,
                     FaultKind::ElementUnknown};
    RelationshipView broken;
    broken.sync_type = SyncType::Snapshot;
    broken.mode = Mode::Synchronous;
    broken.copy_state = CopyState::Broken;
    Inventory inventory;
    inventory.relationships.push_back(broken);
    tally_.seen(inventory);
    tally_.transitions({{"Snapshot", "T-056", "Invalid", "Broken"}});
  }
  [[nodiscard]] std::string why_not_repaired() const {
    return tally_.record(world_).unreached.at(kRepair);
  }

  World world_;
  Tally tally_;
};

TEST_F(TallyOfSnapshots, WithoutACauseHaveNothingToRepair) {
  EXPECT_NE(why_not_repaired().find("T-056"), std::string::npos) << why_not_repaired();
}

TEST_F(TallyOfSnapshots, ThatBrokeForACauseShouldHaveBeenRepaired) {
  tally_.transitions({{"Snapshot", "T-057", "Synchronized", "Broken"}});
  EXPECT_EQ(why_not_repaired(), kNoReason);
}

TEST_F(TallyOfSnapshots, ThatWereRepairedNeedNoReason) {
  tally_.transitions({{"Snapshot", "T-052", "Broken", "Synchronized"}});
  EXPECT_FALSE(tally_.record(world_).unreached.contains(kRepair));
}

}  // namespace
}  // namespace lockstep::properties
