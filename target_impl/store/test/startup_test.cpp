// How long a large store takes to open. On a disk, with more content than its cache holds.
#include "target_impl/store/durable_store.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

namespace lockstep::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBlocksPerExtent = kExtentBytes / 512;

TEST(StartUp, TakesLessThanTwoSecondsWithFourGibibytesWritten) {
  std::string path = (std::filesystem::temp_directory_path() / "lockstep-XXXXXX").string();
  ASSERT_NE(::mkdtemp(path.data()), nullptr);
  constexpr std::uint64_t kVolumeExtents = (std::uint64_t{64} << 30) / kExtentBytes;
  constexpr std::uint64_t kWrittenExtents = (std::uint64_t{4} << 30) / kExtentBytes;
  constexpr std::uint64_t kStride = kVolumeExtents / kWrittenExtents;
  {
    auto store = DurableStore::open(path);
    ASSERT_TRUE(store.has_value()) << store.error().message;
    const auto volume = store.value()->create_volume(
        "v", BlockCount{kVolumeExtents * kBlocksPerExtent}, BlockSize{512});
    std::vector<std::byte> data(kExtentBytes);
    for (std::uint64_t i = 0; i != kWrittenExtents; ++i) {
      std::memcpy(data.data(), &i, sizeof i);
      volume.value()->admit();
      ASSERT_EQ(volume.value()->write(Lba{i * kStride * kBlocksPerExtent}, data),
                WriteResult::Done);
    }
    ASSERT_EQ(store.value()->commit(), CommitOutcome::Durable);
    EXPECT_EQ(store.value()->statistics().file_bytes, std::uint64_t{4} << 30);
    EXPECT_LE(store.value()->statistics().cached_bytes, DurableOptions{}.cache.value);
  }
  const auto began = Clock::now();
  {
    const auto store = DurableStore::open(path);
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    ASSERT_TRUE(store.has_value()) << store.error().message;
    std::printf("open took %.3f s\n", seconds);
    RecordProperty("open_seconds", std::to_string(seconds));
    EXPECT_LT(seconds, 2.0);
    std::vector<std::byte> data(512);
    const std::uint64_t last = kWrittenExtents - 1;
    EXPECT_TRUE(
        store.value()->find_volume("v")->read(Lba{last * kStride * kBlocksPerExtent}, data));
    EXPECT_EQ(std::memcmp(data.data(), &last, sizeof last), 0);
  }
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace lockstep::store
