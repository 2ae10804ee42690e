// Goal: with connections on several threads, whatever one of them does to the sessions of others is
// done when it is answered. Method: raw initiators, each on a thread of the server of its own, and
// many of them at once.
#include "target_impl/daemon/test/raw_initiator.hpp"
#include "target_impl/daemon/test/served_volume.hpp"

#include <gtest/gtest.h>

#include <random>
#include <thread>
#include <vector>

namespace lockstep::target::test {
namespace {

using iscsi::Opcode;
using iscsi::test::data_out;
using iscsi::test::kBlockBytes;
using iscsi::test::make_request;
using iscsi::test::pattern;
using iscsi::test::write_command;
namespace field = iscsi::field;

constexpr std::uint32_t kThreads = 3;
constexpr std::uint8_t kLogicalUnitReset = 5;
constexpr std::uint8_t kTargetColdReset = 7;
constexpr std::uint32_t kBlock = 100;
constexpr std::uint16_t kBlocks = 8;

TargetServerOptions several_threads() {
  TargetServerOptions options;
  options.threads = kThreads;
  return options;
}

Request manage(std::uint8_t function) {
  Request request = make_request(Opcode::TaskManagementRequest, 900,
                                 static_cast<std::uint8_t>(iscsi::kFinal | function));
  request.header[0] |= iscsi::kImmediate;
  return request;
}

class SeveralThreads : public ::testing::Test {
 protected:
  std::unique_ptr<RawInitiator> connected(const std::string& name) {
    auto initiator = std::make_unique<RawInitiator>(served.server().port());
    initiator->initiator_name = "iqn.2026-11.test:" + name;
    return initiator;
  }
  std::unique_ptr<RawInitiator> logged_in(const std::string& name) {
    auto initiator = connected(name);
    EXPECT_EQ(initiator->log_in(kTargetName, iscsi::test::text_of({"InitialR2T=Yes"})), 0);
    EXPECT_TRUE(initiator->clear_attentions());
    return initiator;
  }
  // Its target waits for the data of a write from here on; how it asked for them.
  static std::uint32_t begin_write(RawInitiator& initiator) {
    const Answer asked =
        initiator.exchange(initiator.numbered(write_command(1, kBlock, kBlocks, "")));
    EXPECT_EQ(asked.opcode(), Opcode::ReadyToTransfer);
    return asked.at(field::kTransferTag);
  }
  static bool send_data(RawInitiator& initiator, std::uint32_t transfer_tag) {
    return initiator.send(data_out(1, transfer_tag, 0, 0, pattern(kBlocks * kBlockBytes, 7), true));
  }
  bool is_written() {
    std::vector<std::byte> held(kBlocks * kBlockBytes);
    served.volume().read(Lba{kBlock}, held);
    return held != std::vector<std::byte>(held.size());
  }

  ServedVolume served{16ULL << 20, several_threads()};
};

TEST_F(SeveralThreads, AWriteIsCarriedOutWhereverItsConnectionIs) {
  std::vector<std::unique_ptr<RawInitiator>> initiators;
  for (const char* name : {"a", "b", "c", "d"}) {
    initiators.push_back(logged_in(name));
    RawInitiator& one = *initiators.back();
    ASSERT_TRUE(send_data(one, begin_write(one)));
    const auto answer = one.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->header[field::kStatus], 0);
  }
  EXPECT_TRUE(is_written());
}

TEST_F(SeveralThreads, AReinstatedSessionHasEndedWhenTheNewOneBegins) {
  const auto old = logged_in("same");
  const std::uint32_t transfer_tag = begin_write(*old);
  const auto fresh = connected("same");
  ASSERT_EQ(fresh->log_in(kTargetName), 0);
  EXPECT_EQ(served.server().usage().sessions, 1U);
  static_cast<void>(send_data(*old, transfer_tag));
  EXPECT_FALSE(old->receive());
  EXPECT_FALSE(is_written());
  EXPECT_TRUE(fresh->clear_attentions());
  EXPECT_FALSE(fresh->read(kBlock, kBlocks).empty());
}

TEST_F(SeveralThreads, AResetDropsTheTasksOfAll) {
  const auto writer = logged_in("writer");
  const auto second = logged_in("second");
  const auto resetter = logged_in("resetter");
  const std::uint32_t tag = begin_write(*writer);
  const std::uint32_t second_tag = begin_write(*second);
  const Answer answer = resetter->exchange(manage(kLogicalUnitReset));
  ASSERT_EQ(answer.opcode(), Opcode::TaskManagementResponse);
  EXPECT_EQ(answer.header[field::kResponse], 0);
  ASSERT_TRUE(send_data(*writer, tag));
  ASSERT_TRUE(send_data(*second, second_tag));
  EXPECT_TRUE(writer->clear_attentions());
  EXPECT_TRUE(second->clear_attentions());
  EXPECT_FALSE(is_written());
}

TEST_F(SeveralThreads, AColdResetEndsAllSessions) {
  const auto one = logged_in("one");
  const auto resetter = logged_in("resetter");
  const auto other = logged_in("other");
  const Answer answer = resetter->exchange(manage(kTargetColdReset));
  EXPECT_EQ(answer.opcode(), Opcode::TaskManagementResponse);
  EXPECT_EQ(served.server().usage().sessions, 0U);
  for (RawInitiator* each : {one.get(), other.get()}) {
    const auto notice = each->receive();
    ASSERT_TRUE(notice);
    EXPECT_EQ(notice->opcode(), Opcode::AsyncMessage);
    EXPECT_FALSE(each->receive());
  }
}

// Writes its own blocks and reads them again, for as long as its session lives, then logs in anew.
class Wanderer {
 public:
  Wanderer(std::uint16_t port, std::uint32_t number) : port_(port), number_(number) {}

  void run(int sessions) {
    for (int i = 0; i < sessions; ++i) {
      RawInitiator initiator(port_);
      // Two share a name, and end each other's sessions.
      initiator.initiator_name = "iqn.2026-11.test:wanderer" + std::to_string(number_ / 2);
      if (initiator.log_in(kTargetName) != 0) continue;
      for (int j = 0; j < 8 && work(initiator); ++j) {
      }
    }
  }
  [[nodiscard]] bool is_right() const noexcept { return right_; }
  [[nodiscard]] int reads() const noexcept { return reads_; }

 private:
  bool work(RawInitiator& initiator) {
    if (random_() % 16 == 0) {
      const Answer answer = initiator.exchange(manage(kLogicalUnitReset));
      if (answer.opcode() != Opcode::TaskManagementResponse) return false;
    }
    if (!initiator.clear_attentions()) return false;
    const std::uint32_t block = 1000 + number_ * kBlocks;
    const std::string data = pattern(kBlocks * kBlockBytes, static_cast<unsigned>(random_() % 251));
    const Answer written =
        initiator.exchange(initiator.numbered(write_command(1, block, kBlocks, data)));
    if (written.opcode() != Opcode::ScsiResponse || written.header[field::kStatus] != 0) {
      return false;
    }
    const std::string found = initiator.read(block, kBlocks);
    if (found.empty()) return false;
    right_ = right_ && found == data;
    ++reads_;
    return true;
  }

  const std::uint16_t port_;
  const std::uint32_t number_;
  std::mt19937 random_{number_};
  bool right_ = true;
  int reads_ = 0;
};

TEST_F(SeveralThreads, GoOnUnderLoginsAndResets) {
  constexpr std::uint32_t kWanderers = 8;
  constexpr int kSessions = 30;
  std::vector<Wanderer> wanderers;
  for (std::uint32_t i = 0; i < kWanderers; ++i) wanderers.emplace_back(served.server().port(), i);
  {
    std::vector<std::jthread> threads;
    for (Wanderer& each : wanderers) threads.emplace_back([&each] { each.run(kSessions); });
  }
  int reads = 0;
  for (const Wanderer& each : wanderers) {
    EXPECT_TRUE(each.is_right());
    reads += each.reads();
  }
  EXPECT_GT(reads, 0);
  EXPECT_TRUE(served.comes_to(0));
  const Usage usage = served.server().usage();
  EXPECT_EQ(usage.sessions, 0U);
  EXPECT_EQ(usage.memory_bytes, 0U);
}

}  // namespace
}  // namespace lockstep::target::test
