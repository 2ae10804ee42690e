// Noise for tests, the same from every standard library.
#pragma once

#include <random>

namespace lockstep::bench {

// Near normal: mean 0, standard deviation 1 (the sum of twelve uniform numbers, less six).
inline double normal_noise(std::mt19937_64& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>(random() >> 11U) * 0x1p-53;
  return sum;
}

}  // namespace lockstep::bench
