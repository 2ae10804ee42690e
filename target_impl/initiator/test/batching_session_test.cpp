// Goal: sessions without libiscsi send what RFC 7143 asks for, gathered, and believe a target
// nothing that was not asked of it. Method: a target of which the test says every byte.
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/initiator/test/hand_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace lockstep::initiator {
namespace {

using iscsi::Opcode;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
namespace field = iscsi::field;

constexpr std::uint8_t kToOperational = 0x81;
constexpr std::uint8_t kToFullFeature = 0x87;
constexpr std::uint8_t kCheckCondition = 2;

std::vector<std::byte> bytes_of(std::size_t count, int seed) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<std::byte>(i * 31 + i / 512 + 7U * static_cast<unsigned>(seed));
  return bytes;
}

std::vector<std::byte> fixed_sense(std::uint8_t key, std::uint8_t code) {
  std::vector<std::byte> sense(2 + 18);
  sense[1] = std::byte{18};
  sense[2] = std::byte{0x70};
  sense[2 + 2] = std::byte{key};
  sense[2 + 12] = std::byte{code};
  return sense;
}

std::string keys(std::initializer_list<std::string> pairs) {
  std::string text;
  for (const auto& pair : pairs) text += pair + '\0';
  return text;
}

// A session and its target, in one thread.
class BatchingSession : public testing::Test {
 protected:
  void begin(std::optional<Credentials> credentials = {},
             milliseconds patience = milliseconds{5'000}) {
    SessionOptions options;
    options.batching = true;
    options.credentials = std::move(credentials);
    options.command_timeout = patience;
    options.isid = 0xABCDEF1234;
    auto begun = Session::start_connect(target.portal(), "iqn.2026-11.net.lockstep:hand", options);
    ASSERT_TRUE(begun.has_value()) << begun.error().message;
    session = std::move(begun).value();
    target.accept(*session);
  }
  void open(const std::string& agreed = keys({"ImmediateData=Yes"})) {
    begin();
    target.answer_login("", kToOperational);
    turn();
    target.answer_login(agreed, kToFullFeature);
    turn();
    ASSERT_TRUE(session->connected()) << (session->failure() ? session->failure()->message : "");
  }
  void turn() { last = session->run_once(milliseconds{2'000}); }
  void write(std::uint64_t lba, const std::vector<std::byte>& data) {
    session->write(1, Lba{lba}, BlockSize{512}, data,
                   [this, lba](const Completion& c) { ended.emplace_back(lba, c); });
  }
  [[nodiscard]] std::vector<std::uint64_t> ended_in_order() const {
    std::vector<std::uint64_t> all;
    for (const auto& [lba, completion] : ended) all.push_back(lba);
    return all;
  }

  std::vector<std::pair<std::uint64_t, Completion>> ended;  // also by the end of the session
  HandTarget target;
  std::unique_ptr<Session> session;
  Status last = ok();
};

TEST_F(BatchingSession, SaysWhoItIsAndWhatItCan) {
  begin();
  const HandPdu first = target.answer_login("", kToOperational);
  EXPECT_EQ(first.header[field::kFlags], 0x81);  // security, and on to operational
  EXPECT_THAT(
      std::vector<int>(first.header.begin() + field::kIsid, first.header.begin() + field::kTsih),
      ElementsAre(0x80, 0xAB, 0xCD, 0xEF, 0x12, 0x34));
  const std::string said(iscsi::as_text(first.data));
  EXPECT_THAT(said, HasSubstr(keys({"TargetName=iqn.2026-11.net.lockstep:hand"})));
  EXPECT_THAT(said, HasSubstr(keys({"AuthMethod=None"})));
  turn();
  const HandPdu second = target.answer_login(keys({"HeaderDigest=None"}), kToFullFeature);
  EXPECT_EQ(second.header[field::kFlags], 0x87);
  EXPECT_THAT(std::string(iscsi::as_text(second.data)), HasSubstr(keys({"HeaderDigest=None"})));
  turn();
  EXPECT_TRUE(session->connected());
}

TEST_F(BatchingSession, RespondsToAChallenge) {
  begin(Credentials{"mirror", "a password of some length"});
  target.answer_login(keys({"AuthMethod=CHAP"}), 0);
  turn();
  const HandPdu offer =
      target.answer_login(keys({"CHAP_A=5", "CHAP_I=7", "CHAP_C=0x0102030405060708"}), 0);
  EXPECT_EQ(std::string(iscsi::as_text(offer.data)), keys({"CHAP_A=7,5"}));
  turn();
  const HandPdu response = target.answer_login("", kToOperational);
  // MD5 of the identifier, the password and the challenge, worked out with md5sum.
  EXPECT_EQ(std::string(iscsi::as_text(response.data)),
            keys({"CHAP_N=mirror", "CHAP_R=0x759ceaacf97ee604a9fbcf60786812d5"}));
  turn();
  target.answer_login("", kToFullFeature);
  turn();
  EXPECT_TRUE(session->connected());
}

TEST_F(BatchingSession, SaysWhoseFaultARefusalIs) {
  for (const auto& [status, origin] : {std::pair{std::uint16_t{0x0201}, Origin::Config},
                                       {std::uint16_t{0x0203}, Origin::Target},
                                       {std::uint16_t{0x0101}, Origin::Target}}) {
    begin();
    const HandPdu request = target.receive();
    iscsi::Header header = iscsi::make_header(Opcode::LoginResponse, request.tag());
    iscsi::store_be16(header.data() + field::kLoginStatus, status);
    target.send(header);
    turn();
    ASSERT_TRUE(session->failure().has_value());
    EXPECT_EQ(session->failure()->origin, origin) << status;
    EXPECT_FALSE(session->connected());
  }
}

TEST_F(BatchingSession, GivesUpWhereItCannotDoWhatATargetWants) {
  for (const char* wanted : {"HeaderDigest=CRC32C", "DataPDUInOrder=No", "FirstBurstLength=1",
                             "MaxRecvDataSegmentLength=99999999", "AuthMethod=CHAP"}) {
    begin();
    target.answer_login(keys({wanted}), kToOperational);
    turn();
    ASSERT_TRUE(session->failure().has_value()) << wanted;
    EXPECT_EQ(session->failure()->origin, Origin::Target) << wanted;
  }
}

TEST_F(BatchingSession, ALoginWithoutEndEnds) {
  begin();
  for (int i = 0; i < 100 && !session->failure(); ++i) {
    target.answer_login("", 0);
    turn();
  }
  ASSERT_TRUE(session->failure().has_value());
  EXPECT_EQ(session->failure()->origin, Origin::Target);
}

TEST_F(BatchingSession, WhatIsQueuedTogetherLeavesTogetherAndAnswersInAnyOrderAreTaken) {
  open();
  const auto first = bytes_of(4096, 1);
  const auto second = bytes_of(512, 2);
  write(8, first);
  write(0x123456789, second);
  EXPECT_FALSE(target.has_input());
  ASSERT_TRUE(session->flush_submissions().has_value());
  const HandPdu one = target.command();
  const HandPdu two = target.command();
  EXPECT_EQ(one.data, first);
  EXPECT_EQ(two.data, second);
  EXPECT_EQ(one.header[field::kFlags], 0xA1);  // final, write, simple
  EXPECT_EQ(one.header[field::kLun + 1], 1);
  EXPECT_EQ(two.header[field::kCdb], 0x8A);
  EXPECT_EQ(iscsi::load_be32(two.header.data() + field::kCdb + 6), 0x23456789U);
  target.answer(two);
  target.answer(one);
  turn();
  EXPECT_THAT(ended_in_order(), ElementsAre(0x123456789, 8));
  EXPECT_TRUE(ended[0].second.answer.good());
}

TEST_F(BatchingSession, ACommandWaitsForTheWindow) {
  target.window = 1;
  open();
  const auto data = bytes_of(512, 1);
  for (const std::uint64_t lba : {1U, 2U, 3U}) write(lba, data);
  ASSERT_TRUE(session->flush_submissions().has_value());
  for (int i = 1; i <= 3; ++i) {
    const HandPdu command = target.command();
    EXPECT_FALSE(target.has_input());
    target.answer(command);
    turn();
  }
  EXPECT_THAT(ended_in_order(), ElementsAre(1, 2, 3));
}

TEST_F(BatchingSession, WhatDoesNotGoWithTheCommandGoesWhenItIsAskedFor) {
  open(keys({"FirstBurstLength=1024", "MaxRecvDataSegmentLength=2048"}));
  const auto data = bytes_of(8192, 3);
  write(5, data);
  ASSERT_TRUE(session->flush_submissions().has_value());
  const HandPdu command = target.command();
  EXPECT_EQ(command.data.size(), 1024U);
  EXPECT_EQ(command.word(field::kExpectedLength), 8192U);
  std::vector<std::byte> all = command.data;
  target.ask_for_data(command, 1024, 5120);
  turn();
  std::vector<std::uint32_t> numbers;
  for (const bool last_one : {false, false, true}) {
    const HandPdu piece = target.receive();
    ASSERT_EQ(piece.opcode(), Opcode::DataOut);
    EXPECT_EQ(piece.tag(), command.tag());
    EXPECT_EQ(piece.word(field::kTransferTag), 0x77U);
    EXPECT_EQ(piece.word(field::kBufferOffset), all.size());
    EXPECT_EQ(iscsi::has_flag(piece.header, iscsi::kFinal), last_one);
    numbers.push_back(piece.word(field::kDataSn));
    all.insert(all.end(), piece.data.begin(), piece.data.end());
  }
  EXPECT_THAT(numbers, ElementsAre(0, 1, 2));
  target.ask_for_data(command, 6144, 2048);
  turn();
  const HandPdu rest = target.receive();
  all.insert(all.end(), rest.data.begin(), rest.data.end());
  EXPECT_EQ(all, data);
  target.answer(command);
  turn();
  EXPECT_THAT(ended_in_order(), ElementsAre(5));
}

TEST_F(BatchingSession, SendsNothingUnaskedWhereThatIsNotWanted) {
  open(keys({"ImmediateData=No"}));
  const auto data = bytes_of(512, 1);
  write(1, data);
  ASSERT_TRUE(session->flush_submissions().has_value());
  const HandPdu command = target.command();
  EXPECT_TRUE(command.data.empty());
  target.ask_for_data(command, 0, 512);
  turn();
  EXPECT_EQ(target.receive().data, data);
}

TEST_F(BatchingSession, TakesLargeAndSmallDataInPieces) {
  open();
  std::vector<std::byte> in(40'000 + 1'000);
  const auto expected = bytes_of(in.size(), 4);
  std::optional<Completion> read;
  const std::array<std::uint8_t, 16> cdb{0x88};
  session->command(300, cdb, in, {}, [&](const Completion& c) { read = c; });
  ASSERT_TRUE(session->flush_submissions().has_value());
  const HandPdu command = target.command();
  EXPECT_EQ(iscsi::load_be16(command.header.data() + field::kLun), 0x4000 | 300);  // flat space
  --target.status_sn;  // one without a status takes no number
  target.send_data(command, 0, {expected.begin(), expected.begin() + 40'000}, false);
  target.send_data(command, 40'000, {expected.begin() + 40'000, expected.end()}, true);
  while (!read && session->connected()) turn();
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->bytes_in, in.size());
  EXPECT_EQ(in, expected);
}

TEST_F(BatchingSession, HandsSenseInEitherFormatToTheCaller) {
  open();
  const auto data = bytes_of(512, 1);
  write(1, data);
  write(2, data);
  write(3, data);
  ASSERT_TRUE(session->flush_submissions().has_value());
  target.answer(target.command(), kCheckCondition, fixed_sense(5, 0x21));
  std::vector<std::byte> descriptors(2 + 8);
  descriptors[1] = std::byte{8};
  descriptors[2] = std::byte{0x72};
  descriptors[3] = std::byte{3};
  descriptors[4] = std::byte{0x0C};
  descriptors[5] = std::byte{2};
  target.answer(target.command(), kCheckCondition, descriptors);
  target.answer(target.command(), kCheckCondition,
                {std::byte{0xFF}, std::byte{0xFF}, std::byte{0x70}});
  turn();
  ASSERT_EQ(ended.size(), 3U);
  EXPECT_EQ(ended[0].second.answer, (DataAnswer{2, 5, 0x2100}));
  EXPECT_EQ(ended[1].second.answer, (DataAnswer{2, 3, 0x0C02}));
  EXPECT_EQ(ended[2].second.answer, (DataAnswer{2, 0, 0})) << "cut short";
  EXPECT_TRUE(session->connected());
}

TEST_F(BatchingSession, AnswersPings) {
  open();
  iscsi::Header ping = iscsi::make_header(Opcode::NopIn, iscsi::kReservedTag);
  iscsi::set32(ping, field::kTransferTag, 0x55);
  target.send(ping);
  turn();
  const HandPdu pong = target.receive();
  EXPECT_EQ(pong.opcode(), Opcode::NopOut);
  EXPECT_EQ(pong.word(field::kTransferTag), 0x55U);
  EXPECT_EQ(pong.tag(), iscsi::kReservedTag);
  EXPECT_EQ(pong.word(field::kCmdSn), target.expected);
}

// Whoever is told of a command may do with its data what it likes.
TEST_F(BatchingSession, AnEarlyAnswerWaitsUntilTheDataHasGone) {
  open(keys({"FirstBurstLength=512", "MaxRecvDataSegmentLength=1048576"}));
  const auto data = bytes_of(64 << 20, 5);  // more than any socket holds
  write(1, data);
  ASSERT_TRUE(session->flush_submissions().has_value());
  const HandPdu command = target.command();
  target.ask_for_data(command, 512, static_cast<std::uint32_t>(data.size() - 512));
  target.answer(command, kCheckCondition, fixed_sense(3, 0x0C));
  turn();
  EXPECT_TRUE(ended.empty());
  std::vector<std::byte> sink(1 << 20);
  std::size_t sent = 0;
  for (std::size_t got = 0; ended.empty() && session->connected();) {
    const auto more = ::recv(target.descriptor(), sink.data(), sink.size(), MSG_DONTWAIT);
    if (more > 0) got += static_cast<std::size_t>(more);
    static_cast<void>(session->run_once(milliseconds{0}));
    sent = got;
  }
  EXPECT_GT(sent + (16U << 20), data.size()) << "told before it had left";
  EXPECT_THAT(ended_in_order(), ElementsAre(1));
  EXPECT_EQ(ended[0].second.answer.sense_key, 3);
}

// Of what a target may send, the session ends what nobody asked for.
TEST_F(BatchingSession, BelievesNothingThatWasNotAskedFor) {
  const auto data = bytes_of(4096, 6);
  std::array<std::byte, 1024> in{};
  using Lie = std::function<void(const HandPdu& write, const HandPdu& read)>;
  const std::vector<std::pair<const char*, Lie>> lies{
      {"an answer with another tag",
       [&](const HandPdu& one, const HandPdu&) {
         HandPdu other = one;
         iscsi::set32(other.header, field::kTaskTag, one.tag() + 0x10000);
         target.answer(other);
       }},
      {"an answer to the tag of no command",
       [&](const HandPdu& one, const HandPdu&) {
         HandPdu other = one;
         iscsi::set32(other.header, field::kTaskTag, 0);
         target.answer(other);
       }},
      {"two answers",
       [&](const HandPdu& one, const HandPdu&) {
         target.answer(one);
         target.answer(one);
       }},
      {"a request for data that went already",
       [&](const HandPdu& one, const HandPdu&) { target.ask_for_data(one, 0, 512); }},
      {"a request for more than there is",
       [&](const HandPdu& one, const HandPdu&) { target.ask_for_data(one, 1024, 4096); }},
      {"a request for nothing",
       [&](const HandPdu& one, const HandPdu&) { target.ask_for_data(one, 1024, 0); }},
      {"a request for data of a read",
       [&](const HandPdu&, const HandPdu& two) { target.ask_for_data(two, 0, 512); }},
      {"data for a write",
       [&](const HandPdu& one, const HandPdu&) { target.send_data(one, 0, {std::byte{1}}, true); }},
      {"data behind the buffer",
       [&](const HandPdu&, const HandPdu& two) {
         target.send_data(two, 0, std::vector<std::byte>(1028), true);
       }},
      {"large data behind the buffer",
       [&](const HandPdu&, const HandPdu& two) {
         target.send_data(two, 0, std::vector<std::byte>(100'000), true);
       }},
      {"data that leaves a gap",
       [&](const HandPdu&, const HandPdu& two) {
         target.send_data(two, 512, {std::byte{1}}, true);
       }},
      {"what only initiators send",
       [&](const HandPdu& one, const HandPdu&) {
         target.send(iscsi::make_header(Opcode::ScsiCommand, one.tag()));
       }},
      {"a login once more",
       [&](const HandPdu& one, const HandPdu&) {
         target.send(iscsi::make_header(Opcode::LoginResponse, one.tag()));
       }},
      {"pings without end", [&](const HandPdu&, const HandPdu&) {
         iscsi::Header ping = iscsi::make_header(Opcode::NopIn, iscsi::kReservedTag);
         iscsi::set32(ping, field::kTransferTag, 9);
         for (int i = 0; i < 1000; ++i) target.send(ping);
       }}};
  for (const auto& [what, lie] : lies) {
    target = HandTarget();
    ended.clear();
    open(keys({"FirstBurstLength=1024"}));
    write(1, data);
    session->read(1, Lba{2}, BlockSize{512}, in,
                  [this](const Completion& c) { ended.emplace_back(2, c); });
    ASSERT_TRUE(session->flush_submissions().has_value());
    const HandPdu one = target.command();
    const HandPdu two = target.command();
    lie(one, two);
    for (int i = 0; i < 10 && session->connected(); ++i) turn();
    EXPECT_FALSE(session->connected()) << what;
    EXPECT_EQ(ended.size(), 2U) << what;
  }
}

TEST_F(BatchingSession, ALossMidwayEndsEverythingOnceWhateverItsStage) {
  target.window = 2;
  open(keys({"FirstBurstLength=512"}));
  const auto data = bytes_of(1024, 1);
  for (const std::uint64_t lba : {1U, 2U, 3U}) write(lba, data);  // the third waits for the window
  ASSERT_TRUE(session->flush_submissions().has_value());
  const HandPdu first = target.command();
  target.ask_for_data(first, 512, 512);
  turn();
  target.hang_up();
  turn();
  EXPECT_THAT(ended_in_order(), ElementsAre(1, 2, 3));
  for (const auto& [lba, completion] : ended) {
    EXPECT_EQ(completion.outcome, Outcome::ConnectionLost) << lba;
  }
  EXPECT_EQ(session->outstanding(), 0U);
}

}  // namespace
}  // namespace lockstep::initiator
