// Power loss at every operation of every commit.
//
// Goal: what is found afterwards is what the last publication held, every byte of it, whatever
// became of writes that no sync had covered. Method: a seeded history of changes and commits is run
// once to count its disk operations, then once for each of them with the power going right there,
// reordered and torn writes included; the store is opened again on what is left.
#include "target_impl/store/durable/crc32c.hpp"
#include "target_impl/store/test/failing_disk.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace lockstep::store {
namespace {

using lockstep::test::ScratchDirectory;
using test::DiskState;

constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;
constexpr std::uint64_t kBlocks = 9 * kBlocksPerExtent + 40;

// Checksums by name: all that a store holds.
using Content = std::map<std::string, std::uint32_t>;

template <class Readable>
void add(Content& content, const std::string& name, const Readable& from) {
  std::vector<std::byte> bytes(from.blocks().value * from.block_size().bytes);
  const bool readable = from.read(Lba{0}, bytes);
  content[name] = readable ? detail::crc32c(bytes) : 0xdead;
}

Content content_of(const DurableStore& store) {
  Content content;
  for (const VolumeEntry& entry : store.volumes()) {
    add(content, "volume " + entry.name, *store.find_volume(entry.name));
  }
  for (const std::string& name : store.images()) {
    add(content, "image " + name, *store.find_image(name));
  }
  for (const std::string& key : store.keys("")) {
    content["value " + key] = detail::crc32c(*store.get(key));
  }
  return content;
}

DurableOptions options() {
  DurableOptions wanted;
  wanted.capacity = ByteCount{256 * kExtentBytes};
  wanted.cache = ByteCount{16 * kExtentBytes};
  wanted.dirty = ByteCount{256 * kExtentBytes};
  wanted.spare = ByteCount{0};
  wanted.commit_interval_ms = 0;
  return wanted;
}

class History {
 public:
  History(DurableStore& store, std::uint64_t seed) : store_(store), random_(seed) {}

  void change() {
    if (store_.find_volume("a") == nullptr) {
      (void)store_.create_volume("a", BlockCount{kBlocks}, BlockSize{512}).value();
      (void)store_.create_volume("b", BlockCount{kBlocks + 100}, BlockSize{512}).value();
    }
    const std::uint64_t changes = 1 + pick(5);
    for (std::uint64_t i = 0; i != changes; ++i) {
      change_once();
    }
  }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }
  std::shared_ptr<Volume> volume() { return store_.find_volume(pick(2) == 0 ? "a" : "b"); }
  std::string image_name() { return "i" + std::to_string(pick(3)); }

  void write(Volume& volume, std::uint64_t first, std::uint64_t count) {
    std::vector<std::byte> data(count * 512);
    for (std::byte& byte : data) {
      byte = static_cast<std::byte>(++written_ * 7 + first);
    }
    EXPECT_EQ(volume.write(Lba{first}, data), WriteResult::Done);
  }

  void change_once() {
    const auto on = volume();
    const std::uint64_t first = pick(kBlocks);
    const std::uint64_t count =
        1 + pick(std::min<std::uint64_t>(kBlocks - first, 3 * kBlocksPerExtent));
    switch (pick(9)) {
      case 0:
      case 1:
      case 2:
        write(*on, first, count);
        break;
      case 3:
        write(*on, first / kBlocksPerExtent * kBlocksPerExtent, 1);
        break;
      case 4:
        EXPECT_EQ(on->unmap(Lba{first}, BlockCount{count}), WriteResult::Done);
        break;
      case 5:
        EXPECT_TRUE(store_.keep_image(image_name(), on->snapshot()).has_value());
        break;
      case 6:
        (void)store_.remove_image(image_name());
        break;
      case 7:
        if (const auto image = store_.find_image(image_name());
            image && image->blocks().value <= on->blocks().value) {
          EXPECT_EQ(on->assign(*image), WriteResult::Done);
        } else {
          EXPECT_EQ(store_.find_volume("b")->share_range(store_.find_volume("a")->snapshot(),
                                                         {first / kBlocksPerExtent * kExtentBytes,
                                                          2 * kExtentBytes, kExtentBytes / 4}),
                    WriteResult::Done);
        }
        break;
      default:
        EXPECT_TRUE(store_.put("k" + std::to_string(pick(3)), std::as_bytes(std::span(&first, 1)))
                        .has_value());
        break;
    }
  }

  DurableStore& store_;
  std::mt19937_64 random_;
  std::uint64_t written_ = 0;
};

constexpr int kRounds = 7;

// Runs the history until the power goes. `published` gets what the last publication held.
void run(const std::shared_ptr<DiskState>& disk, const std::string& path, std::uint64_t seed,
         Content& published) {
  auto store = test::open_on(disk, path, options());
  ASSERT_TRUE(store.has_value()) << store.error().message;
  History history(*store.value(), seed);
  for (int round = 0; round != kRounds; ++round) {
    history.change();
    const Content content = content_of(*store.value());
    const std::uint64_t before = disk->publications;
    const CommitOutcome outcome = store.value()->commit();
    if (outcome == CommitOutcome::Durable || disk->publications != before) {
      published = content;
    }
    EXPECT_EQ(outcome == CommitOutcome::Durable || disk->off, true);
    if (disk->off) {
      return;
    }
  }
}

TEST(CrashPoint, EveryOperationOfEveryCommitMayBeTheLast) {
  std::uint64_t points = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    std::uint64_t operations = 0;
    {
      const ScratchDirectory scratch;
      const auto disk = std::make_shared<DiskState>();
      Content ignored;
      run(disk, scratch.file("store"), seed, ignored);
      operations = disk->operations;
    }
    for (std::uint64_t point = 1; point <= operations; ++point) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", power off at operation " << point);
      const ScratchDirectory scratch;
      const auto disk = std::make_shared<DiskState>();
      disk->fail_at = point;
      disk->chance.seed(seed * 1000 + point);
      Content published;
      run(disk, scratch.file("store"), seed, published);
      const auto store = DurableStore::open(scratch.file("store"), options());
      ASSERT_TRUE(store.has_value()) << store.error().message;
      ASSERT_EQ(content_of(*store.value()), published);
      EXPECT_EQ(store.value()->statistics().unreadable_reads, 0U);
      ++points;
    }
  }
  EXPECT_GT(points, 150U) << "the histories have become too short";
}

TEST(CrashPoint, StoreGoesOnAfterEachOfThem) {
  // One directory, cut off again and again, each time a little later.
  const ScratchDirectory scratch;
  Content published;
  for (std::uint64_t cut = 1; cut != 25; ++cut) {
    SCOPED_TRACE(testing::Message() << "cut " << cut);
    {
      const auto store = DurableStore::open(scratch.file("store"), options());
      ASSERT_TRUE(store.has_value()) << store.error().message;
      ASSERT_EQ(content_of(*store.value()), published);
    }
    const auto disk = std::make_shared<DiskState>();
    disk->fail_at = cut;
    disk->chance.seed(cut);
    run(disk, scratch.file("store"), 100 + cut, published);
  }
}

TEST(FailingDisk, FailedCommitsLoseNothingAndTheNextOneMakesUpForThem) {
  for (int kind = 0; kind != 3; ++kind) {
    SCOPED_TRACE(testing::Message() << "kind of failure " << kind);
    const ScratchDirectory scratch;
    const std::string path = scratch.file("store");
    Content content;
    int failed = 0;
    {
      const auto disk = std::make_shared<DiskState>();
      auto store = test::open_on(disk, path, options());
      ASSERT_TRUE(store.has_value());
      History history(*store.value(), 5);
      for (int round = 0; round != 6; ++round) {
        history.change();
        disk->sync_error = kind == 0 ? EIO : 0;
        disk->publish_error = kind == 1 ? ENOSPC : 0;
        disk->write_error = kind == 2 ? EIO : 0;
        const CommitOutcome outcome = store.value()->commit();
        failed += outcome == CommitOutcome::Durable ? 0 : 1;
        EXPECT_NE(outcome, kind == 1 ? CommitOutcome::Failed : CommitOutcome::NoSpace);
        disk->sync_error = 0;
        disk->write_error = 0;
        // Nothing is changed in between: what the failed one left undone is done now.
        EXPECT_EQ(store.value()->commit(), CommitOutcome::Durable);
      }
      EXPECT_GT(failed, 2);
      content = content_of(*store.value());
      disk->off = true;
    }
    const auto store = DurableStore::open(path, options());
    ASSERT_TRUE(store.has_value()) << store.error().message;
    EXPECT_EQ(content_of(*store.value()), content);
  }
}

TEST(FailingDisk, FullDiskRefusesTheWriteAndKeepsTheRest) {
  const ScratchDirectory scratch;
  const auto disk = std::make_shared<DiskState>();
  DurableOptions wanted = options();
  wanted.spare = ByteCount{64 * kExtentBytes};
  auto store = test::open_on(disk, scratch.file("store"), wanted);
  ASSERT_TRUE(store.has_value());
  const auto volume =
      store.value()
          ->create_volume("v", BlockCount{10'000 * kBlocksPerExtent}, BlockSize{512})
          .value();
  const std::vector<std::byte> block(512, std::byte{1});
  EXPECT_EQ(volume->write(Lba{0}, block), WriteResult::Done);
  disk->allocate_error = ENOSPC;
  std::uint64_t extent = 1;
  while (extent != 1000 &&
         volume->write(Lba{extent * kBlocksPerExtent}, block) == WriteResult::Done) {
    ++extent;
  }
  ASSERT_LT(extent, 1000U) << "blocks came from nowhere";
  for (std::uint64_t round = 0; round != 40; ++round) {
    EXPECT_EQ(store.value()->commit(), CommitOutcome::Durable);
    EXPECT_EQ(volume->write(Lba{round * kBlocksPerExtent + 1}, block), WriteResult::Done)
        << "what is mapped can be rewritten, round " << round;
  }
  EXPECT_EQ(volume->write(Lba{extent * kBlocksPerExtent}, block), WriteResult::OutOfSpace);
  // What is given back can be used after a commit.
  EXPECT_EQ(volume->unmap(Lba{0}, BlockCount{8 * kBlocksPerExtent}), WriteResult::Done);
  EXPECT_EQ(store.value()->commit(), CommitOutcome::Durable);
  EXPECT_EQ(volume->write(Lba{2000 * kBlocksPerExtent}, block), WriteResult::Done);
  EXPECT_EQ(store.value()->commit(), CommitOutcome::Durable);
}

}  // namespace
}  // namespace lockstep::store
