#include "model/core/test/scene.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace lockstep::model::test {
namespace {

using Verdict = AllowedCodes::Verdict;

Verdict verdict(const Judge& judge, const Request& request, std::uint32_t code) {
  Answer answer;
  answer.code = static_cast<ReturnCode>(code);
  return judge.allowed(request).judge(answer);
}
Verdict verdict_status(const Judge& judge, const Request& request, CimStatus status) {
  Answer answer;
  answer.cim_status = status;
  return judge.allowed(request).judge(answer);
}

class AllowedCodesOf : public ::testing::Test {
 protected:
  Scene scene;
  ElementRef source = scene.volume("v1");
  ElementRef spare = scene.volume("v2");
};

TEST_F(AllowedCodesOf, AWellFormedCreateSucceedsEitherWay) {
  const Request request = Scene::create(SyncType::Snapshot, std::nullopt, source);
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Strict);
  EXPECT_EQ(verdict(scene.judge, request, 4096), Verdict::Strict);
  EXPECT_EQ(verdict(scene.judge, request, 5), Verdict::Tolerated);
  EXPECT_EQ(verdict(scene.judge, request, 7), Verdict::Violation);
  EXPECT_EQ(verdict(scene.judge, request, 40000), Verdict::Strict) << "GEN-03";
}

TEST_F(AllowedCodesOf, EverySyncTypeOfAllNumbers) {
  for (std::uint32_t number = 0; number <= 0xFFFF; ++number) {
    CreateElementReplicaRequest request = Scene::create(SyncType::Mirror, std::nullopt, source);
    request.sync_type = static_cast<SyncType>(number);
    const bool defined = number >= 6 && number <= 9;
    const Verdict success = verdict(scene.judge, request, 0);
    EXPECT_EQ(success, defined || number >= 0x8000 ? Verdict::Strict : Verdict::Violation)
        << number;
    if (!defined && number < 0x8000) {
      EXPECT_EQ(verdict(scene.judge, request, 1), Verdict::Strict) << number;
    }
  }
}

TEST_F(AllowedCodesOf, TokenizedCloneIsReservedAtTheSeedLevel) {
  Capabilities seed = everything();
  seed.level = SchemaLevel::Seed;
  Scene old(seed);
  const ElementRef volume = old.volume("v1");
  const Request request = Scene::create(SyncType::TokenizedClone, std::nullopt, volume);
  EXPECT_EQ(verdict(old.judge, request, 0), Verdict::Violation) << "CER-03, D-01";
  EXPECT_EQ(verdict(old.judge, request, 5), Verdict::Strict);
  CreateReplicaRequest replica;
  replica.source = volume;
  replica.sync_type = SyncType::TokenizedClone;
  EXPECT_EQ(verdict(old.judge, replica, 0), Verdict::Strict) << "MCR defines it";
}

TEST_F(AllowedCodesOf, SeveralErrorsAllowAnyOfTheirCodes) {
  CreateElementReplicaRequest request;
  request.sync_type = static_cast<SyncType>(3);
  EXPECT_EQ(verdict(scene.judge, request, 1), Verdict::Strict) << "CER-03";
  EXPECT_EQ(verdict_status(scene.judge, request, CimStatus::InvalidParameter), Verdict::Strict)
      << "CER-09";
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Violation);
}

TEST_F(AllowedCodesOf, TargetAndPoolTogetherMayOnlyJustSucceed) {
  CreateElementReplicaRequest request =
      Scene::create(SyncType::Mirror, Mode::Synchronous, source, spare);
  request.target_pool = PoolRef{"p1"};
  EXPECT_EQ(verdict(scene.judge, request, 5), Verdict::Strict);
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Tolerated) << "CER-19";
  CreateReplicaRequest replica;
  replica.source = source;
  replica.sync_type = SyncType::Mirror;
  replica.target_storage_volume = spare;
  replica.target_storage_pool = PoolRef{"p1"};
  EXPECT_EQ(verdict(scene.judge, replica, 0), Verdict::Strict) << "MCR-15 is the opposite";
}

TEST_F(AllowedCodesOf, UnknownSourceIsRefused) {
  const Request request = Scene::create(SyncType::Mirror, std::nullopt, volume_ref("nobody"));
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Violation);
  EXPECT_EQ(verdict_status(scene.judge, request, CimStatus::NotFound), Verdict::Strict);
  EXPECT_EQ(scene.judge.allowed(request).clauses.front().text, "CER-10");
}

TEST_F(AllowedCodesOf, InferredClausesOnlyWarn) {
  const Request request = Scene::create(SyncType::Mirror, std::nullopt, source, source);
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Tolerated) << "CER-44 is shall^i";
  EXPECT_EQ(verdict(scene.judge, request, 6), Verdict::Strict);
}

TEST_F(AllowedCodesOf, ActionsDecideBetweenZeroAndJob) {
  Capabilities capabilities = everything();
  capabilities.asynchronous_actions.erase(Method::CreateElementReplica);
  Scene synchronous(capabilities);
  const ElementRef volume = synchronous.volume("v1");
  const Request request = Scene::create(SyncType::Clone, std::nullopt, volume);
  EXPECT_EQ(verdict(synchronous.judge, request, 4096), Verdict::Violation) << "GEN-09";
  EXPECT_EQ(verdict(synchronous.judge, request, 0), Verdict::Strict);
}

TEST_F(AllowedCodesOf, UnsupportedWaitStatesAreRefused) {
  CreateElementReplicaRequest request = Scene::create(SyncType::Mirror, Mode::Synchronous, source);
  request.wait_for_copy_state = CopyState::Fractured;
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Violation) << "CER-35";
  EXPECT_EQ(verdict(scene.judge, request, 5), Verdict::Strict);
  request.wait_for_copy_state = CopyState::Mixed;
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Violation);
  request.wait_for_copy_state = CopyState::Synchronized;
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Strict);
  EXPECT_EQ(verdict(scene.judge, request, 3), Verdict::Strict) << "GEN-17";
}

TEST_F(AllowedCodesOf, ListMethods) {
  CreateListReplicaRequest request;
  request.sync_type = SyncType::Clone;
  request.source_elements = {source, spare};
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Strict);
  request.target_elements = {{spare}};
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Violation) << "CLR-26";
  request.target_elements = std::nullopt;
  request.source_elements = std::nullopt;
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Violation) << "CLR-09";
}

TEST_F(AllowedCodesOf, GroupMethods) {
  CreateGroupReplicaFromElementsRequest request;
  request.sync_type = SyncType::Mirror;
  request.source_elements = {source, spare};
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Strict);
  request.consistency = static_cast<ConsistencyRequest>(0);
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Violation) << "CGE-38";
  CreateGroupRequest group;
  group.members = {source};
  EXPECT_EQ(verdict(scene.judge, group, 0), Verdict::Strict);
  EXPECT_EQ(verdict(scene.judge, group, 4096), Verdict::Violation) << "CRG-01";
  DeleteGroupRequest erase;
  erase.group = GroupRef{"nobody"};
  EXPECT_EQ(verdict(scene.judge, erase, 0), Verdict::Violation) << "DLG-01";
}

TEST_F(AllowedCodesOf, AttachReplica) {
  AttachReplicaRequest request;
  request.source_element = source;
  request.target_element = spare;
  request.copy_type = CopyType::Sync;
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Strict);
  request.copy_type = static_cast<CopyType>(1);
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Violation) << "ATT-07";
  request.copy_type = CopyType::Sync;
  request.target_element = std::nullopt;
  EXPECT_EQ(verdict(scene.judge, request, 0), Verdict::Violation) << "ATT-03";
}

TEST_F(AllowedCodesOf, OperationsFollowTheMatrix) {
  scene.replica("r1", SyncType::Mirror, Mode::Synchronous, source);
  const auto operation = [&](Operation one) { return Request(Scene::modify("r1", one)); };
  EXPECT_EQ(verdict(scene.judge, operation(Operation::Split), 0), Verdict::Strict);
  EXPECT_EQ(verdict(scene.judge, operation(Operation::Split), 5), Verdict::Tolerated);
  EXPECT_EQ(verdict(scene.judge, operation(Operation::Failback), 5), Verdict::Strict);
  EXPECT_EQ(verdict(scene.judge, operation(Operation::Failback), 0), Verdict::Tolerated)
      << "only as a no-op";
  EXPECT_EQ(verdict(scene.judge, operation(static_cast<Operation>(40)), 0), Verdict::Violation);
  EXPECT_EQ(verdict(scene.judge, Scene::modify("r9", Operation::Split), 0), Verdict::Violation)
      << "MRS-02";
}

TEST_F(AllowedCodesOf, FeaturesNarrowTheMatrix) {
  Capabilities capabilities = everything();
  capabilities.features.insert(Feature::FailoverRequiresFailback);
  Scene strict(capabilities);
  const ElementRef volume = strict.volume("v1");
  strict.replica("r1", SyncType::Mirror, Mode::Synchronous, volume);
  EXPECT_CLEAN(strict.operate("r1", Operation::Failover, CopyState::Failedover));
  EXPECT_EQ(verdict(strict.judge, Scene::modify("r1", Operation::ReverseRoles), 0),
            Verdict::Tolerated);
  EXPECT_EQ(verdict(strict.judge, Scene::modify("r1", Operation::Failback), 0), Verdict::Strict);
}

TEST_F(AllowedCodesOf, JudgesManyRequestsPerSecond) {
  const Request request = Scene::create(SyncType::Snapshot, Mode::Synchronous, source, spare);
  const auto begin = std::chrono::steady_clock::now();
  std::size_t codes = 0;
  constexpr int kCalls = 20'000;
  for (int i = 0; i < kCalls; ++i) codes += scene.judge.allowed(request).strict.size();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(codes, 0U);
  // A sweep over 65,536 values must stay a matter of seconds on a busy machine and under
  // sanitisers.
  EXPECT_LT(took.count(), 5.0);
  RecordProperty("calls_per_second", std::to_string(kCalls / took.count()));
}

}  // namespace
}  // namespace lockstep::model::test
