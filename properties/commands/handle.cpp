#include "properties/commands/handle.hpp"

#include <charconv>

namespace lockstep::properties {
namespace {

constexpr std::string_view kLetters = "vrgj";  // in the order of HandleKind
constexpr std::uint32_t kLargestNumber = 9999;

}  // namespace

std::string to_text(Handle handle) {
  return kLetters[static_cast<std::size_t>(handle.kind)] + std::to_string(handle.number);
}

std::optional<Handle> parse_handle(std::string_view text) noexcept {
  if (text.size() < 2) return std::nullopt;
  const std::size_t kind = kLetters.find(text.front());
  if (kind == std::string_view::npos || text[1] == '0') return std::nullopt;
  std::uint32_t number = 0;
  const char* const limit = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + 1, limit, number);
  if (error != std::errc{} || end != limit) return std::nullopt;
  if (number == 0 || number > kLargestNumber) return std::nullopt;
  return Handle{static_cast<HandleKind>(kind), number};
}

}  // namespace lockstep::properties
