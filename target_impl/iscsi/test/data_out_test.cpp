// Writes: immediate, unsolicited and solicited data, and data that is wrong. RFC 7143 sections
// 4.2.5.2, 11.7 and 11.8.
#include "target_impl/iscsi/test/session_fixture.hpp"

namespace lockstep::iscsi::test {
namespace {

class WriteTest : public SessionTest {
 protected:
  // Answers an R2T with Data-Out PDUs of at most `segment` bytes of `all`.
  void satisfy(const Answer& request, const std::string& all, std::size_t segment) {
    const std::uint32_t offset = request.at(field::kBufferOffset);
    const std::uint32_t length = request.at(field::kDesiredLength);
    std::uint32_t data_sn = 0;
    for (std::uint32_t done = 0; done < length;) {
      const auto bytes = static_cast<std::uint32_t>(std::min<std::size_t>(segment, length - done));
      peer->send(data_out(task_tag(request.header), request.at(field::kTransferTag), data_sn++,
                          offset + done, all.substr(offset + done, bytes), done + bytes == length));
      done += bytes;
    }
  }
  // Expects the whole write to be solicited and carried out.
  void write_solicited(const Request& request, const std::string& all, std::size_t segment) {
    send(request);
    for (int i = 0; i < 1000; ++i) {
      const Answer answer = peer->answer();
      if (answer.opcode() != Opcode::ReadyToTransfer) {
        expect_good(answer, task_tag(request.header));
        return;
      }
      EXPECT_EQ(answer.at(field::kDataSn), static_cast<std::uint32_t>(i));  // R2TSN
      satisfy(answer, all, segment);
    }
    FAIL() << "no end of R2T";
  }
};

TEST_F(WriteTest, TakesImmediateData) {
  const Answer answer = exchange(write_command(5, 10, 4, pattern(2048, 1)));
  expect_good(answer, 5);
  EXPECT_EQ(answer.header[field::kFlags], kFinal);
  EXPECT_EQ(answer.at(field::kExpDataSn), 0U);
  EXPECT_EQ(medium(10, 2048), pattern(2048, 1));
}

TEST_F(WriteTest, TakesLargeImmediateDataInPlace) {
  expect_good(exchange(write_command(5, 10, 128, pattern(65536, 1))), 5);
  EXPECT_EQ(medium(10, 65536), pattern(65536, 1));
}

TEST_F(WriteTest, TakesUnsolicitedData) {
  const std::string all = pattern(16 * 512, 2);
  send(write_command(5, 0, 16, all.substr(0, 1000), true));
  EXPECT_TRUE(peer->answers().empty());
  peer->send(data_out(5, kReservedTag, 0, 1000, all.substr(1000, 4000), false));
  EXPECT_TRUE(peer->answers().empty());
  peer->send(data_out(5, kReservedTag, 1, 5000, all.substr(5000), true));
  expect_good(peer->answer(), 5);
  EXPECT_EQ(medium(0, all.size()), all);
}

TEST_F(WriteTest, SolicitsTheRest) {
  const std::string all = pattern(200 * 512, 3);
  send(write_command(5, 0, 200, all.substr(0, 512)));
  const Answer request = peer->answer();
  EXPECT_EQ(request.opcode(), Opcode::ReadyToTransfer);
  EXPECT_EQ(request.at(field::kBufferOffset), 512U);
  EXPECT_EQ(request.at(field::kDesiredLength), 65536U);
  EXPECT_NE(request.at(field::kTransferTag), kReservedTag);
  satisfy(request, all, 5000);
  const Answer second = peer->answer();
  EXPECT_EQ(second.at(field::kBufferOffset), 66048U);
  EXPECT_EQ(second.at(field::kDataSn), 1U);
  EXPECT_NE(second.at(field::kTransferTag), request.at(field::kTransferTag));
  satisfy(second, all, 50000);
  const Answer answer = peer->answer();
  expect_good(answer, 5);
  EXPECT_EQ(answer.at(field::kExpDataSn), 2U);
  EXPECT_EQ(medium(0, all.size()), all);
}

TEST_F(WriteTest, SolicitsEverythingWhenAgreed) {
  start(text_of({"InitialR2T=Yes", "ImmediateData=No", "MaxBurstLength=16384"}));
  const std::string all = pattern(100 * 512, 4);
  write_solicited(write_command(5, 7, 100, ""), all, 3000);
  EXPECT_EQ(medium(7, all.size()), all);
}

TEST_F(WriteTest, RejectsDataThatWasNotAgreedOn) {
  start(text_of({"InitialR2T=Yes", "ImmediateData=No"}));
  expect_reject(exchange(write_command(5, 0, 1, pattern(512, 1))), RejectReason::ProtocolError);
  expect_reject(exchange(write_command(5, 0, 1, "", true)), RejectReason::ProtocolError);
  // What the initiator sends on in the belief that it was accepted is not answered again.
  peer->send(data_out(5, kReservedTag, 0, 0, pattern(512, 1), true));
  EXPECT_TRUE(peer->answers().empty());
}

TEST_F(WriteTest, KeepsSeveralRequestsOutstanding) {
  start(text_of(
      {"InitialR2T=Yes", "ImmediateData=No", "MaxBurstLength=4096", "MaxOutstandingR2T=3"}));
  const std::string all = pattern(64 * 512, 5);
  send(write_command(5, 0, 64, ""));
  std::vector<Answer> requests = peer->answers();
  ASSERT_EQ(requests.size(), 3U);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(requests[i].at(field::kBufferOffset), 4096 * i);
    satisfy(requests[i], all, 4096);
    for (const Answer& more : peer->answers()) {
      if (more.opcode() == Opcode::ReadyToTransfer) {
        requests.push_back(more);
      } else {
        expect_good(more, 5);
      }
    }
  }
  EXPECT_EQ(requests.size(), 8U);
  EXPECT_EQ(medium(0, all.size()), all);
}

TEST_F(WriteTest, CollectsSeveralCommandsAtOnce) {
  start(text_of({"InitialR2T=Yes", "ImmediateData=No"}));
  send(write_command(5, 0, 8, ""));
  const Answer first = peer->answer();
  send(write_command(6, 100, 8, ""));
  const Answer second = peer->answer();
  expect_good(exchange(command(kTestUnitReady, 7, kFinal, 0, 0, 0)), 7);
  satisfy(second, pattern(4096, 6), 4096);
  expect_good(peer->answer(), 6);
  satisfy(first, pattern(4096, 5), 100);
  expect_good(peer->answer(), 5);
  EXPECT_EQ(medium(0, 4096), pattern(4096, 5));
  EXPECT_EQ(medium(100, 4096), pattern(4096, 6));
}

TEST_F(WriteTest, CountsResiduals) {
  // More announced than the command takes: drained, underflow.
  Request more = write_command(5, 0, 1, pattern(2000, 1));
  set32(more.header, field::kExpectedLength, 2000);
  Answer answer = exchange(more);
  expect_good(answer, 5);
  EXPECT_EQ(answer.header[field::kFlags], kFinal | kUnderflow);
  EXPECT_EQ(answer.at(field::kResidual), 1488U);
  EXPECT_EQ(medium(0, 512), pattern(2000, 1).substr(0, 512));
  // Less: overflow, and nothing beyond what was sent is written.
  Request less = write_command(5, 0, 2, pattern(512, 2));
  set32(less.header, field::kExpectedLength, 512);
  answer = exchange(less);
  EXPECT_EQ(answer.header[field::kFlags], kFinal | kOverflow);
  EXPECT_EQ(answer.at(field::kResidual), 512U);
  Request none = write_command(5, 0, 1, "");
  set32(none.header, field::kExpectedLength, 0);
  answer = exchange(none);
  EXPECT_EQ(answer.header[field::kFlags], kFinal | kOverflow);
  EXPECT_EQ(answer.at(field::kResidual), 512U);
}

TEST_F(WriteTest, NeverStoresDataOutOfSequence) {
  const std::string before = medium(0, 4096);
  for (const std::uint32_t wrong : {1U, 27U, 0xFFFF'FFFFU}) {
    send(write_command(5, 0, 8, "", true));
    peer->send(data_out(5, kReservedTag, wrong, 0, pattern(4096, 1), true));
    const Answer answer = peer->answer();
    EXPECT_EQ(answer.header[field::kStatus], 2);
    EXPECT_EQ(answer.sense_code(), 0x4B05);
  }
  EXPECT_EQ(medium(0, 4096), before);
  EXPECT_EQ(executor->executed, 0);
}

TEST_F(WriteTest, FailsAfterTheLastOfWrongSequences) {
  start(text_of({"InitialR2T=Yes", "ImmediateData=No"}));
  send(write_command(5, 0, 8, ""));
  const Answer request = peer->answer();
  const std::uint32_t tag = request.at(field::kTransferTag);
  peer->send(data_out(5, tag, 0, 0, pattern(1000, 1), false));
  peer->send(data_out(5, tag, 0, 1000, pattern(1000, 1), false));  // the number repeats
  EXPECT_TRUE(peer->answers().empty());
  peer->send(data_out(5, tag, 2, 2000, pattern(2096, 1), true));
  EXPECT_EQ(peer->answer().sense_code(), 0x4B05);
  EXPECT_EQ(executor->executed, 0);
}

TEST_F(WriteTest, FailsOnWrongOffsetsAndLengths) {
  send(write_command(5, 0, 8, "", true));
  peer->send(data_out(5, kReservedTag, 0, 512, pattern(3584, 1), true));
  EXPECT_EQ(peer->answer().sense_code(), 0x4B05);
  send(write_command(5, 0, 8, "", true));
  peer->send(data_out(5, kReservedTag, 0, 0, pattern(4100, 1), true));
  EXPECT_EQ(peer->answer().sense_code(), 0x0C0C);
  // Large ones are placed before they are checked.
  send(write_command(5, 0, 8, "", true));
  peer->send(data_out(5, kReservedTag, 0, 0x7FFF'0000, pattern(60000, 1), true));
  EXPECT_EQ(peer->answer().sense_code(), 0x4B05);
  send(write_command(5, 0, 8, "", true));
  peer->send(data_out(5, kReservedTag, 0, 0, pattern(60000, 1), true));
  EXPECT_EQ(peer->answer().sense_code(), 0x0C0C);
  EXPECT_EQ(executor->executed, 0);
}

TEST_F(WriteTest, FailsOnShortSequences) {
  start(text_of({"InitialR2T=Yes", "ImmediateData=No"}));
  send(write_command(5, 0, 8, ""));
  const Answer request = peer->answer();
  peer->send(data_out(5, request.at(field::kTransferTag), 0, 0, pattern(1000, 1), true));
  EXPECT_EQ(peer->answer().sense_code(), 0x0C0D);
  EXPECT_EQ(executor->executed, 0);
}

TEST_F(WriteTest, SolicitsWhatAShortUnsolicitedBurstLeftOut) {
  const std::string all = pattern(4096, 7);
  send(write_command(5, 0, 8, "", true));
  peer->send(data_out(5, kReservedTag, 0, 0, all.substr(0, 1024), true));
  const Answer request = peer->answer();
  EXPECT_EQ(request.at(field::kBufferOffset), 1024U);
  satisfy(request, all, 4096);
  expect_good(peer->answer(), 5);
  EXPECT_EQ(medium(0, 4096), all);
}

TEST_F(WriteTest, RejectsDataForNoCommand) {
  peer->send(data_out(5, kReservedTag, 0, 0, pattern(512, 1), true));
  expect_reject(peer->answer(), RejectReason::InvalidPduField);
  peer->send(data_out(5, 0x1234, 0, 0, pattern(50000, 1), true));
  expect_reject(peer->answer(), RejectReason::InvalidPduField);
}

TEST_F(WriteTest, RejectsATagInUse) {
  send(write_command(5, 0, 8, "", true));
  expect_reject(exchange(command(kTestUnitReady, 5, kFinal, 0, 0, 0)),
                RejectReason::TaskInProgress);
}

TEST_F(WriteTest, BoundsTheNumberOfImmediateCommands) {
  int rejected = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {
    Request request = write_command(i, 0, 8, "", true);
    request.header[0] |= kImmediate;
    peer->send(request);
    for (const Answer& answer : peer->answers()) {
      expect_reject(answer, RejectReason::ImmediateCommandReject);
      ++rejected;
    }
  }
  EXPECT_EQ(rejected, 200 - 128 - 16);
}

TEST_F(WriteTest, WaitsForRoomWhenTooMuchIsBeingCollected) {
  ConnectionLimits limits;
  limits.collected_bytes = 256 * 1024;
  limits.task_bytes = 256 * 1024;
  start(text_of({"InitialR2T=Yes", "ImmediateData=No"}), limits);
  const std::string all = pattern(400 * 512, 8);
  send(write_command(1, 0, 400, ""));
  const Answer first = peer->answer();
  send(write_command(2, 1000, 400, ""));
  EXPECT_TRUE(peer->answers().empty());  // no R2T until the first has ended
  satisfy(first, all, 60000);
  const auto answers = peer->answers();
  ASSERT_EQ(answers.size(), 2U);
  expect_good(answers[0], 1);
  EXPECT_EQ(answers[1].opcode(), Opcode::ReadyToTransfer);
  satisfy(answers[1], all, 60000);
  expect_good(peer->answer(), 2);
  EXPECT_EQ(medium(1000, all.size()), all);
}

TEST_F(WriteTest, CollectsNoMoreThanItsLimit) {
  ConnectionLimits limits;
  limits.task_bytes = 64 * 1024;
  start(text_of({"InitialR2T=Yes", "ImmediateData=No", "MaxBurstLength=65536"}), limits);
  Request request = write_command(5, 0, 8, "");
  set32(request.header, field::kExpectedLength, 0xFFFF'FFF0);
  send(request);
  const Answer solicited = peer->answer();
  EXPECT_EQ(solicited.at(field::kDesiredLength), 65536U);
  satisfy(solicited, pattern(65536, 1), 65536);
  const Answer answer = peer->answer();
  expect_good(answer, 5);
  EXPECT_EQ(answer.header[field::kFlags], kFinal | kUnderflow);
  EXPECT_EQ(answer.at(field::kResidual), 0xFFFF'FFF0U - 4096);
}

TEST_F(WriteTest, SurvivesEveryCutOfTheStream) {
  start(text_of({"InitialR2T=No", "ImmediateData=Yes", "FirstBurstLength=262144"}));
  for (const std::size_t piece : {1U, 3U, 47U, 48U, 49U, 1000U, 40000U}) {
    const auto seed = static_cast<unsigned>(piece);
    const std::string all = pattern(100 * 512, seed);
    peer->send(peer->numbered(write_command(5, 0, 100, all.substr(0, 40000), true)), piece);
    peer->send(data_out(5, kReservedTag, 0, 40000, all.substr(40000), true), piece);
    expect_good(peer->answer(), 5);
    EXPECT_EQ(medium(0, all.size()), all) << piece;
  }
}

// However the data come, they are collected in the memory that the device asked for.
TEST_F(WriteTest, CollectsLargeDataWhereTheDeviceWantsThem) {
  executor->lands = true;
  const std::string large = pattern(65536, 1);
  expect_good(exchange(write_command(5, 128, 128, large)), 5);
  EXPECT_EQ(medium(128, large.size()), large);
  EXPECT_EQ(executor->landed, 1);

  const std::string solicited = pattern(3 * 65536, 2);
  write_solicited(write_command(6, 0, 384, ""), solicited, 40'000);
  EXPECT_EQ(medium(0, solicited.size()), solicited);
  EXPECT_EQ(executor->landed, 2);

  const std::string mixed = pattern(2 * 65536, 3);
  send(write_command(7, 256, 256, mixed.substr(0, 40'000), true));
  EXPECT_EQ(peer->connection().keeps_first_space(), false);
  peer->send(data_out(7, kReservedTag, 0, 40'000, mixed.substr(40'000, 25'536), true));
  const Answer request = peer->answer();
  EXPECT_EQ(portal->pool().lent_bytes() % store::Landing::kLeastBytes, 0U);
  satisfy(request, mixed, 65536);
  expect_good(peer->answer(), 7);
  EXPECT_EQ(medium(256, mixed.size()), mixed);
  EXPECT_EQ(executor->landed, 3);

  // What fills no extent, or would occupy more than other memory, is collected as ever.
  expect_good(exchange(write_command(8, 128, 64, pattern(32768, 4))), 8);
  expect_good(exchange(write_command(9, 100, 128, large)), 9);
  write_solicited(write_command(10, 1, 256, ""), pattern(2 * 65536, 5), 65536);
  EXPECT_EQ(executor->landed, 3);
}

TEST_F(WriteTest, KeepsNothingOfDataThatStopHalfWay) {
  executor->lands = true;
  const std::string before = medium(0, 65536);
  const std::string bytes =
      peer->encode(peer->numbered(write_command(5, 0, 128, pattern(65536, 1))));
  peer->feed(bytes.substr(0, 40'000));
  EXPECT_TRUE(peer->connection().keeps_first_space());
  EXPECT_GE(portal->pool().lent_bytes(), 65536U);
  peer.reset();
  EXPECT_EQ(executor->executed, 0);
  EXPECT_EQ(medium(0, 65536), before);
}

// Bytes behind a large PDU are most often those of the next one, and belong elsewhere.
TEST_F(WriteTest, ReceivesNoFurtherThanTheNextHeaderBehindLargeData) {
  for (const auto& digests :
       {std::string(), text_of({"HeaderDigest=CRC32C", "DataDigest=CRC32C"})}) {
    start(usual() + digests);
    peer->use_digests(!digests.empty(), !digests.empty());
    const std::string bytes =
        peer->encode(peer->numbered(write_command(5, 0, 100, pattern(51'200, 1))));
    const std::size_t trailer = digests.empty() ? 0 : kDigestBytes;
    const std::size_t next = trailer + kHeaderBytes + trailer;
    peer->feed(std::string_view(bytes).substr(0, 40'000));
    EXPECT_EQ(peer->connection().spaces()[0].size(), bytes.size() - trailer - 40'000);
    EXPECT_EQ(peer->connection().spaces()[1].size(), next);
    if (trailer != 0) {
      peer->feed(std::string_view(bytes).substr(40'000, bytes.size() - 40'000 - 1));
      EXPECT_EQ(peer->connection().spaces()[0].size(), next - trailer + 1);
      peer->feed(std::string_view(bytes).substr(bytes.size() - 1));
    } else {
      peer->feed(std::string_view(bytes).substr(40'000));
    }
    expect_good(peer->answer(), 5);
    EXPECT_GT(peer->connection().spaces()[0].size(), 100'000U);
    EXPECT_EQ(medium(0, 51'200), pattern(51'200, 1));
  }
}

}  // namespace
}  // namespace lockstep::iscsi::test
