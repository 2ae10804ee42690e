#include "model/wire/value.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace lockstep::wire {
namespace {

constexpr std::size_t kLongestQuote = 80;

std::string shown(const Item& item) {
  if (is_null(item)) return "NULL";
  if (const auto* path = std::get_if<ObjectPath>(&item)) return "the reference " + to_text(*path);
  const std::string& text = std::get<std::string>(item);
  return "\"" + text.substr(0, kLongestQuote) + (text.size() > kLongestQuote ? "...\"" : "\"");
}

Error unreadable(const std::string& what, const std::string& expected, const Item& item) {
  return provider_error(what + ": expected " + expected + ", found " + shown(item));
}

std::string_view trimmed(std::string_view text) {
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::optional<std::uint64_t> digits(std::string_view text, int base = 10) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::string padded(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

}  // namespace

Value scalar(std::string type, std::string text) {
  return {std::move(type), false, {}, {Item{std::move(text)}}};
}
Value text_value(std::string text) { return scalar("string", std::move(text)); }
Value number_value(std::string type, std::uint64_t number) {
  return scalar(std::move(type), std::to_string(number));
}
Value boolean_value(bool flag) { return scalar("boolean", flag ? "TRUE" : "FALSE"); }
Value reference_value(ObjectPath path) { return {"reference", false, {}, {Item{std::move(path)}}}; }
Value array_value(std::string type) { return {std::move(type), true, {}, {}}; }

Value interval_value(std::uint64_t seconds) {
  constexpr std::uint64_t kDay = 86'400;
  constexpr std::uint64_t kMostDays = 99'999'999;
  const std::uint64_t days = std::min(seconds / kDay, kMostDays);
  const std::uint64_t rest = seconds % kDay;
  return scalar("datetime", padded(days, 8) + padded(rest / 3600, 2) + padded(rest / 60 % 60, 2) +
                                padded(rest % 60, 2) + ".000000:000");
}

Result<std::uint64_t> read_number(const Item& item, std::uint64_t largest,
                                  const std::string& what) {
  const std::string expected = "a number of at most " + std::to_string(largest);
  const auto* text = std::get_if<std::string>(&item);
  if (text == nullptr) return unreadable(what, expected, item);
  std::string_view number = trimmed(*text);
  if (!number.empty() && number.front() == '+') number.remove_prefix(1);
  const bool hexadecimal =
      number.size() > 2 && number[0] == '0' && (number[1] == 'x' || number[1] == 'X');
  const auto read = hexadecimal ? digits(number.substr(2), 16) : digits(number);
  if (!read || *read > largest) return unreadable(what, expected, item);
  return *read;
}

Result<bool> read_boolean(const Item& item, const std::string& what) {
  if (const auto* text = std::get_if<std::string>(&item)) {
    if (same_name(trimmed(*text), "true")) return true;
    if (same_name(trimmed(*text), "false")) return false;
  }
  return unreadable(what, "TRUE or FALSE", item);
}

Result<std::string> read_text(const Item& item, const std::string& what) {
  if (const auto* text = std::get_if<std::string>(&item)) return *text;
  return unreadable(what, "a text", item);
}

Result<ObjectPath> read_reference(const Item& item, const std::string& what) {
  if (const auto* path = std::get_if<ObjectPath>(&item)) return *path;
  return unreadable(what, "a reference", item);
}

Result<std::uint64_t> read_interval(const Item& item, const std::string& what) {
  const auto* text = std::get_if<std::string>(&item);
  const bool shaped = text != nullptr && text->size() == 25 && (*text)[14] == '.' &&
                      (*text)[21] == ':' && text->substr(22) == "000";
  if (!shaped) return unreadable(what, "an interval ddddddddhhmmss.mmmmmm:000", item);
  const auto days = digits(std::string_view(*text).substr(0, 8));
  const auto hours = digits(std::string_view(*text).substr(8, 2));
  const auto minutes = digits(std::string_view(*text).substr(10, 2));
  const auto seconds = digits(std::string_view(*text).substr(12, 2));
  if (!days || !hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 59) {
    return unreadable(what, "an interval ddddddddhhmmss.mmmmmm:000", item);
  }
  return *days * 86'400 + *hours * 3600 + *minutes * 60 + *seconds;
}

const Value* find_value(const std::vector<Named>& all, std::string_view name) noexcept {
  for (const Named& named : all) {
    if (same_name(named.name, name)) return named.value ? &*named.value : nullptr;
  }
  return nullptr;
}

const Item* find_item(const std::vector<Named>& all, std::string_view name) noexcept {
  const Value* value = find_value(all, name);
  return value == nullptr || value->items.empty() ? nullptr : &value->items.front();
}

}  // namespace lockstep::wire
