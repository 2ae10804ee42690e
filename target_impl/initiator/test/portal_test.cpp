// Goal: a portal that refuses, is silent, hangs up or talks nonsense gives one clear error in time.
// Method: listeners of the test's own on loopback; no iSCSI target is needed.
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/initiator/lun_data_path.hpp"
#include "target_impl/initiator/test/listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <thread>

namespace lockstep::initiator {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr const char* kName = "iqn.2026-11.net.lockstep:absent";

SessionOptions impatient() {
  SessionOptions options;
  options.connect_timeout = milliseconds{200};
  options.command_timeout = milliseconds{200};
  return options;
}

Error failed_connect(const std::string& portal) {
  const auto begin = std::chrono::steady_clock::now();
  const auto session = Session::connect(portal, kName, impatient());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds{900});
  EXPECT_FALSE(session.has_value());
  if (session) return {};
  EXPECT_THAT(session.error().message, HasSubstr(portal));
  EXPECT_THAT(session.error().message, HasSubstr(kName));
  return session.error();
}

TEST(SilentPortal, IsGivenUpWithinTheConnectTimeout) {
  Listener listener;
  const Error error = failed_connect(listener.portal());
  EXPECT_EQ(error.origin, Origin::Transport);
  EXPECT_THAT(error.message, HasSubstr("within 200 ms"));
  EXPECT_THAT(error.message, HasSubstr("said nothing"));
}

TEST(RefusingPortal, IsReportedAtOnce) {
  Listener listener;
  listener.close();
  const Error error = failed_connect(listener.portal());
  EXPECT_EQ(error.origin, Origin::Transport);
  EXPECT_THAT(error.message, HasSubstr("Connection refused"));
}

TEST(PortalThatHangsUp, IsReportedAtOnce) {
  Listener listener;
  std::thread peer([&] { const Descriptor closed_at_once = listener.accept(); });
  const Error error = failed_connect(listener.portal());
  peer.join();
  EXPECT_EQ(error.origin, Origin::Transport);
  EXPECT_THAT(error.message, testing::AnyOf(HasSubstr("closed the connection during the login"),
                                            HasSubstr("cannot connect")));
}

TEST(PortalThatTalksNonsense, IsReported) {
  Listener listener;
  std::thread peer([&] {
    const Descriptor connection = listener.accept();
    std::array<char, 512> bytes{};
    static_cast<void>(::recv(connection.get(), bytes.data(), bytes.size(), 0));
    const std::string text = "SSH-2.0-OpenSSH_9.2p1 " + std::string(200, 'x') + "\r\n";
    static_cast<void>(::send(connection.get(), text.data(), text.size(), MSG_NOSIGNAL));
    static_cast<void>(::recv(connection.get(), bytes.data(), bytes.size(), 0));
  });
  const Error error = failed_connect(listener.portal());
  peer.join();
  EXPECT_EQ(error.origin, Origin::Transport);
}

TEST(Connect, ChecksItsArgumentsFirst) {
  EXPECT_EQ(Session::connect("127.0.0.1:x", kName).error().origin, Origin::Usage);
  EXPECT_EQ(Session::connect("127.0.0.1:1", "disk").error().origin, Origin::Usage);
  SessionOptions nameless;
  nameless.initiator_name.clear();
  EXPECT_EQ(Session::connect("127.0.0.1:1", kName, nameless).error().origin, Origin::Usage);
}

TEST(StartConnect, CompletesQueuedCommandsWhenTheLoginFails) {
  Listener listener;
  auto session = Session::start_connect(listener.portal(), kName, impatient()).value();
  std::array<std::byte, 512> block{};
  std::vector<Outcome> outcomes;
  const auto note = [&](const Completion& c) { outcomes.push_back(c.outcome); };
  session->read(0, Lba{0}, BlockSize{512}, block, note);
  session->synchronize_cache(0, note);
  EXPECT_EQ(session->outstanding(), 2U);
  const Status end = session->run_until_idle();
  ASSERT_FALSE(end.has_value());
  EXPECT_THAT(end.error().message, HasSubstr("within 200 ms"));
  EXPECT_EQ(outcomes, (std::vector{Outcome::ConnectionLost, Outcome::ConnectionLost}));
  EXPECT_FALSE(session->connected());
  EXPECT_EQ(session->descriptor(), -1);

  session->synchronize_cache(0, note);  // after the end
  EXPECT_FALSE(session->run_until_idle().has_value());
  EXPECT_EQ(outcomes.size(), 3U);
  EXPECT_EQ(session->outstanding(), 0U);
}

TEST(StartConnect, CancelsQueuedCommandsInTheDestructor) {
  Listener listener;
  auto session = Session::start_connect(listener.portal(), kName, impatient()).value();
  std::vector<Outcome> outcomes;
  session->synchronize_cache(0, [&](const Completion& c) { outcomes.push_back(c.outcome); });
  session.reset();
  EXPECT_EQ(outcomes, std::vector{Outcome::Cancelled});
}

TEST(Session, CancelsImpossibleTransfersInsideTheLoop) {
  Listener listener;
  auto session = Session::start_connect(listener.portal(), kName, impatient()).value();
  std::array<std::byte, 700> odd{};
  std::vector<Outcome> outcomes;
  const auto note = [&](const Completion& c) { outcomes.push_back(c.outcome); };
  session->read(0, Lba{0}, BlockSize{512}, odd, note);
  session->write(0, Lba{0}, BlockSize{0}, odd, note);
  session->write(0, Lba{0}, BlockSize{512}, {}, note);
  session->unmap(0, Lba{0}, BlockCount{0}, note);
  session->command(0, {}, {}, {}, note);
  EXPECT_TRUE(outcomes.empty());
  EXPECT_TRUE(session->run_until_idle().has_value());
  EXPECT_EQ(outcomes, std::vector<Outcome>(5, Outcome::Cancelled));
}

TEST(LunDataPath, NamesElementsWithoutALun) {
  const auto path =
      make_lun_data_path("127.0.0.1:1", kName, [](const ElementRef&) { return std::nullopt; });
  std::array<std::byte, 512> block{};
  const auto answer = path->read(ElementRef{"volume-9"}, Lba{0}, block);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().origin, Origin::Config);
  EXPECT_THAT(answer.error().message, HasSubstr("volume-9"));
}

TEST(LunDataPath, ReportsAnUnreachablePortal) {
  Listener listener;
  listener.close();
  const auto path = make_lun_data_path(
      listener.portal(), kName, [](const ElementRef&) { return std::uint16_t{0}; }, impatient());
  EXPECT_EQ(path->geometry(ElementRef{"v"}).error().origin, Origin::Transport);
  EXPECT_EQ(path->flush(ElementRef{"v"}).error().origin, Origin::Transport);
}

}  // namespace
}  // namespace lockstep::initiator
