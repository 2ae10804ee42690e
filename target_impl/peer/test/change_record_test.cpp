// Goal: what was noted is found again, by generation, in this process and the next; what cannot be
// read counts as noted.
#include "target_impl/peer/change_record.hpp"

#include "target_impl/store/test/scratch_directory.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace lockstep::peer {
namespace {

constexpr std::uint64_t kExtent = store::kExtentBytes / 512;
constexpr VolumeGeometry kSmall{BlockCount{10 * kExtent - 3}, BlockSize{512}};

Ranges one(std::uint64_t first, std::uint64_t count) { return {{Lba{first}, BlockCount{count}}}; }

class ChangeRecords : public ::testing::Test {
 protected:
  // One in which nothing is noted since the generation that is returned.
  Generation prepare() {
    ChangeRecord record(path, kSmall, 0);
    return record.begin_generation();
  }
  lockstep::test::ScratchDirectory scratch;
  const std::string path = scratch.file("changes");
};

TEST_F(ChangeRecords, ANewOneHoldsEverything) {
  ChangeRecord record(path, kSmall, 5);
  EXPECT_EQ(record.since(5), one(0, kSmall.blocks.value));
  EXPECT_EQ(record.parts_since(5), 10U);
}

TEST_F(ChangeRecords, NotesAreFoundByTheNextProcess) {
  const Generation settled = prepare();
  {
    ChangeRecord record(path, kSmall, settled);
    EXPECT_TRUE(record.since(settled).empty());
    EXPECT_TRUE(
        record.note({{Lba{kExtent - 1}, BlockCount{2}}, {Lba{9 * kExtent}, BlockCount{1}}}));
  }
  ChangeRecord record(path, kSmall, settled);
  const Ranges expected{{Lba{0}, BlockCount{2 * kExtent}},
                        {Lba{9 * kExtent}, BlockCount{kExtent - 3}}};
  EXPECT_EQ(record.since(settled), expected);
}

TEST_F(ChangeRecords, GenerationsComeAfterEachOther) {
  const Generation first = prepare();
  ChangeRecord record(path, kSmall, first);
  EXPECT_TRUE(record.note(one(0, 1)));
  const Generation second = record.begin_generation();
  EXPECT_TRUE(record.since(second).empty());
  EXPECT_TRUE(record.note(one(5 * kExtent, 1)));
  EXPECT_EQ(record.since(second), one(5 * kExtent, kExtent));
  EXPECT_EQ(record.parts_since(first), 2U);
  ChangeRecord again(path, kSmall, second);
  EXPECT_EQ(again.since(second), one(5 * kExtent, kExtent));
  // What is noted by the next process is never older than what its records agree with.
  EXPECT_TRUE(again.note(one(7 * kExtent, 1)));
  EXPECT_EQ(again.parts_since(second), 2U);
}

TEST_F(ChangeRecords, DamageCountsAsEverything) {
  const Generation settled = prepare();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  EXPECT_EQ(ChangeRecord(path, kSmall, settled).parts_since(settled), 10U);
  EXPECT_EQ(prepare(), settled + 1);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.put('L');
  }
  EXPECT_EQ(ChangeRecord(path, kSmall, settled).parts_since(settled), 10U);
}

TEST_F(ChangeRecords, ADiskThatRefusesIsNoted) {
  ChangeRecord record(scratch.file("no such directory/changes"), kSmall, 3);
  const Generation now = record.begin_generation();
  EXPECT_FALSE(record.note(one(0, 1)));
  EXPECT_TRUE(record.since(now).empty());
  EXPECT_EQ(record.parts_since(3), 10U);
}

TEST_F(ChangeRecords, LargeVolumesHaveLargerParts) {
  const VolumeGeometry large{BlockCount{1ULL << 31}, BlockSize{512}};  // 1 TiB
  ChangeRecord record(path, large, 0);
  EXPECT_EQ(record.parts_since(0), 4096U);
  const Generation now = record.begin_generation();
  EXPECT_TRUE(record.note(one((1ULL << 31) - 1, 1)));
  EXPECT_EQ(record.since(now), one((1ULL << 31) - (1ULL << 19), 1ULL << 19));
}

}  // namespace
}  // namespace lockstep::peer
