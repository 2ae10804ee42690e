// Copies that are answered before they are done (IMMED=1), and what ends them.
#include "target_impl/scsi/device.hpp"
#include "target_impl/scsi/third_party_copy/background_copies.hpp"
#include "target_impl/scsi/third_party_copy/test/copy_rig.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace lockstep::scsi::test {
namespace {

// Holds up the thread that changes the volume until it is let through.
class Turnstile : public store::WriteObserver {
 public:
  bool wrote(Lba, std::span<const std::byte>) noexcept override { return pass(); }
  bool zeroed(Lba, BlockCount) noexcept override { return pass(); }
  bool assigned() noexcept override { return pass(); }
  bool shared(const store::SharedBlocks&) noexcept override { return pass(); }

  void wait_until_reached(int times) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return reached_ >= times; });
  }
  void let_through(int times) {
    {
      const std::lock_guard lock(mutex_);
      allowed_ += times;
    }
    changed_.notify_all();
  }

 private:
  bool pass() {
    std::unique_lock lock(mutex_);
    ++reached_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return reached_ <= allowed_; });
    return true;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  int reached_ = 0;
  int allowed_ = 0;
};

constexpr std::uint64_t kRunning = 0x12;

class BackgroundCopy : public testing::Test {
 protected:
  BackgroundCopy() {
    rig.put(0, 0, pattern(CopyRig::kBlocks * 512, 1));
    rig.unit(1).volume().attach(turnstile);
  }
  ~BackgroundCopy() override {
    turnstile.let_through(1000);
    EXPECT_TRUE(rig.device.manage(CopyRig::nexus(1), 1, TaskManagement::LogicalUnitReset));
    rig.unit(1).volume().detach(turnstile);
  }
  // As many steps as ranges, of which the first is under way when this returns.
  void start(std::uint64_t ranges = 2, bool delete_token = false) {
    TokenWish wish;
    for (std::uint64_t i = 0; i != ranges; ++i) {
      wish.ranges.push_back({i * (2000 / ranges), 200 / ranges});
    }
    token = rig.token_for(wish);
    EXPECT_EQ(fault(rig.write_token(write_list({.token = token,
                                                .ranges = {{0, 200}},
                                                .immediate = true,
                                                .delete_token = delete_token}))),
              "good");
    turnstile.wait_until_reached(1);
  }
  // `action` waits for the step that is under way, and may find more of them before it is heard.
  template <class Action>
  void while_steps_go_on(Action&& action) {
    std::atomic<bool> done{false};
    std::thread other([&] {
      action();
      done = true;
    });
    while (!done.load()) {
      turnstile.let_through(1);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    other.join();
  }
  std::uint64_t state() { return number_at(rig.token_information(1, 2).data, 5, 1); }
  std::uint64_t wait_for_end() {
    while (state() == kRunning) {
      std::this_thread::yield();
    }
    return state();
  }
  CopyRig rig;
  Turnstile turnstile;
  Bytes token;
};

TEST_F(BackgroundCopy, IsAnsweredBeforeItIsDone) {
  start();
  const Bytes running = rig.token_information(1, 2).data;
  EXPECT_EQ(number_at(running, 5, 1), kRunning);
  EXPECT_EQ(number_at(running, 8, 4), 0xffffffffU);
  EXPECT_EQ(number_at(running, 16, 8), 0U);
  turnstile.let_through(1);
  turnstile.wait_until_reached(2);
  const Bytes half = rig.token_information(1, 2).data;
  EXPECT_EQ(number_at(half, 5, 1), kRunning);
  EXPECT_EQ(number_at(half, 16, 8), 100U);
  EXPECT_GT(number_at(half, 6, 2), number_at(running, 6, 2));
  turnstile.let_through(1);
  EXPECT_EQ(wait_for_end(), 0x01U);
  EXPECT_EQ(number_at(rig.token_information(1, 2).data, 16, 8), 200U);
  EXPECT_EQ(rig.content(1, 0, 100), rig.content(0, 0, 100));
  EXPECT_EQ(rig.content(1, 100, 100), rig.content(0, 1000, 100));
}

TEST_F(BackgroundCopy, OwnsItsListIdentifierWhileItRuns) {
  start();
  const Bytes list = write_list({.token = token, .ranges = {{0, 1}}});
  EXPECT_EQ(fault(rig.write_token(list)), "5/0016");
  EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 1}}}), 0, 2)), "5/0016");
  CopyList copy;
  copy.list_identifier = 2;
  copy.cscds = {CopyRig::cscd(0)};
  EXPECT_EQ(fault(rig.extended_copy(extended_copy_list(copy))), "5/0016");
  // As QEMU needs it: the newest owns the results.
  copy.usage = 2;
  EXPECT_EQ(fault(rig.extended_copy(extended_copy_list(copy))), "good");
  EXPECT_EQ(fault(rig.token_information(1, 2)), "5/2400 cdb 2");
}

TEST_F(BackgroundCopy, IsAbortedOnRequest) {
  start(200);
  while_steps_go_on([&] { EXPECT_EQ(fault(rig.run(1, {0x83, 0x1c, 0, 0, 0, 2})), "good"); });
  const Bytes after = rig.content(1, 0, 200);
  turnstile.let_through(1000);
  EXPECT_EQ(rig.content(1, 0, 200), after);
  const Bytes told = rig.token_information(1, 2).data;
  EXPECT_EQ(number_at(told, 5, 1), 0x60U);
  EXPECT_EQ(number_at(told, 12, 1), 0x40U);
  EXPECT_EQ(fault(rig.run(1, {0x83, 0x1c, 0, 0, 0, 2})), "5/2400 cdb 2");
}

TEST_F(BackgroundCopy, EndsWithAResetOfItsLogicalUnit) {
  start(200);
  while_steps_go_on([&] {
    EXPECT_TRUE(rig.device.manage(CopyRig::nexus(2), 1, TaskManagement::LogicalUnitReset));
  });
  const Bytes after = rig.content(1, 0, 200);
  EXPECT_EQ(rig.content(1, 199, 1), filled(512, 0));
  turnstile.let_through(1000);
  rig.run(1, {0x00});
  EXPECT_EQ(fault(rig.token_information(1, 2)), "5/2400 cdb 2");
  EXPECT_EQ(rig.content(1, 0, 200), after);
}

TEST_F(BackgroundCopy, GoesOnWithoutItsNexus) {
  start();
  rig.device.nexus_lost(CopyRig::nexus(1));
  EXPECT_EQ(fault(rig.token_information(1, 2)), "5/2400 cdb 2");
  turnstile.let_through(2);
  turnstile.wait_until_reached(2);
  while (rig.content(1, 100, 100) != rig.content(0, 1000, 100)) {
    std::this_thread::yield();
  }
}

TEST_F(BackgroundCopy, StopsWhereHostsMayNotWriteAnyMore) {
  start(200);
  while_steps_go_on([&] { rig.unit(1).set_host_access(HostAccess::ReadOnly); });
  // From here on the volume is another's.
  const Bytes at_the_end = rig.content(1, 0, 200);
  turnstile.let_through(1000);
  EXPECT_EQ(wait_for_end(), 0x02U);
  EXPECT_EQ(rig.content(1, 0, 200), at_the_end);
  const Bytes told = rig.token_information(1, 2).data;
  EXPECT_EQ(number_at(told, 12, 1), 0x02U);
  EXPECT_EQ(number_at(told, 32 + 12, 2), 0x2700U);
}

TEST_F(BackgroundCopy, KeepsItsTokenFromExpiringAndDeletesItInTheEnd) {
  start(2, true);
  rig.turn_clock(std::chrono::seconds(100));
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{0, 1}}}), 2, 3)), "good");
  turnstile.let_through(2);
  EXPECT_EQ(wait_for_end(), 0x01U);
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{0, 1}}}), 2, 3)),
            "5/2309 list 16");
}

TEST(BackgroundLimit, RefusesOneCopyTooMany) {
  CopyLimits limits;
  limits.max_concurrent_copies = 1;
  CopyRig rig(limits);
  rig.put(0, 0, pattern(64 * 512, 1));
  Turnstile turnstile;
  rig.unit(1).volume().attach(turnstile);
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  const Bytes list = write_list({.token = token, .ranges = {{0, 64}}, .immediate = true});
  EXPECT_EQ(fault(rig.write_token(list, 1, 2)), "good");
  turnstile.wait_until_reached(1);
  EXPECT_EQ(rig.write_token(list, 1, 3).response.status, Status::Busy);
  EXPECT_EQ(fault(rig.token_information(1, 3)), "5/2400 cdb 2");
  turnstile.let_through(10);
  ASSERT_TRUE(rig.device.manage(CopyRig::nexus(1), 1, TaskManagement::LogicalUnitReset));
  rig.unit(1).volume().detach(turnstile);
}

TEST(TokenTable, LetsGoOfWhatIsDueByItself) {
  CopyLimits limits;
  limits.default_inactivity_s = 1;
  RodTokens tokens(limits);
  const auto pool = store::make_pool(ByteCount{1 << 20});
  store::Volume volume(BlockCount{128}, BlockSize{512}, pool);
  ASSERT_EQ(volume.write(Lba{0}, pattern(512, 1)), store::WriteResult::Done);
  auto rod = std::make_shared<Rod>(volume);
  rod->append(0, 512);
  TokenFields fields;
  fields.target_name = "iqn.2026-11.net.lockstep:copies";
  const auto made = tokens.create({fields, rod, std::chrono::seconds(1)});
  ASSERT_TRUE(std::holds_alternative<TokenBytes>(made));
  rod.reset();
  ASSERT_EQ(volume.unmap(Lba{0}, BlockCount{128}), store::WriteResult::Done);
  EXPECT_EQ(store::used_of(*pool).value, store::kExtentBytes);
  while (store::used_of(*pool).value != 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(tokens.alive(), 0U);
}

}  // namespace
}  // namespace lockstep::scsi::test
