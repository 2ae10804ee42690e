#include "target_impl/iscsi/text.hpp"

#include <algorithm>
#include <charconv>

namespace lockstep::iscsi {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_key_character(char c) {
  return is_letter_or_digit(c) || c == '.' || c == '-' || c == '+' || c == '@' || c == '_';
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t value_limit(std::string_view key) {
  return key.starts_with("CHAP_") ? kMaxLongValueBytes : kMaxValueBytes;
}

}  // namespace

Result<std::vector<TextPair>> parse_text(std::string_view text) {
  std::vector<TextPair> pairs;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    if (end == std::string_view::npos) {
      return transport_error(
          "iSCSI text: expected each pair to end with NUL, found none at the end");
    }
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (pair.empty()) {
      continue;
    }  // seen from initiators that count the padding as data
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return transport_error("iSCSI text: expected key=value, found a pair without key or '='");
    }
    const std::string_view key = pair.substr(0, equals);
    const std::string_view value = pair.substr(equals + 1);
    if (key.size() > kMaxKeyBytes || !std::all_of(key.begin(), key.end(), is_key_character)) {
      return transport_error("iSCSI text: expected a key of at most 63 letters, digits and .-+@_");
    }
    if (value.size() > value_limit(key)) {
      return transport_error("iSCSI text: the value of " + std::string(key) +
                             " is too long: " + std::to_string(value.size()) + " bytes");
    }
    pairs.push_back({key, value});
  }
  return pairs;
}

void append_pair(std::string& text, std::string_view key, std::string_view value) {
  text.append(key);
  text.push_back('=');
  text.append(value);
  text.push_back('\0');
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "Yes") {
    return true;
  }
  if (text == "No") {
    return false;
  }
  return std::nullopt;
}

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  while (true) {
    const std::size_t comma = text.find(',');
    items.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) {
      return items;
    }
    text.remove_prefix(comma + 1);
  }
}

std::optional<std::string> normalize_name(std::string_view name) {
  constexpr std::size_t kMaxNameBytes = 223;
  if (name.size() < 5 || name.size() > kMaxNameBytes) {
    return std::nullopt;
  }
  std::string normal(name);
  std::transform(normal.begin(), normal.end(), normal.begin(), lower);
  if (!normal.starts_with("iqn.") && !normal.starts_with("eui.") && !normal.starts_with("naa.")) {
    return std::nullopt;
  }
  // Bytes above 7Fh are allowed: names are UTF-8. Control characters, blanks and other ASCII
  // punctuation are not; '_' is outside the standard's set and in wide use.
  const bool good = std::all_of(normal.begin(), normal.end(), [](char c) {
    return is_letter_or_digit(c) || c == '.' || c == '-' || c == ':' || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
  if (!good) {
    return std::nullopt;
  }
  return normal;
}

std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace lockstep::iscsi
