// Goal: whatever happens to the connection, a mirror's changes reach the peer in their order or are
// in doubt, and whoever waits is told within a bound.
// Method: a real target behind a proxy that cuts, stalls, slows down and delivers late.
#include "target_impl/peer/peer_system.hpp"
#include "target_impl/peer/test/peer_rig.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <random>
#include <thread>

namespace lockstep::peer::test {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kBlocks = 2048;

// One claimed volume of a peer behind a proxy.
class Claimed {
 public:
  explicit Claimed(milliseconds answer_timeout = milliseconds{400})
      : system_(options(rig_, answer_timeout), [this](bool up) { note(up); }) {
    Claims claims = system_.claim({{{BlockCount{kBlocks}, BlockSize{512}}, {}}}, {});
    auto* volumes = std::get_if<0>(&claims);
    EXPECT_NE(volumes, nullptr);
    if (volumes != nullptr) volume_ = volumes->front();
    begin();
  }
  [[nodiscard]] PeerVolume& volume() { return *volume_; }
  [[nodiscard]] PeerRig& rig() { return rig_; }
  [[nodiscard]] int failures() const { return failures_; }
  void begin(bool stops_host_io = false) {
    volume_->begin_mirror({stops_host_io, [this](bool) { ++failures_; }});
  }
  bool write(std::uint64_t lba, char fill, std::uint64_t blocks = 1) {
    const std::vector<std::byte> data(blocks * 512, static_cast<std::byte>(fill));
    return volume_->write(Lba{lba}, data);
  }
  store::CommitOutcome wait() { return volume_->holder()->wait(volume_->holder()->request()); }
  ::testing::AssertionResult comes(bool up) {
    std::unique_lock lock(mutex_);
    const auto until = std::chrono::system_clock::now() + std::chrono::seconds{10};
    if (changed_.wait_until(lock, until, [&] { return up_ == up; })) {
      return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << "the link did not become " << (up ? "up" : "down");
  }
  void heal() {
    ASSERT_TRUE(comes(false));
    rig_.proxy().heal();
    ASSERT_TRUE(comes(true));
  }

 private:
  static LinkOptions options(const PeerRig& rig, milliseconds answer_timeout) {
    LinkOptions options;
    options.portal = rig.portal();
    options.target_name = kPeerTarget;
    options.credentials = {kPeerUser, kPeerPassword};
    options.connect_timeout = milliseconds{400};
    options.answer_timeout = answer_timeout;
    options.keepalive = milliseconds{50};
    options.longest_retry = milliseconds{100};
    return options;
  }
  void note(bool up) {
    {
      const std::lock_guard lock(mutex_);
      up_ = up;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool up_ = false;
  std::atomic<int> failures_{0};
  PeerRig rig_{{kBlocks}};
  PeerSystem system_;
  std::shared_ptr<PeerVolume> volume_;
};

TEST(PeerLink, CarriesChangesOverInTheirOrder) {
  Claimed claimed;
  std::minstd_rand random(3);
  std::vector<char> expected(kBlocks, 0);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t blocks = 1 + random() % 8;
    const std::uint64_t lba = random() % 64;  // few, so that they overlap
    const char fill = static_cast<char>(1 + random() % 100);
    if (random() % 10 == 0) {
      ASSERT_TRUE(claimed.volume().unmap(Lba{lba}, BlockCount{blocks}));
      std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(lba), blocks, '\0');
    } else {
      ASSERT_TRUE(claimed.write(lba, fill, blocks));
      std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(lba), blocks, fill);
    }
  }
  EXPECT_EQ(claimed.wait(), store::CommitOutcome::Durable);
  EXPECT_TRUE(claimed.volume().settle().empty());
  for (std::uint64_t lba = 0; lba < 80; ++lba) {
    EXPECT_EQ(claimed.rig().read(1, lba), std::string(512, expected[lba])) << lba;
  }
}

TEST(PeerLink, WhenAChangeIsSaidToBeThereItIs) {
  Claimed claimed;
  for (int i = 0; i < 200; ++i) {
    const char fill = static_cast<char>('a' + i % 26);
    ASSERT_TRUE(claimed.write(5, fill));
    ASSERT_EQ(claimed.wait(), store::CommitOutcome::Durable);
    ASSERT_EQ(claimed.rig().read(1, 5), std::string(512, fill));
  }
}

TEST(PeerLink, ACutIsToldBeforeAnybodyIsAnsweredAndLeavesItsWritesInDoubt) {
  Claimed claimed;
  claimed.rig().proxy().stall();
  ASSERT_TRUE(claimed.write(0, 'x'));
  ASSERT_TRUE(claimed.write(1000, 'y'));
  std::promise<int> failures_when_answered;
  claimed.volume().holder()->when_ended([&](store::CommitOutcome outcome) {
    EXPECT_EQ(outcome, store::CommitOutcome::Durable);  // the host goes on without the mirror
    failures_when_answered.set_value(claimed.failures());
  });
  claimed.rig().proxy().cut();
  const Ranges doubtful = claimed.volume().settle();
  EXPECT_EQ(claimed.wait(), store::CommitOutcome::Durable);
  EXPECT_EQ(failures_when_answered.get_future().get(), 1);
  const Ranges expected{{Lba{0}, BlockCount{128}}, {Lba{896}, BlockCount{128}}};
  EXPECT_EQ(doubtful, expected);
  EXPECT_FALSE(claimed.write(300, 'z'));
  EXPECT_EQ(claimed.volume().settle(), (Ranges{{Lba{256}, BlockCount{128}}}));
  claimed.heal();
  EXPECT_FALSE(claimed.write(300, 'z')) << "the mirror has failed until it begins again";
  claimed.begin();
  EXPECT_TRUE(claimed.write(300, 'z'));
  EXPECT_EQ(claimed.wait(), store::CommitOutcome::Durable);
  EXPECT_EQ(claimed.rig().read(1, 300), std::string(512, 'z'));
}

TEST(PeerLink, AStallEndsWithinTheBoundAndFailsHostsThatAskForThat) {
  Claimed claimed(milliseconds{100});
  claimed.begin(true);
  claimed.rig().proxy().stall();
  ASSERT_TRUE(claimed.write(0, 'x'));
  EXPECT_EQ(claimed.wait(), store::CommitOutcome::Failed);
  EXPECT_TRUE(claimed.comes(false));
}

TEST(PeerLink, AnIdleLinkNoticesASilentPeer) {
  Claimed claimed(milliseconds{100});
  claimed.rig().proxy().stall();
  EXPECT_TRUE(claimed.comes(false));
  claimed.rig().proxy().heal();
  EXPECT_TRUE(claimed.comes(true));
}

// A write that hangs in the network when its connection dies must never arrive after what was
// written on the next one.
TEST(PeerLink, WhatADeadConnectionSentNeverOverwritesTheNext) {
  for (int round = 0; round < 5; ++round) {
    Claimed claimed;
    ASSERT_TRUE(claimed.write(7, 'a'));
    ASSERT_EQ(claimed.wait(), store::CommitOutcome::Durable);
    claimed.rig().proxy().stall();
    ASSERT_TRUE(claimed.write(7, 'b'));
    std::this_thread::sleep_for(milliseconds{20});  // until it is in the proxy
    claimed.rig().proxy().cut_behind();
    EXPECT_FALSE(claimed.volume().settle().empty());
    claimed.heal();
    claimed.begin();
    ASSERT_TRUE(claimed.write(7, 'c'));
    ASSERT_EQ(claimed.wait(), store::CommitOutcome::Durable);
    claimed.rig().proxy().deliver_late();
    std::this_thread::sleep_for(milliseconds{20});
    EXPECT_EQ(claimed.rig().read(1, 7), std::string(512, 'c'));
  }
}

TEST(PeerLink, ATransferBringsExactlyItsRangesAndAFetchBringsThemBack) {
  Claimed claimed;
  const auto pool = store::make_pool(ByteCount{1 << 26});
  store::Volume source(BlockCount{kBlocks}, BlockSize{512}, pool);
  const std::vector<std::byte> data(700 * 512, std::byte{'s'});
  ASSERT_EQ(source.write(Lba{100}, data), store::WriteResult::Done);
  ASSERT_TRUE(claimed.write(0, 'p', kBlocks));
  ASSERT_EQ(claimed.wait(), store::CommitOutcome::Durable);
  claimed.rig().proxy().delay(milliseconds{2});
  const auto finish = [](std::promise<TransferEnd>& end) {
    return [&end](const TransferEnd& one) { end.set_value(one); };
  };
  std::promise<TransferEnd> shipped;
  const auto transfer = claimed.volume().ship(
      source.snapshot(), {{Lba{50}, BlockCount{500}}, {Lba{1500}, BlockCount{10}}},
      finish(shipped));
  EXPECT_EQ(shipped.get_future().get().trouble, "");
  EXPECT_EQ(transfer->percent(), 100);
  EXPECT_EQ(claimed.rig().read(1, 49), std::string(512, 'p'));
  EXPECT_EQ(claimed.rig().read(1, 50, 50), std::string(50 * 512, '\0'));
  EXPECT_EQ(claimed.rig().read(1, 100, 450), std::string(450 * 512, 's'));
  EXPECT_EQ(claimed.rig().read(1, 550), std::string(512, 'p'));
  EXPECT_EQ(claimed.rig().read(1, 1500, 10), std::string(10 * 512, '\0'));

  const auto copy = std::make_shared<store::Volume>(BlockCount{kBlocks}, BlockSize{512}, pool);
  std::promise<TransferEnd> fetched;
  const auto back = claimed.volume().fetch(copy, finish(fetched));
  EXPECT_EQ(fetched.get_future().get().trouble, "");
  std::string held(kBlocks * 512, '?');
  ASSERT_TRUE(copy->read(Lba{0}, std::as_writable_bytes(std::span(held.data(), held.size()))));
  EXPECT_EQ(held, claimed.rig().read(1, 0, kBlocks));
}

TEST(PeerLink, ATransferThatIsCutOffSaysSoOnce) {
  Claimed claimed;
  const auto pool = store::make_pool(ByteCount{1 << 26});
  store::Volume source(BlockCount{kBlocks}, BlockSize{512}, pool);
  const std::vector<std::byte> data(kBlocks * 512, std::byte{'s'});
  ASSERT_EQ(source.write(Lba{0}, data), store::WriteResult::Done);
  claimed.rig().proxy().cut_after(300'000);
  std::promise<TransferEnd> end;
  const auto transfer = claimed.volume().ship(source.snapshot(), {{Lba{0}, BlockCount{kBlocks}}},
                                              [&](const TransferEnd& one) { end.set_value(one); });
  const TransferEnd ended = end.get_future().get();
  EXPECT_TRUE(ended.cut_off) << ended.trouble;
  claimed.heal();
}

}  // namespace
}  // namespace lockstep::peer::test
