// Goal: whatever goes wrong with a request, the code is the right one, the source is untouched and
// nothing is left behind. Method: the inventory and the bytes before and after are compared.
#include "model/vocab/names.hpp"
#include "target_impl/replication/test/rig.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace lockstep::replication::test {
namespace {

constexpr std::uint64_t kSmallBlocks = 64;

// All five methods, asked for a mirror of `source` on `target`; the group method gets a group of
// the target.
std::vector<Request> requests_for(Rig& rig, const ElementRef& source, const ElementRef& target) {
  CreateElementReplicaRequest element;
  element.sync_type = SyncType::Mirror;
  element.source_element = source;
  element.target_element = target;
  CreateListReplicaRequest list;
  list.sync_type = SyncType::Mirror;
  list.source_elements = {source};
  list.target_elements = {target};
  CreateGroupRequest group;
  group.members = {target};
  CreateGroupReplicaFromElementsRequest grouped;
  grouped.sync_type = SyncType::Mirror;
  grouped.source_elements = {source};
  grouped.target_group = rig.call(group).group;
  CreateReplicaRequest volume;
  volume.source = source;
  volume.sync_type = SyncType::Mirror;
  volume.target_storage_volume = target;
  AttachReplicaRequest attach;
  attach.source_element = source;
  attach.target_element = target;
  attach.copy_type = CopyType::Sync;
  return {element, list, grouped, volume, attach};
}

TEST(Trouble, ATargetThatIsTooSmallIsRefusedByEveryMethod) {
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 's', kBlocks), 0);
  const ElementRef target = rig.volume(kSmallBlocks);
  ASSERT_EQ(rig.write(target, 0, 't', kSmallBlocks), 0);
  for (const Request& request : requests_for(rig, source, target)) {
    const Inventory before = rig.look();
    const Answer answer = rig.call(request);
    EXPECT_EQ(answer.code, ReturnCode::Failed) << to_text(method_of(request));
    EXPECT_EQ(rig.look(), before) << to_text(method_of(request));
  }
  EXPECT_EQ(rig.whole(source), std::string(kBlocks * 512, 's'));
  EXPECT_EQ(rig.read(target, 0, kSmallBlocks), std::string(kSmallBlocks * 512, 't'));
}

TEST(Trouble, ATargetInUseIsRefusedByEveryMethod) {
  Rig rig;
  const ElementRef source = rig.volume();
  const ElementRef other = rig.volume();
  const ElementRef target = rig.volume();
  CreateElementReplicaRequest first;
  first.sync_type = SyncType::Mirror;
  first.source_element = other;
  first.target_element = target;
  ASSERT_TRUE(rig.job_ends(rig.call(first)));
  for (const Request& request : requests_for(rig, source, target)) {
    const Inventory before = rig.look();
    const Answer answer = rig.call(request);
    // CreateReplica has no number for it (D-05).
    const bool unnumbered = method_of(request) == Method::CreateReplica;
    EXPECT_EQ(answer.code, unnumbered ? ReturnCode::Failed : ReturnCode::InUse)
        << to_text(method_of(request));
    EXPECT_EQ(rig.look(), before) << to_text(method_of(request));
  }
}

TEST(Trouble, NoSpaceIsRefusedBeforeAnythingIsMade) {
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 's', kBlocks), 0);
  rig.inject(FaultKind::SpaceExhausted);
  for (const SyncType sync_type : {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone}) {
    CreateElementReplicaRequest element;
    element.sync_type = sync_type;
    element.source_element = source;
    CreateListReplicaRequest list;
    list.sync_type = sync_type;
    list.source_elements = {source};
    CreateGroupReplicaFromElementsRequest group;
    group.sync_type = sync_type;
    group.source_elements = {source};
    CreateReplicaRequest volume;
    volume.source = source;
    volume.sync_type = sync_type;
    for (const Request& request : std::vector<Request>{element, list, group, volume}) {
      const Inventory before = rig.look();
      const Answer answer = rig.call(request);
      const bool numbered = method_of(request) == Method::CreateReplica;
      EXPECT_EQ(answer.code, numbered ? ReturnCode::InsufficientResources : ReturnCode::Failed);
      EXPECT_EQ(rig.look(), before) << to_text(method_of(request));
    }
  }
  EXPECT_EQ(rig.whole(source), std::string(kBlocks * 512, 's'));
}

// The pool really fills up while the copy runs: only then is there no room for the target.
TEST(Trouble, APoolThatFillsUpBreaksTheCopyAndNothingElse) {
  ReferenceOptions options;
  options.pool_bytes = 2 * (kBlocks * 512 * 3 / 2);  // two pools, each of one and a half volumes
  Rig rig(options);
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 's', kBlocks), 0);
  const std::uint64_t left = rig.look().pools.front().remaining.value;
  for (const SyncType sync_type : {SyncType::Mirror, SyncType::Clone}) {
    const Answer answer = rig.replica(sync_type, source);
    EXPECT_TRUE(rig.job_ends(answer, JobState::Exception));
    EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Broken);
    EXPECT_EQ(rig.write(source, 1, 'S'), 0);  // the source goes on
    EXPECT_EQ(rig.whole(*answer.target_element), std::string(kBlocks * 512, '\0'));
    ASSERT_TRUE(rig.modify(Operation::Detach, *answer.synchronization).completed());
    ASSERT_TRUE(rig.call(ReturnToStoragePoolRequest{*answer.target_element}).completed());
    EXPECT_TRUE(rig.eventually([&](const Inventory& inventory) {
      return inventory.pools.front().remaining.value == left;
    }));
  }
  EXPECT_EQ(rig.look().relationships.size(), 0U);
  EXPECT_EQ(rig.read(source, 2, 1), std::string(512, 's'));
}

TEST(Trouble, NeitherEndOfARunningCopyCanBeDeleted) {
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 's', kBlocks), 0);
  rig.inject(FaultKind::CopyHeld);
  const Answer answer = rig.replica(SyncType::Clone, source);
  for (const ElementRef& end : {source, *answer.target_element}) {
    EXPECT_EQ(rig.call(ReturnToStoragePoolRequest{end}).code, ReturnCode::InUse);
  }
  rig.inject(FaultKind::CopyReleased);
  EXPECT_TRUE(rig.job_ends(answer));
  EXPECT_EQ(rig.whole(*answer.target_element), rig.whole(source));
}

TEST(Trouble, ASourceDeletedUnderItsCopyLeavesAWholeTarget) {
  ReferenceOptions options;
  options.freedom.deletion_ends_relationships = true;
  Rig rig(options);
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 's', kBlocks), 0);
  const ElementRef target = rig.volume();
  ASSERT_EQ(rig.write(target, 0, 't', kBlocks), 0);
  rig.inject(FaultKind::CopyHeld);
  CreateElementReplicaRequest request;
  request.sync_type = SyncType::Clone;
  request.source_element = source;
  request.target_element = target;
  const Answer answer = rig.call(request);
  ASSERT_TRUE(rig.call(ReturnToStoragePoolRequest{source}).completed());
  rig.inject(FaultKind::CopyReleased);
  EXPECT_TRUE(rig.job_ends(answer, JobState::Terminated));
  EXPECT_TRUE(rig.look().relationships.empty());
  EXPECT_EQ(rig.whole(target), std::string(kBlocks * 512, 't'));
  EXPECT_EQ(rig.write(target, 0, 'u'), 0);  // a volume of its own again
}

TEST(Trouble, OfTwoRequestsForOneTargetOneIsRefused) {
  constexpr int kRounds = 20;
  Rig rig;
  const std::array<ElementRef, 2> sources{rig.volume(), rig.volume()};
  ASSERT_EQ(rig.write(sources[0], 0, 'a', kBlocks), 0);
  ASSERT_EQ(rig.write(sources[1], 0, 'b', kBlocks), 0);
  for (int round = 0; round < kRounds; ++round) {
    const ElementRef target = rig.volume();
    std::array<Answer, 2> answers;
    std::vector<std::thread> callers;
    for (std::size_t caller = 0; caller < 2; ++caller) {
      callers.emplace_back([&, caller] {
        CreateElementReplicaRequest request;
        request.sync_type = SyncType::Clone;
        request.source_element = sources[caller];
        request.target_element = target;
        answers[caller] = rig.call(request);
      });
    }
    for (std::thread& caller : callers) caller.join();
    const std::size_t winner = answers[0].accepted() ? 0 : 1;
    ASSERT_TRUE(answers[winner].accepted());
    EXPECT_EQ(answers[1 - winner].code, ReturnCode::InUse);
    EXPECT_EQ(rig.look().relationships.size(), 1U);
    ASSERT_TRUE(rig.job_ends(answers[winner]));
    EXPECT_EQ(rig.whole(target), rig.whole(sources[winner]));
    ASSERT_TRUE(rig.modify(Operation::Detach, *answers[winner].synchronization).completed());
    ASSERT_TRUE(rig.call(ReturnToStoragePoolRequest{target}).completed());
  }
}

// Abort meets the copy at every point of its way, the last step included: it is in time, and the
// target is what it was, or it is too late, and the target is complete.
TEST(Trouble, AbortWhileFinishingLeavesNoMixture) {
  constexpr int kRounds = 40;
  Rig rig;
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 's', kBlocks), 0);
  const std::string all(kBlocks * 512, 's');
  const std::string before(kBlocks * 512, 't');
  int in_time = 0;
  for (int round = 0; round < kRounds; ++round) {
    const ElementRef target = rig.volume();
    ASSERT_EQ(rig.write(target, 0, 't', kBlocks), 0);
    CreateElementReplicaRequest request;
    request.sync_type = round % 2 == 0 ? SyncType::Clone : SyncType::Mirror;
    request.source_element = source;
    request.target_element = target;
    const Answer answer = rig.call(request);
    std::this_thread::sleep_for(std::chrono::microseconds(round * 150));
    const Answer abort = rig.modify(Operation::Abort, *answer.synchronization);
    if (abort.completed()) {
      ++in_time;
      EXPECT_TRUE(rig.job_ends(answer, JobState::Terminated));
      EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Aborted);
      EXPECT_EQ(rig.whole(target), before);
    } else {
      EXPECT_EQ(abort.code, ReturnCode::InvalidParameter);
      EXPECT_TRUE(rig.job_ends(answer));
      EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Synchronized);
      EXPECT_EQ(rig.whole(target), all);
    }
    ASSERT_TRUE(rig.modify(Operation::Detach, *answer.synchronization).completed());
    ASSERT_TRUE(rig.call(ReturnToStoragePoolRequest{target}).completed());
  }
  EXPECT_GT(in_time, 0);
  EXPECT_EQ(rig.whole(source), all);
}

}  // namespace
}  // namespace lockstep::replication::test
