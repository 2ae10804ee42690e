// What logical units promise in front of a durable volume: FUA, SYNCHRONIZE CACHE, WCE, damage and
// full disks.
#include "target_impl/scsi/mode_parameters.hpp"
#include "target_impl/scsi/test/rig.hpp"
#include "target_impl/store/durable_store.hpp"
#include "target_impl/store/test/failing_disk.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace lockstep::scsi::test {
namespace {

constexpr std::uint16_t kLun = 1;
constexpr std::uint32_t kBlocksPerExtent = store::kExtentBytes / kBlock;

class Ending final : public LateEnding {
 public:
  void end(const Response& response) override {
    const std::lock_guard lock(mutex_);
    response_ = response;
    changed_.notify_all();
  }
  Response wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return response_.has_value(); });
    return *response_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Response> response_;
};

// Lets commands end later, as sessions do.
class PatientDataIn final : public DataIn {
 public:
  std::span<std::byte> claim(std::size_t bytes) override {
    data_.resize(bytes);
    return data_;
  }
  std::shared_ptr<LateEnding> end_later() override {
    ending = std::make_shared<Ending>();
    return ending;
  }
  std::shared_ptr<Ending> ending;

 private:
  Bytes data_;
};

class DurableUnit : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    store::DurableOptions options;
    options.capacity = ByteCount{4 * store::kExtentBytes};
    options.commit_interval_ms = 0;
    disk_ = std::make_shared<store::test::DiskState>();
    auto opened = store::test::open_on(disk_, scratch_.file("store"), options);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(opened.value());
    auto volume = store_->find_volume("lun");
    if (volume == nullptr) {
      volume = store_->create_volume("lun", BlockCount{Rig::kBlocks}, BlockSize{kBlock}).value();
    }
    unit_ = std::make_shared<LogicalUnit>(std::move(volume), LogicalUnitOptions{});
    rig_.server.add(kLun, unit_);
    (void)run({0x00});
    (void)rig_.run({0x00});
  }
  void close() {
    rig_.server.remove(kLun);
    unit_.reset();
    store_.reset();
    (void)rig_.run({0x00});
  }
  Answer run(Cdb cdb, const Bytes& out = {}) { return rig_.run_on(1, kLun, cdb, out); }
  struct Ended {
    bool later;
    Answer answer;
  };
  Ended run_patiently(Cdb cdb, const Bytes& out = {}) {
    Command command;
    std::copy(cdb.begin(), cdb.end(), command.cdb.begin());
    command.data_out = out;
    command.expected_data_out = static_cast<std::uint32_t>(out.size());
    PatientDataIn data_in;
    Ended ended{};
    rig_.server.execute(Rig::nexus(1), kLun, command, data_in, ended.answer.response);
    ended.later = data_in.ending != nullptr;
    if (ended.later) {
      ended.answer.response = data_in.ending->wait();
    }
    return ended;
  }
  bool waits(Cdb cdb, const Bytes& out = {}) {
    const Ended ended = run_patiently(cdb, out);
    EXPECT_TRUE(ended.answer.good()) << ended.answer.verdict();
    return ended.later;
  }
  // Every byte of the data file's slots becomes another one.
  void damage() {
    std::FILE* file = std::fopen(scratch_.file("store/extents").c_str(), "r+b");
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(std::fseek(file, store::kExtentBytes, SEEK_SET), 0);
    Bytes bytes(4 * store::kExtentBytes);
    const std::size_t got = std::fread(bytes.data(), 1, bytes.size(), file);
    for (std::byte& byte : bytes) {
      byte ^= std::byte{1};
    }
    ASSERT_EQ(std::fseek(file, store::kExtentBytes, SEEK_SET), 0);
    ASSERT_EQ(std::fwrite(bytes.data(), 1, got, file), got);
    std::fclose(file);
  }

  lockstep::test::ScratchDirectory scratch_;
  std::shared_ptr<store::test::DiskState> disk_;
  std::unique_ptr<store::DurableStore> store_;
  std::shared_ptr<LogicalUnit> unit_;
  Rig rig_;
};

TEST_F(DurableUnit, OnlyWhatMustBeOnDiskWaitsForIt) {
  const Bytes block = filled(kBlock, 1);
  const Bytes two = filled(2 * kBlock, 1);
  EXPECT_FALSE(waits({0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, block));
  EXPECT_TRUE(waits({0x2a, 0x08, 0, 0, 0, 0, 0, 0, 1, 0}, block));
  EXPECT_FALSE(waits({0x0a, 0, 0, 0, 1, 0}, block));
  EXPECT_TRUE(waits({0xaa, 0x08, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}, block));
  EXPECT_TRUE(waits({0x8a, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}, block));
  EXPECT_FALSE(waits({0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}, two));
  EXPECT_TRUE(waits({0x89, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}, two));
  EXPECT_TRUE(waits({0x2e, 0, 0, 0, 0, 0, 0, 0, 1, 0}, block));
  EXPECT_TRUE(waits({0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_TRUE(waits({0x91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(waits({0x35, 0x02, 0, 0, 0, 0, 0, 0, 0, 0})) << "IMMED";
  EXPECT_FALSE(waits({0x28, 0x08, 0, 0, 0, 0, 0, 0, 1, 0})) << "data-in never waits";
  EXPECT_EQ(store_->statistics().dirty_bytes, 0U) << "FUA of the READ has written the cache out";
}

TEST_F(DurableUnit, RefusedCommandsDoNotWait) {
  const Ended ended = run_patiently({0x2a, 0x08, 0, 1, 0, 0, 0, 0, 1, 0}, filled(kBlock, 1));
  EXPECT_EQ(ended.answer.verdict(), "5/2100");
  EXPECT_FALSE(ended.later);
  EXPECT_FALSE(run_patiently({0x35, 0, 0, 1, 0, 0, 0, 0, 0, 0}).later);
}

// Whoever takes access away may be the one that holds commits back: neither waits for the other.
TEST_F(DurableUnit, AccessIsTakenAwayFromCommandsThatWaitForTheDisk) {
  EXPECT_TRUE(run({0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, filled(kBlock, 1)).good());
  auto held = store_->hold_commits();
  auto reader = std::async(std::launch::async, [this] {
    return run({0x28, 0x08, 0, 0, 0, 0, 0, 0, 1, 0}).verdict();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  auto taken = std::async(std::launch::async, [this] { unit_->set_host_access(HostAccess::None); });
  EXPECT_EQ(taken.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  held.unlock();
  EXPECT_EQ(reader.get(), "2/0400") << "it does not read what it may not see any more";
}

TEST_F(DurableUnit, CachingPageTellsTheTruth) {
  const auto wce = [this](unsigned control) {
    const Answer answer = run({0x1a, 0x08, control << 6 | 0x08U, 0, 0xff, 0});
    EXPECT_TRUE(answer.good());
    return (answer.data.at(4 + 2) & std::byte{0x04}) != std::byte{0};
  };
  EXPECT_TRUE(wce(0));
  EXPECT_TRUE(wce(2));
  unit_->set_mode(0);
  EXPECT_FALSE(wce(0));
  EXPECT_TRUE(waits({0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, filled(kBlock, 1)));
  EXPECT_TRUE(waits({0x93, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}, filled(kBlock, 0)));
  // In memory there is no cache to speak of.
  EXPECT_FALSE(rig_.unit->write_cache_enabled());
  rig_.server.add(kLun, rig_.unit);
  (void)run({0x00});
  EXPECT_FALSE(waits({0x2a, 0x08, 0, 0, 0, 0, 0, 0, 1, 0}, filled(kBlock, 1)));
  EXPECT_FALSE(waits({0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST_F(DurableUnit, CopiesAreChangesLikeOthers) {
  Bytes token_list(552);  // the zero token, for one block
  const auto put = [](Bytes& list, std::size_t at, std::initializer_list<unsigned> bytes) {
    std::transform(bytes.begin(), bytes.end(), list.begin() + static_cast<std::ptrdiff_t>(at),
                   [](unsigned byte) { return static_cast<std::byte>(byte); });
  };
  put(token_list, 0, {0x02, 0x26});
  put(token_list, 16, {0xff, 0xff, 0x00, 0x01, 0, 0, 0x01, 0xf8});
  put(token_list, 535, {16});
  put(token_list, 547, {1});
  const Cdb by_token{0x83, 0x11, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0x02, 0x28};
  Bytes copy_list(44);  // without an identifier; one block of this unit to another place in it
  put(copy_list, 1, {0x18});
  put(copy_list, 11, {28});
  put(copy_list, 16, {0x02, 0, 0, 0x18, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1});
  put(copy_list, 43, {5});
  const Cdb extended{0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 44};
  EXPECT_TRUE(run({0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, filled(kBlock, 1)).good());
  EXPECT_FALSE(waits(extended, copy_list));
  EXPECT_FALSE(waits(by_token, token_list));
  unit_->set_mode(0);
  EXPECT_TRUE(waits(extended, copy_list));
  EXPECT_TRUE(waits(by_token, token_list));
  EXPECT_EQ(store_->statistics().dirty_bytes, 0U);
  disk_->sync_error = EIO;
  EXPECT_EQ(run(by_token, token_list).verdict(), "3/0c00");
}

TEST_F(DurableUnit, OutcomeOfTheCommitBecomesSense) {
  for (const bool patient : {true, false}) {
    const auto fua = [&] {
      const Cdb cdb{0x2a, 0x08, 0, 0, 0, 0, 0, 0, 1, 0};
      const Bytes block = filled(kBlock, 1);
      return patient ? run_patiently(cdb, block).answer.verdict() : run(cdb, block).verdict();
    };
    disk_->publish_error = ENOSPC;
    EXPECT_EQ(fua(), "7/2707");
    disk_->sync_error = EIO;
    EXPECT_EQ(fua(), "3/0c00");
    EXPECT_EQ(fua(), "good");
  }
  unit_->set_mode(static_cast<std::uint8_t>(ModeParameter::DescriptorSense));
  disk_->sync_error = EIO;
  const Ended ended = run_patiently({0x2a, 0x08, 0, 0, 0, 0, 0, 0, 1, 0}, filled(kBlock, 1));
  EXPECT_EQ(ended.answer.response.sense[0], 0x72) << "descriptor format, as the unit was told to";
  store_.reset();
  EXPECT_EQ(run_patiently({0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0}).answer.response.status,
            Status::CheckCondition)
      << "nothing keeps it any more";
}

TEST_F(DurableUnit, DamagedContentIsAMediumErrorAndNeverReturned) {
  EXPECT_TRUE(run({0x2a, 0, 0, 0, 0, 0, 0, 0, 200, 0}, filled(200 * kBlock, 1)).good());
  close();
  damage();
  open();
  const Answer read = run({0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0});
  EXPECT_EQ(read.verdict(), "3/1100");
  EXPECT_NE(read.data.front(), std::byte{1});
  EXPECT_EQ(run({0x2f, 0x02, 0, 0, 0, 0, 0, 0, 1, 0}, filled(kBlock, 1)).verdict(), "3/1100");
  EXPECT_EQ(
      run({0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}, filled(2 * kBlock, 1)).verdict(),
      "3/1100");
  EXPECT_EQ(run({0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0}, filled(kBlock, 2)).verdict(), "3/1100")
      << "the rest of the extent is not there to be kept";
  EXPECT_EQ(
      run({0x93, 0x08, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0}, filled(kBlock, 0)).verdict(),
      "3/1100");
  // What replaces the whole extent needs nothing of it.
  EXPECT_TRUE(
      run({0x2a, 0, 0, 0, 0, 0, 0, 0, kBlocksPerExtent, 0}, filled(store::kExtentBytes, 3)).good());
  EXPECT_EQ(run({0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0}).data, filled(kBlock, 3));
}

TEST_F(DurableUnit, FullStoreIsAnErrorOfTheWriteThatNeedsSpace) {
  for (std::uint64_t extent = 0; extent != 4; ++extent) {
    EXPECT_EQ(unit_->volume().write(Lba{extent * kBlocksPerExtent}, filled(kBlock, 1)),
              store::WriteResult::Done);
  }
  EXPECT_EQ(run({0x2a, 0, 0, 0, 0x0f, 0, 0, 0, 1, 0}, filled(kBlock, 1)).verdict(), "7/2707");
  EXPECT_TRUE(run({0x2a, 0, 0, 0, 0, 1, 0, 0, 1, 0}, filled(kBlock, 2)).good())
      << "what is mapped can be rewritten";
  EXPECT_EQ(store_->commit(), store::CommitOutcome::Durable);
  EXPECT_TRUE(run({0x2a, 0, 0, 0, 0, 1, 0, 0, 1, 0}, filled(kBlock, 3)).good())
      << "also once it is on disk";
  EXPECT_EQ(run({0x2a, 0, 0, 0, 0x0f, 0, 0, 0, 1, 0}, filled(kBlock, 1)).verdict(), "7/2707");
}

}  // namespace
}  // namespace lockstep::scsi::test
