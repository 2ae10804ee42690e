// Reads, status, residual counts and numbering. RFC 7143 sections 4.2.2, 11.3, 11.4 and 11.7.
#include "target_impl/iscsi/test/session_fixture.hpp"

namespace lockstep::iscsi::test {
namespace {

class CommandTest : public SessionTest {};
class NumberingTest : public SessionTest {};

TEST_F(CommandTest, ReadsWithStatusInTheDataIn) {
  const Answer answer = exchange(read_command(5, 3, 2));
  EXPECT_EQ(answer.opcode(), Opcode::DataIn);
  EXPECT_EQ(answer.header[field::kFlags], kFinal | kStatusInDataIn);
  EXPECT_EQ(answer.header[field::kStatus], 0);
  EXPECT_EQ(task_tag(answer.header), 5U);
  EXPECT_EQ(answer.at(field::kTransferTag), kReservedTag);
  EXPECT_EQ(answer.at(field::kResidual), 0U);
  EXPECT_EQ(answer.text(), medium(3, 1024));
}

// Batches that come in one piece, as from an initiator that sends what it has at once.
class BatchTest : public SessionTest {
 protected:
  // All of it has come, and nothing of it has been looked at.
  Connection& receive(const std::string& requests) {
    Connection& connection = peer->connection();
    const auto space = connection.spaces()[0];
    EXPECT_LE(requests.size(), space.size());
    std::memcpy(space.data(), requests.data(), requests.size());
    connection.received(requests.size());
    return connection;
  }
  // How many answers each call of process() brings; all must be there at the end.
  std::vector<std::size_t> answers_by_turn(const std::string& requests,
                                           std::size_t enough = SIZE_MAX) {
    Connection& connection = receive(requests);
    std::vector<std::size_t> turns;
    auto state = Connection::State::Paused;
    while (state == Connection::State::Paused) {
      state = connection.process(enough);
      turns.push_back(peer->answers().size());
    }
    EXPECT_EQ(state, Connection::State::NeedsInput);
    return turns;
  }
  std::string reads(std::uint32_t count) {
    std::string bytes;
    for (std::uint32_t i = 0; i < count; ++i) {
      bytes += peer->encode(peer->numbered(read_command(100 + i, i, 1)));
    }
    return bytes;
  }
  std::string writes(std::uint32_t count) {
    std::string bytes;
    for (std::uint32_t i = 0; i < count; ++i) {
      bytes += peer->encode(peer->numbered(write_command(200 + i, i, 1, pattern(512, i))));
    }
    return bytes;
  }
};
using Turns = std::vector<std::size_t>;

TEST_F(BatchTest, AnswersInTwoHalvesWhenEverythingIsHere) {
  EXPECT_EQ(answers_by_turn(reads(16)), (Turns{8, 8}));
  EXPECT_EQ(answers_by_turn(reads(8)), Turns{8}) << "half a batch is not halved again";
  EXPECT_EQ(answers_by_turn(writes(16)), (Turns{8, 8}));
  EXPECT_EQ(answers_by_turn(reads(64)), (Turns{32, 32}));
  EXPECT_EQ(answers_by_turn(reads(16)), Turns{16}) << "the initiator has others";
  EXPECT_EQ(answers_by_turn(reads(128)), Turns{128})
      << "the first are seen before the last are made";
}

TEST_F(BatchTest, PausesWithAsMuchOutputAsTheTransportWants) {
  constexpr std::size_t kAnswerBytes = kHeaderBytes + 512;
  EXPECT_EQ(answers_by_turn(reads(16), 4 * kAnswerBytes), (Turns{4, 4, 4, 4, 0}));
  EXPECT_EQ(answers_by_turn(reads(3), 1), (Turns{1, 1, 1, 0}));
  EXPECT_EQ(answers_by_turn(reads(16), 100 * kAnswerBytes), Turns{16}) << "not in halves";
}

TEST_F(BatchTest, CountsDigestsAndTheBeginningOfAPduRightly) {
  start(usual() + text_of({"HeaderDigest=CRC32C", "DataDigest=CRC32C"}));
  peer->use_digests(true, true);
  EXPECT_EQ(answers_by_turn(writes(12)), (Turns{6, 6}));
  const std::string thirteen = writes(13);
  EXPECT_EQ(answers_by_turn(thirteen.substr(0, thirteen.size() - 1)), (Turns{6, 6}));
  EXPECT_EQ(answers_by_turn(thirteen.substr(thirteen.size() - 1)), Turns{1});
}

// Those whose answers come from elsewhere are begun a few at a time, so that the first answers can
// go out before the last command is begun.
TEST_F(BatchTest, YieldsBetweenCommandsThatEndLate) {
  executor->ends_late = true;
  Connection& connection = receive(writes(40));
  std::vector<std::size_t> begun;
  auto state = Connection::State::Yields;
  while (state == Connection::State::Yields) {
    const int attended = peer->attended;
    state = connection.process();
    begun.push_back(executor->endings.size());
    EXPECT_EQ(peer->attended - attended, state == Connection::State::Yields ? 1 : 0);
  }
  EXPECT_EQ(state, Connection::State::NeedsInput);
  EXPECT_EQ(begun, (std::vector<std::size_t>{16, 32, 40}));
  EXPECT_TRUE(peer->answers().empty());
  for (const auto& ending : executor->endings) ending->end({});
  EXPECT_EQ(peer->woken, 1);
  connection.session()->answer_late();
  EXPECT_EQ(peer->answers().size(), 40U);
}

// What the device copies, and what it lends in pieces, looks the same on the wire.
class LargeReadTest : public SessionTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    executor->lends = GetParam();
  }
  void TearDown() override {
    EXPECT_EQ(executor->lent > 0, GetParam());
    SessionTest::TearDown();
  }
};
INSTANTIATE_TEST_SUITE_P(CopiedAndLent, LargeReadTest, testing::Bool(),
                         [](const auto& run) { return run.param ? "Lent" : "Copied"; });

TEST_P(LargeReadTest, CutsLargeReadsIntoSegmentsAndBursts) {
  // 300 blocks: segments of 8192 (the default), bursts of 65536.
  send(read_command(5, 1, 300));
  const auto answers = peer->answers();
  ASSERT_EQ(answers.size(), 19U);
  std::string data;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    EXPECT_EQ(answer.opcode(), Opcode::DataIn);
    EXPECT_EQ(answer.at(field::kDataSn), i);
    EXPECT_EQ(answer.at(field::kBufferOffset), data.size());
    const bool last = i + 1 == answers.size();
    const bool ends_burst = (data.size() + answer.data.size()) % 65536 == 0;
    EXPECT_EQ((answer.header[field::kFlags] & kFinal) != 0, last || ends_burst) << i;
    EXPECT_EQ((answer.header[field::kFlags] & kStatusInDataIn) != 0, last) << i;
    data += answer.text();
  }
  EXPECT_EQ(data, medium(1, 300 * 512));
}

TEST_P(LargeReadTest, KeepsOddSegmentLengthsPadded) {
  start(text_of({"MaxRecvDataSegmentLength=1023"}));
  executor->lends = GetParam();
  send(read_command(5, 0, 5));
  std::string data;
  for (const Answer& answer : peer->answers()) {
    EXPECT_LE(answer.data.size(), 1020U);
    data += answer.text();
  }
  EXPECT_EQ(data, medium(0, 5 * 512));
}

TEST_F(CommandTest, CountsUnderflowOfReads) {
  Request request = read_command(5, 0, 1);
  set32(request.header, field::kExpectedLength, 10000);
  const Answer answer = exchange(request);
  EXPECT_EQ(answer.header[field::kFlags], kFinal | kStatusInDataIn | kUnderflow);
  EXPECT_EQ(answer.at(field::kResidual), 10000U - 512);
  EXPECT_EQ(answer.data.size(), 512U);
}

TEST_F(CommandTest, CountsOverflowOfReadsAndSendsWhatWasExpected) {
  Request request = read_command(5, 0, 1);
  set32(request.header, field::kExpectedLength, 201);
  Answer answer = exchange(request);
  EXPECT_EQ(answer.header[field::kFlags], kFinal | kStatusInDataIn | kOverflow);
  EXPECT_EQ(answer.at(field::kResidual), 311U);
  EXPECT_EQ(answer.text(), medium(0, 201));
  set32(request.header, field::kExpectedLength, 0);
  answer = exchange(request);
  expect_good(answer, 5);
  EXPECT_EQ(answer.header[field::kFlags], kFinal | kOverflow);
  EXPECT_EQ(answer.at(field::kResidual), 512U);
  EXPECT_TRUE(answer.data.empty());
}

TEST_P(LargeReadTest, CutsLargeOverflowsToo) {
  Request request = read_command(5, 0, 200);
  set32(request.header, field::kExpectedLength, 70001);
  send(request);
  std::string data;
  Answer last;
  for (const Answer& answer : peer->answers()) {
    data += answer.text();
    last = answer;
  }
  EXPECT_EQ(data, medium(0, 70001));
  EXPECT_EQ(last.at(field::kResidual), 200U * 512 - 70001);
}

TEST_F(CommandTest, SendsSenseWithCheckCondition) {
  const Answer answer = exchange(command(0xEE, 6, kFinal, 0, 0, 0));
  EXPECT_EQ(answer.opcode(), Opcode::ScsiResponse);
  EXPECT_EQ(answer.header[field::kStatus], 2);
  EXPECT_EQ(answer.header[field::kResponse], 0);
  ASSERT_EQ(answer.data.size(), 20U);
  EXPECT_EQ(load_be16(reinterpret_cast<const std::uint8_t*>(answer.data.data())), 18);
  EXPECT_EQ(answer.sense_code(), 0x2000);
}

TEST_F(CommandTest, SendsNoDataWithAFailedRead) {
  const Answer answer = exchange(read_command(5, 1U << 20, 2));
  EXPECT_EQ(answer.opcode(), Opcode::ScsiResponse);
  EXPECT_EQ(answer.sense_code(), 0x2100);
  EXPECT_EQ(answer.header[field::kFlags], kFinal | kUnderflow);
  EXPECT_EQ(answer.at(field::kResidual), 1024U);
}

TEST_F(CommandTest, DrainsWhatAReadShouldNotHaveSent) {
  Request request = command(kRead10, 5, kFinal | kCommandWrite, 512, 0, 1);
  request.data = pattern(512, 1);
  const Answer answer = exchange(request);
  expect_good(answer, 5);
  EXPECT_TRUE(answer.data.empty());
}

TEST_F(CommandTest, DecodesLuns) {
  Request request = command(kTestUnitReady, 5, kFinal, 0, 0, 0);
  expect_good(exchange(request), 5);
  request.header[field::kLun] = 0x40;  // flat space addressing of LUN 0
  expect_good(exchange(request), 5);
  request.header[field::kLun + 1] = 3;
  EXPECT_EQ(exchange(request).sense_code(), 0x2500);
  request.header[field::kLun] = 0;
  request.header[field::kLun + 1] = 0;
  request.header[field::kLun + 2] = 1;  // a second level
  EXPECT_EQ(exchange(request).sense_code(), 0x2500);
}

TEST_F(CommandTest, RejectsContradictions) {
  Request data_on_read = read_command(5, 0, 1);
  data_on_read.data = "data";
  expect_reject(exchange(data_on_read), RejectReason::ProtocolError);
  expect_reject(exchange(command(kRead10, 5, kCommandRead, 512, 0, 1)),
                RejectReason::ProtocolError);  // not final, yet no data to come
  expect_reject(exchange(write_command(5, 0, 1, pattern(1024, 1))), RejectReason::ProtocolError);
  expect_reject(exchange(read_command(kReservedTag, 0, 1)), RejectReason::InvalidPduField);
  EXPECT_EQ(executor->executed, 0);
  expect_good(exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0)), 5);
}

TEST_F(CommandTest, RejectShowsTheWholeHeader) {
  Request request = peer->numbered(read_command(5, 0, 1));
  request.data = "data";
  const std::string bytes = peer->encode(request);
  peer->feed(bytes);
  EXPECT_EQ(peer->answer().text(), bytes.substr(0, kHeaderBytes));
}

TEST_F(CommandTest, FollowsALongStreamOfSmallRequests) {
  // As much as fits at a time, so that requests are cut at every place of the receive buffer.
  std::string bytes;
  constexpr std::uint32_t kWrites = 700;
  for (std::uint32_t i = 0; i < kWrites; ++i) {
    bytes += peer->encode(peer->numbered(write_command(i, i, 5, pattern(2560, i))));
  }
  peer->feed(bytes);
  const auto answers = peer->answers();
  ASSERT_EQ(answers.size(), kWrites);
  for (std::uint32_t i = 0; i < kWrites; ++i) {
    expect_good(answers[i], i);
    ASSERT_EQ(medium(i, 512), pattern(2560, i).substr(0, 512)) << i;
  }
}

TEST_F(NumberingTest, MovesTheWindowWithEachCommand) {
  for (std::uint32_t i = 0; i < 3; ++i) {
    const Answer answer = exchange(command(kTestUnitReady, i, kFinal, 0, 0, 0));
    EXPECT_EQ(answer.at(field::kExpCmdSn), 2 + i);
    EXPECT_EQ(answer.at(field::kMaxCmdSn), 2 + i + 127);
    EXPECT_EQ(answer.at(field::kStatSn), 2 + i);  // the login response had 1
  }
}

TEST_F(NumberingTest, DoesNotCountImmediateCommands) {
  Request request = command(kTestUnitReady, 1, kFinal, 0, 0, 0);
  request.header[0] |= kImmediate;
  set32(request.header, field::kCmdSn, 1);
  const Answer answer = peer->exchange(request);
  expect_good(answer, 1);
  EXPECT_EQ(answer.at(field::kExpCmdSn), 1U);
  EXPECT_EQ(answer.at(field::kMaxCmdSn), 128U);
}

TEST_F(NumberingTest, DropsWhatIsOutsideTheWindow) {
  for (const std::uint32_t number : {0U, 129U, 5000U, 0x8000'0001U, 0xFFFF'FFFFU}) {
    Request request = command(kTestUnitReady, 9, kFinal, 0, 0, 0);
    set32(request.header, field::kCmdSn, number);
    peer->send(request);
    EXPECT_TRUE(peer->answers().empty()) << number;
  }
  EXPECT_EQ(executor->executed, 0);
  expect_good(exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0)), 5);
}

TEST_F(NumberingTest, DropsTheDataOfADroppedWriteToo) {
  Request request = write_command(9, 0, 2, "", true);
  set32(request.header, field::kCmdSn, 500);
  peer->send(request);
  peer->send(data_out(9, kReservedTag, 0, 0, pattern(1024, 1), true));
  EXPECT_TRUE(peer->answers().empty());
  EXPECT_NE(medium(0, 1024), pattern(1024, 1));
}

TEST_F(NumberingTest, WrapsAround) {
  peer.reset();
  peer = std::make_unique<Peer>(*portal);
  peer->next_cmd_sn = 0xFFFF'FFFE;
  peer->login_to(executor->target_name());
  for (std::uint32_t i = 0; i < 5; ++i) {
    const Answer answer = exchange(command(kTestUnitReady, i, kFinal, 0, 0, 0));
    expect_good(answer, i);
    EXPECT_EQ(answer.at(field::kExpCmdSn), 0xFFFF'FFFF + i);
  }
}

TEST_F(NumberingTest, DeliversInOrderWhateverTheOrderOfArrival) {
  Request third = write_command(3, 0, 1, pattern(512, 3));
  Request second = write_command(2, 0, 1, pattern(512, 2));
  Request first = write_command(1, 0, 1, pattern(512, 1));
  set32(first.header, field::kCmdSn, 1);
  set32(second.header, field::kCmdSn, 2);
  set32(third.header, field::kCmdSn, 3);
  peer->send(third);
  peer->send(second);
  EXPECT_TRUE(peer->answers().empty());
  EXPECT_EQ(executor->executed, 0);
  peer->send(first);
  const auto answers = peer->answers();
  ASSERT_EQ(answers.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    expect_good(answers[i], i + 1);
  }
  EXPECT_EQ(medium(0, 512), pattern(512, 3));
}

TEST_F(NumberingTest, HoldsLargeImmediateDataOfEarlyCommands) {
  start(text_of({"InitialR2T=No", "ImmediateData=Yes", "FirstBurstLength=262144"}));
  Request second = write_command(2, 0, 200, pattern(200 * 512, 2));
  set32(second.header, field::kCmdSn, 2);
  peer->send(second);
  Request first = write_command(1, 100, 200, pattern(200 * 512, 1));
  set32(first.header, field::kCmdSn, 1);
  peer->send(first);
  EXPECT_EQ(peer->answers().size(), 2U);
  EXPECT_EQ(medium(0, 200 * 512), pattern(200 * 512, 2));
}

}  // namespace
}  // namespace lockstep::iscsi::test
