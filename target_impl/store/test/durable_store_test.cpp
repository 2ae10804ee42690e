// What a durable store keeps over a restart, and that it behaves as a store in memory does.
#include "target_impl/store/durable_store.hpp"

#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <random>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace lockstep::store {
namespace {

using Bytes = std::vector<std::byte>;

constexpr BlockSize kBlock{512};
constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;

DurableOptions small() {
  DurableOptions options;
  options.capacity = ByteCount{64 * kExtentBytes};
  options.cache = ByteCount{16 * kExtentBytes};
  options.dirty = ByteCount{16 * kExtentBytes};
  options.commit_interval_ms = 0;
  return options;
}

std::unique_ptr<DurableStore> open(const std::string& path,
                                   const DurableOptions& options = small()) {
  auto store = DurableStore::open(path, options);
  if (!store) {
    ADD_FAILURE() << store.error().message;
    return nullptr;
  }
  return std::move(store.value());
}

std::shared_ptr<Volume> make(DurableStore& store, const std::string& name, std::uint64_t blocks) {
  auto volume = store.create_volume(name, BlockCount{blocks}, kBlock);
  EXPECT_TRUE(volume.has_value());
  return volume.value();
}

Bytes filled(std::size_t blocks, int value) {
  return Bytes(blocks * kBlock.bytes, static_cast<std::byte>(value));
}

template <class Readable>
Bytes read(const Readable& from, std::uint64_t first, std::uint64_t count) {
  Bytes out(count * kBlock.bytes, std::byte{0xee});
  EXPECT_TRUE(from.read(Lba{first}, out));
  return out;
}

std::uint64_t disk_bytes(const std::string& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0);
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

// What changes while commits are held is in one commit, however many are asked for meanwhile.
TEST(DurableStore, HoldsCommitsBack) {
  const test::ScratchDirectory scratch;
  const auto store = open(scratch.file("store"));
  const auto volume = make(*store, "a", 1000);
  ASSERT_EQ(store->commit(), CommitOutcome::Durable);
  const std::uint64_t before = store->statistics().commits;
  auto held = store->hold_commits();
  EXPECT_EQ(volume->write(Lba{0}, filled(1, 1)), WriteResult::Done);
  const CommitNumber first = store->commits()->request();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(volume->write(Lba{900}, filled(1, 2)), WriteResult::Done);
  EXPECT_TRUE(store->put("key", filled(1, 3)).has_value());
  EXPECT_EQ(store->statistics().commits, before);
  held.unlock();
  EXPECT_EQ(store->commits()->wait(first), CommitOutcome::Durable);
  EXPECT_EQ(store->statistics().commits, before + 1);
  EXPECT_EQ(store->statistics().dirty_bytes, 0U) << "all of it was in that commit";
}

TEST(DurableStore, KeepsAVolumeThatWasMadeWithoutAName) {
  const test::ScratchDirectory scratch;
  const std::string path = scratch.file("store");
  {
    const auto store = open(path);
    const auto volume = std::make_shared<Volume>(BlockCount{1000}, kBlock, store->pool());
    EXPECT_EQ(volume->write(Lba{5}, filled(1, 1)), WriteResult::Done);
    EXPECT_TRUE(store->keep_volume("a", volume).has_value());
    EXPECT_TRUE(store->keep_volume("a", volume).has_value()) << "its own name";
    const auto other = std::make_shared<Volume>(BlockCount{1000}, kBlock, store->pool());
    EXPECT_FALSE(store->keep_volume("a", other).has_value());
    const auto foreign = std::make_shared<Volume>(BlockCount{8}, kBlock, make_pool(ByteCount{8}));
    EXPECT_FALSE(store->keep_volume("b", foreign).has_value());
  }
  const auto store = open(path);
  ASSERT_NE(store->find_volume("a"), nullptr);
  EXPECT_EQ(read(*store->find_volume("a"), 5, 1), filled(1, 1));
  EXPECT_EQ(store->find_volume("b"), nullptr);
}

TEST(DurableStore, KnowsWhenTwoImagesAreOneMap) {
  const test::ScratchDirectory scratch;
  const auto store = open(scratch.file("store"));
  const auto volume = make(*store, "a", 1000);
  const Image empty = volume->snapshot();
  EXPECT_TRUE(is_same_map(empty, volume->snapshot()));
  EXPECT_EQ(volume->write(Lba{5}, filled(1, 1)), WriteResult::Done);
  const Image written = volume->snapshot();
  EXPECT_FALSE(is_same_map(empty, written));
  EXPECT_TRUE(is_same_map(written, volume->snapshot()));
  EXPECT_FALSE(is_same_map(written, Image()));
  EXPECT_FALSE(is_same_map(empty, make(*store, "b", 999)->snapshot()));
}

TEST(DurableStore, KeepsVolumesImagesAndValues) {
  const test::ScratchDirectory scratch;
  const std::string path = scratch.file("store");
  {
    const auto store = open(path);
    const auto volume = make(*store, "a/0", 1000);
    const auto other = make(*store, "b/0", 300);
    EXPECT_EQ(volume->write(Lba{7}, filled(3, 1)), WriteResult::Done);
    EXPECT_EQ(other->write(Lba{299}, filled(1, 2)), WriteResult::Done);
    EXPECT_TRUE(store->keep_image("before", volume->snapshot()).has_value());
    EXPECT_EQ(volume->write(Lba{8}, filled(300, 3)), WriteResult::Done);
    EXPECT_TRUE(store->put("reservations", filled(1, 4)).has_value());
    EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  }
  const auto store = open(path);
  EXPECT_EQ(store->volumes(), (std::vector<VolumeEntry>{{"a/0", BlockCount{1000}, kBlock},
                                                        {"b/0", BlockCount{300}, kBlock}}));
  const auto volume = store->find_volume("a/0");
  EXPECT_EQ(read(*volume, 7, 1), filled(1, 1));
  EXPECT_EQ(read(*volume, 8, 300), filled(300, 3));
  EXPECT_EQ(read(*volume, 400, 600), filled(600, 0));
  EXPECT_EQ(read(*store->find_volume("b/0"), 299, 1), filled(1, 2));
  EXPECT_EQ(store->images(), std::vector<std::string>{"before"});
  EXPECT_EQ(read(*store->find_image("before"), 7, 3), filled(3, 1));
  EXPECT_EQ(read(*store->find_image("before"), 10, 990), filled(990, 0));
  EXPECT_EQ(store->get("reservations"), filled(1, 4));
  EXPECT_EQ(used_of(*store->pool()).value, 5 * kExtentBytes);
}

TEST(DurableStore, SharesOnDiskWhatVolumesShare) {
  const test::ScratchDirectory scratch;
  const std::string path = scratch.file("store");
  std::uint64_t file_bytes = 0;
  {
    const auto store = open(path);
    const auto volume = make(*store, "source", 10 * kBlocksPerExtent);
    EXPECT_EQ(volume->write(Lba{0}, filled(10 * kBlocksPerExtent, 1)), WriteResult::Done);
    const auto clone = make(*store, "clone", 20 * kBlocksPerExtent);
    EXPECT_EQ(clone->assign(volume->snapshot()), WriteResult::Done);
    EXPECT_EQ(clone->write(Lba{0}, filled(1, 2)), WriteResult::Done);
    EXPECT_EQ(store->commit(), CommitOutcome::Durable);
    EXPECT_EQ(store->statistics().extents_written, 11U);
    file_bytes = store->statistics().file_bytes;
  }
  const auto store = open(path);
  EXPECT_EQ(store->statistics().file_bytes, file_bytes);
  EXPECT_EQ(used_of(*store->pool()).value, 11 * kExtentBytes);
  const auto source = store->find_volume("source");
  EXPECT_EQ(diff(source->snapshot(), source->snapshot()), std::vector<BlockRange>{});
  EXPECT_EQ(read(*store->find_volume("clone"), 0, 2), [] {
    Bytes bytes = filled(1, 2);
    bytes.resize(1024, std::byte{1});
    return bytes;
  }());
  EXPECT_EQ(read(*source, 0, 2), filled(2, 1));
}

TEST(DurableStore, WritesOnlyWhatChanged) {
  const test::ScratchDirectory scratch;
  const auto store = open(scratch.file("store"));
  const auto volume = make(*store, "v", 60 * kBlocksPerExtent);
  EXPECT_EQ(volume->write(Lba{0}, filled(40 * kBlocksPerExtent, 1)), WriteResult::Done);
  EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  const DurableStatistics before = store->statistics();
  EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  EXPECT_EQ(store->statistics().commits, before.commits) << "nothing had changed";
  EXPECT_EQ(volume->write(Lba{5}, filled(1, 2)), WriteResult::Done);
  EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  EXPECT_EQ(store->statistics().extents_written, before.extents_written + 1);
  EXPECT_EQ(store->statistics().nodes_written, before.nodes_written + 1);
}

TEST(DurableStore, SnapshotOfALargeVolumeTakesARecordOnDisk) {
  const test::ScratchDirectory scratch;
  DurableOptions options = small();
  options.capacity = ByteCount{2000 * kExtentBytes};
  options.dirty = ByteCount{2000 * kExtentBytes};
  const auto store = open(scratch.file("store"), options);
  const auto volume = make(*store, "v", (std::uint64_t{1} << 40) / kBlock.bytes);
  for (std::uint64_t i = 0; i != 1000; ++i) {
    EXPECT_EQ(volume->write(Lba{i * 1'000'003}, filled(1, 1)), WriteResult::Done);
  }
  EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  const DurableStatistics before = store->statistics();
  const std::uint64_t map_bytes = disk_bytes(scratch.file("store/map.lmdb"));
  EXPECT_TRUE(store->keep_image("s", volume->snapshot()).has_value());
  EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  EXPECT_EQ(store->statistics().commits, before.commits + 1);
  EXPECT_EQ(store->statistics().nodes_written, before.nodes_written);
  EXPECT_EQ(store->statistics().file_bytes, before.file_bytes);
  EXPECT_LE(disk_bytes(scratch.file("store/map.lmdb")), map_bytes + 64 * 1024);
}

TEST(DurableStore, UnmappedAndRemovedSpaceIsUsedAgainAndGoesBackToTheDisk) {
  const test::ScratchDirectory scratch;
  const std::string path = scratch.file("store");
  DurableOptions options = small();
  options.capacity = ByteCount{3000 * kExtentBytes};
  options.dirty = ByteCount{3000 * kExtentBytes};
  const auto store = open(path, options);
  constexpr std::uint64_t kExtents = 1500;
  const auto volume = make(*store, "v", kExtents * kBlocksPerExtent);
  const Bytes megabytes = filled(100 * kBlocksPerExtent, 1);
  const auto fill = [&](Volume& target) {
    for (std::uint64_t at = 0; at != kExtents; at += 100) {
      EXPECT_EQ(target.write(Lba{at * kBlocksPerExtent}, megabytes), WriteResult::Done);
    }
    EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  };
  fill(*volume);
  EXPECT_EQ(store->statistics().file_bytes, kExtents * kExtentBytes);
  const std::uint64_t full = disk_bytes(path + "/extents");
  EXPECT_EQ(volume->unmap(Lba{0}, volume->blocks()), WriteResult::Done);
  EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  EXPECT_EQ(store->statistics().file_bytes, 0U);
  EXPECT_LT(disk_bytes(path + "/extents"), full * 3 / 4);
  const auto size = std::filesystem::file_size(path + "/extents");
  for (int round = 0; round != 3; ++round) {
    const auto other = make(*store, "w", kExtents * kBlocksPerExtent);
    fill(*other);
    EXPECT_TRUE(store->remove_volume("w"));
  }
  EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  EXPECT_EQ(store->statistics().file_bytes, 0U);
  EXPECT_EQ(std::filesystem::file_size(path + "/extents") <= 2 * size, true);
  EXPECT_EQ(used_of(*store->pool()).value, 0U);
}

TEST(DurableStore, GivesContentBackThatDoesNotFitIntoItsCache) {
  const test::ScratchDirectory scratch;
  const std::string path = scratch.file("store");
  DurableOptions options = small();
  options.cache = ByteCount{16 * kExtentBytes};
  const auto store = open(path, options);
  const auto volume = make(*store, "v", 60 * kBlocksPerExtent);
  for (std::uint64_t extent = 0; extent != 60; ++extent) {
    EXPECT_EQ(volume->write(Lba{extent * kBlocksPerExtent}, filled(2, static_cast<int>(extent))),
              WriteResult::Done);
  }
  EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  for (int round = 0; round != 2; ++round) {
    for (std::uint64_t extent = 0; extent != 60; ++extent) {
      EXPECT_EQ(read(*volume, extent * kBlocksPerExtent, 2), filled(2, static_cast<int>(extent)));
    }
    EXPECT_LE(store->statistics().cached_bytes, 16 * kExtentBytes);
  }
  // A part of an extent that is not in memory is changed.
  EXPECT_EQ(volume->write(Lba{1}, filled(1, 99)), WriteResult::Done);
  EXPECT_EQ(read(*volume, 0, 1), filled(1, 0));
  EXPECT_EQ(read(*volume, 1, 1), filled(1, 99));
}

TEST(DurableStore, CatalogueRefusesWhatItCannotKeep) {
  const test::ScratchDirectory scratch;
  const auto store = open(scratch.file("store"));
  const auto volume = make(*store, "v", 10);
  EXPECT_EQ(store->create_volume("v", BlockCount{10}, kBlock).error().origin, Origin::Usage);
  EXPECT_EQ(store->create_volume("", BlockCount{10}, kBlock).error().origin, Origin::Usage);
  EXPECT_EQ(store->create_volume("w", BlockCount{0}, kBlock).error().origin, Origin::Usage);
  EXPECT_EQ(store->create_volume("w", BlockCount{10}, BlockSize{1000}).error().origin,
            Origin::Usage);
  EXPECT_EQ(store->put(std::string(256, 'k'), {}).error().origin, Origin::Usage);
  EXPECT_EQ(store->put("k", Bytes(128 * 1024 + 1)).error().origin, Origin::Usage);
  Volume in_memory(BlockCount{10}, kBlock, make_pool(ByteCount{1 << 20}));
  EXPECT_EQ(store->keep_image("i", in_memory.snapshot()).error().origin, Origin::Usage);
  EXPECT_EQ(store->keep_image("i", Image()).error().origin, Origin::Usage);
  EXPECT_FALSE(store->remove_volume("w"));
  EXPECT_FALSE(store->erase("k"));
}

TEST(DurableStore, NamesComeAndGoInOneCommit) {
  const test::ScratchDirectory scratch;
  const std::string path = scratch.file("store");
  {
    const auto store = open(path);
    make(*store, "stays", 10);
    make(*store, "goes", 10);
    EXPECT_TRUE(store->put("kept", filled(1, 1)).has_value());
    EXPECT_TRUE(store->put("erased", filled(1, 1)).has_value());
    EXPECT_EQ(store->commit(), CommitOutcome::Durable);
    EXPECT_TRUE(store->remove_volume("goes"));
    EXPECT_TRUE(store->remove_volume("stays"));
    make(*store, "stays", 20);
    EXPECT_TRUE(store->erase("erased"));
    EXPECT_TRUE(store->erase("kept"));
    EXPECT_TRUE(store->put("kept", filled(1, 2)).has_value());
    EXPECT_EQ(store->commit(), CommitOutcome::Durable);
  }
  const auto store = open(path);
  EXPECT_EQ(store->volumes(), (std::vector<VolumeEntry>{{"stays", BlockCount{20}, kBlock}}));
  EXPECT_EQ(store->keys(""), std::vector<std::string>{"kept"});
  EXPECT_EQ(store->get("kept"), filled(1, 2));
}

TEST(DurableStore, CopiesWhatComesFromAnotherPool) {
  const test::ScratchDirectory scratch;
  const std::string path = scratch.file("store");
  {
    const auto store = open(path);
    Volume in_memory(BlockCount{600}, kBlock, make_pool(ByteCount{1 << 24}));
    EXPECT_EQ(in_memory.write(Lba{500}, filled(3, 7)), WriteResult::Done);
    const auto volume = make(*store, "v", 1000);
    EXPECT_EQ(volume->assign(in_memory.snapshot()), WriteResult::Done);
    EXPECT_EQ(store->commit(), CommitOutcome::Durable);
    EXPECT_EQ(in_memory.assign(volume->snapshot().blocks().value <= 600 ? volume->snapshot()
                                                                        : in_memory.snapshot()),
              WriteResult::Done);
  }
  const auto store = open(path);
  EXPECT_EQ(read(*store->find_volume("v"), 500, 3), filled(3, 7));
}

TEST(DurableStore, VolumesOutliveTheStoreInMemory) {
  const test::ScratchDirectory scratch;
  auto store = open(scratch.file("store"));
  const auto volume = make(*store, "v", 1000);
  EXPECT_EQ(volume->write(Lba{0}, filled(1, 1)), WriteResult::Done);
  store.reset();
  EXPECT_EQ(volume->write(Lba{1}, filled(1, 2)), WriteResult::Done);
  EXPECT_EQ(read(*volume, 0, 2).front(), std::byte{1});
  EXPECT_EQ(volume->commits()->wait(volume->commits()->request()), CommitOutcome::Failed);
}

}  // namespace
}  // namespace lockstep::store
