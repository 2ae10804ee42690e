// Goal: with a store, the next process goes on where the last ended: same references, LUNs and
// bytes, copies under way continued, mirrors repaired, damage refused by name.
// Method: stop and start a reference on one directory; what a crash leaves is put there by hand
// with the store itself (durability/ kills processes).
#include "target_impl/replication/catalogue/record_bytes.hpp"
#include "target_impl/replication/test/rig.hpp"
#include "target_impl/store/durable_store.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep::replication::test {
namespace {

const std::string kZeros(512, '\0');

class DurableService : public ::testing::Test {
 protected:
  [[nodiscard]] ReferenceOptions options() const {
    ReferenceOptions options;
    options.store_directory = directory;
    return options;
  }
  [[nodiscard]] std::unique_ptr<store::DurableStore> open() const {
    auto opened = store::DurableStore::open(directory);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(opened).value();
  }
  // Why a reference does not start on the directory.
  [[nodiscard]] std::string refusal() const {
    const auto made = make_reference(options());
    return made ? "" : made.error().message;
  }
  void restart() {
    rig.stop();
    rig.start();
  }
  Answer mirror(const ElementRef& source, Mode mode,
                CopyRecoveryMode recovery = CopyRecoveryMode::Automatic) {
    CreateElementReplicaRequest request;
    request.sync_type = SyncType::Mirror;
    request.mode = mode;
    request.source_element = source;
    ReplicationSettingData settings;
    settings.copy_recovery_mode = recovery;
    request.replication_setting_data = settings;
    Answer answer = rig.call(request);
    EXPECT_TRUE(rig.job_ends(answer));
    return answer;
  }

  lockstep::test::ScratchDirectory scratch;
  const std::string directory = scratch.file("store");
  Rig rig{options()};
};

TEST_F(DurableService, EverythingIsThereAgain) {
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
  const Answer snapshot = rig.replica(SyncType::Snapshot, source);
  ASSERT_TRUE(rig.job_ends(rig.replica(SyncType::Clone, source)));
  ASSERT_TRUE(rig.job_ends(rig.replica(SyncType::TokenizedClone, source)));
  const Answer synchronous = mirror(source, Mode::Synchronous);
  (void)mirror(source, Mode::Asynchronous, CopyRecoveryMode::Manual);
  CreateGroupRequest group;
  group.group_name = "some";
  group.members = {source, *snapshot.target_element};
  group.delete_on_empty_element = true;
  ASSERT_TRUE(rig.call(group).completed());
  CreateGroupReplicaFromElementsRequest both;
  both.sync_type = SyncType::Mirror;
  both.relationship_name = "both";
  both.source_elements = {rig.volume(), rig.volume()};
  both.consistency = ConsistencyRequest::SequentialConsistency;
  ASSERT_TRUE(rig.job_ends(rig.call(both)));
  ASSERT_EQ(rig.write(source, 3, 'b'), 0);
  const Inventory before = rig.look();
  const auto lun = rig.reference().lun_of(source);

  restart();
  Inventory after = rig.look();
  EXPECT_EQ(after.pools.size(), 2U);
  EXPECT_EQ(after.elements, before.elements);
  EXPECT_EQ(after.groups, before.groups);
  EXPECT_EQ(after.relationships, before.relationships);
  EXPECT_EQ(after.jobs, before.jobs);
  EXPECT_EQ(rig.reference().lun_of(source), lun);
  EXPECT_EQ(rig.read(source, 3), std::string(512, 'b'));
  EXPECT_EQ(rig.read(*snapshot.target_element, 3), std::string(512, 'a'));

  const auto target = rig.look().find(*synchronous.synchronization)->target_element.value();
  ASSERT_EQ(rig.write(source, 4, 'c'), 0);
  EXPECT_EQ(rig.read(target, 4), std::string(512, 'c')) << "the mirror follows again";
}

TEST_F(DurableService, NumbersAreNeverGivenAgain) {
  const ElementRef source = rig.volume();
  const Answer first = rig.replica(SyncType::Snapshot, source);
  ASSERT_TRUE(rig.modify(Operation::ReturnToResourcePool, *first.synchronization).completed());
  restart();
  const Answer second = rig.replica(SyncType::Snapshot, source);
  EXPECT_NE(second.synchronization, first.synchronization);
  EXPECT_NE(second.target_element, first.target_element);
}

TEST_F(DurableService, CopiesUnderWayGoOn) {
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
  rig.inject(FaultKind::CopyHeld);
  const Answer clone = rig.replica(SyncType::Clone, source);
  const Answer token = rig.replica(SyncType::TokenizedClone, source);
  ASSERT_EQ(rig.write(source, 5, 'b'), 0);
  const Answer mirrored = rig.replica(SyncType::Mirror, source);
  ASSERT_EQ(rig.write(source, 6, 'c'), 0);
  restart();
  EXPECT_EQ(rig.state(*clone.synchronization), CopyState::Unsynchronized);
  EXPECT_EQ(rig.look().find(*clone.job)->state, JobState::Running);
  rig.inject(FaultKind::CopyReleased);
  for (const Answer& answer : {clone, token, mirrored}) {
    EXPECT_TRUE(rig.job_ends(answer));
    EXPECT_EQ(rig.state(*answer.synchronization), CopyState::Synchronized);
  }
  const std::string before(kBlocks * 512, 'a');
  EXPECT_EQ(rig.whole(*clone.target_element), before);
  EXPECT_EQ(rig.whole(*token.target_element), before);
  EXPECT_EQ(rig.whole(*mirrored.target_element), rig.whole(source));
}

TEST_F(DurableService, RestoreAndFailbackUnderWayGoOn) {
  for (const bool fails_back : {false, true}) {
    const ElementRef source = rig.volume();
    ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
    const Answer pair = mirror(source, Mode::Synchronous);
    const RelationshipRef relationship = *pair.synchronization;
    const auto parted = fails_back ? Operation::Failover : Operation::Split;
    ASSERT_TRUE(rig.modify(parted, relationship).completed());
    ASSERT_EQ(rig.write(*pair.target_element, 9, 'b'), 0);
    if (!fails_back) {
      ASSERT_EQ(rig.write(source, 10, 'c'), 0);
    }
    rig.inject(FaultKind::CopyHeld);
    const auto back = fails_back ? Operation::Failback : Operation::RestoreFromReplica;
    const Answer begun = rig.modify(back, relationship);
    ASSERT_TRUE(begun.started_job());
    restart();
    rig.inject(FaultKind::CopyReleased);
    ASSERT_TRUE(rig.job_ends(begun));
    EXPECT_EQ(rig.read(source, 9), std::string(512, 'b'));
    EXPECT_EQ(rig.whole(source), rig.whole(*pair.target_element));
    EXPECT_EQ(rig.state(relationship), fails_back ? CopyState::Synchronized : CopyState::Restored);
  }
}

TEST_F(DurableService, AsynchronousMirrorsShipWhatTheyOwe) {
  const ElementRef source = rig.volume();
  const Answer pair = mirror(source, Mode::Asynchronous);
  rig.inject(FaultKind::CopyHeld);
  ASSERT_EQ(rig.write(source, 1, 'x'), 0);
  restart();
  EXPECT_EQ(rig.read(*pair.target_element, 1), kZeros);
  rig.inject(FaultKind::CopyReleased);
  EXPECT_TRUE(rig.eventually([&](const Inventory&) {
    return rig.read(*pair.target_element, 1) == std::string(512, 'x');
  }));
}

TEST_F(DurableService, AsynchronousMirrorsShipWithoutBeingAsked) {
  const ElementRef source = rig.volume();
  const Answer pair = mirror(source, Mode::Asynchronous);
  rig.stop();
  {
    const auto store = open();
    const std::vector<std::byte> data(512, std::byte{'o'});
    ASSERT_EQ(store->find_volume(store->volumes().front().name)->write(Lba{2}, data),
              store::WriteResult::Done);
  }
  rig.start();
  EXPECT_TRUE(rig.eventually([&](const Inventory&) {
    return rig.read(*pair.target_element, 2) == std::string(512, 'o');
  }));
}

// What is left when a write reached the source, the target could not take it, and the process ended
// before that was noted.
class HalfMirroredWrite : public DurableService {
 protected:
  Answer pair_with_half_a_write(CopyRecoveryMode recovery) {
    source = rig.volume();
    Answer pair = mirror(source, Mode::Synchronous, recovery);
    rig.stop();
    {
      const auto store = open();
      const std::vector<std::byte> data(512, std::byte{'h'});
      EXPECT_EQ(store->find_volume(store->volumes().front().name)->write(Lba{2}, data),
                store::WriteResult::Done);
    }
    rig.start();
    return pair;
  }
  ElementRef source;
};

TEST_F(HalfMirroredWrite, IsShippedBeforeThePairIsSynchronizedAgain) {
  const Answer pair = pair_with_half_a_write(CopyRecoveryMode::Automatic);
  ASSERT_EQ(rig.read(source, 2), std::string(512, 'h'));
  EXPECT_TRUE(rig.eventually([&](const Inventory& inventory) {
    return inventory.find(*pair.synchronization)->copy_state == CopyState::Synchronized;
  }));
  EXPECT_EQ(rig.read(*pair.target_element, 2), std::string(512, 'h'));
  ASSERT_EQ(rig.write(source, 3, 'i'), 0);
  EXPECT_EQ(rig.whole(*pair.target_element), rig.whole(source));
}

TEST_F(HalfMirroredWrite, WaitsWhereRecoveryIsManual) {
  const Answer pair = pair_with_half_a_write(CopyRecoveryMode::Manual);
  EXPECT_EQ(rig.state(*pair.synchronization), CopyState::Suspended);
  EXPECT_EQ(rig.read(*pair.target_element, 2), kZeros);
  ASSERT_TRUE(rig.job_ends(rig.modify(Operation::Resume, *pair.synchronization)));
  EXPECT_EQ(rig.whole(*pair.target_element), rig.whole(source));
}

TEST_F(DurableService, HostWritesToAReplicaAreNotForgotten) {
  const ElementRef source = rig.volume();
  const Answer written = rig.replica(SyncType::Snapshot, source);
  const Answer untouched = rig.replica(SyncType::Snapshot, source);
  ASSERT_EQ(rig.write(*written.target_element, 0, 'x'), 0);
  restart();
  EXPECT_EQ(rig.state(*written.synchronization), CopyState::Skewed);
  EXPECT_EQ(rig.state(*untouched.synchronization), CopyState::Synchronized);
}

TEST_F(DurableService, TheStoreHoldsNothingThatNobodyNeeds) {
  const ElementRef source = rig.volume();
  ASSERT_EQ(rig.write(source, 0, 'a', kBlocks), 0);
  ASSERT_TRUE(rig.job_ends(rig.replica(SyncType::Clone, source)));
  rig.inject(FaultKind::CopyHeld);
  (void)rig.replica(SyncType::Clone, source);
  restart();
  rig.inject(FaultKind::CopyReleased);
  EXPECT_TRUE(rig.eventually([](const Inventory& inventory) {
    return std::all_of(inventory.jobs.begin(), inventory.jobs.end(),
                       [](const JobView& job) { return job.finished(); });
  }));
  for (const RelationshipView& view : rig.look().relationships) {
    ASSERT_TRUE(rig.modify(Operation::Detach, view.ref).completed());
    ASSERT_TRUE(rig.call(ReturnToStoragePoolRequest{*view.target_element}).completed());
  }
  rig.stop();
  const auto store = open();
  EXPECT_EQ(store->volumes().size(), 1U);
  EXPECT_TRUE(store->images().empty());
}

TEST_F(DurableService, AHostsWriteThatHasBeenSeenIsNotSeenAgain) {
  const Answer answer = mirror(rig.volume(), Mode::Synchronous);
  const ElementRef target = answer.target_element.value();
  const RelationshipRef pair = rig.look().relationships.front().ref;
  ASSERT_TRUE(rig.modify(Operation::Fracture, pair).completed());
  ASSERT_EQ(rig.write(target, 0, 'x'), 0);
  ASSERT_EQ(rig.state(pair), CopyState::Skewed);
  ASSERT_TRUE(rig.modify(Operation::Fracture, pair).completed());
  restart();
  EXPECT_EQ(rig.state(pair), CopyState::Fractured);
  ASSERT_EQ(rig.write(target, 1, 'y'), 0);
  restart();
  EXPECT_EQ(rig.state(pair), CopyState::Skewed);
}

TEST_F(DurableService, AnotherFormatIsNamedAndNotGuessedAt) {
  (void)rig.volume();
  rig.stop();
  {
    const std::string newer = "lockstep-replication 3";
    ASSERT_TRUE(open()->put("replication/format", std::as_bytes(std::span(newer))));
  }
  EXPECT_EQ(refusal(), directory +
                           ": expected a catalogue of format \"lockstep-replication 2\", found "
                           "\"lockstep-replication 3\"; use the version of lockstep that wrote "
                           "it, or another directory");
}

TEST_F(DurableService, AStoreOfAnotherKindIsRefused) {
  rig.stop();
  const std::string other = scratch.file("other");
  (void)store::DurableStore::open(other).value()->create_volume("disk", BlockCount{8}, {512});
  ReferenceOptions wanted;
  wanted.store_directory = other;
  const auto made = make_reference(wanted);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("expected a store of the replication service"),
            std::string::npos)
      << made.error().message;
}

TEST_F(DurableService, OneProcessAtATime) {
  EXPECT_NE(refusal().find(directory), std::string::npos);
}

// Each record damaged in turn; the reference says which.
class DamagedCatalogue : public DurableService {
 protected:
  void SetUp() override {
    source = rig.volume();
    ASSERT_TRUE(rig.replica(SyncType::Snapshot, source).completed());
    CreateGroupReplicaFromElementsRequest group;
    group.sync_type = SyncType::Mirror;
    group.source_elements = {rig.volume(), rig.volume()};
    rig.inject(FaultKind::CopyHeld);
    ASSERT_TRUE(rig.call(group).started_job());
    rig.stop();
  }
  // The first record of that kind with something about it changed.
  template <class Record, class Change>
  void expect_refusal(const std::string& kind, Change change, const std::string& expected) {
    std::string key;
    RecordBytes before;
    {
      const auto store = open();
      key = store->keys("replication/" + kind + "/").front();
      before = store->get(key).value();
      Record record = decode<Record>(before).value();
      change(record);
      ASSERT_TRUE(store->put(key, encode(record)));
    }
    EXPECT_EQ(refusal(), directory + ": \"" + key + "\": expected " + expected +
                             ", found otherwise; restore the directory from a copy");
    ASSERT_TRUE(open()->put(key, before));
  }
  ElementRef source;
};

TEST_F(DamagedCatalogue, IsRefusedWithTheRecordThatIsWrong) {
  expect_refusal<ElementRecord>(
      "element", [](auto& record) { record.lun = 0; }, "a LUN of 1 to 255 of its own");
  expect_refusal<ElementRecord>(
      "element", [](auto& record) { record.device_id = "7abc"; }, "a device identifier of its own");
  expect_refusal<PairRecord>(
      "pair", [](auto& record) { record.target = 99; }, "a source and a target that exist");
  expect_refusal<PairRecord>(
      "pair", [](auto& record) { record.group = 99; }, "a group relationship that has it");
  expect_refusal<PairRecord>(
      "pair", [](auto& record) { record.source = record.target; }, "a source that is no replica");
  expect_refusal<GroupRecord>(
      "group", [](auto& record) { record.members.push_back(99); }, "members that exist");
  expect_refusal<GroupPairRecord>(
      "group pair", [](auto& record) { record.source_group = 99; }, "groups that exist");
  expect_refusal<CopyRecord>(
      "copy", [](auto& record) { record.pairs.push_back(99); }, "pairs that exist");
  expect_refusal<JobRecord>(
      "job", [](auto& record) { record.pending.clear(); }, "pairs to wait for that exist");
  EXPECT_EQ(refusal(), "") << "as it was";
}

TEST_F(DamagedCatalogue, BytesThatAreNoRecordAreRefused) {
  const std::string key = open()->keys("replication/pair/").front();
  ASSERT_TRUE(open()->put(key, std::as_bytes(std::span("nonsense", 8))));
  EXPECT_NE(refusal().find(key), std::string::npos) << refusal();
}

TEST_F(DamagedCatalogue, AMissingImageIsRefused) {
  const std::string name = open()->images().back();
  ASSERT_TRUE(open()->remove_image(name));
  EXPECT_EQ(refusal(), directory + ": \"" + name +
                           "\": expected an image, found none; restore the directory from a copy");
}

}  // namespace
}  // namespace lockstep::replication::test
