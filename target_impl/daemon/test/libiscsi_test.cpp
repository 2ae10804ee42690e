// The rules that newer versions of libiscsi's test program check and the installed one does not,
// over libiscsi or, where it cannot say what is to be said, over a raw initiator: CHAP,
// SendTargets, NOP, logout during I/O, REPORT TARGET PORT GROUPS. The other SCSI commands are in
// newer_scsi_rules_test.cpp.
#include "target_impl/daemon/test/raw_initiator.hpp"
#include "target_impl/daemon/test/served_volume.hpp"
#include "target_impl/daemon/test/server_options.hpp"

#include <gmock/gmock.h>
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <poll.h>
#include <string>
#include <vector>

namespace lockstep::target::test {
namespace {

using iscsi::Opcode;
using iscsi::test::make_request;
using iscsi::test::text_of;
using ::testing::HasSubstr;
namespace field = iscsi::field;

constexpr std::uint64_t kMebibyte = 1ULL << 20;
const std::string kSecret = "initiator-secret";
const std::string kTargetSecret = "secret-of-the-target";

struct DestroyContext {
  void operator()(iscsi_context* context) const { iscsi_destroy_context(context); }
};
using Context = std::unique_ptr<iscsi_context, DestroyContext>;

Context new_context(const std::string& target = kTargetName) {
  Context context(iscsi_create_context("iqn.2026-11.test:libiscsi"));
  iscsi_set_noautoreconnect(context.get(), 1);
  iscsi_set_timeout(context.get(), 10);
  iscsi_set_session_type(context.get(), ISCSI_SESSION_NORMAL);
  iscsi_set_targetname(context.get(), target.c_str());
  return context;
}

// Whether one turn of libiscsi's loop until `done`, at most ten seconds, succeeded.
template <class Done>
bool run_until(iscsi_context* context, Done done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    pollfd entry{iscsi_get_fd(context), static_cast<short>(iscsi_which_events(context)), 0};
    if (::poll(&entry, 1, 1000) < 0 || iscsi_service(context, entry.revents) < 0) {
      return false;
    }
  }
  return true;
}

iscsi::TargetAccess guarded(bool with_own = true) {
  iscsi::TargetAccess access;
  access.accounts.push_back({"user", iscsi::Secret(kSecret)});
  access.accounts.push_back({"0xuser", iscsi::Secret(kSecret + "-x")});
  access.accounts.push_back({"0buser", iscsi::Secret(kSecret + "-b")});
  if (with_own) {
    access.own = iscsi::ChapAccount{"target", iscsi::Secret(kTargetSecret)};
  }
  return access;
}

class ChapSession : public ::testing::Test {
 protected:
  ChapSession() : served(16 * kMebibyte) {
    EXPECT_TRUE(served.server().serve(served.device(), guarded()).has_value());
  }
  int connect(iscsi_context* context) {
    return iscsi_full_connect_sync(context, served.server().portal().c_str(), 0);
  }
  ServedVolume served;
};

TEST_F(ChapSession, LibiscsiLogsInFromItsUrl) {
  const Context context = new_context();
  const std::string text =
      "iscsi://user%" + kSecret + "@" + served.server().portal() + "/" + kTargetName + "/0";
  iscsi_url* url = iscsi_parse_full_url(context.get(), text.c_str());
  ASSERT_NE(url, nullptr);
  iscsi_set_initiator_username_pwd(context.get(), url->user, url->passwd);
  iscsi_destroy_url(url);
  ASSERT_EQ(connect(context.get()), 0) << iscsi_get_error(context.get());
  scsi_task* task = iscsi_testunitready_sync(context.get(), 0);
  ASSERT_NE(task, nullptr);
  EXPECT_EQ(task->status, SCSI_STATUS_GOOD);
  scsi_free_scsi_task(task);
  EXPECT_EQ(iscsi_logout_sync(context.get()), 0);
}

TEST_F(ChapSession, LibiscsiLogsInBothWays) {
  const Context context = new_context();
  iscsi_set_initiator_username_pwd(context.get(), "user", kSecret.c_str());
  iscsi_set_target_username_pwd(context.get(), "target", kTargetSecret.c_str());
  ASSERT_EQ(connect(context.get()), 0) << iscsi_get_error(context.get());
  EXPECT_EQ(iscsi_logout_sync(context.get()), 0);
}

TEST_F(ChapSession, LibiscsiDoesNotTrustAnotherTarget) {
  const Context context = new_context();
  iscsi_set_initiator_username_pwd(context.get(), "user", kSecret.c_str());
  iscsi_set_target_username_pwd(context.get(), "target", "secret-of-another-target");
  EXPECT_NE(connect(context.get()), 0);
}

TEST_F(ChapSession, LibiscsiIsRefused) {
  const Context without = new_context();
  EXPECT_NE(connect(without.get()), 0);
  EXPECT_THAT(iscsi_get_error(without.get()), HasSubstr("Authentication failure"));
  const Context wrong = new_context();
  iscsi_set_initiator_username_pwd(wrong.get(), "user", "another-secret");
  EXPECT_NE(connect(wrong.get()), 0);
  EXPECT_THAT(iscsi_get_error(wrong.get()), HasSubstr("Authentication failure"));
  const Context unknown = new_context();
  iscsi_set_initiator_username_pwd(unknown.get(), "nobody", kSecret.c_str());
  EXPECT_NE(connect(unknown.get()), 0);
}

TEST_F(ChapSession, NamesAndBothEncodingsOverTheWire) {
  const auto attempt = [this](const std::string& user, const std::string& secret, bool base64,
                              const std::string& algorithms) {
    RawInitiator initiator(served.server().port());
    Credentials credentials{{user, iscsi::Secret(secret)}, {}, algorithms, base64};
    const std::uint16_t status = initiator.log_in_by_chap(kTargetName, credentials);
    EXPECT_EQ(status == 0, initiator.clear_attentions());
    return status;
  };
  EXPECT_EQ(attempt("user", kSecret, false, "5,6,7,8"), 0);
  EXPECT_EQ(attempt("user", kSecret, true, "5"), 0);
  EXPECT_EQ(attempt("0xuser", kSecret + "-x", false, "7"), 0);
  EXPECT_EQ(attempt("0buser", kSecret + "-b", true, "8,5"), 0);
  EXPECT_EQ(attempt("user", kSecret + "-x", true, "5"), 0x0201);
  EXPECT_EQ(attempt("user", kSecret, false, "56"), 0x0201);
  EXPECT_EQ(attempt("user", kSecret, false, ""), 0x0201);
}

TEST_F(ChapSession, MutualOverTheWire) {
  RawInitiator initiator(served.server().port());
  const Credentials credentials{
      {"user", iscsi::Secret(kSecret)}, iscsi::Secret(kTargetSecret), "7", true};
  EXPECT_EQ(initiator.log_in_by_chap(kTargetName, credentials, text_of({"HeaderDigest=CRC32C"})),
            0);
  EXPECT_TRUE(initiator.clear_attentions());
}

TEST(ChapOptions, RulesThatMakeNoSenseAreRefused) {
  ServedVolume served(kMebibyte);
  iscsi::TargetAccess access = guarded();
  access.own->secret = iscsi::Secret(kSecret);
  const Status status = served.server().serve(served.device(), access);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().origin, Origin::Config);
  EXPECT_THAT(status.error().message, HasSubstr(kTargetName));
  TargetServerOptions options = server_options();
  options.portals.clear();
  EXPECT_FALSE(TargetServer::start(options).has_value());
  options.portals.push_back({"127.0.0.1", 0, 0});
  EXPECT_FALSE(TargetServer::start(options).has_value());
}

class PlainSession : public ::testing::Test {
 protected:
  PlainSession() : served(16 * kMebibyte, two_portals()) {}
  static TargetServerOptions two_portals() {
    TargetServerOptions options = server_options();
    options.portals = {{"127.0.0.1", 0, 1}, {"127.0.0.1", 0, 2}};
    return options;
  }
  ServedVolume served;
};

// iSCSISendTargets.Simple and .Invalid, inside a normal session.
TEST_F(PlainSession, SendTargets) {
  RawInitiator initiator(served.server().port());
  ASSERT_EQ(initiator.log_in(kTargetName), 0);
  const auto ask = [&initiator](const std::string& pair) {
    Request request = make_request(Opcode::TextRequest, 5);
    request.data = text_of({pair});
    return initiator.exchange(initiator.numbered(request));
  };
  const std::string one = "127.0.0.1:" + std::to_string(served.server().portals()[0].port);
  const std::string two = "127.0.0.1:" + std::to_string(served.server().portals()[1].port);
  const std::string all = text_of(
      {"TargetName=" + kTargetName, "TargetAddress=" + one + ",1", "TargetAddress=" + two + ",2"});
  for (const std::string& which : {std::string("All"), std::string(), kTargetName}) {
    const Answer answer = ask("SendTargets=" + which);
    EXPECT_EQ(answer.opcode(), Opcode::TextResponse);
    EXPECT_EQ(answer.header[field::kFlags], iscsi::kFinal);
    EXPECT_EQ(answer.text(), all) << which;
  }
  for (const char* invalid : {"SendTargets=Alle", "SendTargets=A", "SendTargets=all",
                              "sendtargets=All", "SendTarget=All"}) {
    const Answer answer = ask(invalid);
    EXPECT_THAT(answer.text(), ::testing::Not(HasSubstr("TargetName="))) << invalid;
    EXPECT_THAT(answer.text(), ::testing::AnyOf(HasSubstr("=Reject"), HasSubstr("=NotUnderstood")))
        << invalid;
  }
  EXPECT_TRUE(initiator.clear_attentions());
}

TEST_F(PlainSession, LibiscsiDiscoversEveryPortal) {
  const Context context(iscsi_create_context("iqn.2026-11.test:libiscsi"));
  iscsi_set_session_type(context.get(), ISCSI_SESSION_DISCOVERY);
  ASSERT_EQ(iscsi_connect_sync(context.get(), served.server().portal().c_str()), 0);
  ASSERT_EQ(iscsi_login_sync(context.get()), 0) << iscsi_get_error(context.get());
  iscsi_discovery_address* found = iscsi_discovery_sync(context.get());
  ASSERT_NE(found, nullptr) << iscsi_get_error(context.get());
  EXPECT_EQ(found->target_name, kTargetName);
  std::vector<std::string> portals;
  for (iscsi_target_portal* portal = found->portals; portal != nullptr; portal = portal->next) {
    portals.emplace_back(portal->portal);
  }
  iscsi_free_discovery_data(context.get(), found);
  const std::string host = "127.0.0.1:";
  EXPECT_THAT(portals, ::testing::UnorderedElementsAre(
                           host + std::to_string(served.server().portals()[0].port) + ",1",
                           host + std::to_string(served.server().portals()[1].port) + ",2"));
}

struct Echo {
  bool done = false;
  int status = -1;
  std::string data;
};

void keep_echo(iscsi_context* /*context*/, int status, void* command_data, void* private_data) {
  auto& echo = *static_cast<Echo*>(private_data);
  echo.done = true;
  echo.status = status;
  if (const auto* data = static_cast<const iscsi_data*>(command_data)) {
    echo.data.assign(reinterpret_cast<const char*>(data->data), data->size);
  }
}

// iSCSINop.Simple
TEST_F(PlainSession, NopEchoesItsData) {
  const Context context = new_context();
  ASSERT_EQ(iscsi_full_connect_sync(context.get(), served.server().portal().c_str(), 0), 0);
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
    std::string data = iscsi::test::pattern(bytes, 5);
    Echo echo;
    ASSERT_EQ(
        iscsi_nop_out_async(context.get(), keep_echo,
                            bytes == 0 ? nullptr : reinterpret_cast<unsigned char*>(data.data()),
                            static_cast<int>(bytes), &echo),
        0);
    ASSERT_TRUE(run_until(context.get(), [&echo] { return echo.done; }));
    EXPECT_EQ(echo.status, SCSI_STATUS_GOOD);
    // The library hands out the padding as well.
    ASSERT_EQ(echo.data.size(), iscsi::padded(bytes));
    EXPECT_EQ(echo.data.substr(0, bytes), data);
  }
}

// The library does not hand back the tasks of commands that it gives up.
struct Tasks {
  Tasks() = default;
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;
  ~Tasks() { std::for_each(all.begin(), all.end(), scsi_free_scsi_task); }
  std::vector<scsi_task*> all;
};

struct Burst {
  int answered = 0;
  int good = 0;
  bool logged_out = false;
  int logout_status = -1;
};

// iSCSITMF.LogoutDuringIOAsync
TEST_F(PlainSession, LogsOutWhileCommandsAreQueued) {
  Tasks tasks;  // outlives the context
  const Context context = new_context();
  ASSERT_EQ(iscsi_full_connect_sync(context.get(), served.server().portal().c_str(), 0), 0);
  Burst burst;
  const auto command_done = [](iscsi_context*, int status, void*, void* private_data) {
    auto& all = *static_cast<Burst*>(private_data);
    ++all.answered;
    all.good += status == SCSI_STATUS_GOOD ? 1 : 0;
  };
  constexpr int kCommands = 600;  // several times the window
  std::vector<unsigned char> block(65536, 0x5a);
  for (int i = 0; i < kCommands; ++i) {
    scsi_task* task =
        i % 2 == 0
            ? iscsi_write10_task(context.get(), 0, static_cast<std::uint32_t>(i), block.data(),
                                 65536, 512, 0, 0, 0, 0, 0, command_done, &burst)
            : iscsi_read10_task(context.get(), 0, static_cast<std::uint32_t>(i), 65536, 512, 0, 0,
                                0, 0, 0, command_done, &burst);
    ASSERT_NE(task, nullptr);
    tasks.all.push_back(task);
  }
  ASSERT_TRUE(run_until(context.get(), [&burst] { return burst.good >= 10; }));
  ASSERT_EQ(iscsi_logout_async(
                context.get(),
                [](iscsi_context*, int status, void*, void* private_data) {
                  auto& all = *static_cast<Burst*>(private_data);
                  all.logged_out = true;
                  all.logout_status = status;
                },
                &burst),
            0);
  ASSERT_TRUE(run_until(context.get(), [&burst] { return burst.logged_out; }))
      << iscsi_get_error(context.get());
  EXPECT_EQ(burst.logout_status, SCSI_STATUS_GOOD);
  EXPECT_LT(burst.answered, kCommands);  // or there was nothing to interrupt
  // The server goes on, and the session is gone.
  RawInitiator next(served.server().port());
  EXPECT_EQ(next.log_in(kTargetName), 0);
  EXPECT_TRUE(next.clear_attentions());
  EXPECT_EQ(served.server().usage().sessions, 1U);
}

struct Report {
  int status = -1;
  std::vector<std::uint8_t> data;
  std::size_t residual = 0;
  scsi_residual residual_status = SCSI_RESIDUAL_NO_RESIDUAL;
};

Report report_port_groups(iscsi_context* context, std::uint32_t allocation) {
  unsigned char cdb[12] = {0xa3, 0x0a};
  iscsi::store_be32(cdb + 6, allocation);
  scsi_task* task = scsi_create_task(12, cdb, SCSI_XFER_READ, static_cast<int>(allocation));
  Report report;
  if (iscsi_scsi_command_sync(context, 0, task, nullptr) != nullptr) {
    report.status = task->status;
    report.data.assign(task->datain.data, task->datain.data + task->datain.size);
    report.residual = task->residual;
    report.residual_status = task->residual_status;
  }
  scsi_free_scsi_task(task);
  return report;
}

// ReportTargetPortGroups.Simple and .AllocLength
TEST_F(PlainSession, ReportsTargetPortGroups) {
  const Context context = new_context();
  ASSERT_EQ(iscsi_full_connect_sync(context.get(), served.server().portal().c_str(), 0), 0);
  const Report whole = report_port_groups(context.get(), 1024);
  ASSERT_EQ(whole.status, SCSI_STATUS_GOOD);
  const std::size_t bytes = iscsi::load_be32(whole.data.data()) + 4;
  ASSERT_EQ(whole.data.size(), bytes);
  EXPECT_EQ(bytes, 4U + 2 * 12);
  EXPECT_EQ(whole.residual_status, SCSI_RESIDUAL_UNDERFLOW);
  EXPECT_EQ(whole.residual, 1024 - bytes);
  EXPECT_EQ(whole.data[4] & 0x0e, 0);  // active, optimized or not
  for (std::uint32_t allocation = 1; allocation <= bytes; ++allocation) {
    const Report part = report_port_groups(context.get(), allocation);
    ASSERT_EQ(part.status, SCSI_STATUS_GOOD) << allocation;
    EXPECT_EQ(part.data,
              std::vector<std::uint8_t>(whole.data.begin(), whole.data.begin() + allocation));
    EXPECT_EQ(part.residual_status, SCSI_RESIDUAL_NO_RESIDUAL);
  }
}

TEST_F(PlainSession, PathsShowTheirOwnPortAndState) {
  RawInitiator first(served.server().portals()[0].port);
  RawInitiator second(served.server().portals()[1].port);
  second.isid = 2;
  ASSERT_EQ(first.log_in(kTargetName), 0);
  ASSERT_EQ(second.log_in(kTargetName), 0);
  EXPECT_EQ(pairs_of(second.last)["TargetPortalGroupTag"], "2");
  ASSERT_TRUE(first.clear_attentions());
  ASSERT_TRUE(second.clear_attentions());
  ASSERT_TRUE(served.device()->set_access_state(2, scsi::AccessState::Standby));
  for (RawInitiator* path : {&first, &second}) {
    const Answer told = path->exchange(path->numbered(iscsi::test::read_command(7, 0, 1)));
    EXPECT_EQ(told.sense_code(), 0x2A06);
  }
  EXPECT_EQ(first.read(0, 1).size(), 512U);
  const Answer standby = second.exchange(second.numbered(iscsi::test::read_command(7, 0, 1)));
  EXPECT_EQ(standby.sense_code(), 0x040B);
  ASSERT_TRUE(served.device()->set_access_state(2, scsi::AccessState::ActiveNonOptimized));
  const Answer told = second.exchange(second.numbered(iscsi::test::read_command(7, 0, 1)));
  EXPECT_EQ(told.sense_code(), 0x2A06);
  EXPECT_EQ(second.read(0, 1).size(), 512U);
}

TEST_F(PlainSession, HiddenUnitsAreNotThere) {
  iscsi::TargetAccess access;
  access.lun_initiators[0] = {"iqn.2026-11.test:friend"};
  ASSERT_TRUE(served.server().serve(served.device(), access).has_value());
  RawInitiator stranger(served.server().port());
  ASSERT_EQ(stranger.log_in(kTargetName), 0);
  const Answer refused = stranger.exchange(stranger.numbered(iscsi::test::read_command(7, 0, 1)));
  EXPECT_EQ(refused.sense_code(), 0x2500);
  RawInitiator known(served.server().port());
  known.initiator_name = "iqn.2026-11.test:friend";
  ASSERT_EQ(known.log_in(kTargetName), 0);
  ASSERT_TRUE(known.clear_attentions());
  EXPECT_EQ(known.read(0, 1).size(), 512U);
}

}  // namespace
}  // namespace lockstep::target::test
