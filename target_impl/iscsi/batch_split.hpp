// Decides when the answers to a batch of requests leave in two halves.
//
// An initiator whose requests are all here has nothing to do before the first answer comes: the two
// sides take turns. If the first half of the answers leaves while the second is still being worked
// on, two half batches are on their way from then on, and both sides work at the same time. With
// less than everything here the initiator is busy already; for a few requests a second send costs
// more than it gains; and of very many the initiator sees the first before the last are sent.
#pragma once

#include <algorithm>
#include <cstddef>

namespace lockstep::iscsi {

// For one connection.
class BatchSplit {
 public:
  // A batch of about `requests` begins. After how many of them the answers so far should be sent;
  // 0: not before all have been handled.
  [[nodiscard]] std::size_t begin(std::size_t requests) noexcept {
    depth_ = std::max(depth_, requests);
    most_lately_ = std::max(most_lately_, requests);
    if (++batches_ == kRemembered) {
      depth_ = most_lately_;
      most_lately_ = 0;
      batches_ = 0;
    }
    const bool is_all = requests * 4 >= depth_ * 3;
    return is_all && requests >= kFewest && requests <= kMost ? (requests + 1) / 2 : 0;
  }

  static constexpr std::size_t kFewest = 12;
  static constexpr std::size_t kMost = 96;
  // An initiator that keeps less in flight than before is believed after so many batches.
  static constexpr std::size_t kRemembered = 256;

 private:
  std::size_t depth_ = 0;  // what the initiator keeps in flight, as far as it has been seen here
  std::size_t most_lately_ = 0;
  std::size_t batches_ = 0;
};

}  // namespace lockstep::iscsi
