#include "model/wire/xml_text.hpp"

#include <algorithm>
#include <array>

namespace lockstep::wire {
namespace {

// Length of the UTF-8 sequence at the front, 0 when it is none (RFC 3629).
std::size_t sequence_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

bool is_known_entity(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 5> kKnown{"amp", "lt", "gt", "quot", "apos"};
  if (std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end()) return true;
  if (name.size() < 2 || name[0] != '#') return false;
  const bool hexadecimal = name[1] == 'x';
  const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
  const char* legal = hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
  return !digits.empty() && digits.size() <= 7 &&
         digits.find_first_not_of(legal) == std::string_view::npos;
}

// Walks over the markup without building anything.
class Scanner {
 public:
  Scanner(std::string_view xml, const ReadLimits& limits) : xml_(xml), limits_(limits) {}

  std::optional<ReadFailure> scan() {
    while (at_ < xml_.size() && !failure_) {
      const char letter = xml_[at_];
      if (letter == '&') {
        entity();
      } else if (letter == '<') {
        markup();
      } else {
        ++at_;
      }
    }
    return failure_;
  }

 private:
  void fail(Unreadable kind, std::string reason) {
    failure_ = ReadFailure{kind, std::move(reason)};
  }

  bool skip(std::string_view opening, std::string_view closing) {
    if (xml_.substr(at_, opening.size()) != opening) return false;
    const std::size_t end = xml_.find(closing, at_ + opening.size());
    at_ = end == std::string_view::npos ? xml_.size() : end + closing.size();
    return true;
  }

  void entity() {
    constexpr std::size_t kLongestName = 12;
    const std::size_t end = xml_.substr(at_, kLongestName).find(';');
    const std::string_view name =
        end == std::string_view::npos ? std::string_view() : xml_.substr(at_ + 1, end - 1);
    if (!is_known_entity(name)) {
      fail(Unreadable::NotWellFormed, "an entity that XML does not define, at byte " +
                                          std::to_string(at_) + ": " +
                                          std::string(xml_.substr(at_, kLongestName)));
      return;
    }
    at_ += end + 1;
  }

  void markup() {
    if (skip("<!--", "-->") || skip("<![CDATA[", "]]>") || skip("<?", "?>")) return;
    if (xml_.substr(at_, 9) == "<!DOCTYPE") {
      const std::size_t end = std::min(xml_.find('>', at_), xml_.size());
      if (xml_.substr(at_, end - at_).find('[') != std::string_view::npos) {
        fail(Unreadable::NotWellFormed,
             "a document type with declarations inside; such are not read");
      }
      at_ = std::min(end + 1, xml_.size());
      return;
    }
    element();
  }

  void element() {
    const bool closes = xml_.substr(at_, 2) == "</";
    if (closes) {
      --depth_;
    } else {
      ++depth_;
      ++elements_;
    }
    char quote = 0;
    std::size_t end = at_ + 1;
    for (; end < xml_.size(); ++end) {
      const char letter = xml_[end];
      if (quote != 0) {
        if (letter == quote) quote = 0;
      } else if (letter == '"' || letter == '\'') {
        quote = letter;
      } else if (letter == '>') {
        break;
      }
      if (letter == '&') {
        at_ = end;
        entity();
        if (failure_) return;
        end = at_ - 1;
      }
    }
    if (!closes && end < xml_.size() && xml_[end - 1] == '/') --depth_;
    at_ = std::min(end + 1, xml_.size());
    if (depth_ > limits_.depth) {
      fail(Unreadable::NotValid,
           "elements nested more than " + std::to_string(limits_.depth) + " deep");
    } else if (elements_ > limits_.elements) {
      fail(Unreadable::NotValid, "more than " + std::to_string(limits_.elements) + " elements");
    }
  }

  std::string_view xml_;
  const ReadLimits& limits_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::size_t elements_ = 0;
  std::optional<ReadFailure> failure_;
};

bool declares_other_encoding(std::string_view xml) {
  if (xml.substr(0, 5) != "<?xml") return false;
  const std::string_view head = xml.substr(0, std::min(xml.find("?>"), xml.size()));
  const std::size_t at = head.find("encoding");
  if (at == std::string_view::npos) return false;
  const std::size_t quote = head.find_first_of("\"'", at);
  if (quote == std::string_view::npos) return false;
  const std::size_t end = std::min(head.find(head[quote], quote + 1), head.size());
  const std::string_view name = head.substr(quote + 1, end - quote - 1);
  return !same_name(name, "utf-8") && !same_name(name, "utf8") && !same_name(name, "us-ascii");
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool append_escaped(std::string& out, std::string_view text) {
  if (!is_utf8(text)) return false;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':  // written so, they survive in attributes, too
        out += "&#9;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        if (static_cast<unsigned char>(letter) < 0x20) return false;
        out += letter;
    }
  }
  return true;
}

std::optional<ReadFailure> check_before_parsing(std::string_view xml, const ReadLimits& limits) {
  const bool wide =
      xml.size() >= 2 && (xml.substr(0, 2) == "\xFF\xFE" || xml.substr(0, 2) == "\xFE\xFF" ||
                          xml[0] == 0 || xml[1] == 0);
  if (wide || declares_other_encoding(xml)) {
    return ReadFailure{Unreadable::NotWellFormed,
                       "an encoding other than UTF-8, which is the only one that CIM-XML has"};
  }
  if (!is_utf8(xml)) {
    return ReadFailure{Unreadable::NotWellFormed, "bytes that are not UTF-8"};
  }
  if (xml.find('\0') != std::string_view::npos) {
    return ReadFailure{Unreadable::NotWellFormed, "a zero byte"};
  }
  return Scanner(xml, limits).scan();
}

}  // namespace lockstep::wire
