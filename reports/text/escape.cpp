#include "reports/text/escape.hpp"

#include "reports/record/utf8.hpp"

namespace lockstep::report {
namespace {

// U+2400..U+241F show the control characters 0..31, U+2421 shows DEL.
void append_picture(std::string& text, unsigned char control) {
  text += "\xE2\x90";
  text += static_cast<char>(0x80 + (control == 0x7F ? 0x21 : control));
}

}  // namespace

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 8);
  const std::string valid = valid_utf8(text);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto c = static_cast<unsigned char>(valid[i]);
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      case '\t':
      case '\n':
        result += static_cast<char>(c);
        break;
      case '\r':
        result += "&#13;";
        break;
      default:
        if (c < 0x20 || c == 0x7F) {
          append_picture(result, c);
        } else if (valid.compare(i, 3, "\xEF\xBF\xBE") == 0 ||
                   valid.compare(i, 3, "\xEF\xBF\xBF") == 0) {
          result += "\xEF\xBF\xBD";  // U+FFFE and U+FFFF are no characters of XML
          i += 2;
        } else if (c == 0xC2 && static_cast<unsigned char>(valid[i + 1]) < 0xA0) {
          result += "\xEF\xBF\xBD";  // C1 controls, which HTML forbids
          ++i;
        } else {
          result += static_cast<char>(c);
        }
    }
  }
  return result;
}

std::string escape_attribute(std::string_view text) {
  std::string result;
  for (const char c : escape(text)) {
    if (c == '\n') {
      result += "&#10;";
    } else if (c == '\t') {
      result += "&#9;";
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace lockstep::report
