// Goal: HTTP messages are read whatever the pieces they come in, and nonsense is named. Method: the
// same bytes whole and one by one.
#include "model/wire/http.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lockstep::wire {
namespace {

struct Reading {
  std::optional<HttpMessage> message;
  std::optional<std::string> wrong;
};

Reading read(const std::string& bytes, HttpKind kind, std::size_t piece, HttpLimits limits = {}) {
  HttpReader reader(kind, limits);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (auto wrong = reader.feed(std::string_view(bytes).substr(at, piece))) return {{}, wrong};
  }
  if (!reader.complete()) {
    if (auto wrong = reader.end_of_stream()) return {{}, wrong};
  }
  return {reader.take(), {}};
}

TEST(Http, BodiesAreReadInEveryPermittedForm) {
  const std::string bodies[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.0 200 OK\nContent-Length: 5\n\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
      "HTTP/1.1 200\r\ntransfer-encoding:CHUNKED\r\n\r\n05\r\nhello\r\n0\r\nT: v\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\nhello",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  };
  for (const std::string& bytes : bodies) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
      const Reading found = read(bytes, HttpKind::Response, piece);
      ASSERT_TRUE(found.message) << bytes << *found.wrong;
      EXPECT_EQ(found.message->body, "hello") << bytes;
      EXPECT_EQ(found.message->status, 200U);
    }
  }
}

TEST(Http, NonsenseIsNamed) {
  const std::pair<const char*, const char*> bad[] = {
      {"garbage\r\n\r\n", "no HTTP status"},
      {"HTTP/9.9 200 OK\r\n\r\n", "not HTTP/1.1"},
      {"HTTP/1.1 2x0 OK\r\n\r\n", "no HTTP status"},
      {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "without a name"},
      {"HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n", "blank"},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "no number"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", "different"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "middle"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "other than chunked"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "without a size"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", "longer"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", "more than"},
      {"", "before an answer"},
  };
  for (const auto& [bytes, words] : bad) {
    const Reading found = read(bytes, HttpKind::Response, 4);
    ASSERT_TRUE(found.wrong) << bytes;
    EXPECT_THAT(*found.wrong, testing::HasSubstr(words)) << bytes;
  }
}

TEST(Http, HeadAndBodyAreBounded) {
  const std::string endless = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x');
  EXPECT_TRUE(read(endless, HttpKind::Response, 1000).wrong);
  const std::string big = "HTTP/1.1 200 OK\r\n\r\n" + std::string(2000, 'x');
  EXPECT_TRUE(read(big, HttpKind::Response, 100, {.body_bytes = 1000}).wrong);
}

TEST(Http, RequestsFollowEachOtherOnOneConnection) {
  HttpMessage request;
  request.method = "POST";
  request.path = "/cimom";
  request.headers = {{"Host", "h"}, {"42-CIMMethod", "M"}};
  request.body = "<x/>";
  HttpReader reader(HttpKind::Request);
  ASSERT_FALSE(reader.feed(write_request(request) + write_request(request)));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(reader.complete());
    const HttpMessage found = reader.take();
    EXPECT_EQ(found.method, "POST");
    EXPECT_EQ(found.body, "<x/>");
    EXPECT_EQ(found.cim_header("CIMMethod"), "M");
    EXPECT_TRUE(found.keeps_alive());
    ASSERT_FALSE(reader.feed(""));
  }
  EXPECT_TRUE(reader.idle());
}

TEST(Http, OtherProtocolsAreNoticedAtTheirFirstByte) {
  for (const HttpKind kind : {HttpKind::Request, HttpKind::Response}) {
    HttpReader reader(kind);
    EXPECT_EQ(reader.feed("\x16"), "bytes that are no HTTP");  // a handshake of TLS
    EXPECT_FALSE(HttpReader(kind).feed("\r"));
  }
}

TEST(Http, EncodingsReadBackAsTheyWere) {
  for (const std::string text : {"", "a", "ab", "abc", "user:p\xC3\xA4ss", "root/x:A.b=\"c\""}) {
    EXPECT_EQ(base64_decode(base64_encode(text)), text);
    EXPECT_EQ(percent_decode(percent_encode(text)), text);
  }
  EXPECT_EQ(base64_encode("user:pass"), "dXNlcjpwYXNz");
  EXPECT_EQ(percent_encode("a:B"), "a%3AB");
  EXPECT_FALSE(percent_decode("%zz"));
  EXPECT_FALSE(percent_decode("%4"));
  EXPECT_FALSE(base64_decode("a*"));
}

}  // namespace
}  // namespace lockstep::wire
