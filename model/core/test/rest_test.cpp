// Goal: what the judge passes over because it stays as it was is judged as soon as it does not.
// Method: many equal looks, then one that differs in one thing.
#include "model/core/test/scene.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace lockstep::model::test {
namespace {

class AtRest : public ::testing::Test {
 protected:
  Scene scene;
  ElementRef source = scene.volume("v1");
  ElementRef mirror = scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  ElementRef snapshot = scene.replica("r2", SyncType::Snapshot, std::nullopt, source);

  void rest() {
    for (int look = 0; look < 4; ++look) EXPECT_CLEAN(scene.observe());
  }
};

TEST_F(AtRest, AStateThatNobodyAskedForIsStillABreach) {
  rest();
  scene.relationship("r1").copy_state = CopyState::Split;
  EXPECT_BREACH("T-036", scene.observe());
}

TEST_F(AtRest, OtherEndsAreStillABreach) {
  rest();
  scene.relationship("r1").target_element = snapshot;
  EXPECT_BREACH("CER-33", scene.observe());
}

TEST_F(AtRest, AFaultReachesIt) {
  rest();
  scene.judge.disturbed(Disturbance::Fault, std::nullopt, scene.window());
  scene.relationship("r1").copy_state = CopyState::Broken;
  EXPECT_CLEAN(scene.observe());
}

TEST_F(AtRest, AnOperationReachesIt) {
  rest();
  EXPECT_CLEAN(scene.operate("r1", Operation::Split, CopyState::Split));
  scene.write(source, 3);
  scene.put(mirror, 3, source, 3, 1);
  rest();
  EXPECT_BREACH("DS-MS-14", scene.read(mirror));
}

TEST_F(AtRest, AnOperationThatShowsNothingReachesIt) {
  rest();
  EXPECT_BREACH("MRS-26", scene.operate("r1", Operation::Split, CopyState::Synchronized));
}

TEST_F(AtRest, AnotherOrderIsNoNews) {
  rest();
  std::ranges::reverse(scene.inventory.relationships);
  std::ranges::reverse(scene.inventory.elements);
  rest();
  scene.relationship("r2").copy_state = CopyState::Split;
  EXPECT_BREACH("T-032", scene.observe());
}

TEST_F(AtRest, WhatVanishesFromTheMiddleIsNamed) {
  rest();
  scene.drop_element(mirror);
  const Findings findings = scene.observe();
  EXPECT_TRUE(names(findings, "DEL-3"));
  EXPECT_NE(text(findings).find("volume " + mirror.path), std::string::npos) << text(findings);
  EXPECT_EQ(text(findings).find("volume " + snapshot.path), std::string::npos) << text(findings);
}

TEST_F(AtRest, OneNameForTwoIsBorne) {
  scene.inventory.relationships.push_back(scene.relationship("r1"));
  scene.inventory.relationships.back().copy_state = CopyState::Broken;
  scene.inventory.elements.push_back(scene.inventory.elements.front());
  static_cast<void>(scene.observe());
  scene.relationship("r1").copy_state = CopyState::Split;
  EXPECT_BREACH("T-036", scene.observe());
}

TEST_F(AtRest, ACopyOfTheJudgeGoesItsOwnWay) {
  rest();
  Judge other = scene.judge;
  scene.judge.disturbed(Disturbance::Fault, std::nullopt, scene.window());
  scene.relationship("r1").copy_state = CopyState::Broken;
  const auto seen = std::make_shared<const Inventory>(scene.inventory);
  EXPECT_CLEAN(scene.judge.observed(seen, scene.tick()));
  EXPECT_TRUE(has_violation(other.observed(seen, scene.tick())));
}

}  // namespace
}  // namespace lockstep::model::test
