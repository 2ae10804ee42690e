// Goal: whatever is wrong with a configuration, one line says where, which key, what was expected
// and what was found. Method: a table of bad configurations with their exact messages; F stands for
// the file, D for its folder.
#include "target_impl/daemon/configuration/configuration.hpp"
#include "target_impl/daemon/configuration/test/scratch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lockstep::target::test {
namespace {

// Lines 1 to 3 of most cases; what follows stands on line 4.
const std::string kPortal = "[[portal]]\nport = 3260\n\n";
const std::string kTarget = "[[target]]\nname = \"iqn.2026-11.a:b\"\n";
const std::string kLun = "[[target.lun]]\nnumber = 0\nsize = \"1MiB\"\n";
const std::string kGood = kPortal + kTarget + kLun;

struct Bad {
  std::string text;
  std::string message;
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string message_of(const Scratch& scratch, const std::string& text) {
  const std::string path = scratch.file("c.toml", replaced(text, "@D", scratch.path()));
  const auto read = read_configuration(path);
  if (read) {
    return "no mistake found";
  }
  EXPECT_EQ(read.error().origin, Origin::Config);
  return replaced(replaced(read.error().message, path, "F"), scratch.path(), "@D");
}

void expect_messages(const std::vector<Bad>& cases) {
  const Scratch scratch;
  static_cast<void>(scratch.file("good.secret", "0123456789abcdef\n"));
  static_cast<void>(scratch.file("open.secret", "0123456789abcdef\n", 0644));
  static_cast<void>(scratch.file("short.secret", "too short\n"));
  static_cast<void>(scratch.file("long.secret", std::string(300, 'x')));
  ASSERT_EQ(::setenv("LOCKSTEP_TEST_SHORT", "tiny", 1), 0);
  ASSERT_EQ(::unsetenv("LOCKSTEP_TEST_NONE"), 0);
  for (const Bad& bad : cases) {
    EXPECT_EQ(message_of(scratch, bad.text), bad.message) << bad.text;
  }
}

TEST(BadConfiguration, GoodOneIsAccepted) { expect_messages({{kGood, "no mistake found"}}); }

TEST(BadConfiguration, WholeFile) {
  expect_messages({
      {"", "F:1:1: portal: expected at least one portal, found nothing; add a [[portal]] table"},
      {kPortal,
       "F:1:1: target: expected at least one target, found nothing; add a [[target]] table"},
      {"[[portal]\n",
       "F:1:10: expected TOML, found: Error while parsing table header: expected ']', saw '\\n'"},
      {"portal = 3\n" + kTarget + kLun, "F:1:10: portal: expected [[portal]] tables, found 3"},
      {"portal = [3]\n" + kTarget + kLun, "F:1:11: portal[0]: expected [[portal]] tables, found 3"},
      {"limits = 3\n" + kGood, "F:1:10: limits: expected a table, [limits], found 3"},
      {"stor = \"x\"\n" + kGood,
       "F:1:1: stor: expected a key that exists here, found an unknown one; did you mean store?"},
      {"\"st\\nor\" = 1\n" + kGood,
       "F:1:1: \"st\\u000Aor\": expected a key that exists here, found an unknown one; did you "
       "mean "
       "store?"},
      {"log_level = \"loud\"\n" + kGood,
       "F:1:13: log_level: expected error, warning, info or debug, found \"loud\""},
      {"store = 7\n" + kGood, "F:1:9: store: expected a string, found 7"},
      {"store = \"\"\n" + kGood, "F:1:9: store: expected a directory, found an empty string"},
      {"metrics_port = 70000\n" + kGood,
       "F:1:16: metrics_port: expected a whole number from 0 to 65535, found 70000"},
      {"ping_interval = 30\n" + kGood,
       "F:1:17: ping_interval: expected a duration such as \"500ms\", \"30s\" or \"10m\", or "
       "\"off\", found 30"},
      {"ping_interval = \"2h\"\n" + kGood,
       "F:1:17: ping_interval: expected a duration from 1s to 1h, found \"2h\""},
      {"capacity = \"1KiB\"\n" + kGood,
       "F:1:12: capacity: expected a size from 1MiB to 1048576TiB, found \"1KiB\""},
  });
}

TEST(BadConfiguration, PortalsAndLimits) {
  expect_messages({
      {"[[portal]]\naddress = \"\"\n" + kTarget + kLun,
       "F:2:11: portal[0].address: expected an address or host name, found an empty string"},
      {"[[portal]]\nport = -1\n" + kTarget + kLun,
       "F:2:8: portal[0].port: expected a whole number from 0 to 65535, found -1"},
      {"[[portal]]\ngroup = 0\n" + kTarget + kLun,
       "F:2:9: portal[0].group: expected a whole number from 1 to 65535, found 0"},
      {"[[portal]]\nadress = \"::1\"\n" + kTarget + kLun,
       "F:2:1: portal[0].adress: expected a key that exists here, found an unknown one; did you "
       "mean address?"},
      {"[[portal]]\n[[portal]]\nport = 3260\n" + kTarget + kLun,
       "F:3:8: portal[1].port: expected each address and port once, found 127.0.0.1:3260 a second "
       "time"},
      {"[limits]\nsessions = 0\n" + kGood,
       "F:2:12: limits.sessions: expected a whole number from 1 to 65535, found 0"},
      {"[limits]\nmemory = \"much\"\n" + kGood,
       "F:2:10: limits.memory: expected a size such as \"512MiB\" or \"64GiB\", found \"much\""},
      {"[limits]\nmemory = \"32MiB\"\nmemory_per_session = \"64MiB\"\n" + kGood,
       "F:3:22: limits.memory_per_session: expected no more than memory, 33554432 bytes, found "
       "67108864 bytes"},
      {"[limits]\nlogin_time = \"off\"\n" + kGood,
       "F:2:14: limits.login_time: expected a duration such as \"500ms\", \"30s\" or \"10m\", "
       "found "
       "\"off\""},
  });
}

TEST(BadConfiguration, TargetsAndLuns) {
  expect_messages({
      {kPortal + "[[target]]\n" + kLun,
       "F:4:1: target[0].name: expected the iSCSI name of the target, found nothing; add name = "
       "\"iqn.2026-11.com.example:disks\""},
      {kPortal + "[[target]]\nname = \"disks\"\n" + kLun,
       "F:5:8: target[0].name: expected an iSCSI name such as iqn.2026-11.com.example:disks, found "
       "\"disks\""},
      {kGood + kTarget + kLun,
       "F:10:8: target[1].name: expected each target once, found \"iqn.2026-11.a:b\" a second "
       "time"},
      {kPortal + kTarget,
       "F:4:1: target[0].lun: expected at least one logical unit, found none; add a [[target.lun]] "
       "table"},
      {kPortal + kTarget + "initiators = [\"iqn.2026-11.a:c\", \"me\"]\n" + kLun,
       "F:6:34: target[0].initiators[1]: expected the iSCSI name of an initiator (iqn., eui. or "
       "naa.), found \"me\""},
      {kPortal + kTarget + "portal_groups = [1, 2]\n" + kLun,
       "F:6:21: target[0].portal_groups[1]: expected the group of a [[portal]], found 2"},
      {kPortal + kTarget + "[[target.lun]]\nnumber = 0\n",
       "F:6:1: target[0].lun[0].size: expected the size of the logical unit, found nothing; add "
       "size = \"64GiB\""},
      {kPortal + kTarget + "[[target.lun]]\nnumber = 0\nsze = \"1MiB\"\n",
       "F:8:1: target[0].lun[0].sze: expected a key that exists here, found an unknown one; did "
       "you "
       "mean size?"},
      {kPortal + kTarget + "[[target.lun]]\nnumber = 256\nsize = \"1MiB\"\n",
       "F:7:10: target[0].lun[0].number: expected a whole number from 0 to 255, found 256"},
      {kGood + "[[target.lun]]\nnumber = 0\nsize = \"1MiB\"\nvolume = \"v\"\n",
       "F:10:10: target[0].lun[1].number: expected each number once in a target, found 0 a second "
       "time"},
      {kGood + "[[target.lun]]\nnumber = 1\nsize = \"1MiB\"\nvolume = \"iqn.2026-11.a:b/0\"\n",
       "F:12:10: target[0].lun[1].volume: expected each volume once, found \"iqn.2026-11.a:b/0\" a "
       "second time"},
      {kGood + "block_size = 1024\n",
       "F:9:14: target[0].lun[0].block_size: expected 512 or 4096, found 1024"},
      {kPortal + kTarget + "[[target.lun]]\nnumber = 0\nsize = \"512\"\nblock_size = 4096\n",
       "F:8:8: target[0].lun[0].size: expected a multiple of the block size, 4096, found 512 "
       "bytes"},
      {kGood + "removable = 1\n",
       "F:9:13: target[0].lun[0].removable: expected true or false, found 1"},
      {kGood + "vendor = \"ACME Corp.\"\n",
       "F:9:10: target[0].lun[0].vendor: expected 1 to 8 printable ASCII characters, found \"ACME "
       "Corp.\""},
      {kGood + "physical_block_exponent = 8\n",
       "F:9:27: target[0].lun[0].physical_block_exponent: expected a whole number from 0 to 7, "
       "found 8"},
      {kGood + "initiators = [1]\n",
       "F:9:15: target[0].lun[0].initiators[0]: expected a string, found 1"},
  });
}

TEST(BadConfiguration, Accounts) {
  const std::string one = "[[account]]\nname = \"u\"\n";
  expect_messages({
      {one + kGood,
       "F:1:1: account[0].secret_file: expected where the CHAP secret is, found nothing; add "
       "secret_file = \"PATH\" or secret_env = \"VARIABLE\""},
      {one + "secret = \"0123456789abcdef\"\n" + kGood,
       "F:3:10: account[0].secret: expected the secret in a file (secret_file) or an environment "
       "variable (secret_env), found one in the configuration itself"},
      {one + "secret_file = \"a\"\nsecret_env = \"B\"\n" + kGood,
       "F:4:14: account[0].secret_env: expected either secret_file or secret_env, found both"},
      {one + "secret_file = \"@D/none\"\n" + kGood,
       "F:3:15: account[0].secret_file: expected a file with the secret at @D/none, found No such "
       "file or directory"},
      {one + "secret_file = \"@D\"\n" + kGood,
       "F:3:15: account[0].secret_file: expected a regular file at @D, found something else"},
      {one + "secret_file = \"@D/open.secret\"\n" + kGood,
       "F:3:15: account[0].secret_file: expected a file that only its owner may read at "
       "@D/open.secret, found mode 0644; chmod 0600 it"},
      {one + "secret_file = \"@D/short.secret\"\n" + kGood,
       "F:3:15: account[0].secret_file: expected a secret of 12 to 255 bytes in @D/short.secret, "
       "found 9"},
      {one + "secret_file = \"@D/long.secret\"\n" + kGood,
       "F:3:15: account[0].secret_file: expected a secret of 12 to 255 bytes in @D/long.secret, "
       "found more"},
      {one + "secret_env = \"LOCKSTEP_TEST_NONE\"\n" + kGood,
       "F:3:14: account[0].secret_env: expected the secret in the environment variable "
       "LOCKSTEP_TEST_NONE, found no such variable"},
      {one + "secret_env = \"LOCKSTEP_TEST_SHORT\"\n" + kGood,
       "F:3:14: account[0].secret_env: expected a secret of 12 to 255 bytes in the environment "
       "variable LOCKSTEP_TEST_SHORT, found 4"},
      {one + "secret_file = \"@D/good.secret\"\n" + kPortal + kTarget + "accounts = [\"v\"]\n" +
           kLun,
       "F:9:13: target[0].accounts[0]: expected the name of an [[account]], found \"v\"; did you "
       "mean \"u\"?"},
      {kPortal + kTarget + "accounts = [\"v\"]\n" + kLun,
       "F:6:13: target[0].accounts[0]: expected the name of an [[account]], found \"v\"; add an "
       "[[account]] table for it"},
      {one + "secret_file = \"@D/good.secret\"\n" + kPortal + kTarget + "mutual_account = \"u\"\n" +
           kLun,
       "F:9:18: target[0].mutual_account: expected accounts of initiators beside it, found no "
       "accounts"},
      {one + "secret_file = \"@D/good.secret\"\n" + kPortal + kTarget +
           "accounts = [\"u\"]\nmutual_account = \"u\"\n" + kLun,
       "F:10:18: target[0].mutual_account: expected another secret than those of the initiators, "
       "found that of account \"u\""},
      {one + "secret_file = \"@D/good.secret\"\n" + one + "secret_file = \"@D/good.secret\"\n" +
           kGood,
       "F:5:8: account[1].name: expected each account once, found \"u\" a second time"},
  });
}

TEST(BadConfiguration, FilesThatAreNone) {
  const Scratch scratch;
  const auto none = read_configuration(scratch.path() + "/none.toml");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, scratch.path() +
                                      "/none.toml: expected a configuration file, found: No such "
                                      "file or directory");
  const auto folder = read_configuration(scratch.path());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().message,
            scratch.path() + ": expected a configuration file, found something else");
  const std::string large = scratch.file("large.toml", std::string((1 << 20) + 1, '#'));
  const auto too_large = read_configuration(large);
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().message,
            large + ": expected a configuration file of at most 1 MiB, found more");
}

// No message and no printed configuration shows what is in a file of secrets.
TEST(BadConfiguration, SecretsAreNeverShown) {
  const Scratch scratch;
  const std::string secret = "hunter2hunter2";
  static_cast<void>(scratch.file("good.secret", secret));
  static_cast<void>(scratch.file("short.secret", "hunter2"));
  const std::string account = "[[account]]\nname = \"u\"\nsecret_file = \"@D/good.secret\"\n";
  const std::string inline_secret = "[[account]]\nname = \"u\"\nsecret = \"hunter2hunter2\"\n";
  EXPECT_EQ(message_of(scratch, inline_secret + kGood).find("hunter2"), std::string::npos);
  const std::string path = scratch.file("c.toml", replaced(account + kGood, "@D", scratch.path()));
  const auto read = read_configuration(path);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(print_configuration(read.value().effective).find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace lockstep::target::test
