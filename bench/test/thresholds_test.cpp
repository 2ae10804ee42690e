#include "bench/compare/thresholds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::bench::compare {
namespace {

using testing::HasSubstr;

TEST(Thresholds, AllowFivePercentOfTimeByThemselves) {
  const auto limits = Thresholds().limits_of("copy/share_extents");
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_EQ(limits[0].figure, "real_time_ns");
  EXPECT_EQ(limits[0].worse_percent, 5);
}

TEST(Thresholds, TakeTheLastRuleThatMatches) {
  const auto parsed = Thresholds::parse(R"(
[[rule]]
name = "data_path"
worse_percent = 20
[[rule]]
name = "data_path/write"
worse_percent = 7
[[rule]]
name = "qd:1$"
figure = "p99_us"
worse_percent = 30
)",
                                        "limits.toml");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed.value().limits_of("copy/memcpy")[0].worse_percent, 5);
  EXPECT_EQ(parsed.value().limits_of("data_path/read/qd:16")[0].worse_percent, 20);
  const auto both = parsed.value().limits_of("data_path/write/qd:1");
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].worse_percent, 7);
  EXPECT_EQ(both[1].figure, "p99_us");
  EXPECT_EQ(both[1].worse_percent, 30);
}

struct BadFile {
  const char* text;
  const char* complaint;
};

class BadThresholds : public testing::TestWithParam<BadFile> {};

TEST_P(BadThresholds, AreRefusedNamingThePlace) {
  const auto parsed = Thresholds::parse(GetParam().text, "limits.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().origin, Origin::Config);
  EXPECT_THAT(parsed.error().message, HasSubstr("limits.toml:"));
  EXPECT_THAT(parsed.error().message, HasSubstr(GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadThresholds,
    testing::Values(BadFile{"[[rule]\n", "limits.toml:1"}, BadFile{"rule = 3\n", "rule"},
                    BadFile{"[[rules]]\nname = \"a\"\nworse_percent = 3\n", "rules"},
                    BadFile{"[[rule]]\nworse_percent = 3\n", "name"},
                    BadFile{"[[rule]]\nname = \"a\"\n", "worse_percent"},
                    BadFile{"[[rule]]\nname = \"a\"\nworse_percent = 0\n", "worse_percent"},
                    BadFile{"[[rule]]\nname = \"a\"\nworse_percent = 1001\n", "worse_percent"},
                    BadFile{"[[rule]]\nname = \"a(\"\nworse_percent = 3\n", "name"},
                    BadFile{"[[rule]]\nname = 7\nworse_percent = 3\n", "name"},
                    BadFile{"[[rule]]\nname = \"a\"\nworse_percent = 3\nslow = 1\n", "slow"}));

TEST(Thresholds, NameAFileThatCannotBeRead) {
  const auto read = Thresholds::read("no/such/limits.toml");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("no/such/limits.toml"));
}

}  // namespace
}  // namespace lockstep::bench::compare
