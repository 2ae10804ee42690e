// Rank statistics over measured times: what changed, how sure that is, and how large it is. Ranks,
// because times on a shared machine have outliers on one side and no known distribution.
#pragma once

#include <cstddef>
#include <span>

namespace lockstep::bench::compare {

// Of `fresh` against `base`. Changes are natural logarithms of ratios: 0.1 is about 10 % more.
struct Change {
  double log_ratio = 0;  // Hodges-Lehmann estimate
  double low = 0;        // of its 95 % confidence interval
  double high = 0;
  double p = 1;            // two-sided: how often chance alone gives a change as clear as this
  double share_above = 0;  // of the pairs, how many have fresh above base; ties count half
};

// Samples that were measured in turn: base[i] and fresh[i] belong to one round. Wilcoxon's signed
// rank test, exact for any ties. Both of one length, 1 to 200 positive values.
[[nodiscard]] Change change_of_rounds(std::span<const double> base, std::span<const double> fresh);

// Samples of two separate runs. The rank sum test of Mann and Whitney, exact up to 40 samples in
// all, above that its normal approximation with correction for ties. 1 to 200 positive values each.
[[nodiscard]] Change change_of_runs(std::span<const double> base, std::span<const double> fresh);

// The least p that so many samples can give, were every one of them above the other side's.
[[nodiscard]] double least_p_of_rounds(std::size_t rounds);
[[nodiscard]] double least_p_of_runs(std::size_t base, std::size_t fresh);

// Holm's step-down adjustment of p values that are judged together, in their order.
void adjust_for_number(std::span<double> p_values);

}  // namespace lockstep::bench::compare
