// Copy tokens inside the service: each stands for what a volume held when it was made.
//
// A token is 32 random bytes, so that nobody who was not given it can name it. TokenizedClone makes
// one when it is asked for and redeems it when the copy runs (DS-TK-01).
#pragma once

#include "target_impl/store/volume.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>

namespace lockstep::replication {

using Token = std::array<std::uint8_t, 32>;

// Not thread-safe.
class TokenTable {
 public:
  [[nodiscard]] Token make(store::Image image);
  // Nothing for a token that was never made or has been discarded.
  [[nodiscard]] std::optional<store::Image> redeem(const Token& token) const;
  void discard(const Token& token);
  [[nodiscard]] std::size_t size() const noexcept { return images_.size(); }

 private:
  std::map<Token, store::Image> images_;
};

}  // namespace lockstep::replication
