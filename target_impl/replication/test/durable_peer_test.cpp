// Goal: with a store, mirrors to a peer are there again after the end of the process: claims are
// recognised, states are what they may be, and what is shipped is what may differ.
// Method: stop and start a reference with a peer behind a fault proxy. A crash that loses what was
// not on disk yet is made by giving the next process the store of an earlier moment, beside what
// was noted of changes on the peer since.
#include "model/vocab/names.hpp"
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/peer/scsi_commands.hpp"
#include "target_impl/replication/test/two_systems.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace lockstep::replication::test {
namespace {

using enum CopyState;
namespace fs = std::filesystem;

constexpr std::uint64_t kLittle = 3 * store::kExtentBytes;  // of four

class DurablePeer : public ::testing::Test {
 protected:
  void restart() {
    two.rig.stop();
    two.rig.start();
  }
  // The store as it is now, for crash_back().
  void keep_store() {
    two.rig.stop();
    fs::copy(directory, kept, fs::copy_options::recursive);
    two.rig.start();
  }
  // The end of a process that had brought nothing to disk since keep_store(), except what it had
  // noted of changes on the peer.
  void crash_back() {
    two.rig.stop();
    for (const auto& entry : fs::directory_iterator(kept)) {
      const std::string name = entry.path().filename().string();
      if (name.rfind("peer-changes-", 0) == 0) continue;
      fs::copy_file(entry.path(), fs::path(directory) / name, fs::copy_options::overwrite_existing);
    }
    two.rig.start();
  }
  [[nodiscard]] std::uint64_t shipped() { return two.peer.proxy().bytes_to_target(); }
  [[nodiscard]] std::string there() { return two.peer.read(1, 0, kBlocks); }
  // For the next process, which finds the peer away.
  void wait_for_answers(std::chrono::milliseconds longest) {
    two.rig.options().peers.front().answer_timeout = longest;
  }
  [[nodiscard]] Result<std::unique_ptr<initiator::Session>> another_initiator() {
    initiator::SessionOptions options;
    options.credentials = {peer::test::kPeerUser, peer::test::kPeerPassword};
    return initiator::Session::connect(two.peer.direct_portal(), peer::test::kPeerTarget, options);
  }
  void clear_claims_there(std::uint16_t lun) {
    const auto session = another_initiator();
    ASSERT_TRUE(session) << session.error().message;
    constexpr std::uint64_t kKey = 77;
    ASSERT_TRUE(peer::register_key(*session.value(), lun, kKey));
    constexpr std::array<std::uint8_t, 10> kClear{0x5f, 0x03, 0, 0, 0, 0, 0, 0, 24, 0};
    std::array<std::byte, 24> parameters{};
    parameters[7] = std::byte{kKey};
    std::uint8_t status = 0xFF;
    session.value()->command(lun, kClear, {}, parameters, [&](const initiator::Completion& c) {
      status = c.answer.scsi_status;
    });
    EXPECT_TRUE(session.value()->run_until_idle());
    EXPECT_EQ(status, 0);
  }
  // 0x18 is RESERVATION CONFLICT.
  [[nodiscard]] std::uint8_t write_from_a_host_there(std::uint16_t lun, char fill) {
    const auto session = another_initiator();
    EXPECT_TRUE(session) << session.error().message;
    const std::vector<std::byte> data(512, static_cast<std::byte>(fill));
    std::uint8_t status = 0xFF;
    session.value()->write(lun, Lba{1}, BlockSize{512}, data,
                           [&](const initiator::Completion& c) { status = c.answer.scsi_status; });
    EXPECT_TRUE(session.value()->run_until_idle());
    return status;
  }

  lockstep::test::ScratchDirectory scratch;
  const std::string directory = scratch.file("store");
  const std::string kept = scratch.file("kept");
  TwoSystems two{{kBlocks, kBlocks}, kLongAnswer, directory};
  ElementRef source = two.rig.volume();
};

TEST_F(DurablePeer, AnOrderlyStopLeavesNothingToShip) {
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous}) {
    ASSERT_EQ(two.rig.write(source, 0, 'a', kBlocks), 0);
    const RelationshipRef pair = two.mirror(source, mode);
    ASSERT_EQ(two.rig.write(source, 7, 'b'), 0);
    ASSERT_TRUE(two.become_equal(source, 1));
    ASSERT_TRUE(two.becomes(pair, Synchronized));
    const std::uint64_t before = shipped();
    restart();
    EXPECT_EQ(two.rig.state(pair), Synchronized) << to_text(mode);
    EXPECT_LT(shipped() - before, store::kExtentBytes);
    EXPECT_EQ(write_from_a_host_there(1, 'x'), 0x18) << "the claim is gone";
    ASSERT_EQ(two.rig.write(source, 9, 'c'), 0);
    EXPECT_TRUE(two.become_equal(source, 1));
    ASSERT_TRUE(two.rig.modify(Operation::Detach, pair).completed());
  }
}

TEST_F(DurablePeer, AnOrderlyStopWaitsForWhatAnAsynchronousMirrorOwes) {
  const RelationshipRef pair = two.mirror(source, Mode::Asynchronous);
  two.peer.proxy().delay(std::chrono::milliseconds{5});
  ASSERT_EQ(two.rig.write(source, 0, 'a', kBlocks), 0);
  const std::string written = two.rig.whole(source);
  two.rig.stop();
  EXPECT_TRUE(there() == written);
  two.peer.proxy().delay(std::chrono::milliseconds{0});
  const std::uint64_t before = shipped();
  two.rig.start();
  EXPECT_EQ(two.rig.state(pair), Synchronized);
  EXPECT_LT(shipped() - before, store::kExtentBytes);
}

TEST_F(DurablePeer, WhatACrashLeavesInDoubtIsShippedAndNoMore) {
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous}) {
    ASSERT_EQ(two.rig.write(source, 0, 'a', kBlocks), 0);
    const RelationshipRef pair = two.mirror(source, mode);
    ASSERT_TRUE(two.become_equal(source, 1));
    keep_store();
    ASSERT_TRUE(two.becomes(pair, Synchronized));
    // On the peer, and lost here.
    ASSERT_EQ(two.rig.write(source, 300, 'b'), 0);
    ASSERT_TRUE(two.become_equal(source, 1));
    const std::uint64_t before = shipped();
    crash_back();
    EXPECT_TRUE(two.becomes(pair, Synchronized));
    EXPECT_EQ(two.rig.read(source, 300), std::string(512, 'a'));
    EXPECT_TRUE(two.become_equal(source, 1)) << to_text(mode);
    EXPECT_LT(shipped() - before, kLittle);
    EXPECT_GT(shipped() - before, 512U);
    ASSERT_TRUE(two.rig.modify(Operation::Detach, pair).completed());
    fs::remove_all(kept);
  }
}

TEST_F(DurablePeer, SeparatedPairsAreWhatTheyWere) {
  struct Case {
    Operation away;
    CopyState state;
    Operation back;
  };
  ASSERT_EQ(two.rig.write(source, 0, 'a', kBlocks), 0);
  const RelationshipRef pair = two.mirror(source);
  for (const Case& one : {Case{Operation::Split, Split, Operation::ResyncReplica},
                          {Operation::Fracture, Fractured, Operation::ResyncReplica},
                          {Operation::Suspend, Suspended, Operation::Resume},
                          {Operation::Deactivate, Inactive, Operation::Activate}}) {
    ASSERT_TRUE(two.rig.modify(one.away, pair).completed());
    const std::string at_separation = there();
    ASSERT_EQ(two.rig.write(source, 20, static_cast<char>(one.state)), 0);
    restart();
    EXPECT_EQ(two.rig.state(pair), one.state);
    EXPECT_EQ(there(), at_separation);
    EXPECT_EQ(write_from_a_host_there(1, 'x'), 0x18);
    const std::uint64_t before = shipped();
    ASSERT_TRUE(two.rig.job_ends(two.rig.modify(one.back, pair))) << to_text(one.back);
    EXPECT_TRUE(two.become_equal(source, 1));
    EXPECT_LT(shipped() - before, kLittle);
  }
}

TEST_F(DurablePeer, AResyncThatWasForgottenIsNotTakenForASplit) {
  ASSERT_EQ(two.rig.write(source, 0, 'a', kBlocks), 0);
  const RelationshipRef pair = two.mirror(source);
  ASSERT_TRUE(two.rig.modify(Operation::Split, pair).completed());
  ASSERT_EQ(two.rig.write(source, 0, 'b', 4), 0);
  keep_store();
  ASSERT_EQ(two.rig.state(pair), Split);
  ASSERT_TRUE(two.rig.job_ends(two.rig.modify(Operation::ResyncReplica, pair)));
  crash_back();
  EXPECT_EQ(two.rig.state(pair), Broken) << "its target is no image of that moment";
  ASSERT_TRUE(two.rig.job_ends(two.rig.modify(Operation::ResyncReplica, pair)));
  EXPECT_TRUE(two.become_equal(source, 1));
}

// Nobody knows what such a peer holds. It is shipped what it should; but not over what has been
// parted, which is all that is left of what it was.
TEST_F(DurablePeer, APeerThatForgetsItsClaimsIsShippedToOnlyWhereDataFlow) {
  ASSERT_EQ(two.rig.write(source, 0, 'a', kBlocks), 0);
  const RelationshipRef parted = two.mirror(source);
  ASSERT_TRUE(two.rig.modify(Operation::Split, parted).completed());
  const ElementRef other = two.rig.volume();
  const RelationshipRef flowing = two.mirror(other);
  two.rig.stop();
  clear_claims_there(1);
  clear_claims_there(2);
  EXPECT_EQ(write_from_a_host_there(2, 'x'), 0);
  EXPECT_EQ(write_from_a_host_there(1, 'x'), 0);
  const std::string left = there();
  two.rig.start();
  EXPECT_TRUE(two.becomes(flowing, Synchronized));
  EXPECT_TRUE(two.become_equal(other, 2));
  EXPECT_EQ(two.rig.state(parted), Broken);
  EXPECT_TRUE(there() == left);
  // The way back to it.
  ASSERT_TRUE(two.rig.modify(Operation::Failover, parted).completed());
  ASSERT_TRUE(two.rig.job_ends(two.rig.modify(Operation::Failback, parted)));
  EXPECT_TRUE(two.rig.whole(source) == left);
}

TEST_F(DurablePeer, WhoLeadsThereStillLeads) {
  const RelationshipRef pair = two.mirror(source);
  ASSERT_EQ(two.rig.write(source, 0, 'a', 4), 0);
  ASSERT_TRUE(two.rig.modify(Operation::Failover, pair).completed());
  restart();
  EXPECT_EQ(two.rig.state(pair), Failedover);
  EXPECT_EQ(write_from_a_host_there(1, 'f'), 0);
  ASSERT_TRUE(two.rig.job_ends(two.rig.modify(Operation::Failback, pair)));
  EXPECT_EQ(two.rig.read(source, 1), std::string(512, 'f'));
  EXPECT_EQ(write_from_a_host_there(1, 'x'), 0x18);
  EXPECT_TRUE(two.become_equal(source, 1));
}

TEST_F(DurablePeer, WhatIsBroughtBackFromThereGoesOn) {
  for (const bool fails_back : {false, true}) {
    ASSERT_EQ(two.rig.write(source, 0, 'a', kBlocks), 0);
    const RelationshipRef pair = two.mirror(source);
    ASSERT_TRUE(
        two.rig.modify(fails_back ? Operation::Failover : Operation::Split, pair).completed());
    if (fails_back) {
      ASSERT_EQ(write_from_a_host_there(1, 'f'), 0);
    } else {
      ASSERT_EQ(two.rig.write(source, 1, 'b'), 0);
    }
    const std::string leads = there();
    const std::string follows = two.rig.whole(source);
    two.rig.inject(FaultKind::CopyHeld);
    const Answer begun =
        two.rig.modify(fails_back ? Operation::Failback : Operation::RestoreFromReplica, pair);
    ASSERT_TRUE(begun.started_job());
    two.rig.stop();
    two.peer.proxy().cut();
    wait_for_answers(std::chrono::seconds{1});
    two.rig.start();
    two.rig.inject(FaultKind::CopyReleased);
    EXPECT_EQ(two.rig.state(pair), fails_back ? Partitioned : Split);
    EXPECT_TRUE(two.rig.whole(source) == follows);
    EXPECT_EQ(write_from_a_host_there(1, 'x'), 0x18) << "it is being read";
    two.peer.proxy().heal();
    ASSERT_TRUE(two.rig.job_ends(begun));
    EXPECT_EQ(two.rig.state(pair), fails_back ? Synchronized : Restored);
    EXPECT_TRUE(two.rig.whole(source) == leads);
    EXPECT_TRUE(there() == leads) << "what was to be brought back is lost";
    EXPECT_EQ(write_from_a_host_there(1, 'x'), 0x18);
    ASSERT_TRUE(two.rig.modify(Operation::Detach, pair).completed());
  }
}

TEST_F(DurablePeer, AFailbackThatFailsLeavesTheLeadThere) {
  const RelationshipRef pair = two.mirror(source);
  ASSERT_TRUE(two.rig.modify(Operation::Failover, pair).completed());
  two.rig.inject(FaultKind::CopyHeld);
  const Answer begun = two.rig.modify(Operation::Failback, pair);
  EXPECT_EQ(write_from_a_host_there(1, 'x'), 0x18) << "it is being read";
  two.rig.inject(FaultKind::SpaceExhausted);
  EXPECT_TRUE(two.rig.job_ends(begun, JobState::Exception));
  EXPECT_EQ(two.rig.state(pair), Failedover);
  EXPECT_EQ(write_from_a_host_there(1, 'f'), 0);
  two.rig.inject(FaultKind::SpaceRestored);
  EXPECT_EQ(two.rig.state(pair), Failedover);
  // Out of sight.
  const Answer again = two.rig.modify(Operation::Failback, pair);
  two.peer.proxy().cut();
  ASSERT_TRUE(two.becomes(pair, Partitioned));
  two.rig.inject(FaultKind::SpaceExhausted);
  EXPECT_TRUE(two.rig.job_ends(again, JobState::Exception));
  two.peer.proxy().heal();
  ASSERT_TRUE(two.becomes(pair, Failedover));
  EXPECT_EQ(write_from_a_host_there(1, 'g'), 0);
  two.rig.inject(FaultKind::SpaceRestored);
  two.rig.inject(FaultKind::CopyReleased);
  ASSERT_TRUE(two.rig.job_ends(two.rig.modify(Operation::Failback, pair)));
  EXPECT_EQ(two.rig.read(source, 1), std::string(512, 'g'));
}

TEST_F(DurablePeer, APeerThatIsAwayIsWaitedFor) {
  for (const Mode mode : {Mode::Synchronous, Mode::Asynchronous}) {
    const RelationshipRef pair = two.mirror(source, mode);
    ASSERT_EQ(two.rig.write(source, 3, 'a'), 0);
    ASSERT_TRUE(two.become_equal(source, 1));
    two.rig.stop();
    two.peer.proxy().cut();
    wait_for_answers(std::chrono::seconds{1});
    two.rig.start();
    EXPECT_EQ(two.rig.state(pair), Broken) << to_text(mode);
    ASSERT_EQ(two.rig.write(source, 4, 'b'), 0);
    two.peer.proxy().heal();
    EXPECT_TRUE(two.becomes(pair, Synchronized));
    EXPECT_TRUE(two.become_equal(source, 1));
    ASSERT_TRUE(two.rig.modify(Operation::Detach, pair).completed());
  }
}

TEST_F(DurablePeer, AClaimThatNoRelationshipKnowsIsGivenBack) {
  const RelationshipRef first = two.mirror(source);
  keep_store();
  const RelationshipRef forgotten = two.mirror(two.rig.volume());
  EXPECT_EQ(write_from_a_host_there(2, 'x'), 0x18);
  crash_back();
  EXPECT_FALSE(two.rig.state(forgotten));
  EXPECT_TRUE(two.becomes(first, Synchronized));
  EXPECT_EQ(write_from_a_host_there(2, 'x'), 0);
  EXPECT_EQ(write_from_a_host_there(1, 'x'), 0x18);
  EXPECT_FALSE(two.mirror(two.rig.volume()).path.empty());
}

TEST_F(DurablePeer, OneThatIsNotNamedAnyMoreIsAskedFor) {
  static_cast<void>(two.mirror(source));
  two.rig.stop();
  auto without = two.rig.options();
  without.peers.clear();
  const auto refused = make_reference(without);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("the peer system \"far\""), std::string::npos)
      << refused.error().message;
  two.rig.start();
}

TEST_F(DurablePeer, PasswordsAreNotOnDisk) {
  two.rig.stop();
  two.rig.options().peers.front().user.reset();
  two.rig.options().peers.front().password.reset();
  two.rig.start();
  auto request = two.request(source);
  request.username = peer::test::kPeerUser;
  request.password = peer::test::kPeerPassword;
  const Answer answer = two.rig.call(request);
  ASSERT_TRUE(two.rig.job_ends(answer));
  const RelationshipRef pair = two.rig.look().relationships.front().ref;
  two.rig.stop();
  for (const auto& entry : fs::directory_iterator(directory)) {
    std::ostringstream content;
    content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(content.str().find(peer::test::kPeerPassword), std::string::npos) << entry.path();
  }
  wait_for_answers(std::chrono::seconds{1});
  two.rig.start();
  EXPECT_EQ(two.rig.state(pair), Broken);
  // Named once more, they are used again.
  request.source = two.rig.volume();
  EXPECT_TRUE(two.rig.call(request).accepted());
  EXPECT_TRUE(two.becomes(pair, Synchronized));
}

TEST_F(DurablePeer, ASpareThatHeldSomethingHoldsTheSourceAfterwards) {
  for (std::uint64_t block = 0; block != kBlocks; ++block) two.write_there(1, block, 'z');
  ASSERT_EQ(two.rig.write(source, 5, 'a'), 0);
  static_cast<void>(two.mirror(source));
  EXPECT_EQ(there(), two.rig.whole(source));
}

}  // namespace
}  // namespace lockstep::replication::test
