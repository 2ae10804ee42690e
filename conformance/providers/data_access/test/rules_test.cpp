// Goal: rules are read as they are written down, and every mistake is named with its place. Method:
// files spelled out by hand.
#include "conformance/providers/data_access/rules.hpp"

#include "conformance/providers/data_access/test/scratch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::conformance {
namespace {

using testing::HasSubstr;
using By = DataAccessRule::By;

TEST(DataAccessRules, AreReadInTheirOrder) {
  const Scratch scratch;
  const auto rules = read_data_access_rules(scratch.file("rules.toml", R"(
portals = ["iscsi://a/iqn.2026-11.org:x", "iscsi://b:3261/iqn.2026-11.org:y"]
command_time = "5s"
[[rule]]
by = "identifier"
[[rule]]
by = "serial"
volumes = "db-*"
[[rule]]
by = "name"
url = "iscsi://a/iqn.2026-11.org:{lower_name}/0"
[[rule]]
by = "table"
[rule.urls]
"vol 1" = "iscsi://a/iqn.2026-11.org:x/1"
[[rule]]
by = "command"
command = ["./expose", "{name}"]
)"));
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules.value().portals.size(), 2U);
  EXPECT_EQ(rules.value().command_time, std::chrono::seconds(5));
  const auto& all = rules.value().rules;
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[0].by, By::Identifier);
  EXPECT_EQ(all[1].volumes, "db-*");
  EXPECT_EQ(all[2].url, "iscsi://a/iqn.2026-11.org:{lower_name}/0");
  EXPECT_EQ(all[3].urls.at("vol 1"), "iscsi://a/iqn.2026-11.org:x/1");
  EXPECT_THAT(all[4].command, testing::ElementsAre("./expose", "{name}"));
  EXPECT_EQ(to_text(all), "by identifier, by serial (db-*), by name, by table, by command");
  EXPECT_EQ(to_text(std::vector<DataAccessRule>{}), "by identifier");
}

TEST(DataAccessRules, MistakesAreNamedWithTheirPlace) {
  const Scratch scratch;
  struct Mistake {
    const char* text;
    const char* named;
  };
  for (const Mistake& mistake :
       {Mistake{"portals = 1", "portals: expected an array"},
        Mistake{"portals = [\"iscsi://a\"]", "portals: expected iscsi://"},
        Mistake{"portals = [\"iscsi://a/iqn.2026-11.org:x/0\"]", "expected no LUN, found '0'"},
        Mistake{"portal = []",
                "portal: expected a key that is known, found none; did you mean "
                "portals"},
        Mistake{"command_time = \"soon\"", "command_time: expected a time"},
        Mistake{"command_time = \"11m\"", "command_time: expected a time"},
        Mistake{"rule = 3", "rule: expected at most 100 tables"},
        Mistake{"rule = [3]", "rule: expected tables"},
        Mistake{"[[rule]]", "rule 1: by: expected identifier"},
        Mistake{"[[rule]]\nby = \"luck\"", "rule 1: by: expected identifier"},
        Mistake{"[[rule]]\nby = \"serial\"\nurl = \"x\"", "rule 1: url: expected a key"},
        Mistake{"[[rule]]\nby = \"serial\"\nvolumes = 1", "rule 1: volumes: expected a text"},
        Mistake{"[[rule]]\nby = \"name\"", "rule 1: url: expected it with by = \"name\""},
        Mistake{"[[rule]]\nby = \"name\"\nurl = \"iscsi://a/iqn.2026-11.org:x/0\"",
                "rule 1: url: expected {name}"},
        Mistake{"[[rule]]\nby = \"name\"\nurl = \"http://{name}\"", "rule 1: url: expected iscsi"},
        Mistake{"[[rule]]\nby = \"table\"", "rule 1: urls: expected it"},
        Mistake{"[[rule]]\nby = \"serial\"\n[[rule]]\nby = \"table\"\nurls = { a = \"b\" }",
                "rule 2: urls.\"a\": expected iscsi"},
        Mistake{"[[rule]]\nby = \"command\"\ncommand = []", "rule 1: command: expected a program"},
        Mistake{"[[rule]]\nby = \"command\"\ncommand = \"ls\"",
                "rule 1: command: expected an array"},
        Mistake{"[[rule]]\nby = \"command\"\ncommand = [1]", "rule 1: command: expected a text"},
        Mistake{"[[rule", ":1: expected TOML"}}) {
    const auto rules = read_data_access_rules(scratch.file("rules.toml", mistake.text));
    ASSERT_FALSE(rules) << mistake.text;
    EXPECT_EQ(rules.error().origin, Origin::Config);
    EXPECT_THAT(rules.error().message, HasSubstr(mistake.named));
    EXPECT_THAT(rules.error().message, HasSubstr("rules.toml"));
  }
}

TEST(DataAccessRules, FilesThatAreNoneAreNamed) {
  const Scratch scratch;
  for (const std::string& file : {scratch.folder() + "/absent.toml", scratch.folder()}) {
    const auto rules = read_data_access_rules(file);
    ASSERT_FALSE(rules) << file;
    EXPECT_THAT(rules.error().message, HasSubstr(file));
  }
  const auto huge = read_data_access_rules(scratch.file("huge.toml", std::string(300 * 1024, '#')));
  ASSERT_FALSE(huge);
  EXPECT_THAT(huge.error().message, HasSubstr("at most 256 KiB"));
}

}  // namespace
}  // namespace lockstep::conformance
