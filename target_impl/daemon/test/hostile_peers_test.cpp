// Peers that mean harm, over real sockets: whatever they do, another session goes on, memory stays
// under its limit, nothing is stored that a valid write did not say, and no descriptor is left
// over.
#include "target_impl/daemon/test/bystander.hpp"
#include "target_impl/daemon/test/server_options.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <sys/resource.h>

namespace lockstep::target::test {
namespace {

using iscsi::Opcode;
using iscsi::RejectReason;
using iscsi::test::command;
using iscsi::test::data_out;
using iscsi::test::make_request;
using iscsi::test::pattern;
using iscsi::test::text_of;
using iscsi::test::write_command;
namespace field = iscsi::field;

constexpr std::uint64_t kMebibyte = 1ULL << 20;

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

class HostilePeers : public ::testing::Test {
 protected:
  void SetUp() override {
    std::thread([] {}).join();  // a sanitizer starts a thread of its own with the first of ours
    descriptors_ = open_descriptors();
  }
  void TearDown() override {
    bystander.reset();
    if (served) {
      const Usage usage = served->server().usage();
      EXPECT_LE(usage.most_memory_bytes, limits.memory_bytes);
      EXPECT_LE(usage.memory_bytes, limits.memory_bytes);
    }
    served.reset();
    EXPECT_EQ(open_descriptors(), descriptors_) << "a descriptor was left over";
  }
  void start() {
    TargetServerOptions options = server_options();
    options.limits = limits;
    served = std::make_unique<ServedVolume>(64 * kMebibyte, options);
    bystander = std::make_unique<Bystander>(served->server());
    ASSERT_TRUE(bystander->goes_on());
  }
  std::unique_ptr<RawInitiator> logged_in(const std::string& keys = "", std::uint8_t isid = 1,
                                          int receive_buffer_bytes = 0) {
    auto initiator = std::make_unique<RawInitiator>(served->server().port(), receive_buffer_bytes);
    initiator->isid = isid;
    EXPECT_EQ(initiator->log_in(kTargetName, keys), 0);
    EXPECT_TRUE(initiator->clear_attentions());
    return initiator;
  }
  std::string medium(std::uint64_t block, std::size_t bytes) {
    std::vector<std::byte> data(bytes);
    served->volume().read(Lba{block}, data);
    return std::string(iscsi::as_text(data));
  }
  // Whether only the bystander is left, soon.
  bool alone() { return served->comes_to(1); }

  iscsi::ServerLimits limits;
  std::unique_ptr<ServedVolume> served;
  std::unique_ptr<Bystander> bystander;

 private:
  std::size_t descriptors_ = 0;
};

TEST_F(HostilePeers, DribbleTheirBytes) {
  start();
  const auto slow = logged_in();
  const std::string login =
      RawInitiator(served->server().port())
          .encode(iscsi::test::login_request(
              text_of({"InitiatorName=iqn.2026-11.test:slow", "TargetName=" + kTargetName})));
  const std::string write =
      slow->encode(slow->numbered(write_command(1, 100, 4, pattern(2048, 1))));
  std::vector<std::unique_ptr<RawInitiator>> others;
  for (int i = 0; i < 20; ++i) {
    others.push_back(std::make_unique<RawInitiator>(served->server().port()));
  }
  // Byte by byte, all of them in turns; the logins never end.
  for (std::size_t at = 0; at < write.size(); ++at) {
    ASSERT_TRUE(slow->socket().send(write.substr(at, 1)));
    for (const auto& other : others) {
      if (at + 1 < login.size()) {
        ASSERT_TRUE(other->socket().send(login.substr(at, 1)));
      }
    }
  }
  const auto answer = slow->receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->header[field::kStatus], 0);
  EXPECT_EQ(medium(100, 2048), pattern(2048, 1));
  EXPECT_TRUE(bystander->goes_on());
}

TEST_F(HostilePeers, OpenConnectionsHalfway) {
  limits.login_ms = 300;
  start();
  std::vector<std::unique_ptr<RawInitiator>> peers;
  for (int i = 0; i < 150; ++i) {
    peers.push_back(std::make_unique<RawInitiator>(served->server().port()));
    if (i % 3 == 1) {
      ASSERT_TRUE(peers.back()->socket().send(std::string(47, '\x43')));
    }
    if (i % 3 == 2) {
      // Asks to go on in the security stage, and then says nothing.
      EXPECT_EQ(peers.back()
                    ->exchange(iscsi::test::login_request(
                        text_of({"InitiatorName=iqn.2026-11.test:half", "TargetName=" + kTargetName,
                                 "AuthMethod=None"}),
                        0x00))
                    .login_status(),
                0);
    }
  }
  EXPECT_TRUE(bystander->goes_on());
  for (const auto& peer : peers) {
    EXPECT_TRUE(peer->socket().at_end());
  }
  EXPECT_TRUE(alone());
  EXPECT_TRUE(bystander->goes_on());
}

TEST_F(HostilePeers, ComeInAThousandConnections) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  const rlim_t before = files.rlim_cur;
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  limits.connections = 200;
  limits.sessions = 100;
  start();
  // None of them says a word; whoever comes to log in finds a place all the same.
  std::vector<std::unique_ptr<RawInitiator>> peers;
  for (int i = 0; i < 1000; ++i) {
    peers.push_back(std::make_unique<RawInitiator>(served->server().port()));
    ASSERT_TRUE(peers.back()->socket().connected());
  }
  const auto friendly = logged_in("", 7);
  EXPECT_LE(served->server().usage().connections, 200U);
  EXPECT_TRUE(bystander->goes_on());
  peers.clear();
  // Now all of them log in: as many as are allowed, and the rest learns why not.
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 150; ++i) {
    peers.push_back(std::make_unique<RawInitiator>(served->server().port()));
    peers.back()->isid = static_cast<std::uint8_t>(i);
    peers.back()->initiator_name = "iqn.2026-11.test:crowd";
    const std::uint16_t status = peers.back()->log_in(kTargetName);
    accepted += status == 0 ? 1 : 0;
    refused += status == 0x0302 ? 1 : 0;
  }
  EXPECT_EQ(accepted, 98);
  EXPECT_EQ(refused, 52);
  EXPECT_EQ(friendly->read(0, 1).size(), 512U);
  EXPECT_TRUE(bystander->goes_on());
  peers.clear();
  files.rlim_cur = before;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
}

TEST_F(HostilePeers, AnnounceTooMuch) {
  start();
  // More data than was declared, with every opcode, before and after the login.
  for (std::uint8_t opcode = 0; opcode < 0x12; ++opcode) {
    iscsi::Header header{};
    header[0] = opcode;
    header[field::kFlags] = iscsi::kFinal;
    iscsi::store_be24(header.data() + field::kDataLength, 0xFFFFFF);
    header[field::kAdditionalLength] = 0xFF;
    const std::string bytes(reinterpret_cast<const char*>(header.data()), header.size());
    RawInitiator stranger(served->server().port());
    ASSERT_TRUE(stranger.socket().send(bytes));
    EXPECT_TRUE(stranger.socket().at_end());
    const auto known = logged_in();
    ASSERT_TRUE(known->socket().send(bytes));
    EXPECT_TRUE(known->socket().at_end());
  }
  // A write of 4 GiB: as much is asked for as a command may have, and no more.
  const auto greedy = logged_in(text_of({"InitialR2T=Yes", "ImmediateData=No"}));
  Request write = write_command(1, 100, 8, "");
  iscsi::set32(write.header, field::kExpectedLength, 0xFFFF'FFFF);
  const Answer solicited = greedy->exchange(greedy->numbered(write));
  EXPECT_EQ(solicited.opcode(), Opcode::ReadyToTransfer);
  EXPECT_LE(served->server().usage().memory_bytes, 2 * limits.each.task_bytes + 4 * kMebibyte);
  // A read of 4 GiB ends with what there is.
  const auto reader = logged_in("", 2);
  Request read = iscsi::test::read_command(1, 0, 1);
  iscsi::set32(read.header, field::kExpectedLength, 0xFFFF'FFFF);
  const Answer answer = reader->exchange(reader->numbered(read));
  EXPECT_EQ(answer.data.size(), 512U);
  EXPECT_EQ(answer.at(field::kResidual), 0xFFFF'FFFFU - 512);
  EXPECT_TRUE(bystander->goes_on());
}

TEST_F(HostilePeers, NumberTheirDataWrongly) {
  start();
  const std::string before = medium(100, 8192);
  const auto peer = logged_in(text_of({"InitialR2T=Yes", "ImmediateData=No"}));
  struct Wrong {
    std::uint32_t data_sn;
    std::uint32_t offset;
    std::size_t bytes;
  };
  for (const Wrong wrong : {Wrong{1, 0, 8192}, Wrong{0xFFFF'FFFF, 0, 8192}, Wrong{0, 512, 7680},
                            Wrong{0, 0xFFFF'FE00, 512}, Wrong{0, 0, 8704}, Wrong{0, 0, 4096}}) {
    const Answer solicited = peer->exchange(peer->numbered(write_command(1, 100, 16, "")));
    ASSERT_EQ(solicited.opcode(), Opcode::ReadyToTransfer);
    const Answer answer =
        peer->exchange(data_out(1, solicited.at(field::kTransferTag), wrong.data_sn, wrong.offset,
                                pattern(wrong.bytes, 3), true));
    EXPECT_EQ(answer.opcode(), Opcode::ScsiResponse);
    EXPECT_EQ(answer.header[field::kStatus], 2) << wrong.data_sn << " " << wrong.offset;
  }
  // For a transfer tag that was never given out.
  const Answer stray = peer->exchange(data_out(77, 0x1234'5678, 0, 0, pattern(512, 3), true));
  EXPECT_EQ(stray.opcode(), Opcode::Reject);
  EXPECT_EQ(medium(100, 8192), before);
  EXPECT_TRUE(bystander->goes_on());
}

TEST_F(HostilePeers, NeverEndTheirText) {
  start();
  // During the login ...
  RawInitiator stranger(served->server().port());
  const std::string names =
      text_of({"InitiatorName=iqn.2026-11.test:talker", "TargetName=" + kTargetName});
  EXPECT_EQ(stranger.exchange(iscsi::test::login_request(names, 0x44)).login_status(), 0);
  Answer answer;
  int requests = 0;
  do {
    answer = stranger.exchange(iscsi::test::login_request(std::string(8000, 'x'), 0x44));
  } while (++requests < 100 && answer.opcode() == Opcode::LoginResponse &&
           answer.login_status() == 0);
  EXPECT_LT(requests, 20);
  EXPECT_EQ(answer.login_status(), 0x0200);
  EXPECT_TRUE(stranger.socket().at_end());
  // ... and afterwards.
  const auto talker = logged_in();
  std::uint32_t transfer_tag = iscsi::kReservedTag;
  int rejected = 0;
  for (int i = 0; i < 200; ++i) {
    Request request = make_request(Opcode::TextRequest, 5, iscsi::kContinue);
    iscsi::set32(request.header, field::kTransferTag, transfer_tag);
    request.data = std::string(8000, 'x');
    answer = talker->exchange(talker->numbered(request));
    const bool was_rejected = answer.opcode() == Opcode::Reject;
    rejected += was_rejected ? 1 : 0;
    transfer_tag = was_rejected ? iscsi::kReservedTag : answer.at(field::kTransferTag);
  }
  EXPECT_GE(rejected, 20);
  EXPECT_TRUE(talker->clear_attentions());
  EXPECT_TRUE(bystander->goes_on());
}

TEST_F(HostilePeers, UseATagTwice) {
  start();
  const auto peer = logged_in(text_of({"InitialR2T=No", "ImmediateData=Yes"}));
  ASSERT_TRUE(peer->send(peer->numbered(write_command(1, 100, 8, "", true))));
  const Answer twice = peer->exchange(peer->numbered(write_command(1, 200, 8, pattern(4096, 2))));
  EXPECT_EQ(twice.opcode(), Opcode::Reject);
  EXPECT_EQ(twice.header[field::kResponse],
            static_cast<std::uint8_t>(RejectReason::TaskInProgress));
  const Answer first =
      peer->exchange(data_out(1, iscsi::kReservedTag, 0, 0, pattern(4096, 1), true));
  EXPECT_EQ(first.opcode(), Opcode::ScsiResponse);
  EXPECT_EQ(first.header[field::kStatus], 0);
  EXPECT_EQ(medium(100, 4096), pattern(4096, 1));
  EXPECT_NE(medium(200, 4096), pattern(4096, 2));
  EXPECT_TRUE(bystander->goes_on());
}

TEST_F(HostilePeers, SendCommandsAfterTheirLogout) {
  start();
  const std::string before = medium(100, 4096);
  const auto peer = logged_in();
  std::string bytes = peer->encode(peer->numbered(make_request(Opcode::LogoutRequest, 1)));
  for (std::uint32_t i = 0; i < 100; ++i) {
    bytes += peer->encode(peer->numbered(write_command(i, 100, 8, pattern(4096, i))));
  }
  ASSERT_TRUE(peer->socket().send(bytes));
  const auto answer = peer->receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->opcode(), Opcode::LogoutResponse);
  EXPECT_FALSE(peer->receive().has_value());
  EXPECT_TRUE(alone());
  EXPECT_EQ(medium(100, 4096), before);
  EXPECT_TRUE(bystander->goes_on());
}

TEST_F(HostilePeers, NeverReadTheirAnswers) {
  limits.memory_bytes = 32 * kMebibyte;
  start();
  constexpr std::uint32_t kReads = 40;
  std::vector<std::unique_ptr<RawInitiator>> peers;
  for (std::uint8_t i = 0; i < 12; ++i) {
    // The first one will read in the end, and needs room to do so quickly.
    peers.push_back(logged_in("", static_cast<std::uint8_t>(i + 10), i == 0 ? 0 : 4096));
    std::string reads;
    for (std::uint32_t tag = 0; tag < kReads; ++tag) {
      reads += peers.back()->encode(
          peers.back()->numbered(iscsi::test::read_command(tag, 0, 2048)));  // 1 MiB
    }
    ASSERT_TRUE(peers.back()->socket().send(reads));
    EXPECT_TRUE(bystander->goes_on());
  }
  EXPECT_LE(served->server().usage().memory_bytes, limits.memory_bytes);
  // It gets everything in order: data or TASK SET FULL, for each command.
  std::uint32_t ended = 0;
  while (ended < kReads) {
    const auto answer = peers.front()->receive();
    ASSERT_TRUE(answer.has_value());
    const bool is_data = answer->opcode() == Opcode::DataIn;
    const bool has_status =
        !is_data || (answer->header[field::kFlags] & iscsi::kStatusInDataIn) != 0;
    if (has_status) {
      EXPECT_EQ(iscsi::task_tag(answer->header), ended);
      EXPECT_THAT(answer->header[field::kStatus], ::testing::AnyOf(0, 0x28));
      ++ended;
    }
  }
  peers.clear();
  EXPECT_TRUE(alone());
  EXPECT_TRUE(bystander->goes_on());
}

TEST_F(HostilePeers, CollectAsMuchAsTheyMay) {
  limits.memory_bytes = 64 * kMebibyte;
  limits.each.collected_bytes = 16 * kMebibyte;
  start();
  std::vector<std::unique_ptr<RawInitiator>> peers;
  int full = 0;
  for (std::uint8_t i = 0; i < 20; ++i) {
    peers.push_back(logged_in(text_of({"InitialR2T=Yes", "ImmediateData=No"}),
                              static_cast<std::uint8_t>(i + 10)));
    // 8 MiB each, and never any data.
    const Answer answer =
        peers.back()->exchange(peers.back()->numbered(write_command(1, 0, 16384, "")));
    full += answer.opcode() == Opcode::ScsiResponse && answer.header[field::kStatus] == 0x28;
  }
  EXPECT_GE(full, 12);
  EXPECT_LE(served->server().usage().memory_bytes, limits.memory_bytes);
  EXPECT_TRUE(bystander->goes_on());
  peers.clear();
  EXPECT_TRUE(alone());
  const auto next = logged_in(text_of({"InitialR2T=Yes", "ImmediateData=No"}));
  EXPECT_EQ(next->exchange(next->numbered(write_command(1, 0, 16384, ""))).opcode(),
            Opcode::ReadyToTransfer);
}

}  // namespace
}  // namespace lockstep::target::test
