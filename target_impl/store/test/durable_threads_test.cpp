// Writers, readers and snapshots beside a thread that commits without pause and a cache that holds
// next to nothing. Also for ThreadSanitizer.
#include "target_impl/store/durable_store.hpp"
#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace lockstep::store {
namespace {

constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;
constexpr std::uint64_t kBlocks = 12 * kBlocksPerExtent;

using Words = std::vector<std::uint64_t>;

// Writes blocks that hold their number and a count; returns the counts.
template <class GoOn>
Words write_while(GoOn&& go_on, Volume& volume, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Words counts(kBlocks);
  for (std::uint64_t step = 1; step != 300'000 && go_on(); ++step) {
    const std::uint64_t first = random() % kBlocks;
    const std::uint64_t count = 1 + random() % std::min<std::uint64_t>(20, kBlocks - first);
    if (random() % 8 == 0) {
      EXPECT_EQ(volume.unmap(Lba{first}, BlockCount{count}), WriteResult::Done);
      std::fill_n(counts.begin() + static_cast<std::ptrdiff_t>(first), count, 0);
      continue;
    }
    std::vector<std::byte> data(count * 512);
    for (std::uint64_t i = 0; i != count; ++i) {
      const std::uint64_t stamp[] = {first + i, step};
      std::memcpy(data.data() + i * 512, stamp, sizeof stamp);
      counts[first + i] = step;
    }
    EXPECT_EQ(volume.write(Lba{first}, data), WriteResult::Done);
  }
  return counts;
}

template <class Readable>
Words counts_in(const Readable& from) {
  std::vector<std::byte> data(kBlocks * 512);
  EXPECT_TRUE(from.read(Lba{0}, data));
  Words counts(kBlocks);
  for (std::uint64_t i = 0; i != kBlocks; ++i) {
    std::uint64_t stamp[2];
    std::memcpy(stamp, data.data() + i * 512, sizeof stamp);
    EXPECT_TRUE(stamp[1] == 0 || stamp[0] == i) << "block " << i << " holds block " << stamp[0];
    counts[i] = stamp[1];
  }
  return counts;
}

TEST(DurableThreads, CommitsDisturbNobodyAndMissNothing) {
  const lockstep::test::ScratchDirectory scratch;
  DurableOptions options;
  options.capacity = ByteCount{400 * kExtentBytes};
  options.cache = ByteCount{kExtentBytes};
  options.dirty = ByteCount{6 * kExtentBytes};
  options.commit_interval_ms = 1;
  Words written[2];
  Words seen_in_image;
  {
    auto store = std::move(DurableStore::open(scratch.file("store"), options).value());
    std::shared_ptr<Volume> volumes[2];
    for (int i = 0; i != 2; ++i) {
      volumes[i] =
          store->create_volume("v" + std::to_string(i), BlockCount{kBlocks}, BlockSize{512})
              .value();
    }
    std::atomic<bool> stop{false};
    std::thread watcher([&] {
      while (!stop) {
        const Image image = volumes[0]->snapshot();
        EXPECT_EQ(counts_in(image), counts_in(image));
        EXPECT_TRUE(store->keep_image("last", image).has_value());
        seen_in_image = counts_in(image);
      }
    });
    std::vector<std::thread> writers;
    for (std::uint64_t i = 0; i != 2; ++i) {
      writers.emplace_back([&, i] {
        written[i] =
            write_while([&] { return store->statistics().commits < 30; }, *volumes[i], i + 1);
      });
    }
    for (std::thread& writer : writers) {
      writer.join();
    }
    stop = true;
    watcher.join();
    EXPECT_GE(store->statistics().commits, 30U);
    EXPECT_EQ(store->statistics().failed_commits, 0U);
  }
  const auto store = std::move(DurableStore::open(scratch.file("store"), options).value());
  EXPECT_EQ(counts_in(*store->find_volume("v0")), written[0]);
  EXPECT_EQ(counts_in(*store->find_volume("v1")), written[1]);
  EXPECT_EQ(counts_in(*store->find_image("last")), seen_in_image);
  // Everything is accounted for: what is used is what is mapped, and nothing leaks slots.
  EXPECT_EQ(store->statistics().file_bytes, used_of(*store->pool()).value);
}

}  // namespace
}  // namespace lockstep::store
