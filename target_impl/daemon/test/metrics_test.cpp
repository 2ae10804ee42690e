// Goal: a scrape gets the counters, and nothing that a client sends does any harm. Method: the text
// from known counts; raw sockets against a running server.
#include "target_impl/daemon/metrics_server.hpp"
#include "target_impl/daemon/metrics_text.hpp"
#include "target_impl/transport/test/client_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace lockstep::target::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST(MetricsText, ShowsEveryCounter) {
  Metrics metrics;
  metrics.commands.commands = {1, 2, 3, 4, 5, 6, 7, 8};
  metrics.commands.bytes_in = 4096;
  metrics.commands.bytes_out = 512;
  metrics.commands.sense_keys[5] = 9;
  metrics.commands.other_statuses = 10;
  metrics.commands.sessions_started = 5;
  metrics.commands.sessions_ended = 3;
  metrics.commands.logins_refused = 6;
  metrics.commands.times[0] = 2;
  metrics.commands.times[3] = 1;
  metrics.commands.times[kTimeBuckets] = 1;
  metrics.commands.time_ns = 2'500'000'000;
  metrics.usage.connections = 3;
  metrics.usage.memory_bytes = 8192;
  metrics.pool_used_bytes = 65536;
  metrics.pool_capacity_bytes = 1 << 30;
  metrics.logical_units = 2;
  metrics.uptime_s = 1.5;
  const std::string text = metrics_text(metrics);
  for (const char* line : {"# TYPE lockstep_sessions gauge\nlockstep_sessions 2\n",
                           "lockstep_sessions_total 5\n",
                           "lockstep_logins_refused_total 6\n",
                           "lockstep_commands_total{family=\"read\"} 1\n",
                           "lockstep_commands_total{family=\"other\"} 8\n",
                           "lockstep_bytes_total{direction=\"in\"} 4096\n",
                           "lockstep_bytes_total{direction=\"out\"} 512\n",
                           "lockstep_check_conditions_total{sense_key=\"illegal_request\"} 9\n",
                           "lockstep_other_statuses_total 10\n",
                           "lockstep_command_seconds_bucket{le=\"1e-06\"} 2\n",
                           "lockstep_command_seconds_bucket{le=\"8e-06\"} 3\n",
                           "lockstep_command_seconds_bucket{le=\"0.524288\"} 3\n",
                           "lockstep_command_seconds_bucket{le=\"+Inf\"} 4\n",
                           "lockstep_command_seconds_sum 2.5\n",
                           "lockstep_command_seconds_count 4\n",
                           "lockstep_connections 3\n",
                           "lockstep_memory_bytes 8192\n",
                           "lockstep_pool_used_bytes 65536\n",
                           "lockstep_pool_capacity_bytes 1073741824\n",
                           "lockstep_logical_units 2\n",
                           "lockstep_uptime_seconds 1.5\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(HttpAnswer, OnlyGetMetricsIsAnswered) {
  const auto text = [] { return std::string("a 1\n"); };
  const std::string good = answer_http("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", text);
  EXPECT_THAT(good, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(good, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(good, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(good, EndsWith("\r\n\r\na 1\n"));
  const std::vector<std::pair<std::string, std::string>> refused{
      {"", "400"},
      {"\r\n\r\n", "400"},
      {"GET\r\n\r\n", "400"},
      {"GET /metrics\r\n\r\n", "400"},
      {"GET /metrics HTTP/2.0\r\n\r\n", "505"},
      {"GET  HTTP/1.1\r\n\r\n", "404"},
      {"GET / HTTP/1.1\r\n\r\n", "404"},
      {"GET /metrics/../etc HTTP/1.1\r\n\r\n", "404"},
      {"GET /metrics?x HTTP/1.1\r\n\r\n", "404"},
      {"POST /metrics HTTP/1.1\r\n\r\n", "405"},
      {"get /metrics HTTP/1.1\r\n\r\n", "405"},
      {std::string("GET \0 HTTP/1.1\r\n\r\n", 18), "404"},
  };
  for (const auto& [request, status] : refused) {
    EXPECT_THAT(answer_http(request, text), StartsWith("HTTP/1.1 " + status)) << request;
  }
}

class Scraped : public testing::Test {
 protected:
  void start(MetricsServerOptions options = {}) {
    auto started = MetricsServer::start(options, [this] {
      ++scrapes_;
      return body_;
    });
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(started.value());
  }
  // What comes back until the server closes.
  std::string exchange(const std::string& request) {
    transport::test::ClientSocket socket(server_->port());
    socket.send(request);
    return socket.receive(kMostAnswer);
  }
  void expect_alive() { EXPECT_THAT(exchange(kScrape), EndsWith(body_)); }

  static constexpr const char* kScrape = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
  static constexpr std::size_t kMostAnswer = std::size_t{16} << 20;
  std::string body_ = "lockstep_sessions 0\n";
  std::atomic<int> scrapes_{0};
  std::unique_ptr<MetricsServer> server_;
};

TEST_F(Scraped, AnswersAndCloses) {
  start();
  expect_alive();
  expect_alive();
  EXPECT_EQ(scrapes_, 2);
}

TEST_F(Scraped, LargeAnswersArriveWhole) {
  body_ = std::string(4 << 20, 'x');
  start();
  expect_alive();
}

TEST_F(Scraped, RequestsWithoutEndAreRefused) {
  start();
  EXPECT_THAT(exchange("GET /metrics HTTP/1.1\r\nX: " + std::string(100'000, 'x')),
              StartsWith("HTTP/1.1 431"));
  expect_alive();
}

TEST_F(Scraped, RubbishIsRefused) {
  start();
  std::string rubbish;
  for (int i = 0; i != 2000; ++i) rubbish.push_back(static_cast<char>(i * 37 + i / 256));
  EXPECT_THAT(exchange(rubbish + "\r\n\r\n"), testing::ContainsRegex("^HTTP/1.1 [45]"));
  expect_alive();
}

TEST_F(Scraped, SilentClientsAreClosedInTime) {
  MetricsServerOptions options;
  options.request_time_ms = 50;
  start(options);
  EXPECT_EQ(exchange(""), "");
  EXPECT_EQ(exchange("GET /metrics HT"), "");
  EXPECT_EQ(scrapes_, 0);
  expect_alive();
}

TEST_F(Scraped, OneConnectionTooManyIsClosedAtOnce) {
  MetricsServerOptions options;
  options.most_connections = 2;
  start(options);
  transport::test::ClientSocket first(server_->port());
  transport::test::ClientSocket second(server_->port());
  EXPECT_EQ(exchange(""), "");
  first.send(kScrape);
  EXPECT_THAT(first.receive(kMostAnswer), EndsWith(body_));
}

// The kernel's own list of listening sockets: local address, a colon and the port in hexadecimal.
TEST_F(Scraped, OnlyLoopbackListens) {
  start();
  std::array<char, 8> port{};
  std::snprintf(port.data(), port.size(), ":%04X", unsigned{server_->port()});
  std::ifstream sockets("/proc/self/net/tcp");
  std::vector<std::string> listening;
  for (std::string line; std::getline(sockets, line);) {
    std::istringstream words(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    words >> number >> local >> remote >> state;
    if (state == "0A" && local.ends_with(port.data())) {
      listening.push_back(local.substr(0, 8));
    }
  }
  EXPECT_THAT(listening, testing::ElementsAre("0100007F"));
}

}  // namespace
}  // namespace lockstep::target::test
