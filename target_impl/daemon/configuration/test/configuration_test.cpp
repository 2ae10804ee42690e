// Goal: a configuration becomes the values it says, and --print-config says what they are and where
// each comes from. Method: one configuration that sets everything, one that sets almost nothing,
// and the example that is shipped.
#include "target_impl/daemon/configuration/configuration.hpp"

#include "target_impl/daemon/configuration/test/scratch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace lockstep::target::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kEverything = R"(log_level = "debug"
store = "/var/lib/lockstep"
capacity = "1TiB"
metrics_port = 9100
ping_interval = "off"
threads = 4
spin_us = 0
bypass = false

[limits]
connections = 1000
sessions = 900
commands_per_session = 64
memory = "2GiB"
memory_per_session = "32MiB"
data_per_command = "8MiB"
unsent_per_session = "2MiB"
login_time = "5s"

[discovery]
accounts = ["backup"]
initiators = ["iqn.2026-11.com.example:Host"]

[[account]]
name = "backup"
secret_file = "@D/backup.secret"

[[account]]
name = "us"
secret_env = "LOCKSTEP_TEST_SECRET"

[[portal]]
address = "127.0.0.1"
port = 3261

[[portal]]
address = "::1"
port = 3262
group = 2

[[target]]
name = "IQN.2026-11.com.example:Disks"
accounts = ["backup"]
mutual_account = "us"
initiators = ["iqn.2026-11.com.example:host"]
portal_groups = [2]

[[target.lun]]
number = 7
size = "64MiB"
block_size = 4096
volume = "database"
removable = true
read_only = true
write_cache = true
physical_block_exponent = 3
sanitize_minimum = "2s"
vendor = "ACME"
product = "fast disk"
serial = "S-1"
initiators = ["eui.0123456789abcdef"]

[[target.lun]]
number = 1
size = "1GiB"
)";

std::string everything(const Scratch& scratch) {
  static_cast<void>(scratch.file("backup.secret", "0123456789abcdef\n"));
  EXPECT_EQ(::setenv("LOCKSTEP_TEST_SECRET", "fedcba9876543210", 1), 0);
  std::string text = kEverything;
  text.replace(text.find("@D"), 2, scratch.path());
  return scratch.file("all.toml", text);
}

TEST(Configuration, TakesEverythingAsItIsWritten) {
  const Scratch scratch;
  const auto read = read_configuration(everything(scratch));
  ASSERT_TRUE(read) << read.error().message;
  const Configuration& c = read.value().configuration;
  EXPECT_EQ(c.log_level, LogLevel::Debug);
  EXPECT_EQ(c.store, "/var/lib/lockstep");
  EXPECT_EQ(c.capacity_bytes, 1ULL << 40);
  EXPECT_EQ(c.metrics_port, 9100);
  EXPECT_EQ(c.server.ping_interval_ms, 0U);
  EXPECT_EQ(c.server.threads, 4U);
  EXPECT_EQ(c.server.spin_us, 0U);
  EXPECT_FALSE(c.server.bypass);
  EXPECT_EQ(c.server.limits.connections, 1000U);
  EXPECT_EQ(c.server.limits.sessions, 900U);
  EXPECT_EQ(c.server.limits.each.command_window, 64U);
  EXPECT_EQ(c.server.limits.memory_bytes, 2ULL << 30);
  EXPECT_EQ(c.server.limits.each.collected_bytes, 32ULL << 20);
  EXPECT_EQ(c.server.limits.each.task_bytes, 8ULL << 20);
  EXPECT_EQ(c.server.limits.each.unsent_bytes, 2ULL << 20);
  EXPECT_EQ(c.server.limits.login_ms, 5000U);
  EXPECT_THAT(c.server.discovery.initiators, ElementsAre("iqn.2026-11.com.example:host"));
  ASSERT_EQ(c.server.discovery.accounts.size(), 1U);
  ASSERT_EQ(c.server.portals.size(), 2U);
  EXPECT_EQ(iscsi::endpoint_text(c.server.portals[1]), "[::1]:3262");
  EXPECT_EQ(c.server.portals[1].portal_group, 2);

  ASSERT_EQ(c.targets.size(), 1U);
  const TargetConfiguration& target = c.targets[0];
  EXPECT_EQ(target.name, "iqn.2026-11.com.example:disks");
  EXPECT_THAT(target.access.initiators, ElementsAre("iqn.2026-11.com.example:host"));
  EXPECT_THAT(target.access.portal_groups, ElementsAre(2));
  ASSERT_EQ(target.access.accounts.size(), 1U);
  EXPECT_EQ(target.access.accounts[0].user, "backup");
  EXPECT_EQ(target.access.accounts[0].secret, iscsi::Secret("0123456789abcdef"));
  EXPECT_EQ(target.access.own->secret, iscsi::Secret("fedcba9876543210"));
  EXPECT_THAT(target.access.lun_initiators.at(7), ElementsAre("eui.0123456789abcdef"));

  ASSERT_EQ(target.luns.size(), 2U);
  EXPECT_EQ(target.luns[0].number, 1);  // by number
  EXPECT_EQ(target.luns[0].volume, "iqn.2026-11.com.example:disks/1");
  EXPECT_EQ(target.luns[0].serial.size(), 16U);
  const LunConfiguration& lun = target.luns[1];
  EXPECT_EQ(lun.bytes, 64ULL << 20);
  EXPECT_EQ(lun.block_bytes, 4096U);
  EXPECT_EQ(lun.volume, "database");
  EXPECT_TRUE(lun.removable && lun.read_only && lun.write_cache);
  EXPECT_EQ(lun.physical_block_exponent, 3);
  EXPECT_EQ(lun.sanitize_minimum, std::chrono::seconds(2));
  EXPECT_EQ(lun.vendor + "|" + lun.product + "|" + lun.serial, "ACME|fast disk|S-1");
}

constexpr const char* kLittle = R"([[portal]]
port = 0
[[target]]
name = "iqn.2026-11.com.example:disks"
[[target.lun]]
number = 0
size = "1GiB"
)";

constexpr const char* kLittlePrinted =
    R"(log_level = "debug"                         # command line
# store is not set                          # default
# capacity is not set                       # default: twice the size of all logical units and 1GiB
# metrics_port is not set                   # default
ping_interval = "30s"                       # default
threads = 0                                 # default
spin_us = 200                               # default
bypass = true                               # default

[limits]
connections = 256                           # default
sessions = 256                              # default
commands_per_session = 128                  # default
memory = "1GiB"                             # default
memory_per_session = "64MiB"                # default
data_per_command = "32MiB"                  # default
unsent_per_session = "4MiB"                 # default
login_time = "15s"                          # default

[discovery]
accounts = []                               # default
initiators = []                             # default

[[portal]]
address = "127.0.0.1"                       # default
port = 0                                    # F:2
group = 1                                   # default

[[target]]
name = "iqn.2026-11.com.example:disks"      # F:4
accounts = []                               # default
# mutual_account is not set                 # default
initiators = []                             # default
portal_groups = []                          # default

[[target.lun]]
number = 0                                  # F:6
size = "1GiB"                               # F:7
block_size = 512                            # default
volume = "iqn.2026-11.com.example:disks/0"  # default
removable = false                           # default
read_only = false                           # default
write_cache = false                         # default
physical_block_exponent = 0                 # default
sanitize_minimum = "off"                    # default
vendor = "LOCKSTEP"                         # default
product = "lockstep volume"                 # default
serial = "ce131eab2bf65da6"                 # default
initiators = []                             # default
)";

std::string without_path(std::string text, const std::string& path) {
  for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path)) {
    text.replace(at, path.size(), "F");
  }
  return text;
}

TEST(Configuration, IsPrintedWithTheOriginOfEachValue) {
  const Scratch scratch;
  const std::string path = scratch.file("little.toml", kLittle);
  ConfigurationOverrides overrides;
  overrides.log_level = "debug";
  const auto read = read_configuration(path, overrides);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(without_path(print_configuration(read.value().effective), path), kLittlePrinted);
}

TEST(Configuration, PrintedReadsBackAsTheSame) {
  const Scratch scratch;
  const auto read = read_configuration(everything(scratch));
  ASSERT_TRUE(read) << read.error().message;
  const std::string again = scratch.file("again.toml", print_configuration(read.value().effective));
  const auto second = read_configuration(again);
  ASSERT_TRUE(second) << second.error().message;
  const auto values = [](const std::vector<EffectiveLine>& lines) {
    std::string text;
    for (const EffectiveLine& line : lines) text += line.text + "\n";
    return text;
  };
  EXPECT_EQ(values(read.value().effective), values(second.value().effective));
}

TEST(Configuration, CommandLineStandsAboveTheFile) {
  const Scratch scratch;
  const std::string path = scratch.file("little.toml", kLittle);
  ConfigurationOverrides overrides;
  overrides.address = "::1";
  overrides.port = 3999;
  overrides.store = "/else";
  overrides.metrics_port = 0;
  const auto read = read_configuration(path, overrides);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(iscsi::endpoint_text(read.value().configuration.server.portals[0]), "[::1]:3999");
  EXPECT_EQ(read.value().configuration.store, "/else");
  EXPECT_EQ(read.value().configuration.metrics_port, 0);

  overrides.log_level = "loud";
  const auto bad = read_configuration(path, overrides);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message,
            "command line: log_level: expected error, warning, info or debug, found \"loud\"");
}

TEST(Configuration, WorksWithoutAFile) {
  ConfigurationOverrides overrides;
  overrides.lun_bytes = {1 << 20, 1 << 21};
  overrides.port = 0;
  overrides.store = "/s";
  const auto read = default_configuration(overrides);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read.value().configuration.targets.size(), 1U);
  ASSERT_EQ(read.value().configuration.targets[0].luns.size(), 2U);
  EXPECT_EQ(read.value().configuration.targets[0].luns[1].bytes, 1U << 21);
  EXPECT_EQ(read.value().configuration.server.portals.at(0).port, 0);
  EXPECT_THAT(print_configuration(read.value().effective), HasSubstr("# command line"));
}

// systemd's credentials may be readable by the group of the service.
TEST(Configuration, GroupMayReadSystemdCredentials) {
  const Scratch scratch;
  static_cast<void>(scratch.file("backup.secret", "0123456789abcdef", 0440));
  const std::string path =
      scratch.file("c.toml", std::string(kLittle) + "[[account]]\nname = \"u\"\nsecret_file = \"" +
                                 scratch.path() + "/backup.secret\"\n");
  ASSERT_EQ(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
  EXPECT_FALSE(read_configuration(path));
  ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", scratch.path().c_str(), 1), 0);
  EXPECT_TRUE(read_configuration(path));
  ASSERT_EQ(::unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

// The example as it is shipped, with secrets where it looks for them.
TEST(Configuration, ExampleIsValid) {
  const Scratch scratch;
  std::ifstream shipped("target_impl/daemon/examples/target.toml");
  ASSERT_TRUE(shipped) << "tests run in the folder of the source";
  std::string text{std::istreambuf_iterator<char>(shipped), {}};
  const std::string folder = "/etc/lockstep";
  for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
    text.replace(at, folder.size(), scratch.path());
  }
  static_cast<void>(scratch.file("backup-host.secret", "0123456789abcdef\n"));
  static_cast<void>(scratch.file("this-target.secret", "fedcba9876543210\n"));
  const auto read = read_configuration(scratch.file("target.toml", text));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read.value().configuration.targets.size(), 2U);
  EXPECT_EQ(read.value().configuration.targets[1].luns.size(), 3U);
}

}  // namespace
}  // namespace lockstep::target::test
