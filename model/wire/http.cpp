#include "model/wire/http.hpp"

#include "model/wire/object_path.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace lockstep::wire {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The end of a line and where the next begins; a bare LF is accepted as RFC 9112, 2.2, allows.
std::optional<std::pair<std::size_t, std::size_t>> line_end(std::string_view text) {
  const std::size_t feed = text.find('\n');
  if (feed == std::string_view::npos) return std::nullopt;
  const std::size_t end = feed > 0 && text[feed - 1] == '\r' ? feed - 1 : feed;
  return std::pair{end, feed + 1};
}

std::string fields(const HttpMessage& message) {
  std::string text;
  for (const auto& [name, value] : message.headers) text += name + ": " + value + "\r\n";
  text += "Content-Length: " + std::to_string(message.body.size()) + "\r\n\r\n";
  return text + message.body;
}

bool holds_token(const std::optional<std::string>& list, std::string_view token) {
  if (!list) return false;
  std::string_view rest = *list;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    if (same_name(trimmed(rest.substr(0, comma)), token)) return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

}  // namespace

std::optional<std::string> HttpMessage::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (same_name(known, name)) return value;
  }
  return std::nullopt;
}

std::optional<std::string> HttpMessage::cim_header(std::string_view name) const {
  if (auto plain = header(name)) return plain;
  for (const auto& [known, value] : headers) {
    const bool prefixed = known.size() == name.size() + 3 && known[2] == '-' && known[0] >= '0' &&
                          known[0] <= '9' && known[1] >= '0' && known[1] <= '9';
    if (prefixed && same_name(std::string_view(known).substr(3), name)) return value;
  }
  return std::nullopt;
}

bool HttpMessage::keeps_alive() const {
  if (holds_token(header("Connection"), "close")) return false;
  return version != "HTTP/1.0" || holds_token(header("Connection"), "keep-alive");
}

std::optional<std::string> HttpReader::feed(std::string_view bytes) {
  buffer_ += bytes;
  return advance();
}

std::optional<std::string> HttpReader::end_of_stream() {
  if (state_ == State::UntilClose) {
    state_ = State::Complete;
    return std::nullopt;
  }
  if (state_ == State::Complete) return std::nullopt;
  return idle() ? "the connection was closed before an answer"
                : "the connection was closed in the middle of a message";
}

HttpMessage HttpReader::take() {
  HttpMessage message = std::exchange(message_, {});
  state_ = State::Head;
  continue_requested_ = false;
  return message;
}

std::optional<std::string> HttpReader::advance() {
  for (;;) {
    switch (state_) {
      case State::Complete:
        return std::nullopt;
      case State::Head: {
        // A control character, as TLS begins with: no head would ever be complete.
        if (!buffer_.empty() && std::iscntrl(static_cast<unsigned char>(buffer_.front())) != 0 &&
            buffer_.front() != '\r' && buffer_.front() != '\n') {
          return "bytes that are no HTTP";
        }
        const std::size_t crlf = buffer_.find("\r\n\r\n");
        const std::size_t lf = buffer_.find("\n\n");
        const std::size_t end = std::min(crlf, lf);
        if (std::min(end, buffer_.size()) > limits_.head_bytes) {
          return "a head of more than " + std::to_string(limits_.head_bytes) + " bytes";
        }
        if (end == std::string::npos) return std::nullopt;
        const std::string head = buffer_.substr(0, end);
        buffer_.erase(0, end + (end == crlf ? 4 : 2));
        if (auto wrong = read_head(head)) return wrong;
        break;
      }
      case State::Body:
      case State::Chunk: {
        if (auto wrong = take_body(std::min<std::uint64_t>(expected_, buffer_.size())))
          return wrong;
        if (expected_ > 0) return std::nullopt;
        if (state_ == State::Body) {
          state_ = State::Complete;
          return std::nullopt;
        }
        const auto end = line_end(buffer_);
        if (!end) {
          return buffer_.size() > kLineEnd.size()
                     ? std::optional<std::string>("a chunk that is longer than its size")
                     : std::nullopt;
        }
        if (end->first != 0) return "a chunk that is longer than its size";
        buffer_.erase(0, end->second);
        state_ = State::ChunkSize;
        break;
      }
      case State::ChunkSize:
      case State::Trailer: {
        const auto end = line_end(buffer_);
        if (!end) {
          constexpr std::size_t kLongestLine = 8192;
          return buffer_.size() > kLongestLine
                     ? std::optional<std::string>("a chunked body with an endless line")
                     : std::nullopt;
        }
        const std::string line = buffer_.substr(0, end->first);
        buffer_.erase(0, end->second);
        if (state_ == State::ChunkSize) {
          if (auto wrong = chunk_size(line)) return wrong;
        } else if (line.empty()) {
          state_ = State::Complete;
        } else if (auto wrong = header_lines(line)) {
          return wrong;
        }
        break;
      }
      case State::UntilClose:
        return take_body(buffer_.size());
    }
  }
}

std::optional<std::string> HttpReader::take_body(std::size_t bytes) {
  if (message_.body.size() + bytes > limits_.body_bytes) {
    return refuse_size();
  }
  message_.body.append(buffer_, 0, bytes);
  buffer_.erase(0, bytes);
  expected_ -= std::min<std::uint64_t>(expected_, bytes);
  return std::nullopt;
}

std::optional<std::string> HttpReader::refuse_size() {
  too_large_ = true;
  return "a body of more than " + std::to_string(limits_.body_bytes) + " bytes";
}

std::optional<std::string> HttpReader::read_head(std::string_view head) {
  const std::size_t end = std::min(head.find('\n'), head.size());
  std::string_view first = head.substr(0, end);
  if (!first.empty() && first.back() == '\r') first.remove_suffix(1);
  if (auto wrong = start_line(first)) return wrong;
  if (auto wrong = header_lines(head.substr(std::min(end + 1, head.size())))) return wrong;
  return choose_body();
}

std::optional<std::string> HttpReader::start_line(std::string_view line) {
  const std::size_t one = line.find(' ');
  const std::size_t two = one == std::string_view::npos ? one : line.find(' ', one + 1);
  if (kind_ == HttpKind::Request) {
    if (two == std::string_view::npos) return "a first line that is no request";
    message_.method = std::string(line.substr(0, one));
    message_.path = std::string(line.substr(one + 1, two - one - 1));
    message_.version = std::string(line.substr(two + 1));
  } else {
    if (one == std::string_view::npos) return "a first line that is no HTTP status";
    message_.version = std::string(line.substr(0, one));
    const std::string_view status = line.substr(one + 1, two - one - 1);
    const auto [end, failed] =
        std::from_chars(status.data(), status.data() + status.size(), message_.status);
    const bool whole = failed == std::errc{} && end == status.data() + status.size();
    if (!whole || status.size() != 3) return "a first line that is no HTTP status";
    if (two != std::string_view::npos) message_.reason = std::string(line.substr(two + 1));
  }
  if (message_.version != "HTTP/1.1" && message_.version != "HTTP/1.0") {
    return "a first line that is not HTTP/1.1 or HTTP/1.0";
  }
  return std::nullopt;
}

std::optional<std::string> HttpReader::header_lines(std::string_view lines) {
  constexpr std::size_t kMostHeaders = 200;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return "a header line without a name";
    if (line.find_first_of(" \t") < colon) return "a header name with a blank";
    if (message_.headers.size() == kMostHeaders) return "too many headers";
    message_.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return std::nullopt;
}

std::optional<std::string> HttpReader::choose_body() {
  // Interim responses and those that never have a body end here.
  const bool bodiless =
      kind_ == HttpKind::Response &&
      (message_.status / 100 == 1 || message_.status == 204 || message_.status == 304);
  if (kind_ == HttpKind::Response && message_.status / 100 == 1) {
    message_ = {};
    return std::nullopt;  // "100 Continue": the real one follows
  }
  const auto encoding = message_.header("Transfer-Encoding");
  const auto length = message_.header("Content-Length");
  continue_requested_ = holds_token(message_.header("Expect"), "100-continue");
  if (bodiless) {
    state_ = State::Complete;
  } else if (encoding && !same_name(*encoding, "identity")) {
    if (!same_name(*encoding, "chunked")) return "a transfer encoding other than chunked";
    state_ = State::ChunkSize;
  } else if (length) {
    std::uint64_t bytes = 0;
    const auto [end, failed] =
        std::from_chars(length->data(), length->data() + length->size(), bytes);
    if (failed != std::errc{} || end != length->data() + length->size()) {
      return "a Content-Length that is no number";
    }
    for (const auto& [name, value] : message_.headers) {
      if (same_name(name, "Content-Length") && value != *length) {
        return "two different Content-Lengths";
      }
    }
    if (bytes > limits_.body_bytes) {
      return refuse_size();
    }
    expected_ = bytes;
    state_ = State::Body;
  } else {
    state_ = kind_ == HttpKind::Response ? State::UntilClose : State::Complete;
  }
  return std::nullopt;
}

std::optional<std::string> HttpReader::chunk_size(std::string_view line) {
  const std::string_view digits = trimmed(line.substr(0, std::min(line.find(';'), line.size())));
  std::uint64_t bytes = 0;
  const auto [end, failed] =
      std::from_chars(digits.data(), digits.data() + digits.size(), bytes, 16);
  if (digits.empty() || failed != std::errc{} || end != digits.data() + digits.size()) {
    return "a chunk without a size";
  }
  if (bytes > limits_.body_bytes) {
    return refuse_size();
  }
  expected_ = bytes;
  state_ = bytes == 0 ? State::Trailer : State::Chunk;
  return std::nullopt;
}

std::string write_request(const HttpMessage& message) {
  return message.method + " " + message.path + " HTTP/1.1\r\n" + fields(message);
}

std::string write_response(const HttpMessage& message) {
  return "HTTP/1.1 " + std::to_string(message.status) + " " + message.reason + "\r\n" +
         fields(message);
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kSafe =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    if (kSafe.find(letter) != std::string_view::npos) {
      out += letter;
    } else {
      const auto byte = static_cast<unsigned char>(letter);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const auto [end, failed] = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
    if (failed != std::errc{} || end != text.data() + i + 3) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

namespace {
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= count ? kBase64[group >> (18U - 6U * k) & 63U] : '=';
    }
  }
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (const char letter : text) {
    const std::size_t value = kBase64.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xFFU);
    }
  }
  return out;
}

}  // namespace lockstep::wire
