// The rank tests against counting every arrangement, and against what the gate needs of them.
#include "bench/compare/rank_test.hpp"

#include "bench/test/noise.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

namespace lockstep::bench::compare {
namespace {

using Samples = std::vector<double>;

// The rank of `value` among all, ties sharing their mean.
double rank_among(const Samples& all, double value) {
  double below = 0;
  double equal = 0;
  for (const double other : all) {
    below += other < value ? 1 : 0;
    equal += other == value ? 1 : 0;
  }
  return below + (equal + 1) / 2;
}

double two_sided_of(const Samples& sums, double observed) {
  double at_most = 0;
  double at_least = 0;
  for (const double sum : sums) {
    at_most += sum <= observed + 1e-9 ? 1 : 0;
    at_least += sum >= observed - 1e-9 ? 1 : 0;
  }
  const auto count = static_cast<double>(sums.size());
  return std::min(1.0, 2 * std::min(at_most, at_least) / count);
}

double counted_p_of_rounds(const Samples& base, const Samples& fresh) {
  Samples sizes;
  std::vector<bool> grew;
  for (std::size_t at = 0; at < base.size(); ++at) {
    const double difference = std::log(fresh[at]) - std::log(base[at]);
    if (difference == 0) continue;
    sizes.push_back(std::abs(difference));
    grew.push_back(difference > 0);
  }
  Samples sums;
  double observed = 0;
  for (std::size_t at = 0; at < sizes.size(); ++at) {
    observed += grew[at] ? rank_among(sizes, sizes[at]) : 0;
  }
  for (unsigned signs = 0; signs < (1U << sizes.size()); ++signs) {
    double sum = 0;
    for (std::size_t at = 0; at < sizes.size(); ++at) {
      sum += (signs >> at & 1U) != 0 ? rank_among(sizes, sizes[at]) : 0;
    }
    sums.push_back(sum);
  }
  return two_sided_of(sums, observed);
}

double counted_p_of_runs(const Samples& base, const Samples& fresh) {
  Samples all = fresh;
  all.insert(all.end(), base.begin(), base.end());
  double observed = 0;
  for (const double value : fresh) observed += rank_among(all, value);
  Samples sums;
  for (unsigned chosen = 0; chosen < (1U << all.size()); ++chosen) {
    if (static_cast<std::size_t>(std::popcount(chosen)) != fresh.size()) continue;
    double sum = 0;
    for (std::size_t at = 0; at < all.size(); ++at) {
      sum += (chosen >> at & 1U) != 0 ? rank_among(all, all[at]) : 0;
    }
    sums.push_back(sum);
  }
  return two_sided_of(sums, observed);
}

Samples draw(std::mt19937_64& random, std::size_t count, double median, double spread) {
  Samples samples(count);
  for (double& sample : samples) sample = median * std::exp(spread * normal_noise(random));
  return samples;
}

TEST(RankTest, OfRoundsAgreesWithCountingAllSigns) {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 50; ++trial) {
    const std::size_t count = 1 + random() % 10;
    const Samples base = draw(random, count, 100, 0.2);
    const Samples fresh = draw(random, count, 110, 0.2);
    EXPECT_NEAR(change_of_rounds(base, fresh).p, counted_p_of_rounds(base, fresh), 1e-9);
  }
}

TEST(RankTest, OfRoundsAgreesWithCountingWhereThereAreTies) {
  std::mt19937_64 random(8);
  for (int trial = 0; trial < 50; ++trial) {
    const std::size_t count = 2 + random() % 9;
    Samples base(count, 64);
    Samples fresh(count);
    for (double& sample : fresh) sample = 64 * std::exp2(static_cast<double>(random() % 5) - 2);
    EXPECT_NEAR(change_of_rounds(base, fresh).p, counted_p_of_rounds(base, fresh), 1e-9);
  }
}

TEST(RankTest, OfRunsAgreesWithCountingAllDraws) {
  std::mt19937_64 random(9);
  for (int trial = 0; trial < 40; ++trial) {
    const bool tied = trial % 2 == 0;
    Samples base = draw(random, 1 + random() % 7, 100, 0.2);
    Samples fresh = draw(random, 1 + random() % 7, 110, 0.2);
    for (Samples* samples : {&base, &fresh}) {
      for (double& sample : *samples) sample = tied ? std::round(sample / 20) : sample;
    }
    EXPECT_NEAR(change_of_runs(base, fresh).p, counted_p_of_runs(base, fresh), 1e-9);
  }
}

TEST(RankTest, OfManySamplesIsNearTheExactOne) {
  std::mt19937_64 random(10);
  const Samples base = draw(random, 20, 100, 0.1);
  const Samples fresh = draw(random, 20, 107, 0.1);
  Samples base_and_one = base;
  base_and_one.push_back(100);
  EXPECT_NEAR(change_of_runs(base, fresh).p, change_of_runs(base_and_one, fresh).p, 0.02);
}

TEST(RankTest, EstimatesTheChangeAndItsInterval) {
  std::mt19937_64 random(11);
  int held = 0;
  constexpr int kTrials = 400;
  for (int trial = 0; trial < kTrials; ++trial) {
    const Samples base = draw(random, 16, 100, 0.05);
    const Samples fresh = draw(random, 16, 110, 0.05);
    const Change change =
        trial % 2 == 0 ? change_of_rounds(base, fresh) : change_of_runs(base, fresh);
    EXPECT_NEAR(change.log_ratio, std::log(1.1), 0.09);
    EXPECT_LT(change.low, change.log_ratio);
    EXPECT_GT(change.high, change.log_ratio);
    held += change.low <= std::log(1.1) && std::log(1.1) <= change.high ? 1 : 0;
  }
  EXPECT_GE(held, kTrials * 92 / 100);  // of a 95 % interval
  EXPECT_LE(held, kTrials * 99 / 100);
}

TEST(RankTest, OfEqualSamplesSaysNothing) {
  const Samples same(12, 5.0);
  for (const Change& change : {change_of_rounds(same, same), change_of_runs(same, same)}) {
    EXPECT_EQ(change.p, 1);
    EXPECT_EQ(change.log_ratio, 0);
    EXPECT_EQ(change.share_above, 0.5);
  }
}

TEST(RankTest, KnowsTheLeastThatSoManySamplesCanGive) {
  const Samples low{1, 2, 3, 4, 5, 6};
  const Samples high{11, 12.5, 13.9, 15, 16, 17.5};
  EXPECT_NEAR(change_of_rounds(low, high).p, least_p_of_rounds(6), 1e-12);
  EXPECT_NEAR(change_of_runs(low, high).p, least_p_of_runs(6, 6), 1e-9);
  EXPECT_EQ(least_p_of_rounds(0), 1);
}

TEST(RankTest, AdjustsForTheNumberOfTests) {
  std::array<double, 4> p_values{0.01, 0.04, 0.03, 0.005};
  adjust_for_number(p_values);
  EXPECT_NEAR(p_values[3], 0.02, 1e-12);
  EXPECT_NEAR(p_values[0], 0.03, 1e-12);
  EXPECT_NEAR(p_values[2], 0.06, 1e-12);
  EXPECT_NEAR(p_values[1], 0.06, 1e-12);  // never less than a smaller one's
}

}  // namespace
}  // namespace lockstep::bench::compare
