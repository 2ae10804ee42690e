// Bounds on sessions, tasks and memory: what exceeds them is refused, the accounting follows every
// buffer, and others keep their service.
#include "target_impl/iscsi/test/session_fixture.hpp"

namespace lockstep::iscsi::test {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

class LimitsTest : public SessionTest {
 protected:
  void start_with(const ServerLimits& limits, const std::string& keys = usual()) {
    peer.reset();
    portal = std::make_unique<Portal>(TargetParameters{}, limits);
    executor = std::make_shared<FakeExecutor>();
    portal->add(executor);
    peer = std::make_unique<Peer>(*portal);
    peer->login_to(executor->target_name(), keys);
  }
  std::unique_ptr<Peer> another(std::uint8_t isid, const std::string& keys = usual()) {
    auto other = std::make_unique<Peer>(*portal);
    other->isid = isid;
    other->login_to(executor->target_name(), keys);
    return other;
  }
  // Memory that is used by connections which do nothing.
  static constexpr std::size_t kIdleBytes = Connection::kLeastBytes;
};

void expect_full(const Answer& answer, std::uint32_t tag) {
  EXPECT_EQ(answer.opcode(), Opcode::ScsiResponse);
  EXPECT_EQ(task_tag(answer.header), tag);
  EXPECT_EQ(answer.header[field::kResponse], 0);
  EXPECT_EQ(answer.header[field::kStatus], 0x28);
}

TEST_F(LimitsTest, RefusesOneSessionTooManyButReinstatesThose) {
  ServerLimits limits;
  limits.sessions = 2;
  start_with(limits);
  const auto second = another(2);
  Peer third(*portal);
  third.isid = 3;
  const std::string text =
      text_of({"InitiatorName=iqn.2026-11.test:peer", "TargetName=" + executor->target_name()});
  EXPECT_EQ(third.login(text).login_status(), 0x0302);
  EXPECT_TRUE(third.finished());
  Peer discovery(*portal);
  EXPECT_EQ(
      discovery.login(text_of({"InitiatorName=iqn.2026-11.test:peer", "SessionType=Discovery"}))
          .login_status(),
      0x0302);
  Peer again(*portal);
  again.isid = 2;
  EXPECT_EQ(again.login(text).login_status(), 0);
  EXPECT_TRUE(second->connection().session()->closing());
  expect_good(exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0)), 5);
}

TEST_F(LimitsTest, AnswersTaskSetFullWhenUnsolicitedDataDoesNotFit) {
  ServerLimits limits;
  limits.each.collected_bytes = 256 * 1024;
  start_with(limits);
  // Each may send up to 64 KiB unasked.
  for (std::uint32_t tag = 0; tag < 4; ++tag) {
    send(write_command(tag, tag * 128, 128, "", true));
    EXPECT_TRUE(peer->answers().empty()) << tag;
  }
  expect_full(exchange(write_command(4, 512, 128, "", true)), 4);
  // Its data was under way and is dropped without a word; the others end well.
  peer->send(data_out(4, kReservedTag, 0, 0, pattern(8192, 9), true));
  EXPECT_TRUE(peer->answers().empty());
  const std::string all = pattern(65536, 3);
  for (std::uint32_t tag = 0; tag < 4; ++tag) {
    for (std::uint32_t part = 0; part < 8; ++part) {
      peer->send(
          data_out(tag, kReservedTag, part, part * 8192, all.substr(part * 8192, 8192), part == 7));
    }
    expect_good(peer->answer(), tag);
    EXPECT_EQ(medium(tag * 128, all.size()), all);
  }
  const Answer next = exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0));
  expect_good(next, 5);
  EXPECT_EQ(next.at(field::kMaxCmdSn) - next.at(field::kExpCmdSn), 127U);
}

TEST_F(LimitsTest, AnswersTaskSetFullWhenThereIsNoMemoryInAll) {
  ServerLimits limits;
  limits.memory_bytes = 4 * kMebibyte;
  start_with(limits, text_of({"InitialR2T=Yes", "ImmediateData=No"}));
  const auto greedy = another(2, text_of({"InitialR2T=Yes", "ImmediateData=No"}));
  // One write of 2 MiB is being collected; another would not leave the last eighth.
  greedy->send(greedy->numbered(write_command(1, 0, 4096, "")));
  EXPECT_EQ(greedy->answer().opcode(), Opcode::ReadyToTransfer);
  EXPECT_LE(portal->memory_in_use(), limits.memory_bytes);
  greedy->send(greedy->numbered(write_command(2, 0, 4096, "")));
  expect_full(greedy->answer(), 2);
  // A large read does not fit either; small ones of another session do.
  greedy->send(greedy->numbered(read_command(3, 0, 4096)));
  expect_full(greedy->answer(), 3);
  EXPECT_EQ(exchange(read_command(4, 3, 8)).text(), medium(3, 4096));
  Request write = write_command(5, 0, 8, "");
  const Answer solicited = exchange(write);
  ASSERT_EQ(solicited.opcode(), Opcode::ReadyToTransfer);
  peer->send(data_out(5, solicited.at(field::kTransferTag), 0, 0, pattern(4096, 1), true));
  expect_good(peer->answer(), 5);
  EXPECT_LE(portal->most_lent_bytes(), limits.memory_bytes);
}

TEST_F(LimitsTest, LeavesTheLastEighthToTheModest) {
  ServerLimits limits;
  limits.memory_bytes = 8 * kMebibyte;
  Portal small({}, limits);
  EXPECT_TRUE(small.has_room(7 * kMebibyte, 0));
  EXPECT_FALSE(small.has_room(7 * kMebibyte + 1, 0));
  const PooledBuffer most = small.pool().take(4 * kMebibyte);
  const PooledBuffer more = small.pool().take(2 * kMebibyte);
  const PooledBuffer rest = small.pool().take(kMebibyte);
  EXPECT_FALSE(small.has_room(4096, 2 * kMebibyte));
  EXPECT_TRUE(small.has_room(4096, 0));
  EXPECT_FALSE(small.has_room(2 * kMebibyte, 0));
  const PooledBuffer last = small.pool().take(kMebibyte);
  EXPECT_FALSE(small.has_room(4096, 0));
}

TEST_F(LimitsTest, EndsASessionThatLeavesAGapAndGoesOn) {
  ServerLimits limits;
  limits.each.collected_bytes = 64 * 1024;
  start_with(limits);
  const std::size_t before = portal->memory_in_use();
  ++peer->next_cmd_sn;  // never sent
  for (std::uint32_t tag = 0; tag < 100 && !peer->finished(); ++tag) {
    peer->send(peer->numbered(write_command(tag, 0, 16, pattern(8192, 1))));
    EXPECT_LE(portal->memory_in_use(), before + limits.each.collected_bytes);
  }
  EXPECT_TRUE(peer->finished());
  EXPECT_EQ(executor->executed, 0);
  EXPECT_TRUE(portal->sessions().empty());
  EXPECT_LE(portal->memory_in_use(), before);
}

TEST_F(LimitsTest, CountsWhatIsHeldAndForgetsItAgain) {
  const std::size_t before = portal->memory_in_use();
  Request second = write_command(2, 0, 16, pattern(8192, 2));
  set32(second.header, field::kCmdSn, 2);
  peer->send(second);
  EXPECT_GE(portal->memory_in_use(), before + 8192);
  Request first = command(kTestUnitReady, 1, kFinal, 0, 0, 0);
  set32(first.header, field::kCmdSn, 1);
  peer->send(first);
  EXPECT_EQ(peer->answers().size(), 2U);
  EXPECT_EQ(portal->memory_in_use(), before);
}

TEST(Parameters, SaysWhichValueIsImpossible) {
  const auto message = [](const Status& status) {
    return status ? std::string() : status.error().message;
  };
  EXPECT_EQ(message(check_parameters({})), "");
  EXPECT_EQ(message(check_limits({})), "");
  TargetParameters offered;
  offered.max_burst = 511;
  EXPECT_EQ(message(check_parameters(offered)),
            "MaxBurstLength: expected 512 to 16777215, found 511; choose a value in between");
  offered = {};
  offered.max_outstanding_r2t = 0;
  EXPECT_THAT(message(check_parameters(offered)), ::testing::HasSubstr("MaxOutstandingR2T"));
  ServerLimits limits;
  limits.each.command_window = 0;
  EXPECT_THAT(message(check_limits(limits)), ::testing::HasSubstr("commands per session"));
  limits = {};
  limits.memory_bytes = 1000;
  EXPECT_THAT(message(check_limits(limits)), ::testing::HasSubstr("limit of memory"));
}

TEST_F(LimitsTest, KeepsOnlyWhatWillBeSentOfAnOverflowingRead) {
  // 4 MiB are read, 64 KiB are expected: what waits to be sent must not hold on to the rest.
  const std::size_t before = portal->memory_in_use();
  Request request = read_command(1, 0, 8192);
  set32(request.header, field::kExpectedLength, 65536);
  const std::string bytes = peer->encode(peer->numbered(request));
  Connection& connection = peer->connection();
  std::memcpy(connection.spaces()[0].data(), bytes.data(), bytes.size());
  connection.received(bytes.size());
  EXPECT_NE(connection.process(), Connection::State::Finished);
  EXPECT_GE(connection.output().bytes(), 65536U);
  EXPECT_LE(portal->memory_in_use(), before + kIdleBytes + 2 * 65536);
  std::string data;
  for (const Answer& answer : peer->answers()) {
    data += answer.text();
  }
  EXPECT_EQ(data, medium(0, 65536));
}

TEST_F(LimitsTest, BoundsATextThatNeverEnds) {
  const std::size_t before = portal->memory_in_use();
  Request request = make_request(Opcode::TextRequest, 9, kContinue);
  request.data = std::string(8000, 'x');
  std::uint32_t transfer_tag = kReservedTag;
  int rejected = 0;
  for (int i = 0; i < 100; ++i) {
    set32(request.header, field::kTransferTag, transfer_tag);
    const Answer answer = exchange(request);
    if (answer.opcode() == Opcode::Reject) {
      ++rejected;
      transfer_tag = kReservedTag;
    } else {
      transfer_tag = answer.at(field::kTransferTag);
    }
  }
  EXPECT_GE(rejected, 10);
  EXPECT_LE(portal->memory_in_use(), before + kIdleBytes);
  expect_good(exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0)), 5);
}

TEST_F(LimitsTest, BoundsTheAnswerToRepeatedQuestions) {
  for (int i = 0; i < 50; ++i) {
    portal->add(std::make_shared<FakeExecutor>("iqn.2026-11.org.lockstep:t" + std::to_string(i),
                                               std::size_t{512}));
  }
  Request request = make_request(Opcode::TextRequest, 9);
  for (int i = 0; i < 4000; ++i) {
    request.data += text_of({"SendTargets=All"});
  }
  // 64000 bytes ask for 200,000 targets.
  std::size_t total = 0;
  send(request);
  Answer answer = peer->answer();
  for (int i = 0; i < 1000 && (answer.header[field::kFlags] & kFinal) == 0; ++i) {
    total += answer.data.size();
    Request more = make_request(Opcode::TextRequest, 9);
    set32(more.header, field::kTransferTag, answer.at(field::kTransferTag));
    answer = exchange(more);
  }
  EXPECT_NE(answer.header[field::kFlags] & kFinal, 0);
  EXPECT_LE(total, 2 * kMebibyte);
}

}  // namespace
}  // namespace lockstep::iscsi::test
