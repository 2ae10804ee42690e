// HTTP/1.1 messages (RFC 9112), without sockets: bytes in, messages out. Only what CIM-XML needs.
#pragma once

#include "model/vocab/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lockstep::wire {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpMessage {
  // Request.
  std::string method;
  std::string path;
  // Response.
  unsigned status = 0;
  std::string reason;

  std::string version;  // "HTTP/1.1"
  Headers headers;      // trailers of a chunked body included
  std::string body;
  friend bool operator==(const HttpMessage&, const HttpMessage&) = default;

  // Names compare without case; the first of that name.
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  // The same for CIM's own headers, which the extension framework may prefix with "NN-".
  [[nodiscard]] std::optional<std::string> cim_header(std::string_view name) const;
  // The sender keeps the connection open for another message.
  [[nodiscard]] bool keeps_alive() const;
};

enum class HttpKind : std::uint8_t { Request, Response };

struct HttpLimits {
  std::size_t head_bytes = 64 * 1024;
  std::size_t body_bytes = 64 * 1024 * 1024;
};

// Reads one message after another from a stream.
class HttpReader {
 public:
  explicit HttpReader(HttpKind kind, const HttpLimits& limits = {})
      : kind_(kind), limits_(limits) {}

  // Whatever is wrong with the message, as text for people; the stream is over then.
  [[nodiscard]] std::optional<std::string> feed(std::string_view bytes);
  // The peer has closed: ends a body that has no length of its own.
  [[nodiscard]] std::optional<std::string> end_of_stream();

  [[nodiscard]] bool complete() const noexcept { return state_ == State::Complete; }
  // Not a byte of a message has come since the last one.
  [[nodiscard]] bool idle() const noexcept { return state_ == State::Head && buffer_.empty(); }
  // The head is in and asks for "100 Continue" before the body; true once.
  [[nodiscard]] bool take_continue_request() noexcept {
    return std::exchange(continue_requested_, false);
  }
  // What was wrong is that the body is longer than the limit.
  [[nodiscard]] bool too_large() const noexcept { return too_large_; }
  // The complete message; the reader goes on with the next.
  [[nodiscard]] HttpMessage take();

 private:
  enum class State : std::uint8_t { Head, Body, ChunkSize, Chunk, Trailer, UntilClose, Complete };

  std::optional<std::string> advance();
  std::optional<std::string> read_head(std::string_view head);
  std::optional<std::string> start_line(std::string_view line);
  std::optional<std::string> header_lines(std::string_view lines);
  std::optional<std::string> choose_body();
  std::optional<std::string> chunk_size(std::string_view line);
  std::optional<std::string> take_body(std::size_t bytes);
  std::optional<std::string> refuse_size();

  HttpKind kind_;
  HttpLimits limits_;
  State state_ = State::Head;
  std::string buffer_;
  std::uint64_t expected_ = 0;
  bool continue_requested_ = false;
  bool too_large_ = false;
  HttpMessage message_;
};

[[nodiscard]] std::string write_request(const HttpMessage& message);   // adds Content-Length
[[nodiscard]] std::string write_response(const HttpMessage& message);  // the same

// Percent-encoding of UTF-8 (RFC 3986), as the CIMMethod and CIMObject headers have it.
[[nodiscard]] std::string percent_encode(std::string_view text);
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

[[nodiscard]] std::string base64_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace lockstep::wire
