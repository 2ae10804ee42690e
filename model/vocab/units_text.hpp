// Durations and sizes as people write them, on the command line and in configuration files.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lockstep {

// "500ms", "60s", "10m", "1h"; "4KiB", "256MiB", "1GiB", "512". Nothing for anything else.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(const std::string& text);
[[nodiscard]] std::optional<std::uint64_t> parse_byte_size(const std::string& text);

// What the parsers read back, in the largest unit that divides it.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);
[[nodiscard]] std::string byte_size_text(std::uint64_t bytes);

// The one of `known` that is most like `text`, for "did you mean".
[[nodiscard]] std::string nearest(const std::string& text, const std::vector<std::string>& known);

}  // namespace lockstep
