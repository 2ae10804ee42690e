// Goal: each kind of copy holds the bytes it promises, over real iSCSI and by either strategy.
// Method: write, copy, write on, read both sides.
#include "target_impl/replication/test/rig.hpp"

#include <gtest/gtest.h>

namespace lockstep::replication::test {
namespace {

class Copies : public ::testing::TestWithParam<CopyStrategy> {
 protected:
  Rig rig{GetParam()};
};

TEST_P(Copies, SnapshotHoldsItsPointInTimeWhileTheSourceGoesOn) {
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 3, 'a'), 0);
  const Answer answer = rig.replica(SyncType::Snapshot, source);
  ASSERT_TRUE(answer.completed());
  ASSERT_EQ(rig.write(source, 3, 'b'), 0);
  EXPECT_EQ(rig.read(*answer.target_element, 3), std::string(512, 'a'));
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Synchronized);
}

TEST_P(Copies, SnapshotIsSkewedOnceAHostHasWrittenIt) {
  const ElementRef source = rig.volume();
  const Answer answer = rig.replica(SyncType::Snapshot, source);
  ASSERT_EQ(rig.write(*answer.target_element, 0, 'x'), 0);
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Skewed);
  EXPECT_EQ(rig.read(source, 0), std::string(512, '\0'));
}

TEST_P(Copies, CloneHoldsThePointInTimeOfTheCall) {
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
  rig.inject(FaultKind::CopyHeld);
  const Answer answer = rig.replica(SyncType::Clone, source);
  ASSERT_TRUE(answer.started_job());
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Unsynchronized);
  const std::string before = rig.whole(source);
  ASSERT_EQ(rig.write(source, 100, 'b', 20), 0);
  rig.inject(FaultKind::CopyReleased);
  ASSERT_TRUE(rig.job_ends(answer));
  EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Synchronized);
  EXPECT_EQ(rig.whole(*answer.target_element), before);
}

TEST_P(Copies, TokenizedCloneHoldsThePointInTimeOfTheCall) {
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 7, 'a'), 0);
  rig.inject(FaultKind::CopyHeld);
  const Answer answer = rig.replica(SyncType::TokenizedClone, source);
  ASSERT_EQ(rig.write(source, 7, 'b'), 0);
  rig.inject(FaultKind::CopyReleased);
  ASSERT_TRUE(rig.job_ends(answer));
  EXPECT_EQ(rig.read(*answer.target_element, 7), std::string(512, 'a'));
}

TEST_P(Copies, SynchronousMirrorHoldsEveryAcknowledgedWrite) {
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', 200), 0);
  const Answer answer = rig.replica(SyncType::Mirror, source, Mode::Synchronous);
  ASSERT_TRUE(rig.job_ends(answer));
  for (std::uint64_t lba = 0; lba < 40; ++lba) {
    ASSERT_EQ(rig.write(source, lba * 11, static_cast<char>('A' + lba % 26)), 0);
  }
  EXPECT_EQ(rig.whole(*answer.target_element), rig.whole(source));
  EXPECT_NE(rig.write(*answer.target_element, 0, 'x'), 0);
}

TEST_P(Copies, AsynchronousMirrorCatchesUp) {
  const ElementRef source = rig.volume();
  const Answer answer = rig.replica(SyncType::Mirror, source, Mode::Asynchronous);
  ASSERT_TRUE(rig.job_ends(answer));
  ASSERT_EQ(rig.write(source, 9, 'q', 300), 0);
  const std::string expected = rig.whole(source);
  EXPECT_TRUE(rig.eventually(
      [&](const Inventory&) { return rig.whole(*answer.target_element) == expected; }));
}

TEST_P(Copies, AReplacedTargetShowsNothingOfItsOldContent) {
  const ElementRef source = rig.volume();
  const ElementRef target = rig.volume();
  ASSERT_EQ(rig.write(source, 1, 's'), 0);
  ASSERT_EQ(rig.write(target, 0, 't', kBlocks), 0);
  AttachReplicaRequest request;
  request.source_element = source;
  request.target_element = target;
  request.copy_type = CopyType::UnSyncUnAssoc;
  const Answer answer = rig.call(request);
  ASSERT_TRUE(rig.job_ends(answer));
  EXPECT_TRUE(rig.look().relationships.empty());
  EXPECT_EQ(rig.whole(target), rig.whole(source));
}

INSTANTIATE_TEST_SUITE_P(Strategies, Copies,
                         ::testing::Values(CopyStrategy::ThroughInitiator,
                                           CopyStrategy::ShareExtents),
                         [](const auto& parameter) {
                           return std::string(parameter.param == CopyStrategy::ShareExtents
                                                  ? "ShareExtents"
                                                  : "ThroughInitiator");
                         });

// DS-SN-01: held back by the link, the start comes surely after the answer and the write.
TEST(SelfStarting, ASnapshotHoldsTheMomentOfItsCallAndNotOfItsStart) {
  ReferenceOptions options;
  options.freedom.first_state = CopyState::Initialized;
  options.freedom.starts_by_itself = true;
  Rig rig(options);
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 3, 'a'), 0);
  rig.inject(FaultKind::LinkLost);
  const Answer answer = rig.replica(SyncType::Snapshot, source);
  ASSERT_TRUE(answer.completed());
  ASSERT_EQ(rig.state(*answer.synchronization), CopyState::Initialized);
  const auto goes_on_with = [&](char fill, char held) {
    EXPECT_EQ(rig.write(source, 3, fill), 0);
    rig.inject(FaultKind::LinkRestored);
    EXPECT_TRUE(rig.eventually([&](const Inventory& seen) {
      const auto* view = seen.find(*answer.synchronization);
      return view != nullptr && view->copy_state == CopyState::Synchronized;
    }));
    EXPECT_EQ(rig.read(*answer.target_element, 3), std::string(512, held));
  };
  goes_on_with('b', 'a');

  // The same of the call that leads back to where it starts from.
  ASSERT_TRUE(rig.modify(Operation::Deactivate, *answer.synchronization).completed());
  rig.inject(FaultKind::LinkLost);
  ASSERT_TRUE(rig.modify(Operation::Unprepare, *answer.synchronization).completed());
  ASSERT_EQ(rig.state(*answer.synchronization), CopyState::Initialized);
  goes_on_with('c', 'b');
}

}  // namespace
}  // namespace lockstep::replication::test
