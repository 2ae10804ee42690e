// The server as a whole over real sockets, spoken to byte by byte.
#include "target_impl/daemon/test/served_volume.hpp"
#include "target_impl/daemon/test/server_options.hpp"
#include "target_impl/iscsi/pdu.hpp"
#include "target_impl/transport/test/client_socket.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

namespace lockstep::target::test {
namespace {

using iscsi::Header;
using iscsi::Opcode;
using ::testing::HasSubstr;
using transport::test::ClientSocket;
namespace field = iscsi::field;

constexpr std::uint64_t kMebibyte = 1ULL << 20;
// Less than any time that the server itself allows its clients, more than a busy machine takes.
constexpr std::chrono::seconds kPromptly{5};

std::string encode(Header header, std::string data = {}) {
  iscsi::store_be24(header.data() + field::kDataLength, static_cast<std::uint32_t>(data.size()));
  data.resize(iscsi::padded(data.size()), '\0');
  return std::string(reinterpret_cast<const char*>(header.data()), header.size()) + data;
}

std::string login_bytes(const std::string& target = kTargetName, std::uint8_t isid = 1) {
  Header header = iscsi::make_header(Opcode::LoginRequest, 1);
  header[0] |= iscsi::kImmediate;
  header[field::kFlags] = 0x87;
  header[field::kIsid + 5] = isid;
  iscsi::set32(header, field::kCmdSn, 1);
  std::string text = "InitiatorName=iqn.2026-11.test:raw";
  text.push_back('\0');
  text += "TargetName=" + target;
  text.push_back('\0');
  return encode(header, text);
}

Header receive_header(ClientSocket& client, std::string* data = nullptr) {
  Header header{};
  const std::string bytes = client.receive(header.size());
  if (bytes.size() == header.size()) {
    std::memcpy(header.data(), bytes.data(), bytes.size());
    const std::string body = client.receive(iscsi::padded(iscsi::data_length(header)));
    if (data != nullptr) {
      *data = body;
    }
  }
  return header;
}

// The status of the login, or 0xFFFF when there was no answer.
unsigned log_in(ClientSocket& client, const std::string& target = kTargetName,
                std::uint8_t isid = 1) {
  if (!client.send(login_bytes(target, isid))) {
    return 0xFFFF;
  }
  const Header answer = receive_header(client);
  if (!iscsi::is_opcode(answer, Opcode::LoginResponse)) {
    return 0xFFFF;
  }
  return iscsi::load_be16(answer.data() + field::kLoginStatus);
}

std::string test_unit_ready(std::uint32_t number) {
  Header header = iscsi::make_header(Opcode::ScsiCommand, number);
  iscsi::set32(header, field::kCmdSn, number);
  return encode(header);
}

bool answers_commands(ClientSocket& client) {
  // The first command of a nexus may be answered with a unit attention.
  for (const std::uint32_t number : {1U, 2U, 3U, 4U}) {
    if (!client.send(test_unit_ready(number))) {
      return false;
    }
    const Header answer = receive_header(client);
    if (!iscsi::is_opcode(answer, Opcode::ScsiResponse)) {
      return false;
    }
    if (answer[field::kStatus] == 0) {
      return true;
    }
  }
  return false;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::size_t threads_of_this_process() {
  const std::filesystem::directory_iterator entries("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

TEST(TargetServer, ShowsWhereItListens) {
  ServedVolume served(kMebibyte);
  EXPECT_EQ(served.server().address(), "127.0.0.1");
  EXPECT_NE(served.server().port(), 0);
  EXPECT_EQ(served.server().portal(), "127.0.0.1:" + std::to_string(served.server().port()));
  EXPECT_EQ(served.url(), "iscsi://" + served.server().portal() + "/" + kTargetName + "/0");
}

TEST(TargetServer, NamesThePortInUse) {
  ServedVolume served(kMebibyte);
  TargetServerOptions options = server_options();
  options.portals.front().port = served.server().port();
  const auto second = TargetServer::start(options);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().origin, Origin::Config);
  EXPECT_THAT(second.error().message, HasSubstr(served.server().portal()));
}

TEST(TargetServer, ServesSeveralSessionsAtOnce) {
  ServedVolume served(kMebibyte);
  std::vector<std::unique_ptr<ClientSocket>> clients;
  for (std::uint8_t i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<ClientSocket>(served.server().port()));
    ASSERT_EQ(log_in(*clients.back(), kTargetName, i), 0U);
  }
  for (const auto& client : clients) {
    EXPECT_TRUE(answers_commands(*client));
  }
}

TEST(TargetServer, ParsesWhatIsDribbled) {
  ServedVolume served(kMebibyte);
  ClientSocket client(served.server().port());
  const std::string bytes = login_bytes();
  for (const char c : bytes) {
    ASSERT_TRUE(client.send({&c, 1}));
  }
  EXPECT_TRUE(iscsi::is_opcode(receive_header(client), Opcode::LoginResponse));
  EXPECT_TRUE(answers_commands(client));
}

TEST(TargetServer, ClosesConnectionsThatDoNotLogIn) {
  TargetServerOptions options = server_options();
  options.limits.login_ms = 100;
  ServedVolume served(kMebibyte, options);
  ClientSocket silent(served.server().port());
  ClientSocket slow(served.server().port());
  ClientSocket good(served.server().port());
  ASSERT_TRUE(slow.send(login_bytes().substr(0, 60)));
  ASSERT_EQ(log_in(good), 0U);
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(slow.at_end());
  EXPECT_TRUE(answers_commands(good));
}

TEST(TargetServer, CountsAndLogsLoginsThatItRefuses) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  CommandCounters counters;
  {
    Log log(::fileno(file), LogLevel::Warning);
    TargetServerOptions options = server_options();
    options.observation = {&counters, &log};
    ServedVolume served(kMebibyte, options);
    ClientSocket lost(served.server().port());
    EXPECT_NE(log_in(lost, "iqn.2026-11.test:no-such-target"), 0U);
    ClientSocket stranger(served.server().port());
    ASSERT_TRUE(stranger.send(test_unit_ready(1)));
    EXPECT_TRUE(stranger.at_end());
    ClientSocket good(served.server().port());
    EXPECT_EQ(log_in(good), 0U);
  }
  EXPECT_EQ(counters.totals().logins_refused, 2U);
  std::rewind(file);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  EXPECT_THAT(text, HasSubstr("login refused peer=127.0.0.1:"));
  EXPECT_THAT(text,
              HasSubstr("initiator=iqn.2026-11.test:raw target=iqn.2026-11.test:no-such-target "
                        "why=\"target not found\""));
  EXPECT_THAT(text, HasSubstr("why=\"no login request\""));
}

TEST(TargetServer, PingsInitiatorsThatAreSilent) {
  TargetServerOptions options = server_options();
  options.ping_interval_ms = 20;
  ServedVolume served(kMebibyte, options);
  ClientSocket client(served.server().port());
  ASSERT_EQ(log_in(client), 0U);
  for (int i = 0; i < 2; ++i) {
    const Header ping = receive_header(client);
    EXPECT_TRUE(iscsi::is_opcode(ping, Opcode::NopIn));
    EXPECT_EQ(iscsi::task_tag(ping), iscsi::kReservedTag);
    Header answer = iscsi::make_header(Opcode::NopOut, iscsi::kReservedTag);
    answer[0] |= iscsi::kImmediate;
    iscsi::set32(answer, field::kTransferTag, iscsi::get32(ping, field::kTransferTag));
    ASSERT_TRUE(client.send(encode(answer)));
  }
}

TEST(TargetServer, TurnsAwayMoreConnectionsThanAllowed) {
  TargetServerOptions options = server_options();
  options.limits.connections = 2;
  ServedVolume served(kMebibyte, options);
  ClientSocket first(served.server().port());
  ASSERT_EQ(log_in(first, kTargetName, 1), 0U);
  auto second = std::make_unique<ClientSocket>(served.server().port());
  ASSERT_EQ(log_in(*second, kTargetName, 2), 0U);
  ClientSocket third(served.server().port());
  EXPECT_TRUE(third.at_end());
  EXPECT_TRUE(answers_commands(first));
  // A place becomes free again.
  second.reset();
  EXPECT_TRUE(comes_to_hold([&] {
    ClientSocket next(served.server().port());
    return log_in(next, kTargetName, 3) == 0;
  }));
}

TEST(TargetServer, ClosesOnGarbageAndGoesOn) {
  ServedVolume served(kMebibyte);
  ClientSocket good(served.server().port());
  ASSERT_EQ(log_in(good), 0U);
  for (const char* garbage : {"GET / HTTP/1.1\r\nHost: here\r\nAccept: everything you have\r\n\r\n",
                              "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                              "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                              "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    ClientSocket bad(served.server().port());
    ASSERT_TRUE(bad.send(garbage));
    EXPECT_TRUE(bad.at_end());
  }
  EXPECT_TRUE(answers_commands(good));
}

TEST(TargetServer, WithdrawsATargetUnderItsSessions) {
  ServedVolume served(kMebibyte);
  ClientSocket client(served.server().port());
  ASSERT_EQ(log_in(client), 0U);
  served.server().withdraw(kTargetName);
  const Header notice = receive_header(client);
  EXPECT_TRUE(iscsi::is_opcode(notice, Opcode::AsyncMessage));
  EXPECT_EQ(notice[field::kAsyncEvent], 3);
  EXPECT_TRUE(client.at_end());
  ClientSocket late(served.server().port());
  EXPECT_EQ(log_in(late), 0x0203U);
  served.server().withdraw(kTargetName);  // not there: nothing happens
  served.server().serve(served.device());
  ClientSocket again(served.server().port());
  EXPECT_EQ(log_in(again), 0U);
}

TEST(TargetServer, ReplacesATargetOfTheSameName) {
  ServedVolume served(kMebibyte);
  ClientSocket client(served.server().port());
  ASSERT_EQ(log_in(client), 0U);
  const auto empty = std::make_shared<scsi::DeviceServer>(kTargetName);
  served.server().serve(empty);
  EXPECT_TRUE(iscsi::is_opcode(receive_header(client), Opcode::AsyncMessage));
  ClientSocket next(served.server().port());
  ASSERT_EQ(log_in(next), 0U);
  EXPECT_FALSE(answers_commands(next));  // there is no LUN 0 any more
}

TEST(TargetServer, TakesTargetsFromManyThreadsWhileServing) {
  ServedVolume served(kMebibyte);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&served, i] {
      const std::string name = "iqn.2026-11.org.lockstep:t" + std::to_string(i);
      for (int round = 0; round < 50; ++round) {
        served.server().serve(std::make_shared<scsi::DeviceServer>(name));
        served.server().withdraw(name);
      }
    });
  }
  for (std::uint8_t i = 0; i < 20; ++i) {
    ClientSocket client(served.server().port());
    EXPECT_EQ(log_in(client, kTargetName, i), 0U);
    ClientSocket other(served.server().port());
    const unsigned status = log_in(other, "iqn.2026-11.org.lockstep:t1", i);
    EXPECT_TRUE(status == 0 || status == 0x0203) << status;
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST(TargetServer, StopsPromptlyWithClientsConnected) {
  // A sanitizer starts a thread of its own with the first one of ours.
  std::thread([] {}).join();
  const std::size_t descriptors = open_descriptors();
  const std::size_t threads = threads_of_this_process();
  auto served = std::make_unique<ServedVolume>(kMebibyte);
  std::vector<std::unique_ptr<ClientSocket>> clients;
  for (std::uint8_t i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<ClientSocket>(served->server().port()));
    if (i % 2 == 0) {
      ASSERT_EQ(log_in(*clients.back(), kTargetName, i), 0U);
    }
  }
  const auto begun = std::chrono::steady_clock::now();
  served->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kPromptly);
  // Those who had logged in are told.
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (i % 2 == 0) {
      const Header notice = receive_header(*clients[i]);
      EXPECT_TRUE(iscsi::is_opcode(notice, Opcode::AsyncMessage));
      EXPECT_EQ(notice[field::kAsyncEvent], 1);
    }
    EXPECT_TRUE(clients[i]->at_end());
  }
  clients.clear();
  EXPECT_EQ(open_descriptors(), descriptors);
  // The kernel may list a thread for a moment after it was joined.
  EXPECT_TRUE(comes_to_hold([&] { return threads_of_this_process() == threads; }));
}

TEST(TargetServer, StopsPromptlyWhileAClientDoesNotRead) {
  auto served = std::make_unique<ServedVolume>(16 * kMebibyte);
  ClientSocket client(served->server().port(), 4096);
  ASSERT_EQ(log_in(client), 0U);
  ASSERT_TRUE(answers_commands(client));
  std::string reads;
  for (std::uint32_t i = 5; i < 100; ++i) {
    Header header = iscsi::make_header(Opcode::ScsiCommand, i);
    header[field::kFlags] = iscsi::kFinal | iscsi::kCommandRead;
    iscsi::set32(header, field::kCmdSn, i - 3);
    iscsi::set32(header, field::kExpectedLength, 1U << 20);
    header[field::kCdb] = 0x28;
    iscsi::store_be16(header.data() + field::kCdb + 7, 2048);
    reads += encode(header);
  }
  ASSERT_TRUE(client.send(reads));
  const auto begun = std::chrono::steady_clock::now();
  served->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, kPromptly);
}

}  // namespace
}  // namespace lockstep::target::test
