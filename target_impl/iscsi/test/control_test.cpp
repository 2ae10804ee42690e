// NOP, task management, Logout, Text, Reject, asynchronous messages, digests. RFC 7143 section 11.
#include "target_impl/iscsi/test/session_fixture.hpp"

namespace lockstep::iscsi::test {
namespace {

using ::testing::HasSubstr;

class ControlTest : public SessionTest {
 protected:
  Request management(std::uint8_t function, std::uint32_t tag, std::uint32_t referenced_tag = 0,
                     std::uint32_t referenced_number = 0) {
    Request request = make_request(Opcode::TaskManagementRequest, tag,
                                   static_cast<std::uint8_t>(kFinal | function));
    request.header[0] |= kImmediate;
    set32(request.header, field::kReferencedTag, referenced_tag);
    set32(request.header, field::kReferencedCmdSn, referenced_number);
    set32(request.header, field::kCmdSn, peer->next_cmd_sn);
    return request;
  }
  std::uint8_t manage(const Request& request) {
    const Answer answer = peer->exchange(request);
    EXPECT_EQ(answer.opcode(), Opcode::TaskManagementResponse);
    return answer.header[field::kResponse];
  }
  Request text_request(const std::string& text, std::uint8_t flags = kFinal) {
    Request request = make_request(Opcode::TextRequest, 40, flags);
    request.data = text;
    return peer->numbered(request);
  }
};

TEST_F(ControlTest, EchoesPings) {
  for (const std::size_t bytes : {0U, 1U, 5U, 8192U}) {
    Request request = make_request(Opcode::NopOut, 21);
    request.data = pattern(bytes, 9);
    const Answer answer = exchange(request);
    EXPECT_EQ(answer.opcode(), Opcode::NopIn);
    EXPECT_EQ(task_tag(answer.header), 21U);
    EXPECT_EQ(answer.at(field::kTransferTag), kReservedTag);
    EXPECT_EQ(answer.text(), pattern(bytes, 9));
  }
  Request large = make_request(Opcode::NopOut, 21);
  large.data = pattern(50000, 9);
  EXPECT_EQ(exchange(large).text(), pattern(50000, 9).substr(0, 8192));
}

TEST_F(ControlTest, PingsOnceUntilAnswered) {
  Session& session = *peer->connection().session();
  session.ping();
  session.ping();
  EXPECT_EQ(peer->attended, 1);
  const Answer ping = peer->answer();
  EXPECT_EQ(ping.opcode(), Opcode::NopIn);
  EXPECT_EQ(task_tag(ping.header), kReservedTag);
  EXPECT_NE(ping.at(field::kTransferTag), kReservedTag);
  EXPECT_EQ(ping.at(field::kStatSn), 2U);
  EXPECT_TRUE(session.ping_unanswered());
  Request answer = make_request(Opcode::NopOut, kReservedTag);
  answer.header[0] |= kImmediate;
  set32(answer.header, field::kTransferTag, ping.at(field::kTransferTag));
  peer->send(answer);
  EXPECT_TRUE(peer->answers().empty());
  EXPECT_FALSE(session.ping_unanswered());
  // The ping took no StatSN.
  EXPECT_EQ(exchange(command(kTestUnitReady, 1, kFinal, 0, 0, 0)).at(field::kStatSn), 2U);
}

TEST_F(ControlTest, AbortsATaskThatCollects) {
  send(write_command(5, 0, 8, "", true));
  EXPECT_EQ(manage(management(1, 6, 5, 1)), 0);
  EXPECT_EQ(manage(management(1, 7, 5, 1)), 1);
  // Data that was under way is not answered, and the command never is.
  peer->send(data_out(5, kReservedTag, 0, 0, pattern(4096, 1), true));
  EXPECT_TRUE(peer->answers().empty());
  EXPECT_EQ(executor->executed, 0);
  const Answer next = exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0));
  expect_good(next, 5);
  EXPECT_EQ(next.at(field::kMaxCmdSn) - next.at(field::kExpCmdSn), 127U);
}

TEST_F(ControlTest, AbortsACommandThatHasNotArrived) {
  const std::uint32_t missing = peer->next_cmd_sn++;
  EXPECT_EQ(manage(management(1, 6, 5, missing)), 0);
  expect_good(exchange(command(kTestUnitReady, 8, kFinal, 0, 0, 0)), 8);
  Request late = command(kTestUnitReady, 5, kFinal, 0, 0, 0);
  set32(late.header, field::kCmdSn, missing);
  peer->send(late);
  EXPECT_TRUE(peer->answers().empty());
  EXPECT_EQ(manage(management(1, 6, 5, missing)), 1);
  EXPECT_EQ(manage(management(1, 6, 5, 5000)), 1);
}

TEST_F(ControlTest, AbortsACommandThatIsHeld) {
  Request second = write_command(2, 0, 1, pattern(512, 2));
  set32(second.header, field::kCmdSn, 2);
  peer->send(second);
  EXPECT_EQ(manage(management(1, 6, 2, 2)), 0);
  const Answer answer = exchange(command(kTestUnitReady, 1, kFinal, 0, 0, 0));
  expect_good(answer, 1);
  EXPECT_EQ(executor->executed, 1);
  peer->next_cmd_sn = 3;
  expect_good(exchange(command(kTestUnitReady, 3, kFinal, 0, 0, 0)), 3);
}

TEST_F(ControlTest, ResetsDropTasksOfAllSessions) {
  Peer other(*portal);
  other.isid = 2;
  other.login_to(executor->target_name(), usual());
  other.send(other.numbered(write_command(5, 0, 8, "", true)));
  send(write_command(5, 0, 8, "", true));
  EXPECT_EQ(manage(management(5, 6)), 0);
  EXPECT_EQ(executor->managed, 1);
  peer->send(data_out(5, kReservedTag, 0, 0, pattern(4096, 1), true));
  other.send(data_out(5, kReservedTag, 0, 0, pattern(4096, 1), true));
  EXPECT_TRUE(peer->answers().empty());
  EXPECT_TRUE(other.answers().empty());
  EXPECT_EQ(executor->executed, 0);
}

TEST_F(ControlTest, AbortTaskSetLeavesOtherSessionsAlone) {
  Peer other(*portal);
  other.isid = 2;
  other.login_to(executor->target_name(), usual());
  other.send(other.numbered(write_command(5, 0, 8, "", true)));
  EXPECT_EQ(manage(management(2, 6)), 0);
  other.send(data_out(5, kReservedTag, 0, 0, pattern(4096, 1), true));
  expect_good(other.answer(), 5);
}

TEST_F(ControlTest, DropsATaskWhoseDataIsBeingReceivedInPlace) {
  Peer other(*portal);
  other.isid = 2;
  other.login_to(executor->target_name());
  send(write_command(5, 0, 128, "", true));
  const std::string bytes = peer->encode(data_out(5, kReservedTag, 0, 0, pattern(65536, 1), true));
  peer->feed(std::string_view(bytes).substr(0, 40000));
  Request reset = management(5, 6);
  set32(reset.header, field::kCmdSn, other.next_cmd_sn);
  EXPECT_EQ(other.exchange(reset).header[field::kResponse], 0);
  // The memory into which the rest goes is nobody else's yet.
  const PooledBuffer taken = portal->pool().take(65536);
  std::fill_n(taken.data(), 65536, std::byte{0x11});
  peer->feed(std::string_view(bytes).substr(40000));
  EXPECT_EQ(std::count(taken.data(), taken.data() + 65536, std::byte{0x11}), 65536);
  EXPECT_TRUE(peer->answers().empty());
  EXPECT_EQ(executor->executed, 0);
  expect_good(exchange(command(kTestUnitReady, 7, kFinal, 0, 0, 0)), 7);
}

TEST_F(ControlTest, AnswersManagementItCannotDo) {
  Request wrong_lun = management(5, 6);
  wrong_lun.header[field::kLun + 1] = 9;
  EXPECT_EQ(manage(wrong_lun), 2);
  EXPECT_EQ(manage(management(3, 6)), 5);  // CLEAR ACA
  EXPECT_EQ(manage(management(8, 6)), 4);  // TASK REASSIGN
  EXPECT_EQ(manage(management(9, 6)), 5);  // QUERY TASK, of another protocol level
  EXPECT_EQ(manage(management(0, 6)), 5);
  EXPECT_EQ(manage(management(127, 6)), 5);
}

TEST_F(ControlTest, ColdResetEndsAllSessions) {
  Peer other(*portal);
  other.isid = 2;
  other.login_to(executor->target_name());
  EXPECT_EQ(manage(management(7, 6)), 0);
  EXPECT_TRUE(peer->finished());
  const Answer notice = other.answer();
  EXPECT_EQ(notice.opcode(), Opcode::AsyncMessage);
  EXPECT_EQ(notice.header[field::kAsyncEvent], 3);
  EXPECT_TRUE(other.connection().session()->closing());
  EXPECT_EQ(executor->events.size(), 4U);
}

TEST_F(ControlTest, LogsOut) {
  send(write_command(5, 0, 8, "", true));
  Request request = make_request(Opcode::LogoutRequest, 31);
  const Answer answer = exchange(request);
  EXPECT_EQ(answer.opcode(), Opcode::LogoutResponse);
  EXPECT_EQ(answer.header[field::kResponse], 0);
  EXPECT_EQ(load_be16(answer.header.data() + field::kTimeToWait), 2);
  EXPECT_TRUE(peer->finished());
  EXPECT_THAT(executor->events.back(), HasSubstr("lost"));
  EXPECT_TRUE(portal->sessions().empty());
}

TEST_F(ControlTest, RefusesToLogOutWhatIsNotThere) {
  Request connection = make_request(Opcode::LogoutRequest, 31, kFinal | 1);
  store_be16(connection.header.data() + field::kConnectionId, 4);
  EXPECT_EQ(exchange(connection).header[field::kResponse], 1);
  EXPECT_EQ(exchange(make_request(Opcode::LogoutRequest, 31, kFinal | 2)).header[field::kResponse],
            2);
  expect_reject(exchange(make_request(Opcode::LogoutRequest, 31, kFinal | 3)),
                RejectReason::InvalidPduField);
  EXPECT_FALSE(peer->finished());
}

TEST_F(ControlTest, ListsTargetsInDiscovery) {
  portal->add(std::make_shared<FakeExecutor>("iqn.2026-11.org.lockstep:other"));
  Peer finder(*portal);
  EXPECT_EQ(finder
                .login(text_of({"InitiatorName=iqn.2026-11.test:peer", "SessionType=Discovery",
                                "MaxRecvDataSegmentLength=262144"}))
                .login_status(),
            0);
  Request request = make_request(Opcode::TextRequest, 40);
  request.data = text_of({"SendTargets=All"});
  const Answer answer = finder.exchange(finder.numbered(request));
  EXPECT_EQ(answer.opcode(), Opcode::TextResponse);
  EXPECT_EQ(answer.header[field::kFlags], 0x80);
  EXPECT_EQ(answer.at(field::kTransferTag), kReservedTag);
  EXPECT_EQ(
      answer.text(),
      text_of({"TargetName=iqn.2026-11.org.lockstep:fake", "TargetAddress=127.0.0.1:3260,1",
               "TargetName=iqn.2026-11.org.lockstep:other", "TargetAddress=127.0.0.1:3260,1"}));
  expect_reject(finder.exchange(finder.numbered(read_command(1, 0, 1))),
                RejectReason::ProtocolError);
  finder.send(data_out(5, kReservedTag, 0, 0, pattern(50000, 1), true));
  expect_reject(finder.answer(), RejectReason::ProtocolError);
}

TEST_F(ControlTest, SendsLongListsInParts) {
  for (int i = 0; i < 200; ++i) {
    portal->add(
        std::make_shared<FakeExecutor>("iqn.2026-11.org.lockstep:t" + std::to_string(i), 0));
  }
  Answer answer = peer->exchange(text_request(text_of({"SendTargets=All"})));
  std::string text = answer.text();
  int parts = 1;
  while ((answer.header[field::kFlags] & kFinal) == 0 && parts < 20) {
    EXPECT_EQ(answer.header[field::kFlags], kContinue);
    EXPECT_NE(answer.at(field::kTransferTag), kReservedTag);
    Request more = text_request("");
    set32(more.header, field::kTransferTag, answer.at(field::kTransferTag));
    answer = peer->exchange(more);
    text += answer.text();
    ++parts;
  }
  EXPECT_GE(parts, 2);
  const auto pairs = parse_text(text);
  ASSERT_TRUE(pairs.has_value());
  EXPECT_EQ(pairs.value().size(), 402U);
}

TEST_F(ControlTest, AnswersTextInANormalSession) {
  const std::string this_one =
      text_of({"TargetName=iqn.2026-11.org.lockstep:fake", "TargetAddress=127.0.0.1:3260,1"});
  EXPECT_EQ(peer->exchange(text_request(text_of({"SendTargets="}))).text(), this_one);
  EXPECT_EQ(peer->exchange(text_request(text_of({"SendTargets=All"}))).text(), this_one);
  EXPECT_EQ(
      peer->exchange(text_request(text_of({"SendTargets=iqn.2026-11.org.lockstep:fake"}))).text(),
      this_one);
  EXPECT_EQ(peer->exchange(text_request(text_of({"SendTargets=Alle"}))).text(),
            text_of({"SendTargets=Reject"}));
  EXPECT_EQ(peer->exchange(text_request(text_of({"sendtargets=All"}))).text(),
            text_of({"sendtargets=NotUnderstood"}));
  EXPECT_EQ(peer->exchange(text_request(text_of({"MaxBurstLength=512"}))).text(),
            text_of({"MaxBurstLength=Reject"}));
  expect_reject(peer->exchange(text_request("rubbish")), RejectReason::InvalidPduField);
}

TEST_F(ControlTest, CollectsTextOverSeveralRequests) {
  Answer answer = peer->exchange(text_request("SendTar", kContinue));
  EXPECT_EQ(answer.header[field::kFlags], 0);
  EXPECT_TRUE(answer.data.empty());
  Request more = text_request(text_of({"gets="}));
  set32(more.header, field::kTransferTag, answer.at(field::kTransferTag));
  answer = peer->exchange(more);
  EXPECT_THAT(answer.text(), HasSubstr("TargetName="));
  // A tag that was never given, or no longer.
  expect_reject(exchange(more), RejectReason::ProtocolError);
}

TEST_F(ControlTest, DeclaresSegmentsAnew) {
  EXPECT_TRUE(peer->exchange(text_request(text_of({"MaxRecvDataSegmentLength=512"}))).data.empty());
  send(read_command(5, 0, 3));
  EXPECT_EQ(peer->answers().size(), 3U);
}

TEST_F(ControlTest, RejectsWhatItDoesNotKnow) {
  for (const unsigned opcode : {0x07U, 0x0FU, 0x1CU, 0x1EU, 0x3FU, 0x20U}) {
    Request request;
    request.header[0] = static_cast<std::uint8_t>(opcode | kImmediate);
    request.data = pattern(opcode == 0x0F ? 100000 : 10, 1);
    peer->send(request);
    expect_reject(peer->answer(), RejectReason::NotSupported);
  }
  peer->send(make_request(Opcode::SnackRequest, 1));
  expect_reject(peer->answer(), RejectReason::SnackReject);
  peer->send(login_request(text_of({"InitiatorName=iqn.2026-11.test:peer"})));
  expect_reject(peer->answer(), RejectReason::ProtocolError);
  const Answer next = exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0));
  expect_good(next, 5);
  EXPECT_EQ(next.at(field::kMaxCmdSn) - next.at(field::kExpCmdSn), 127U);
}

TEST_F(ControlTest, ClosesWhenMoreDataIsAnnouncedThanDeclared) {
  Request request = make_request(Opcode::NopOut, 1);
  request.data = pattern(262145, 1);
  peer->send(request);
  EXPECT_TRUE(peer->finished());
}

TEST_F(ControlTest, SkipsAdditionalHeaderSegments) {
  Request request = read_command(5, 2, 1);
  std::string bytes = peer->encode(peer->numbered(request));
  bytes[field::kAdditionalLength] = 2;
  bytes += std::string("\0\5\1\0\1\2\3\4", 8);
  peer->feed(bytes);
  EXPECT_EQ(peer->answer().text(), medium(2, 512));
}

TEST_F(ControlTest, UsesDigestsBothWays) {
  start(text_of(
      {"HeaderDigest=CRC32C", "DataDigest=CRC32C", "InitialR2T=No", "FirstBurstLength=262144"}));
  peer->use_digests(true, true);
  expect_good(exchange(write_command(5, 0, 3, pattern(1536, 1))), 5);
  expect_good(exchange(write_command(5, 10, 200, pattern(102400, 2))), 5);
  EXPECT_EQ(medium(0, 1536), pattern(1536, 1));
  EXPECT_EQ(medium(10, 102400), pattern(102400, 2));
  send(read_command(6, 10, 200));
  std::string data;
  for (const Answer& answer : peer->answers()) {
    data += answer.text();
  }
  EXPECT_EQ(data, pattern(102400, 2));
  Request odd = read_command(7, 0, 1);
  set32(odd.header, field::kExpectedLength, 201);
  EXPECT_EQ(exchange(odd).data.size(), 201U);
}

TEST_F(ControlTest, SurvivesCutsWithDigests) {
  start(text_of(
      {"HeaderDigest=CRC32C", "DataDigest=CRC32C", "InitialR2T=No", "FirstBurstLength=262144"}));
  peer->use_digests(true, true);
  for (const std::size_t piece : {1U, 5U, 51U, 4096U}) {
    const std::string all = pattern(70 * 512, static_cast<unsigned>(piece));
    peer->send(peer->numbered(write_command(5, 0, 70, all)), piece);
    expect_good(peer->answer(), 5);
    EXPECT_EQ(medium(0, all.size()), all);
  }
}

TEST_F(ControlTest, ClosesOnABadHeaderDigest) {
  start(text_of({"HeaderDigest=CRC32C"}));
  peer->use_digests(true, false);
  std::string bytes = peer->encode(peer->numbered(command(kTestUnitReady, 5, kFinal, 0, 0, 0)));
  bytes[20] ^= 1;
  peer->feed(bytes);
  EXPECT_TRUE(peer->finished());
  EXPECT_EQ(executor->executed, 0);
}

TEST_F(ControlTest, RejectsACommandWithABadDataDigest) {
  start(text_of({"DataDigest=CRC32C", "InitialR2T=No", "FirstBurstLength=262144"}));
  peer->use_digests(false, true);
  for (const std::uint16_t blocks : {std::uint16_t{1}, std::uint16_t{200}}) {
    const std::string data = pattern(blocks * kBlockBytes, 1);
    std::string bytes = peer->encode(peer->numbered(write_command(5, 0, blocks, data)));
    bytes[kHeaderBytes + 100] ^= 1;
    peer->feed(bytes);
    expect_reject(peer->answer(), RejectReason::DataDigestError);
  }
  EXPECT_EQ(executor->executed, 0);
  expect_good(exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0)), 5);
}

TEST_F(ControlTest, FailsAWriteWithABadDataDigest) {
  start(text_of({"DataDigest=CRC32C", "InitialR2T=No"}));
  peer->use_digests(false, true);
  send(write_command(5, 0, 8, "", true));
  std::string bytes = peer->encode(data_out(5, kReservedTag, 0, 0, pattern(4096, 1), true));
  bytes[kHeaderBytes + 7] ^= 1;
  peer->feed(bytes);
  const auto answers = peer->answers();
  ASSERT_EQ(answers.size(), 2U);
  expect_reject(answers[0], RejectReason::DataDigestError);
  EXPECT_EQ(answers[1].sense_code(), 0x4705);
  EXPECT_EQ(executor->executed, 0);
}

}  // namespace
}  // namespace lockstep::iscsi::test
