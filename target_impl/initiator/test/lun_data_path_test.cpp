// Goal: the data path keeps its sessions, survives their loss, and asks for block sizes only once.
// Method: a scripted target that holds one block.
#include "target_impl/initiator/lun_data_path.hpp"

#include "target_impl/initiator/test/scripted_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

namespace lockstep::initiator {
namespace {

using testing::HasSubstr;
using Action = ScriptedReply::Action;

constexpr const char* kName = "iqn.2026-11.net.lockstep:scripted";
const ElementRef kVolume{"volume-1"};

ScriptedReply capacity_reply(std::uint32_t block_bytes) {
  std::vector<std::byte> data(32);
  data[7] = std::byte{99};
  data[10] = static_cast<std::byte>(block_bytes >> 8);
  return ScriptedReply::data(std::move(data));
}

std::unique_ptr<DataPath> path_to(const ScriptedTarget& target, std::size_t max_sessions = 8) {
  return make_lun_data_path(
      target.portal(), kName, [](const ElementRef&) { return std::uint16_t{4}; }, {}, max_sessions);
}

TEST(LunDataPath, AsksForTheBlockSizeOnceAndKeepsItsSession) {
  int capacities = 0;
  ScriptedTarget target([&](const ScriptedCommand& c) {
    if (c.cdb[0] == 0x9E) {
      ++capacities;
      return capacity_reply(512);
    }
    return c.cdb[0] == 0x88 ? ScriptedReply::data(std::vector<std::byte>(c.blocks() * 512ULL))
                            : ScriptedReply{};
  });
  const auto path = path_to(target);
  std::array<std::byte, 1024> data{};
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(path->write(kVolume, Lba{0}, data).value().good());
    EXPECT_TRUE(path->read(kVolume, Lba{0}, data).value().good());
  }
  EXPECT_EQ(path->geometry(kVolume).value(), (VolumeGeometry{BlockCount{100}, BlockSize{512}}));
  EXPECT_EQ(capacities, 2);  // one of them for geometry()
  EXPECT_EQ(target.connections(), 1U);
}

TEST(LunDataPath, ReadsAgainAfterALoss) {
  ScriptedTarget target([&](const ScriptedCommand& c) {
    if (c.cdb[0] == 0x9E) return capacity_reply(512);
    if (c.connection == 0) return ScriptedReply::only(Action::HangUp);
    return ScriptedReply::data(std::vector<std::byte>(512, std::byte{7}));
  });
  const auto path = path_to(target);
  std::array<std::byte, 512> block{};
  EXPECT_TRUE(path->read(kVolume, Lba{0}, block).value().good());
  EXPECT_EQ(block[511], std::byte{7});
  EXPECT_EQ(target.connections(), 2U);
}

TEST(LunDataPath, NeverWritesTwice) {
  std::atomic<int> writes{0};
  ScriptedTarget target([&](const ScriptedCommand& c) {
    if (c.cdb[0] == 0x9E) return capacity_reply(512);
    return ++writes == 1 ? ScriptedReply::only(Action::HangUp) : ScriptedReply{};
  });
  const auto path = path_to(target);
  const std::array<std::byte, 512> block{};
  const auto lost = path->write(kVolume, Lba{0}, block);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().origin, Origin::Transport);
  EXPECT_EQ(writes, 1);
  EXPECT_TRUE(path->write(kVolume, Lba{0}, block).value().good());
}

TEST(LunDataPath, CutsLongTransfersAndKeepsTheirOrder) {
  constexpr std::size_t kBytes = 3 * 1024 * 1024 + 512;
  ScriptedTarget target([&](const ScriptedCommand& c) {
    if (c.cdb[0] == 0x9E) return capacity_reply(512);
    EXPECT_LE(c.expected_bytes, 1024U * 1024U);
    return ScriptedReply::check(3, static_cast<std::uint16_t>(0x1100 + c.lba() / 2048));
  });
  const auto path = path_to(target);
  std::vector<std::byte> data(kBytes);
  EXPECT_EQ(path->read(kVolume, Lba{0}, data).value(), (DataAnswer{2, 3, 0x1100}));
}

TEST(LunDataPath, AsksAgainWhenTheBlockSizeChanged) {
  std::atomic<int> capacities{0};
  ScriptedTarget target([&](const ScriptedCommand& c) {
    if (c.cdb[0] == 0x9E) return capacity_reply(++capacities == 1 ? 512 : 4096);
    auto reply = ScriptedReply::data(std::vector<std::byte>(c.expected_bytes));
    if (capacities == 1) reply.residual_overflow = 8 * 4096 - 4096;
    return reply;
  });
  const auto path = path_to(target);
  std::vector<std::byte> data(4096);
  const auto first = path->read(kVolume, Lba{0}, data);
  ASSERT_FALSE(first.has_value());
  EXPECT_EQ(first.error().origin, Origin::Target);
  EXPECT_THAT(first.error().message, HasSubstr("block size may have changed"));
  EXPECT_TRUE(path->read(kVolume, Lba{0}, data).has_value());
  EXPECT_EQ(capacities, 2);
}

TEST(LunDataPath, RefusesPartBlocks) {
  ScriptedTarget target([&](const ScriptedCommand&) { return capacity_reply(512); });
  const auto path = path_to(target);
  std::array<std::byte, 700> data{};
  EXPECT_EQ(path->read(kVolume, Lba{0}, data).error().origin, Origin::Usage);
  EXPECT_EQ(path->write(kVolume, Lba{0}, {}).error().origin, Origin::Usage);
  EXPECT_EQ(path->unmap(kVolume, Lba{0}, BlockCount{0}).error().origin, Origin::Usage);
}

TEST(LunDataPath, SharesItsSessionsAmongThreads) {
  ScriptedTarget target([&](const ScriptedCommand& c) {
    if (c.cdb[0] == 0x9E) return capacity_reply(512);
    return ScriptedReply::data(
        std::vector<std::byte>(c.expected_bytes, static_cast<std::byte>(c.lba())));
  });
  const auto path = path_to(target, 2);
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::array<std::byte, 512> block{};
      for (int i = 0; i < 25; ++i) {
        const auto answer = path->read(kVolume, Lba{t}, block);
        if (answer && answer.value().good() && block[17] == static_cast<std::byte>(t)) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 100);
  EXPECT_LE(target.connections(), 2U);
}

}  // namespace
}  // namespace lockstep::initiator
