// Text data segments: `key=value` pairs, each ended by a NUL. RFC 7143 section 6.1.
#pragma once

#include "model/vocab/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::iscsi {

inline constexpr std::size_t kMaxKeyBytes = 63;
inline constexpr std::size_t kMaxValueBytes = 255;
// Binary values of authentication, in hexadecimal, and lists of targets may be longer.
inline constexpr std::size_t kMaxLongValueBytes = 8192;
// Of all PDUs of one request together.
inline constexpr std::size_t kMaxTextBytes = 64 * 1024;

struct TextPair {
  std::string_view key;
  std::string_view value;
};

// The pairs borrow from `text`. A pair without '=', an empty or overlong key, a key with characters
// outside the standard's set, an overlong value, or a last pair without its NUL: error.
[[nodiscard]] Result<std::vector<TextPair>> parse_text(std::string_view text);

void append_pair(std::string& text, std::string_view key, std::string_view value);

// Decimal, or hexadecimal with 0x. Nothing else may follow.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);
// Exactly "Yes" or "No".
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);
// The items of a comma-separated list.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text);

// iSCSI names: iqn., eui. or naa., at most 223 bytes of letters, digits and ".-:", in lower case
// afterwards. RFC 7143 section 4.2.7.
[[nodiscard]] std::optional<std::string> normalize_name(std::string_view name);

[[nodiscard]] std::span<const std::byte> as_bytes(std::string_view text) noexcept;
[[nodiscard]] std::string_view as_text(std::span<const std::byte> bytes) noexcept;

}  // namespace lockstep::iscsi
