#include "reports/record/exact_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace lockstep::report {
namespace {

namespace json = boost::json;
using Code = boost::system::error_code;

constexpr std::size_t kMaxDepth = 8;

// What basic_parser calls while it reads; like Boost's own handler but for on_double.
struct Handler {
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  json::value_stack stack;
  std::string number;  // parts of a number that came before its end

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(std::size_t size, Code&) {
    stack.push_object(size);
    return true;
  }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t size, Code&) {
    stack.push_array(size);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, Code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, Code&) {
    stack.push_key(part);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, Code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, Code&) {
    stack.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view part, Code&) {
    number.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, json::string_view, Code&) {
    number.clear();
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, Code&) {
    number.clear();
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double value, json::string_view part, Code&) {
    number.append(part.data(), part.size());
    double exact = value;  // stays so where from_chars reports overflow or underflow
    std::from_chars(number.data(), number.data() + number.size(), exact);
    number.clear();
    stack.push_double(exact);
    return true;
  }
  bool on_bool(bool value, Code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(Code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }
};

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<Handler> parser(options);
  parser.handler().stack.reset();
  Code failed;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), failed);
  if (failed) {
    return config_error("expected one JSON value, found at byte " + std::to_string(read) + ": " +
                        failed.message());
  }
  if (read != text.size()) {
    return config_error("expected one JSON value, found more text at byte " + std::to_string(read));
  }
  return parser.handler().stack.release();
}

}  // namespace lockstep::report
