#include "model/vocab/units_text.hpp"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(UnitsText, ReadsDurations) {
  EXPECT_EQ(parse_duration("500ms"), std::chrono::milliseconds(500));
  EXPECT_EQ(parse_duration("60s"), std::chrono::milliseconds(60'000));
  EXPECT_EQ(parse_duration("10m"), std::chrono::milliseconds(600'000));
  for (const char* bad :
       {"", "s", "10", "0s", "-1s", "1.5s", "10 s", "99999999999999999999s", "8000000h"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(UnitsText, ReadsSizes) {
  EXPECT_EQ(parse_byte_size("512"), 512U);
  EXPECT_EQ(parse_byte_size("256MiB"), 256ULL << 20);
  for (const char* bad : {"", "MiB", "1MB", "1 MiB", "18446744073709551615KiB", "-1"}) {
    EXPECT_FALSE(parse_byte_size(bad)) << bad;
  }
}

TEST(UnitsText, WritesWhatItReads) {
  for (const char* text : {"500ms", "60500ms", "90s", "10m", "1h"}) {
    EXPECT_EQ(duration_text(*parse_duration(text)), text);
  }
  for (const char* text : {"0", "513", "4KiB", "1000MiB", "1GiB", "64TiB"}) {
    EXPECT_EQ(byte_size_text(*parse_byte_size(text)), text);
  }
}

TEST(UnitsText, FindsTheNearestName) {
  EXPECT_EQ(nearest("confrom", {"check", "conform", "bench"}), "conform");
  EXPECT_EQ(nearest("x", {}), "");
}

}  // namespace
}  // namespace lockstep
