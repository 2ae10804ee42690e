// Goal: every byte arrives, whatever refusals, losses and orders come between, and the engine keeps
// to the bounds it was given. Method: scripted targets that hold the blocks of two LUNs.
#include "target_impl/copy/copy_engine.hpp"
#include "target_impl/copy/test/ending.hpp"
#include "target_impl/initiator/test/scripted_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <vector>

namespace lockstep::copy {
namespace {

using initiator::ScriptedCommand;
using initiator::ScriptedReply;
using initiator::ScriptedTarget;
using testing::HasSubstr;
using Action = ScriptedReply::Action;

constexpr const char* kName = "iqn.2026-11.net.lockstep:scripted";
constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kBlocks = 1024;

bool is_write(const ScriptedCommand& command) { return command.cdb[0] == 0x8A; }

// Source and target content; READ answers from the one, WRITE goes to the other. `before` may
// answer in place of the blocks.
class Blocks {
 public:
  using Before = std::function<std::optional<ScriptedReply>(const ScriptedCommand&)>;

  explicit Blocks(Before before = {}) : before_(std::move(before)) {
    for (std::size_t i = 0; i < source.size(); ++i) {
      source[i] = static_cast<std::byte>(1 + (i * 31 + i / kBlock) % 255);
    }
  }

  [[nodiscard]] ScriptedReply answer(const ScriptedCommand& command) {
    if (before_) {
      if (auto reply = before_(command)) return *std::move(reply);
    }
    const auto at = static_cast<std::ptrdiff_t>(command.lba() * kBlock);
    if (is_write(command)) {
      std::copy(command.data_out.begin(), command.data_out.end(), target.begin() + at);
      return {};
    }
    return ScriptedReply::data(
        {source.begin() + at,
         source.begin() + at + static_cast<std::ptrdiff_t>(command.blocks() * kBlock)});
  }

  std::vector<std::byte> source = std::vector<std::byte>(kBlocks * kBlock);
  std::vector<std::byte> target = std::vector<std::byte>(kBlocks * kBlock);

 private:
  Before before_;
};

class CopyOf : public testing::Test {
 protected:
  void use(Blocks::Before before) {
    blocks_ = std::make_unique<Blocks>(std::move(before));
    server_ = std::make_unique<ScriptedTarget>(
        [this](const ScriptedCommand& c) { return blocks_->answer(c); });
    request_.source = {server_->portal(), kName, 0};
    request_.target = {server_->portal(), kName, 1};
    request_.ranges = {Range{Lba{0}, BlockCount{kBlocks}}};
    request_.transfer_bytes = 16 * kBlock;
    request_.requests_in_flight = 4;
    engine_ = CopyEngine::start();
  }

  CopyId submit(Ending& ending) {
    CopyRequest request = request_;
    request.finished = ending.callback();
    return engine_->submit(std::move(request));
  }

  Ending::Report run() {
    Ending ending;
    static_cast<void>(submit(ending));
    const auto report = ending.wait();
    EXPECT_TRUE(report.has_value()) << "the copy did not end";
    engine_.reset();
    server_.reset();  // nothing arrives any more
    EXPECT_EQ(ending.calls(), 1);
    return report.value_or(Ending::Report{});
  }

  std::unique_ptr<Blocks> blocks_;
  std::unique_ptr<ScriptedTarget> server_;
  CopyRequest request_;
  std::unique_ptr<CopyEngine> engine_;
};

TEST_F(CopyOf, AVolumeBringsEveryByte) {
  use({});
  EXPECT_EQ(run().result, CopyResult::Done);
  EXPECT_EQ(blocks_->target, blocks_->source);
}

TEST_F(CopyOf, RangesLeavesTheRestAlone) {
  use({});
  request_.ranges = {Range{Lba{1}, BlockCount{40}}, Range{Lba{41}, BlockCount{1}},
                     Range{Lba{kBlocks - 1}, BlockCount{1}}};
  EXPECT_EQ(run().result, CopyResult::Done);
  for (std::uint64_t block = 0; block < kBlocks; ++block) {
    const bool copied = (block >= 1 && block <= 41) || block == kBlocks - 1;
    EXPECT_EQ(blocks_->target[block * kBlock],
              copied ? blocks_->source[block * kBlock] : std::byte{0})
        << block;
  }
}

TEST_F(CopyOf, AVolumeSurvivesLostSessions) {
  std::atomic<int> commands{0};
  use([&](const ScriptedCommand&) -> std::optional<ScriptedReply> {
    const int number = ++commands;
    if (number == 20 || number == 50) return ScriptedReply::only(Action::HangUp);
    return std::nullopt;
  });
  request_.retries_per_range = 2;
  EXPECT_EQ(run().result, CopyResult::Done);
  EXPECT_EQ(blocks_->target, blocks_->source);
}

TEST_F(CopyOf, AVolumeSurvivesSessionsLostAllTheTime) {
  // Often enough that losses are met in every place: while waiting, while sending, while idle.
  std::atomic<int> commands{0};
  use([&](const ScriptedCommand&) -> std::optional<ScriptedReply> {
    if (++commands % 7 == 0) return ScriptedReply::only(Action::HangUp);
    return std::nullopt;
  });
  request_.retries_per_range = 1000;
  EXPECT_EQ(run().result, CopyResult::Done);
  EXPECT_EQ(blocks_->target, blocks_->source);
}

TEST_F(CopyOf, AVolumeWaitsOutBusyAnswers) {
  std::atomic<int> commands{0};
  use([&](const ScriptedCommand&) -> std::optional<ScriptedReply> {
    ScriptedReply busy;
    busy.status = commands % 2 == 0 ? 0x08 : 0x28;
    if (++commands % 5 == 0) return busy;
    return std::nullopt;
  });
  request_.retries_per_range = 0;
  EXPECT_EQ(run().result, CopyResult::Done);
  EXPECT_EQ(blocks_->target, blocks_->source);
}

TEST_F(CopyOf, AVolumeTriesRefusedTransfersAgain) {
  std::atomic<int> refusals{0};
  use([&](const ScriptedCommand& c) -> std::optional<ScriptedReply> {
    if (c.lba() == 32 && ++refusals <= 2) return ScriptedReply::check(0xB, 0x4700);
    return std::nullopt;
  });
  request_.retries_per_range = 2;
  EXPECT_EQ(run().result, CopyResult::Done);
  EXPECT_EQ(blocks_->target, blocks_->source);
}

TEST_F(CopyOf, AVolumeFailsWhenTheRetriesAreUsedUp) {
  std::atomic<int> attempts{0};
  use([&](const ScriptedCommand& c) -> std::optional<ScriptedReply> {
    if (!is_write(c) || c.lba() != 64) return std::nullopt;
    ++attempts;
    return ScriptedReply::check(3, 0x0C00);
  });
  request_.retries_per_range = 2;
  const auto report = run();
  EXPECT_EQ(report.result, CopyResult::Failed);
  ASSERT_TRUE(report.error.has_value());
  EXPECT_EQ(report.error->origin, Origin::Target);
  EXPECT_THAT(report.error->message, HasSubstr("WRITE of 16 blocks at LBA 64 to LUN 1"));
  EXPECT_THAT(report.error->message, HasSubstr("3/0C00"));
  EXPECT_EQ(attempts, 3);
}

TEST_F(CopyOf, AProtectedTargetFailsAtOnce) {
  std::atomic<int> writes{0};
  use([&](const ScriptedCommand& c) -> std::optional<ScriptedReply> {
    if (!is_write(c)) return std::nullopt;
    ++writes;
    return ScriptedReply::check(7, 0x2700);
  });
  request_.requests_in_flight = 1;
  request_.retries_per_range = 5;
  EXPECT_EQ(run().result, CopyResult::Failed);
  EXPECT_EQ(writes, 1);
}

TEST_F(CopyOf, ShortReadsAreNeverWritten) {
  use([&](const ScriptedCommand& c) -> std::optional<ScriptedReply> {
    EXPECT_FALSE(is_write(c));
    return ScriptedReply::data(std::vector<std::byte>(kBlock));
  });
  const auto report = run();
  EXPECT_EQ(report.result, CopyResult::Failed);
  EXPECT_THAT(report.error->message, HasSubstr("another length"));
}

// Blocks the target's thread at the n-th command until the test lets it go on.
class Gate {
 public:
  void pass_or_wait(int number, int at) {
    if (number != at) return;
    std::unique_lock lock(mutex_);
    reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_until_reached() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return reached_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reached_ = false;
  bool open_ = false;
};

TEST_F(CopyOf, AVolumeIsAbortedWithoutAnythingUnderWay) {
  Gate gate;
  std::atomic<int> commands{0};
  use([&](const ScriptedCommand&) -> std::optional<ScriptedReply> {
    gate.pass_or_wait(++commands, 30);
    return std::nullopt;
  });
  Ending ending;
  const CopyId id = submit(ending);
  gate.wait_until_reached();
  const int percent = engine_->percent(id);
  EXPECT_GT(percent, 0);
  EXPECT_LT(percent, 100);
  engine_->abort(id);
  EXPECT_FALSE(ending.has_ended());  // requests are under way
  gate.open();
  ASSERT_TRUE(ending.wait().has_value());
  EXPECT_EQ(ending.wait()->result, CopyResult::Aborted);
  EXPECT_FALSE(ending.wait()->error.has_value());
  EXPECT_LE(commands, 30 + 4);
  EXPECT_EQ(engine_->percent(id), 100);
}

TEST_F(CopyOf, AVolumeStandsStillWhilePausedAndReadsAfresh) {
  Gate gate;
  std::atomic<int> commands{0};
  use([&](const ScriptedCommand&) -> std::optional<ScriptedReply> {
    gate.pass_or_wait(++commands, 30);
    return std::nullopt;
  });
  Ending ending;
  const CopyId id = submit(ending);
  gate.wait_until_reached();
  engine_->pause(id);
  gate.open();
  // Another copy through the same engine and sessions: once it has ended, the order before it was
  // obeyed, and what was under way has arrived.
  const auto copy_one_block = [this] {
    CopyRequest other = request_;
    other.ranges = {Range{Lba{0}, BlockCount{1}}};
    Ending other_ending;
    other.finished = other_ending.callback();
    static_cast<void>(engine_->submit(std::move(other)));
    return other_ending.wait().has_value();
  };
  ASSERT_TRUE(copy_one_block());
  const int after_pause = commands;
  EXPECT_LE(after_pause, 30 + 4 + 2);
  ASSERT_TRUE(copy_one_block());
  EXPECT_EQ(commands, after_pause + 2);
  EXPECT_FALSE(ending.has_ended());
  const auto percent = engine_->percent(id);

  engine_->resume(id);
  ASSERT_TRUE(ending.wait().has_value());
  EXPECT_EQ(ending.wait()->result, CopyResult::Done);
  EXPECT_LT(percent, 100);
  engine_.reset();
  server_.reset();
  EXPECT_EQ(blocks_->target, blocks_->source);
}

TEST_F(CopyOf, SeveralVolumesShareTwoSessions) {
  use({});
  std::vector<Ending> endings(5);
  for (Ending& ending : endings) static_cast<void>(submit(ending));
  for (Ending& ending : endings) {
    const auto report = ending.wait();
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->result, CopyResult::Done);
  }
  EXPECT_EQ(server_->connections(), 2U);
  Ending later;
  static_cast<void>(submit(later));
  ASSERT_TRUE(later.wait().has_value());
  EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(CopyOf, SeveralVolumesEndOnceWhateverIsAskedOfThem) {
  std::atomic<int> commands{0};
  use([&](const ScriptedCommand&) -> std::optional<ScriptedReply> {
    const int number = ++commands;
    if (number % 23 == 0) return ScriptedReply::only(Action::HangUp);
    ScriptedReply busy;
    busy.status = 0x08;
    return number % 11 == 0 ? std::optional(busy) : std::nullopt;
  });
  request_.retries_per_range = 1000;
  std::vector<Ending> endings(6);
  std::vector<CopyId> ids;
  for (Ending& ending : endings) ids.push_back(submit(ending));
  std::minstd_rand random(7);
  for (int i = 0; i < 300; ++i) {
    const CopyId id = ids[random() % ids.size()];
    switch (random() % 16) {
      case 0:
        engine_->abort(id);
        break;
      case 1:
      case 2:
      case 3:
        engine_->pause(id);
        break;
      default:
        engine_->resume(id);
        break;
    }
    EXPECT_LE(engine_->percent(id), 100);
  }
  for (const CopyId id : ids) engine_->resume(id);
  for (Ending& ending : endings) {
    const auto report = ending.wait();
    ASSERT_TRUE(report.has_value());
    EXPECT_NE(report->result, CopyResult::Failed) << report->error.value_or(Error{}).message;
  }
  EXPECT_EQ(run().result, CopyResult::Done);
  EXPECT_EQ(blocks_->target, blocks_->source);
  for (const Ending& ending : endings) EXPECT_EQ(ending.calls(), 1);
}

TEST_F(CopyOf, AVolumeHasAsManyRequestsInFlightAsAsked) {
  // The first session, which reads, gets no answer and is given up; what was sent on it by then was
  // in flight together.
  std::atomic<int> in_flight{0};
  use([&](const ScriptedCommand& c) -> std::optional<ScriptedReply> {
    if (c.connection != 0) return std::nullopt;
    ++in_flight;
    return ScriptedReply::only(Action::Silence);
  });
  request_.requests_in_flight = 3;
  EngineOptions options;
  options.command_timeout = std::chrono::milliseconds{150};
  engine_ = CopyEngine::start(options);
  EXPECT_EQ(run().result, CopyResult::Done);
  EXPECT_EQ(in_flight, 3);
  EXPECT_EQ(blocks_->target, blocks_->source);
}

}  // namespace
}  // namespace lockstep::copy
