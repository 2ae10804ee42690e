#include "model/vocab/units_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <utility>

namespace lockstep {
namespace {

// The number at the front and the unit behind it; nothing when there is no number.
std::optional<std::pair<std::uint64_t, std::string>> split_number(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest == text.data()) return std::nullopt;
  return std::pair{number, std::string(rest, end)};
}

template <std::size_t N>
std::optional<std::uint64_t> scaled(
    const std::string& text, const std::array<std::pair<const char*, std::uint64_t>, N>& units) {
  const auto parts = split_number(text);
  if (!parts) return std::nullopt;
  for (const auto& [unit, factor] : units) {
    if (parts->second != unit) continue;
    if (parts->first > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
    return parts->first * factor;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string in_largest_unit(std::uint64_t number,
                            const std::array<std::pair<const char*, std::uint64_t>, N>& units) {
  const auto found = std::find_if(units.rbegin(), units.rend(), [number](const auto& unit) {
    return number != 0 && number % unit.second == 0;
  });
  const auto& [unit, factor] = found == units.rend() ? units.front() : *found;
  return std::to_string(number / factor) + unit;
}

using Unit = std::pair<const char*, std::uint64_t>;
constexpr std::array<Unit, 4> kTimes{{{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
constexpr std::array<Unit, 5> kSizes{
    {{"", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {"TiB", 1ULL << 40}}};

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(const std::string& text) {
  constexpr std::uint64_t kLongest = 7ULL * 24 * 3'600'000;
  const auto ms = scaled(text, kTimes);
  if (!ms || *ms == 0 || *ms > kLongest) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*ms));
}

std::optional<std::uint64_t> parse_byte_size(const std::string& text) {
  return scaled(text, kSizes);
}

std::string duration_text(std::chrono::milliseconds duration) {
  return in_largest_unit(static_cast<std::uint64_t>(duration.count()), kTimes);
}

std::string byte_size_text(std::uint64_t bytes) { return in_largest_unit(bytes, kSizes); }

std::string nearest(const std::string& text, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  for (const std::string& candidate : known) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::size_t diagonal = row[0]++;
      for (std::size_t j = 0; j < candidate.size(); ++j) {
        const std::size_t substituted = diagonal + (text[i] == candidate[j] ? 0 : 1);
        diagonal = row[j + 1];
        row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace lockstep
