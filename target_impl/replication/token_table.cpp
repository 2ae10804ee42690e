#include "target_impl/replication/token_table.hpp"

#include <random>
#include <utility>

namespace lockstep::replication {

Token TokenTable::make(store::Image image) {
  std::random_device entropy;
  Token token{};
  for (std::size_t i = 0; i < token.size(); i += 4) {
    const std::uint32_t word = entropy();
    for (std::size_t j = 0; j < 4; ++j) {
      token[i + j] = static_cast<std::uint8_t>((word >> (8 * j)) & 0xFF);
    }
  }
  images_.insert_or_assign(token, std::move(image));
  return token;
}

std::optional<store::Image> TokenTable::redeem(const Token& token) const {
  const auto found = images_.find(token);
  if (found == images_.end()) return std::nullopt;
  return found->second;
}

void TokenTable::discard(const Token& token) { images_.erase(token); }

}  // namespace lockstep::replication
