// Random choices from RapidCheck's splittable generator. No std distributions: the same seed must
// give the same sequence everywhere.
#pragma once

#include <rapidcheck/Random.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lockstep::properties {

class Draws {
 public:
  explicit Draws(const rc::Random& random) : random_(random) {}

  // Uniform in [0, limit); 0 for limit 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t limit) {
    return limit == 0 ? 0 : random_.next() % limit;
  }
  [[nodiscard]] bool chance(std::uint64_t percent) { return below(100) < percent; }

  // `list` is not empty.
  template <class T>
  [[nodiscard]] const T& pick(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(below(list.size()))];
  }

  template <class T>
  void shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i) {
      std::swap(list[i - 1], list[static_cast<std::size_t>(below(i))]);
    }
  }

 private:
  rc::Random random_;
};

}  // namespace lockstep::properties
