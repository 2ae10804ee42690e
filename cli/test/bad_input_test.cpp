// Goal: every kind of bad input gets one clear message that names what was wrong, the right exit
// code, within ten seconds, and no crash. Method: run the executable as a person would.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lockstep::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kTargetName = "iqn.2026-11.net.lockstep:reference";

// A listening TCP socket on loopback that never says anything.
class SilentListener {
 public:
  SilentListener() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(descriptor_, 4), 0);
    socklen_t length = sizeof address;
    EXPECT_EQ(getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentListener() { close(descriptor_); }
  SilentListener(const SilentListener&) = delete;
  SilentListener& operator=(const SilentListener&) = delete;
  [[nodiscard]] std::string port() const { return std::to_string(port_); }

 private:
  int descriptor_;
  unsigned port_ = 0;
};

// One message: at most two lines, the text in it, nothing on standard output.
void expect_refusal(const ProgramResult& result, int exit_code, const std::string& names) {
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, exit_code) << result.error << result.output;
  EXPECT_THAT(result.error + result.output, HasSubstr(names));
}

TEST(BadInput, UnknownSubcommandIsNamedWithTheNearestOne) {
  const auto result = run_lockstep({"confrom"});
  expect_refusal(result, kUsage, "'confrom'");
  EXPECT_THAT(result.error, HasSubstr("'conform'"));
}

TEST(BadInput, UnknownOptionIsNamed) {
  expect_refusal(run_lockstep({"check", "--sed", "1"}), kUsage, "--sed");
}

TEST(BadInput, BadOptionValueNamesTheOption) {
  expect_refusal(run_lockstep({"check", "--for", "ten"}), kUsage, "--for");
  expect_refusal(run_lockstep({"target", "--lun", "12q"}), kUsage, "--lun");
  expect_refusal(run_lockstep({"target", "--port", "99999999"}), kUsage, "--port");
}

TEST(BadInput, NoSubcommandShowsTheHelp) { expect_refusal(run_lockstep({}), kUsage, "conform"); }

TEST(BadInput, UnknownProviderIsNamed) {
  expect_refusal(run_lockstep({"conform", "--provider", "refrence"}), kUsage, "refrence");
  expect_refusal(run_lockstep({"check", "--provider", "faulty:no-such-bug"}), kUsage,
                 "no-such-bug");
}

TEST(BadInput, MalformedUrlNamesThePartAtFault) {
  TemporaryFolder folder;
  const std::string out = folder.path();
  for (const char* url :
       {"http://127.0.0.1/iqn.x/0", "iscsi://", "iscsi://127.0.0.1:99999/iqn.2026-11.a:b/0",
        "iscsi://127.0.0.1/notaname/0", "iscsi://127.0.0.1/iqn.2026-11.a:b/many"}) {
    expect_refusal(run_lockstep({"doctor", "--out", out, "--url", url}), kUsage, "BAD");
  }
}

TEST(BadInput, PortalThatDoesNotAnswerIsUnreachable) {
  TemporaryFolder folder;
  std::string port;
  {
    SilentListener listener;
    port = listener.port();
  }
  const std::string url = "iscsi://127.0.0.1:" + port + "/" + kTargetName + "/0";
  expect_refusal(run_lockstep({"doctor", "--out", folder.path(), "--url", url}), kUnreachable,
                 port);
}

TEST(BadInput, SilentPortalIsGivenUpInTime) {
  TemporaryFolder folder;
  SilentListener listener;
  const std::string url = "iscsi://127.0.0.1:" + listener.port() + "/" + kTargetName + "/0";
  expect_refusal(run_lockstep({"doctor", "--out", folder.path(), "--url", url}), kUnreachable,
                 listener.port());
}

TEST(BadInput, MissingLunAndTargetAreNamed) {
  TemporaryFolder folder;
  RunningProgram target(
      {LOCKSTEP_EXECUTABLE, "target", "--port", "0", "--lun", "1MiB", "--for", "30s"});
  const std::string said = target.read_until("serving", std::chrono::seconds(10));
  const std::size_t at = said.find("iscsi://");
  ASSERT_NE(at, std::string::npos) << said;
  const std::string portal = said.substr(at + 8, said.find('/', at + 8) - at - 8);
  const std::string url = said.substr(at, said.rfind('/') - at + 1);
  const auto missing_lun = run_lockstep({"doctor", "--out", folder.path(), "--url", url + "77"});
  expect_refusal(missing_lun, kUnreachable, "77");
  const auto missing_target = run_lockstep(
      {"doctor", "--out", folder.path(), "--url", "iscsi://" + portal + "/iqn.2026-11.a:none/0"});
  expect_refusal(missing_target, kUnreachable, "iqn.2026-11.a:none");
  EXPECT_EQ(target.stop(), kAsExpected);
}

TEST(BadInput, PortInUseIsNamed) {
  SilentListener listener;
  expect_refusal(run_lockstep({"target", "--port", listener.port(), "--for", "1s"}), kUsage,
                 listener.port());
}

TEST(BadInput, UnwritableOutputFolderIsNamed) {
  // A file where the folder should be refuses root as well.
  TemporaryFolder folder;
  const std::string file = folder.path() + "/occupied";
  std::ofstream(file) << "not a folder\n";
  expect_refusal(run_lockstep({"conform", "CER-01", "--out", file}), kUsage, file);
  expect_refusal(run_lockstep({"doctor", "--out", file + "/below"}), kUsage, "occupied");
}

TEST(BadInput, ReplayFilesAreReadStrictly) {
  TemporaryFolder folder;
  const std::string file = folder.path() + "/x.case.json";
  expect_refusal(run_lockstep({"replay", file}), kUsage, file);
  for (const char* text :
       {"", "{", "[]", "{\"format\": 99}", "{\"format\": 1, \"operations\": 7}"}) {
    std::ofstream(file, std::ios::trunc) << text;
    expect_refusal(run_lockstep({"replay", file}), kUsage, "x.case.json");
  }
}

TEST(BadInput, ReportOfNothingIsRefused) {
  TemporaryFolder folder;
  expect_refusal(run_lockstep({"report", folder.path() + "/none"}), kUsage, "none");
  std::ofstream(folder.path() + "/records.jsonl") << "{\"type\": \"run\"";
  expect_refusal(run_lockstep({"report", folder.path()}), kUsage, "records.jsonl");
}

TEST(BadInput, EmptySelectionRanNothing) {
  TemporaryFolder folder;
  const auto result = run_lockstep({"conform", "CER-99", "--out", folder.path()});
  expect_refusal(result, kNothingRan, "CER-99");
}

TEST(BadInput, UnknownIdsToExplainGetTheNearestOne) {
  const auto result = run_lockstep({"explain", "CER-999"});
  expect_refusal(result, kUsage, "CER-999");
  EXPECT_THAT(result.error, HasSubstr("did you mean"));
}

}  // namespace
}  // namespace lockstep::cli
