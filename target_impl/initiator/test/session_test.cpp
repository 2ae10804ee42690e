// Goal: whatever a target does to a logged-in session, each command completes exactly once and says
// truly how, whoever carries it: libiscsi or our own. Method: a scripted target.
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/initiator/test/scripted_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>

namespace lockstep::initiator {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using Action = ScriptedReply::Action;

constexpr const char* kName = "iqn.2026-11.net.lockstep:scripted";
constexpr DataAnswer kGood{};

// With and without SessionOptions::batching.
class EitherSession : public testing::TestWithParam<bool> {
 protected:
  static std::unique_ptr<Session> connect(const ScriptedTarget& target,
                                          milliseconds command_timeout = milliseconds{5'000});
};

std::string name_of(const testing::TestParamInfo<bool>& info) {
  return info.param ? "Batching" : "Libiscsi";
}
INSTANTIATE_TEST_SUITE_P(Session, EitherSession, testing::Bool(), name_of);

std::unique_ptr<Session> EitherSession::connect(const ScriptedTarget& target,
                                                milliseconds command_timeout) {
  SessionOptions options;
  options.command_timeout = command_timeout;
  options.batching = GetParam();
  auto session = Session::connect(target.portal(), kName, options);
  EXPECT_TRUE(session.has_value()) << session.error().message;
  return session ? std::move(session).value() : nullptr;
}

// Notes how every command ended, in order of completion.
struct Log {
  std::vector<Completion> ended;
  Done note() {
    return [this](const Completion& c) { ended.push_back(c); };
  }
  [[nodiscard]] std::vector<Outcome> outcomes() const {
    std::vector<Outcome> all;
    for (const Completion& c : ended) all.push_back(c.outcome);
    return all;
  }
};

TEST_P(EitherSession, SendsTheBytesAndTakesTheBytes) {
  std::vector<std::byte> written;
  ScriptedTarget target([&](const ScriptedCommand& c) {
    if (c.cdb[0] == 0x8A) {
      written.assign(c.data_out.begin(), c.data_out.end());
      return ScriptedReply{};
    }
    EXPECT_EQ(c.cdb[0], 0x88);
    EXPECT_EQ(c.lba(), 0x123456789ULL);
    EXPECT_EQ(c.blocks(), 2U);
    return ScriptedReply::data(written);
  });
  const auto session = connect(target);
  std::array<std::byte, 1024> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>(i * 7);
  std::array<std::byte, 1024> in{};
  Log log;
  session->write(3, Lba{0x123456789}, BlockSize{512}, out, log.note());
  session->read(3, Lba{0x123456789}, BlockSize{512}, in, log.note());
  ASSERT_TRUE(session->run_until_idle().has_value());
  ASSERT_EQ(log.ended.size(), 2U);
  EXPECT_EQ(log.ended[0].answer, kGood);
  EXPECT_EQ(log.ended[0].bytes_in, 0U);
  EXPECT_EQ(log.ended[1].answer, kGood);
  EXPECT_EQ(log.ended[1].bytes_in, 1024U);
  EXPECT_EQ(in, out);
}

TEST_P(EitherSession, TakesAnOddNumberOfBytes) {
  ScriptedTarget target([](const ScriptedCommand&) {
    return ScriptedReply::data(std::vector<std::byte>(13, std::byte{0x5A}));
  });
  const auto session = connect(target);
  std::array<std::byte, 13> in{};
  const std::array<std::uint8_t, 6> inquiry{0x12, 0, 0, 0, 13, 0};
  Log log;
  session->command(0, inquiry, in, {}, log.note());
  session->command(0, inquiry, in, {}, log.note());
  ASSERT_TRUE(session->run_until_idle().has_value());
  EXPECT_EQ(log.ended[1].bytes_in, 13U);
  EXPECT_EQ(in[12], std::byte{0x5A});
}

TEST_P(EitherSession, SplitsLongUnmapsIntoDescriptors) {
  std::vector<std::byte> list;
  ScriptedTarget target([&](const ScriptedCommand& c) {
    list.assign(c.data_out.begin(), c.data_out.end());
    return ScriptedReply{};
  });
  const auto session = connect(target);
  Log log;
  session->unmap(0, Lba{16}, BlockCount{0x1'0000'0005}, log.note());
  ASSERT_TRUE(session->run_until_idle().has_value());
  ASSERT_EQ(list.size(), 8U + 2U * 16U);
  EXPECT_EQ(list[1], std::byte{38});
  EXPECT_EQ(list[3], std::byte{32});
  EXPECT_EQ(list[15], std::byte{16});
  EXPECT_EQ(list[16], std::byte{0xFF});
  EXPECT_EQ(list[24 + 3], std::byte{1});  // 16 + 0xFFFFFFFF = 0x1'0000'000F
  EXPECT_EQ(list[24 + 7], std::byte{15});
  EXPECT_EQ(list[24 + 11], std::byte{6});  // the rest
}

TEST_P(EitherSession, SendsACommandAgainAfterUnitAttentions) {
  int seen = 0;
  ScriptedTarget target([&](const ScriptedCommand&) {
    return ++seen <= 2 ? ScriptedReply::check(6, 0x2900) : ScriptedReply{};
  });
  const auto session = connect(target);
  Log log;
  session->synchronize_cache(0, log.note());
  ASSERT_TRUE(session->run_until_idle().has_value());
  ASSERT_EQ(log.ended.size(), 1U);
  EXPECT_EQ(log.ended[0].answer, kGood);
  EXPECT_EQ(seen, 3);
}

TEST_P(EitherSession, ReportsUnitAttentionsWithoutEnd) {
  int seen = 0;
  ScriptedTarget target([&](const ScriptedCommand&) {
    ++seen;
    return ScriptedReply::check(6, 0x3F0E);
  });
  const auto session = connect(target);
  Log log;
  session->synchronize_cache(0, log.note());
  ASSERT_TRUE(session->run_until_idle().has_value());
  EXPECT_EQ(log.ended[0].answer, (DataAnswer{2, 6, 0x3F0E}));
  EXPECT_EQ(seen, 5);
}

TEST_P(EitherSession, HandsRefusalsToTheCaller) {
  int seen = 0;
  ScriptedTarget target([&](const ScriptedCommand&) {
    ScriptedReply conflict;
    conflict.status = 0x18;
    return ++seen == 1 ? conflict : ScriptedReply::check(5, 0x2100);
  });
  const auto session = connect(target);
  std::array<std::byte, 512> block{};
  Log log;
  session->write(0, Lba{0}, BlockSize{512}, block, log.note());
  session->read(0, Lba{0}, BlockSize{512}, block, log.note());
  ASSERT_TRUE(session->run_until_idle().has_value());
  EXPECT_EQ(log.ended[0].answer, (DataAnswer{0x18, 0, 0}));
  EXPECT_EQ(log.ended[1].answer, (DataAnswer{2, 5, 0x2100}));
  EXPECT_EQ(log.ended[1].bytes_in, 0U);
  EXPECT_TRUE(session->connected());
}

TEST_P(EitherSession, SaysHowMuchCame) {
  int seen = 0;
  ScriptedTarget target([&](const ScriptedCommand&) {
    if (++seen == 1) return ScriptedReply::data(std::vector<std::byte>(512));
    auto reply = ScriptedReply::data(std::vector<std::byte>(1024));
    reply.residual_overflow = 3072;
    return reply;
  });
  const auto session = connect(target);
  std::array<std::byte, 1024> in{};
  Log log;
  session->read(0, Lba{0}, BlockSize{512}, in, log.note());
  session->read(0, Lba{0}, BlockSize{512}, in, log.note());
  ASSERT_TRUE(session->run_until_idle().has_value());
  EXPECT_EQ(log.ended[0].bytes_in, 512U);
  EXPECT_FALSE(log.ended[0].overflow);
  EXPECT_TRUE(log.ended[1].overflow);
}

TEST_P(EitherSession, EndsWhenATargetSendsMoreThanTheBufferHolds) {
  ScriptedTarget target(
      [](const ScriptedCommand&) { return ScriptedReply::data(std::vector<std::byte>(4096)); });
  const auto session = connect(target);
  std::array<std::byte, 1024> in{};
  Log log;
  session->read(0, Lba{0}, BlockSize{512}, std::span(in).first(512), log.note());
  EXPECT_FALSE(session->run_until_idle().has_value());
  EXPECT_EQ(log.outcomes(), std::vector{Outcome::ConnectionLost});
  EXPECT_EQ(in[512], std::byte{0});
}

TEST_P(EitherSession, ALostConnectionEndsEveryCommandOnce) {
  int seen = 0;
  ScriptedTarget target([&](const ScriptedCommand&) {
    return ScriptedReply::only(++seen == 5 ? Action::HangUp : Action::Silence);
  });
  const auto session = connect(target);
  Log log;
  for (int i = 0; i < 5; ++i) session->synchronize_cache(0, log.note());
  const Status end = session->run_until_idle();
  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().origin, Origin::Transport);
  EXPECT_THAT(end.error().message, HasSubstr(target.portal()));
  EXPECT_EQ(log.outcomes(), std::vector<Outcome>(5, Outcome::ConnectionLost));
  EXPECT_FALSE(session->connected());
  EXPECT_EQ(session->outstanding(), 0U);
  EXPECT_EQ(session->failure(), end.error());
}

TEST_P(EitherSession, ALostConnectionIsNoticedWithoutACommand) {
  ScriptedTarget target([](const ScriptedCommand&) { return ScriptedReply::only(Action::HangUp); });
  const auto session = connect(target);
  Log log;
  session->synchronize_cache(0, log.note());
  EXPECT_FALSE(session->run_until_idle().has_value());
  EXPECT_FALSE(session->run_once(milliseconds{0}).has_value());
}

TEST_P(EitherSession, ALostConnectionAlsoEndsCommandsQueuedByItsCallbacks) {
  ScriptedTarget target([](const ScriptedCommand&) { return ScriptedReply::only(Action::HangUp); });
  const auto session = connect(target);
  Log log;
  session->synchronize_cache(0, [&](const Completion& c) {
    log.note()(c);
    session->synchronize_cache(0, log.note());
  });
  EXPECT_FALSE(session->run_until_idle().has_value());
  EXPECT_FALSE(session->run_once(milliseconds{0}).has_value());
  EXPECT_EQ(log.outcomes(), std::vector<Outcome>(2, Outcome::ConnectionLost));
}

TEST_P(EitherSession, ALogoutByTheTargetEndsEveryCommandOnce) {
  int seen = 0;
  ScriptedTarget target([&](const ScriptedCommand&) {
    return ScriptedReply::only(++seen == 2 ? Action::RequestLogout : Action::Silence);
  });
  const auto session = connect(target);
  Log log;
  session->synchronize_cache(0, log.note());
  session->synchronize_cache(0, log.note());
  EXPECT_FALSE(session->run_until_idle().has_value());
  EXPECT_EQ(log.outcomes(), std::vector<Outcome>(2, Outcome::ConnectionLost));
}

TEST_P(EitherSession, ASilentTargetTimesOutEveryCommand) {
  ScriptedTarget target(
      [](const ScriptedCommand&) { return ScriptedReply::only(Action::Silence); });
  const auto session = connect(target, milliseconds{100});
  std::array<std::byte, 512> block{};
  Log log;
  session->read(0, Lba{0}, BlockSize{512}, block, log.note());
  session->synchronize_cache(0, log.note());
  const auto begin = std::chrono::steady_clock::now();
  const Status end = session->run_until_idle();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds{600});
  ASSERT_FALSE(end.has_value());
  EXPECT_THAT(end.error().message, HasSubstr("within 100 ms"));
  EXPECT_EQ(log.outcomes(), std::vector<Outcome>(2, Outcome::TimedOut));
}

TEST_P(EitherSession, ItsDestructorCancelsWhatIsOutstanding) {
  ScriptedTarget target(
      [](const ScriptedCommand&) { return ScriptedReply::only(Action::Silence); });
  auto session = connect(target);
  Log log;
  session->synchronize_cache(0, log.note());
  ASSERT_TRUE(session->run_once(milliseconds{1}).has_value());
  session.reset();
  EXPECT_EQ(log.outcomes(), std::vector{Outcome::Cancelled});
}

TEST(Login, FollowsARedirection) {
  ScriptedTarget there([](const ScriptedCommand&) { return ScriptedReply{}; });
  ScriptedTarget here([](const ScriptedCommand&) { return ScriptedReply::check(4, 0); },
                      {0x0101, there.portal() + ",1"});
  const auto connected = Session::connect(here.portal(), kName);
  ASSERT_TRUE(connected.has_value()) << connected.error().message;
  const auto& session = connected.value();
  Log log;
  session->synchronize_cache(0, log.note());
  ASSERT_TRUE(session->run_until_idle().has_value());
  EXPECT_EQ(log.ended[0].answer, kGood);
}

TEST(Login, GivesUpOnRedirectionsInACircle) {
  ScriptedTarget target([](const ScriptedCommand&) { return ScriptedReply{}; },
                        {0x0101, "not an address"});
  const auto session = Session::connect(target.portal(), kName);
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().origin, Origin::Target);
  EXPECT_THAT(session.error().message, HasSubstr("redirects"));
}

TEST(Login, NamesTheTargetThatIsUnknown) {
  ScriptedTarget target([](const ScriptedCommand&) { return ScriptedReply{}; }, {0x0203, ""});
  const auto session = Session::connect(target.portal(), kName);
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().origin, Origin::Target);
  EXPECT_THAT(session.error().message, HasSubstr(kName));
  EXPECT_THAT(session.error().message, HasSubstr("Target not found"));
}

TEST_P(EitherSession, CapacityRefusesNonsense) {
  ScriptedTarget target([](const ScriptedCommand&) {
    auto data = std::vector<std::byte>(32);
    data[7] = std::byte{9};
    data[11] = std::byte{3};  // a block size of 3 bytes
    return ScriptedReply::data(std::move(data));
  });
  const auto session = connect(target);
  const auto capacity = session->capacity(0);
  ASSERT_FALSE(capacity.has_value());
  EXPECT_THAT(capacity.error().message, HasSubstr("block size 3"));
}

TEST_P(EitherSession, TheNaaIdentifierIsFoundAmongOtherDesignators) {
  ScriptedTarget target([](const ScriptedCommand&) {
    std::vector<std::byte> page(4);
    const auto add = [&](std::uint8_t code, std::uint8_t kind, std::vector<std::uint8_t> id) {
      page.insert(page.end(), {std::byte{code}, std::byte{kind}, std::byte{0},
                               static_cast<std::byte>(id.size())});
      for (const auto b : id) page.push_back(std::byte{b});
    };
    add(2, 0x01, {'L', 'S'});                      // T10 vendor
    add(1, 0x13, {0x50, 0, 0, 0, 0, 0, 0, 1});     // NAA, of the target port
    add(1, 0x03, {0x60, 1, 2, 3, 4, 5, 6, 0xFE});  // NAA, of the logical unit
    page[1] = std::byte{0x83};
    page[3] = static_cast<std::byte>(page.size() - 4);
    return ScriptedReply::data(page);
  });
  const auto session = connect(target);
  EXPECT_EQ(session->naa_identifier(0).value(), "60010203040506fe");
}

TEST_P(EitherSession, ReportLunsUnderstandsBothAddressingMethods) {
  ScriptedTarget target([](const ScriptedCommand&) {
    std::vector<std::byte> list(8 + 4 * 8);
    list[3] = std::byte{32};
    list[8 + 1] = std::byte{7};  // peripheral
    list[16] = std::byte{0x41};  // flat
    list[16 + 1] = std::byte{0x02};
    list[24] = std::byte{0xC1};  // well known
    list[32] = std::byte{0x01};  // bus 1
    return ScriptedReply::data(list);
  });
  const auto session = connect(target);
  EXPECT_EQ(report_luns(*session).value(), (std::vector<std::uint16_t>{7, 0x102}));
}

}  // namespace
}  // namespace lockstep::initiator
