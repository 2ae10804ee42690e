// Goal: whatever happens to the connection, a mirror's changes reach the peer in their order or are
// in doubt, and whoever waits is told within a bound.
// Method: a real target behind a proxy that cuts, stalls, slows down and delivers late; changes
// from any thread, and from that of an event loop that does the link's small work.
#include "target_impl/peer/peer_system.hpp"
#include "target_impl/peer/test/peer_rig.hpp"
#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/wake_together.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <future>
#include <mutex>
#include <random>
#include <thread>

namespace lockstep::peer::test {
namespace {

using std::chrono::milliseconds;

class Waiter final : public store::CommitWaiter {
 public:
  using Call = std::function<void(store::CommitOutcome)>;
  explicit Waiter(Call call) : call_(std::move(call)) {}
  void ended(store::CommitOutcome outcome) override { call_(outcome); }

 private:
  const Call call_;
};
std::shared_ptr<Waiter> calling(Waiter::Call call) {
  return std::make_shared<Waiter>(std::move(call));
}

constexpr std::uint64_t kBlocks = 2048;

// A loop and its thread.
class RunningLoop {
 public:
  RunningLoop() : loop_(transport::EventLoop::create().value()) {
    thread_ = std::thread([this] { loop_->run(); });
  }
  ~RunningLoop() {
    loop_->stop();
    thread_.join();
  }
  [[nodiscard]] transport::EventLoop& loop() { return *loop_; }
  // As a target carries out what has come together.
  void run(const std::function<void()>& call) {
    std::promise<void> done;
    loop_->post([&] {
      {
        const transport::WakeTogether together;
        call();
      }
      done.set_value();
    });
    done.get_future().get();
  }

 private:
  std::unique_ptr<transport::EventLoop> loop_;
  std::thread thread_;
};

// One claimed volume of a peer behind a proxy, written on a loop or not.
class Claimed {
 public:
  // Longer than a peer on a busy machine takes, unless the test is about its silence.
  explicit Claimed(bool on_loop, milliseconds answer_timeout = milliseconds{10'000})
      : loop_(on_loop ? std::make_unique<RunningLoop>() : nullptr),
        system_(options(answer_timeout), [this](bool up) { note(up); }) {
    Claims claims = system_.claim({{{BlockCount{kBlocks}, BlockSize{512}}, {}}}, {});
    auto* volumes = std::get_if<0>(&claims);
    if (volumes == nullptr) {
      ADD_FAILURE() << std::get<1>(claims).text;
      std::abort();
    }
    volume_ = volumes->front();
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
    bool written = false;
    run([&] { written = volume_->write(Lba{lba}, data); });
    return written;
  }
  void run(const std::function<void()>& call) {
    if (loop_) {
      loop_->run(call);
    } else {
      call();
    }
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
  LinkOptions options(milliseconds answer_timeout) {
    LinkOptions options;
    if (loop_) options.loop = &loop_->loop();
    options.portal = rig_.portal();
    options.target_name = kPeerTarget;
    options.credentials = {kPeerUser, kPeerPassword};
    options.connect_timeout = milliseconds{2'000};
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
  const std::unique_ptr<RunningLoop> loop_;
  PeerSystem system_;
  std::shared_ptr<PeerVolume> volume_;
};

class PeerLink : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Link, PeerLink, testing::Bool(),
                         [](const auto& of) { return of.param ? "OnALoop" : "OfItsOwn"; });

TEST_P(PeerLink, CarriesChangesOverInTheirOrder) {
  Claimed claimed(GetParam());
  std::minstd_rand random(3);
  std::vector<char> expected(kBlocks, 0);
  for (int i = 0; i < 2000; ++i) {
    const std::uint64_t blocks = 1 + random() % 8;
    const std::uint64_t lba = random() % 64;  // few, so that they overlap
    const char fill = static_cast<char>(1 + random() % 100);
    if (random() % 10 == 0) {
      claimed.run([&] { ASSERT_TRUE(claimed.volume().unmap(Lba{lba}, BlockCount{blocks})); });
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

TEST_P(PeerLink, WhenAChangeIsSaidToBeThereItIs) {
  Claimed claimed(GetParam());
  for (int i = 0; i < 200; ++i) {
    const char fill = static_cast<char>('a' + i % 26);
    ASSERT_TRUE(claimed.write(5, fill));
    ASSERT_EQ(claimed.wait(), store::CommitOutcome::Durable);
    ASSERT_EQ(claimed.rig().read(1, 5), std::string(512, fill));
  }
}

// Of many at a time, each is told, in any order that the peer has carried them out in.
TEST_P(PeerLink, ChangesThatAreMadeTogetherAreAllToldOf) {
  Claimed claimed(GetParam());
  std::atomic<int> told{0};
  for (int round = 0; round < 200; ++round) {
    claimed.run([&] {
      for (std::uint64_t i = 0; i < 40; ++i) {
        const std::vector<std::byte> data(512, static_cast<std::byte>(round + static_cast<int>(i)));
        ASSERT_TRUE(claimed.volume().write(Lba{i % 30}, data));
        claimed.volume().holder()->when_ended(calling([&](store::CommitOutcome) { ++told; }));
      }
    });
    if (round % 50 == 0) {
      EXPECT_TRUE(claimed.volume().set_open(false)) << "beside them";
    }
  }
  EXPECT_EQ(claimed.wait(), store::CommitOutcome::Durable);
  EXPECT_TRUE(claimed.volume().settle().empty());
  while (told != 200 * 40) std::this_thread::yield();  // the last are told after who waits
  for (std::uint64_t i = 0; i < 30; ++i) {
    const auto last = static_cast<char>(199 + static_cast<int>(i < 10 ? i + 30 : i));
    EXPECT_EQ(claimed.rig().read(1, i), std::string(512, last)) << i;
  }
}

// A thread that carries out commands may have to wait for the peer inside of one.
TEST_P(PeerLink, WhoWaitsForItsOwnChangesIsNotWaitedFor) {
  Claimed claimed(GetParam());
  const std::vector<std::byte> data(512, std::byte{'w'});
  for (int i = 0; i < 5; ++i) {
    claimed.run([&] {
      ASSERT_TRUE(claimed.volume().write(Lba{9}, data));
      EXPECT_EQ(claimed.wait(), store::CommitOutcome::Durable);
    });
  }
  EXPECT_EQ(claimed.rig().read(1, 9), std::string(512, 'w'));
}

TEST_P(PeerLink, ChangesBesideATransferGoOver) {
  Claimed claimed(GetParam());
  const auto pool = store::make_pool(ByteCount{1 << 26});
  store::Volume source(BlockCount{kBlocks}, BlockSize{512}, pool);
  const std::vector<std::byte> data(kBlocks * 512, std::byte{'s'});
  ASSERT_EQ(source.write(Lba{0}, data), store::WriteResult::Done);
  std::promise<TransferEnd> end;
  const auto transfer =
      claimed.volume().ship(source.snapshot(), {{Lba{100}, BlockCount{kBlocks - 100}}},
                            [&](const TransferEnd& one) { end.set_value(one); });
  for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(claimed.write(i, 'c'));
  EXPECT_EQ(end.get_future().get().trouble, "");
  for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(claimed.write(i, 'd'));
  EXPECT_EQ(claimed.wait(), store::CommitOutcome::Durable);
  EXPECT_EQ(claimed.rig().read(1, 0, 100), std::string(100 * 512, 'd'));
  EXPECT_EQ(claimed.rig().read(1, 100, kBlocks - 100), std::string((kBlocks - 100) * 512, 's'));
}

TEST_P(PeerLink, ACutIsToldBeforeAnybodyIsAnsweredAndLeavesItsWritesInDoubt) {
  Claimed claimed(GetParam());
  claimed.rig().proxy().stall();
  ASSERT_TRUE(claimed.write(0, 'x'));
  ASSERT_TRUE(claimed.write(1000, 'y'));
  std::promise<int> failures_when_answered;
  claimed.volume().holder()->when_ended(calling([&](store::CommitOutcome outcome) {
    EXPECT_EQ(outcome, store::CommitOutcome::Durable);  // the host goes on without the mirror
    failures_when_answered.set_value(claimed.failures());
  }));
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

TEST_P(PeerLink, AStallEndsWithinTheBoundAndFailsHostsThatAskForThat) {
  Claimed claimed(GetParam(), milliseconds{100});
  claimed.begin(true);
  claimed.rig().proxy().stall();
  ASSERT_TRUE(claimed.write(0, 'x'));
  EXPECT_EQ(claimed.wait(), store::CommitOutcome::Failed);
  EXPECT_TRUE(claimed.comes(false));
}

TEST_P(PeerLink, AnIdleLinkNoticesASilentPeer) {
  Claimed claimed(GetParam(), milliseconds{100});
  claimed.rig().proxy().stall();
  EXPECT_TRUE(claimed.comes(false));
  claimed.rig().proxy().heal();
  EXPECT_TRUE(claimed.comes(true));
}

// A write that hangs in the network when its connection dies must never arrive after what was
// written on the next one.
TEST_P(PeerLink, WhatADeadConnectionSentNeverOverwritesTheNext) {
  for (int round = 0; round < 5; ++round) {
    Claimed claimed(GetParam());
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

TEST_P(PeerLink, ATransferBringsExactlyItsRangesAndAFetchBringsThemBack) {
  Claimed claimed(GetParam());
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

TEST_P(PeerLink, ATransferThatIsCutOffSaysSoOnce) {
  Claimed claimed(GetParam());
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
