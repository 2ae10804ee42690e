#include "bench/measure.hpp"

#include <gtest/gtest.h>

namespace lockstep::bench {
namespace {

using std::chrono::nanoseconds;

TEST(Latencies, GivePercentilesWithinAFewPercent) {
  Latencies latencies;
  for (int us = 1; us <= 1000; ++us) latencies.record(std::chrono::microseconds{us});
  EXPECT_NEAR(latencies.percentile_us(0.50), 500, 500 * 0.035);
  EXPECT_NEAR(latencies.percentile_us(0.99), 990, 990 * 0.035);
  EXPECT_NEAR(latencies.percentile_us(0), 1, 0.035);
}

TEST(Latencies, CoverEveryDuration) {
  for (const std::int64_t ns :
       {1LL, 31LL, 32LL, 63LL, 64LL, 1'000'000'000LL, 3'600'000'000'000LL}) {
    Latencies one;
    one.record(nanoseconds{ns});
    EXPECT_NEAR(one.percentile_us(0.5) * 1e3, static_cast<double>(ns),
                static_cast<double>(ns) * 0.035 + 0.5)
        << ns;
  }
}

TEST(Latencies, AreZeroWithoutARecord) {
  EXPECT_EQ(Latencies{}.percentile_us(0.5), 0);
  Latencies backwards;
  backwards.record(nanoseconds{-5});
  EXPECT_NEAR(backwards.percentile_us(0.5), 0.001, 0.001);
}

}  // namespace
}  // namespace lockstep::bench
