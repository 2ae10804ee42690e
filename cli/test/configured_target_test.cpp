// Goal: `lockstep target --config FILE` serves what the file says to the initiators that it says,
// tells about itself, and stops cleanly. Method: the program as a person or systemd starts it,
// Debian's libiscsi tools, and raw sockets.
#include "cli/exit_codes.hpp"
#include "cli/test/program.hpp"
#include "cli/test/raw_initiator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace lockstep::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOpenTarget = "iqn.2026-11.net.lockstep:open";
constexpr const char* kGuardedTarget = "iqn.2026-11.net.lockstep:guarded";
constexpr const char* kSecret = "correct-horse-battery";

// Two targets: one for everyone, one that wants CHAP and shows LUN 5 to one initiator alone.
std::string write_configuration(const std::string& folder) {
  const std::string secret = folder + "/host.secret";
  std::ofstream(secret) << kSecret << '\n';
  EXPECT_EQ(::chmod(secret.c_str(), 0600), 0);
  const std::string path = folder + "/target.toml";
  std::ofstream(path) << "log_level = \"warning\"\nmetrics_port = 0\n"
                         "[[account]]\nname = \"host\"\nsecret_file = \""
                      << secret
                      << "\"\n"
                         "[[portal]]\nport = 0\n"
                         "[[target]]\nname = \""
                      << kOpenTarget
                      << "\"\n"
                         "[[target.lun]]\nnumber = 0\nsize = \"16MiB\"\n"
                         "[[target.lun]]\nnumber = 3\nsize = \"8MiB\"\nblock_size = 4096\n"
                         "read_only = true\nremovable = true\nphysical_block_exponent = 1\n"
                         "vendor = \"ACME\"\nproduct = \"tape-like disk\"\nserial = \"S-77\"\n"
                         "[[target]]\nname = \""
                      << kGuardedTarget
                      << "\"\naccounts = [\"host\"]\n"
                         "[[target.lun]]\nnumber = 0\nsize = \"16MiB\"\n"
                         "[[target.lun]]\nnumber = 5\nsize = \"16MiB\"\n"
                         "initiators = [\"iqn.2026-11.net.lockstep:chosen\"]\n";
  return path;
}

class ConfiguredTarget : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = write_configuration(folder_.path());
    program_.emplace(
        std::vector<std::string>{LOCKSTEP_EXECUTABLE, "target", "--config", path, "--for", "100s"});
    said_ = program_->read_until("serving", std::chrono::seconds(20));
    const std::size_t at = said_.find("iscsi://");
    ASSERT_NE(at, std::string::npos) << said_;
    portal_ = said_.substr(at + 8, said_.find('/', at + 8) - at - 8);
  }
  [[nodiscard]] std::uint16_t port_after(const std::string& text) const {
    return static_cast<std::uint16_t>(std::stoi(said_.substr(said_.find(text) + text.size())));
  }
  [[nodiscard]] std::string url(const std::string& target, int lun,
                                const std::string& user = "") const {
    return "iscsi://" + user + portal_ + "/" + target + "/" + std::to_string(lun);
  }

  TemporaryFolder folder_;
  std::optional<RunningProgram> program_;
  std::string said_;
  std::string portal_;
};

TEST_F(ConfiguredTarget, ShowsItsLunsAsConfigured) {
  const auto inquiry = run_program({"iscsi-inq", url(kOpenTarget, 3)});
  EXPECT_EQ(inquiry.exit_code, 0) << inquiry.error;
  EXPECT_THAT(inquiry.output, HasSubstr("ACME"));
  EXPECT_THAT(inquiry.output, HasSubstr("tape-like disk"));
  EXPECT_THAT(inquiry.output, ContainsRegex("(RMB|Removable):1"));
  const auto serial = run_program({"iscsi-inq", "-e", "1", "-c", "128", url(kOpenTarget, 3)});
  EXPECT_THAT(serial.output, HasSubstr("S-77"));
  const auto capacity = run_program({"iscsi-readcapacity16", url(kOpenTarget, 3)});
  EXPECT_THAT(capacity.output, HasSubstr("4096"));
  EXPECT_THAT(capacity.output, HasSubstr("8388608"));
}

TEST_F(ConfiguredTarget, LetsInitiatorsInByChap) {
  const std::string good = std::string("host%") + kSecret + "@";
  const auto allowed = run_program({"iscsi-inq", url(kGuardedTarget, 0, good)});
  EXPECT_EQ(allowed.exit_code, 0) << allowed.error;
  EXPECT_THAT(allowed.output, HasSubstr("LOCKSTEP"));
  const auto nobody = run_program({"iscsi-inq", url(kGuardedTarget, 0)});
  EXPECT_NE(nobody.exit_code, 0);
  EXPECT_THAT(nobody.output, Not(HasSubstr("LOCKSTEP")));
  const auto wrong =
      run_program({"iscsi-inq", url(kGuardedTarget, 0, "host%wrong-horse-battery@")});
  EXPECT_NE(wrong.exit_code, 0);
  EXPECT_THAT(wrong.output, Not(HasSubstr("LOCKSTEP")));
}

TEST_F(ConfiguredTarget, ShowsALunToThoseOnItsListAlone) {
  const std::string at = url(kGuardedTarget, 5, std::string("host%") + kSecret + "@");
  const auto chosen = run_program({"iscsi-inq", "-i", "iqn.2026-11.net.lockstep:chosen", at});
  EXPECT_THAT(chosen.output, HasSubstr("LOCKSTEP")) << chosen.error;
  const auto other = run_program({"iscsi-readcapacity16", "-i", "iqn.2026-11.net.lockstep:x", at});
  EXPECT_NE(other.exit_code, 0) << other.output;
}

TEST_F(ConfiguredTarget, ListsItsTargets) {
  const auto listed = run_program({"iscsi-ls", "iscsi://" + portal_});
  EXPECT_EQ(listed.exit_code, 0) << listed.error;
  EXPECT_THAT(listed.output, HasSubstr(kOpenTarget));
  EXPECT_THAT(listed.output, HasSubstr(kGuardedTarget));
}

TEST_F(ConfiguredTarget, CountsForPrometheus) {
  RawInitiator initiator(port_after("iscsi://127.0.0.1:"));
  ASSERT_TRUE(initiator.log_in(kOpenTarget));
  const std::string text = scrape(port_after("http://127.0.0.1:"));
  EXPECT_THAT(text, HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(text, HasSubstr("lockstep_sessions 1\n"));
  EXPECT_THAT(text, HasSubstr("lockstep_logical_units 4\n"));
}

TEST_F(ConfiguredTarget, TellsInitiatorsBeforeItStops) {
  RawInitiator initiator(port_after("iscsi://127.0.0.1:"));
  ASSERT_TRUE(initiator.log_in(kOpenTarget));
  EXPECT_EQ(program_->stop(), kAsExpected);
  const auto pdu = initiator.next_pdu();
  ASSERT_EQ(pdu.size(), 48U) << "no asynchronous message came";
  EXPECT_EQ(static_cast<unsigned char>(pdu[0]) & 0x3f, 0x32);
  EXPECT_EQ(pdu[36], 1);  // the target requests logout
}

// A datagram socket as systemd makes it.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    EXPECT_EQ(::setenv("NOTIFY_SOCKET", path.c_str(), 1), 0);
  }
  ~NotifySocket() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(socket_);
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;
  [[nodiscard]] std::string next() const {
    std::array<char, 256> text{};
    const ssize_t got = ::recv(socket_, text.data(), text.size(), 0);
    return {text.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }

 private:
  int socket_;
};

TEST(ConfiguredTargetService, TellsSystemdWhenItServesAndWhenItStops) {
  const TemporaryFolder folder;
  const NotifySocket notified(folder.path() + "/notify");
  const std::string path = write_configuration(folder.path());
  RunningProgram program({LOCKSTEP_EXECUTABLE, "target", "--config", path, "--for", "100s"});
  EXPECT_EQ(notified.next(), "READY=1");
  EXPECT_EQ(program.stop(), kAsExpected);
  EXPECT_EQ(notified.next(), "STOPPING=1");
}

TEST(ConfiguredTargetLog, HasColumnsAndNoSecrets) {
  const TemporaryFolder folder;
  const std::string path = write_configuration(folder.path());
  const auto ran =
      run_lockstep({"target", "--config", path, "--log-level", "debug", "--for", "100ms"});
  EXPECT_EQ(ran.exit_code, kAsExpected) << ran.error;
  EXPECT_THAT(ran.error, ContainsRegex("[0-9-]+T[0-9:.]+Z info    iscsi  -        listening "
                                       "portal=127.0.0.1:[0-9]+ group=1\n"));
  EXPECT_THAT(ran.error, ContainsRegex("info    scsi   -        logical unit target=[^ ]+ lun=3 "
                                       "bytes=8388608 volume=[^ ]+\n"));
  EXPECT_THAT(ran.error, Not(HasSubstr(kSecret)));
}

// --store DIR: what was written is there when the program comes again, and only then.
TEST(ConfiguredTargetStore, KeepsVolumesOverARestart) {
  const TemporaryFolder folder;
  const std::string store = folder.path() + "/store";
  const std::vector<std::string> arguments{LOCKSTEP_EXECUTABLE,
                                           "target",
                                           "--store",
                                           store,
                                           "--lun",
                                           "16MiB",
                                           "--port",
                                           "0",
                                           "--for",
                                           "100s",
                                           "--log-level",
                                           "error"};
  const auto url_in = [](const std::string& said) {
    const std::size_t at = said.find("iscsi://");
    return at == std::string::npos ? said : said.substr(at, said.find(' ', at) - at);
  };
  const auto qemu_io = [](const std::string& url, const std::string& command) {
    return run_program({"qemu-io", "-f", "raw", "-c", command, url}, std::chrono::seconds(30));
  };
  {
    RunningProgram program(arguments);
    const std::string url = url_in(program.read_until("serving", std::chrono::seconds(20)));
    const auto wrote = qemu_io(url, "write -P 0x5a 1M 2M");
    EXPECT_EQ(wrote.exit_code, 0) << wrote.output << wrote.error;
    EXPECT_EQ(program.stop(), kAsExpected);
  }
  RunningProgram program(arguments);
  const std::string url = url_in(program.read_until("serving", std::chrono::seconds(20)));
  const auto kept = qemu_io(url, "read -P 0x5a 1M 2M");
  EXPECT_EQ(kept.exit_code, 0) << kept.output << kept.error;
  const auto beside = qemu_io(url, "read -P 0 3M 1M");
  EXPECT_EQ(beside.exit_code, 0) << beside.output << beside.error;
  const auto otherwise = qemu_io(url, "read -P 0x5b 1M 2M");
  EXPECT_NE(otherwise.exit_code, 0) << "the reading does not compare";

  // A second program cannot have the same store, nor a volume another size.
  const auto second = run_lockstep({"target", "--store", store, "--port", "0", "--for", "1s"});
  EXPECT_EQ(second.exit_code, kUsage);
  EXPECT_THAT(second.error, HasSubstr(store));
  EXPECT_EQ(program.stop(), kAsExpected);
  const auto larger =
      run_lockstep({"target", "--store", store, "--lun", "32MiB", "--port", "0", "--for", "1s"});
  EXPECT_EQ(larger.exit_code, kUsage);
  EXPECT_THAT(larger.error, HasSubstr("expected 65536 blocks of 512 bytes, found 32768 blocks"));
}

TEST(ConfiguredTargetConfig, IsPrintedWithoutServing) {
  const TemporaryFolder folder;
  const std::string path = write_configuration(folder.path());
  const auto printed =
      run_lockstep({"target", "--config", path, "--port", "3299", "--print-config"});
  EXPECT_EQ(printed.exit_code, kAsExpected) << printed.error;
  EXPECT_THAT(printed.output, ContainsRegex("\nport = 3299 +# command line\n"));
  EXPECT_THAT(printed.output, ContainsRegex("\nserial = \"S-77\" +# .*target.toml:22\n"));
  EXPECT_THAT(printed.output, Not(HasSubstr(kSecret)));
}

TEST(ConfiguredTargetConfig, MistakesAreOneLineAndUsage) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/bad.toml";
  std::ofstream(path) << "[[portal]]\nprt = 3260\n";
  const auto refused = run_lockstep({"target", "--config", path});
  EXPECT_EQ(refused.exit_code, kUsage);
  EXPECT_EQ(refused.error, "lockstep: " + path +
                               ":1:1: target: expected at least one target, found nothing; add a "
                               "[[target]] table\n");
  const auto none = run_lockstep({"target", "--config", folder.path() + "/none.toml"});
  EXPECT_EQ(none.exit_code, kUsage);
  EXPECT_THAT(none.error, HasSubstr("none.toml: expected a configuration file"));
  const auto both = run_lockstep({"target", "--config", path, "--lun", "1MiB"});
  EXPECT_EQ(both.exit_code, kUsage);
  EXPECT_THAT(both.error, HasSubstr("--lun"));
}

}  // namespace
}  // namespace lockstep::cli
