#include "bench/compare/rank_test.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace lockstep::bench::compare {
namespace {

constexpr double kOutsideInterval = 0.025;             // on either side of a 95 % interval
constexpr double kInsideInterval = 1.959963984540054;  // the normal quantile that goes with it
constexpr std::size_t kExactSamples = 40;

std::vector<double> logarithms(std::span<const double> values) {
  std::vector<double> logs;
  logs.reserve(values.size());
  for (const double value : values) logs.push_back(std::log(value));
  return logs;
}

// Ranks from 1, ties sharing their mean: doubled, so that they are whole numbers.
std::vector<std::size_t> doubled_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t index) { return values[index]; });
  std::vector<std::size_t> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    for (std::size_t at = first; at <= last; ++at) ranks[order[at]] = first + last + 2;
    first = last + 1;
  }
  return ranks;
}

// How likely each sum is: `distribution[sum]`. `below` is inclusive.
double likelihood_at_most(const std::vector<double>& distribution, std::size_t below) {
  const auto end =
      distribution.begin() + static_cast<std::ptrdiff_t>(std::min(below + 1, distribution.size()));
  return std::accumulate(distribution.begin(), end, 0.0);
}

double two_sided(const std::vector<double>& distribution, std::size_t sum) {
  const double low = likelihood_at_most(distribution, sum);
  const double high = sum == 0 ? 1.0 : 1.0 - likelihood_at_most(distribution, sum - 1);
  return std::min(1.0, 2 * std::max(0.0, std::min(low, high)));
}

// Of the sum of the ranks that get a plus sign, each with even chance.
std::vector<double> signed_rank_distribution(const std::vector<std::size_t>& ranks) {
  const std::size_t total = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  std::vector<double> chances(total + 1, 0.0);
  chances[0] = 1;
  std::size_t reached = 0;
  for (const std::size_t rank : ranks) {
    reached += rank;
    for (std::size_t sum = reached + 1; sum-- > 0;) {
      chances[sum] = 0.5 * (chances[sum] + (sum >= rank ? chances[sum - rank] : 0.0));
    }
  }
  return chances;
}

// Of the sum of `drawn` ranks taken out of all.
std::vector<double> rank_sum_distribution(const std::vector<std::size_t>& ranks,
                                          std::size_t drawn) {
  const std::size_t total = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  std::vector<std::vector<double>> ways(drawn + 1, std::vector<double>(total + 1, 0.0));
  ways[0][0] = 1;
  for (const std::size_t rank : ranks) {
    for (std::size_t taken = drawn; taken-- > 0;) {
      for (std::size_t sum = total + 1 - rank; sum-- > 0;) {
        ways[taken + 1][sum + rank] += ways[taken][sum];
      }
    }
  }
  std::vector<double> chances = std::move(ways[drawn]);
  const double all = std::accumulate(chances.begin(), chances.end(), 0.0);
  for (double& chance : chances) chance /= all;
  return chances;
}

// How many of the ordered estimates lie outside the interval on each side.
std::size_t outside(const std::vector<double>& distribution, std::size_t least, std::size_t step) {
  std::size_t count = 0;
  while (likelihood_at_most(distribution, least + count * step) <= kOutsideInterval) ++count;
  return count;
}

// Median and interval of the ordered estimates.
void estimate(std::vector<double> estimates, std::size_t outside_each_side, Change& change) {
  std::ranges::sort(estimates);
  const std::size_t count = estimates.size();
  change.log_ratio = 0.5 * (estimates[(count - 1) / 2] + estimates[count / 2]);
  const std::size_t cut = std::min(outside_each_side, (count - 1) / 2);
  change.low = estimates[cut];
  change.high = estimates[count - 1 - cut];
}

std::vector<std::size_t> plain_doubled_ranks(std::size_t count) {
  std::vector<std::size_t> ranks(count);
  for (std::size_t index = 0; index < count; ++index) ranks[index] = 2 * (index + 1);
  return ranks;
}

double normal_two_sided(double distance) { return std::erfc(std::abs(distance) / std::sqrt(2.0)); }

// Variance of the doubled rank sum of `drawn` ranks; ties make it smaller by themselves.
double rank_sum_variance(const std::vector<std::size_t>& ranks, std::size_t drawn) {
  const auto count = static_cast<double>(ranks.size());
  const double mean = (count + 1);  // doubled
  double squares = 0;
  for (const std::size_t rank : ranks) {
    const double distance = static_cast<double>(rank) - mean;
    squares += distance * distance;
  }
  const auto taken = static_cast<double>(drawn);
  return taken * (count - taken) / (count * (count - 1)) * squares;
}

}  // namespace

Change change_of_rounds(std::span<const double> base, std::span<const double> fresh) {
  const auto base_logs = logarithms(base);
  const auto fresh_logs = logarithms(fresh);
  std::vector<double> differences;
  std::vector<double> sizes;
  double above = 0;
  for (std::size_t round = 0; round < base.size(); ++round) {
    const double difference = fresh_logs[round] - base_logs[round];
    differences.push_back(difference);
    above += difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
    if (difference != 0) sizes.push_back(std::abs(difference));
  }
  Change change;
  change.share_above = above / static_cast<double>(base.size());
  const auto ranks = doubled_ranks(sizes);
  std::size_t positive = 0;
  std::size_t at = 0;
  for (const double difference : differences) {
    if (difference == 0) continue;
    if (difference > 0) positive += ranks[at];
    ++at;
  }
  change.p = ranks.empty() ? 1 : two_sided(signed_rank_distribution(ranks), positive);
  std::vector<double> means;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    for (std::size_t j = i; j < differences.size(); ++j) {
      means.push_back(0.5 * (differences[i] + differences[j]));
    }
  }
  const auto plain = signed_rank_distribution(plain_doubled_ranks(differences.size()));
  estimate(std::move(means), outside(plain, 0, 2), change);
  return change;
}

Change change_of_runs(std::span<const double> base, std::span<const double> fresh) {
  const auto base_logs = logarithms(base);
  auto all = logarithms(fresh);
  std::vector<double> differences;
  double above = 0;
  for (const double ours : all) {
    for (const double theirs : base_logs) {
      differences.push_back(ours - theirs);
      above += ours > theirs ? 1 : ours == theirs ? 0.5 : 0;
    }
  }
  Change change;
  change.share_above = above / static_cast<double>(differences.size());
  all.insert(all.end(), base_logs.begin(), base_logs.end());
  const auto ranks = doubled_ranks(all);
  const auto first_base = ranks.begin() + static_cast<std::ptrdiff_t>(fresh.size());
  const std::size_t sum = std::accumulate(ranks.begin(), first_base, std::size_t{0});
  std::size_t outside_each_side = 0;
  if (all.size() <= kExactSamples) {
    change.p = two_sided(rank_sum_distribution(ranks, fresh.size()), sum);
    const auto plain = rank_sum_distribution(plain_doubled_ranks(all.size()), fresh.size());
    outside_each_side = outside(plain, fresh.size() * (fresh.size() + 1), 2);
  } else {
    const double mean = static_cast<double>(fresh.size() * (all.size() + 1));
    const double deviation = std::sqrt(rank_sum_variance(ranks, fresh.size()));
    // A doubled sum moves in steps of one or two: half a step towards the mean.
    const double distance = std::max(0.0, std::abs(static_cast<double>(sum) - mean) - 1);
    change.p = deviation == 0 ? 1 : normal_two_sided(distance / deviation);
    const double half = 0.5 * static_cast<double>(differences.size());
    const double cut =
        half - kInsideInterval * 0.5 *
                   std::sqrt(rank_sum_variance(plain_doubled_ranks(all.size()), fresh.size()));
    outside_each_side = cut < 0 ? 0 : static_cast<std::size_t>(cut);
  }
  estimate(std::move(differences), outside_each_side, change);
  return change;
}

double least_p_of_rounds(std::size_t rounds) {
  return std::min(1.0, std::ldexp(2.0, -static_cast<int>(rounds)));
}

double least_p_of_runs(std::size_t base, std::size_t fresh) {
  const auto all = static_cast<double>(base + fresh);
  const double ways = std::lgamma(all + 1) - std::lgamma(static_cast<double>(base) + 1) -
                      std::lgamma(static_cast<double>(fresh) + 1);
  return std::min(1.0, 2 * std::exp(-ways));
}

void adjust_for_number(std::span<double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t index) { return p_values[index]; });
  double so_far = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double scaled = p_values[order[rank]] * static_cast<double>(p_values.size() - rank);
    so_far = std::min(1.0, std::max(so_far, scaled));
    p_values[order[rank]] = so_far;
  }
}

}  // namespace lockstep::bench::compare
