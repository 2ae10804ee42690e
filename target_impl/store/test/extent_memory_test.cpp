#include "target_impl/store/extent_memory.hpp"

#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

namespace lockstep::store::detail {
namespace {

using Place = ExtentMemory::Place;

std::vector<Place> take(std::size_t count) {
  std::vector<Place> places(count);
  std::generate(places.begin(), places.end(), [] { return ExtentMemory::take(); });
  return places;
}

void give_back(const std::vector<Place>& places) {
  for (const Place& place : places) ExtentMemory::give_back(place.header);
}

TEST(ExtentMemory, NeverLendsTheSameMemoryTwice) {
  const auto places = take(100);
  std::set<const void*> headers;
  unsigned char mark = 0;
  for (const Place& place : places) {
    ASSERT_NE(place.header, nullptr);
    EXPECT_TRUE(headers.insert(place.header).second);
    std::memset(place.header, mark, ExtentMemory::kHeaderBytes);
    std::memset(place.content, mark, kExtentBytes);
    ++mark;
  }
  mark = 0;
  for (const Place& place : places) {
    const auto is_mark = [mark](std::byte byte) { return byte == std::byte{mark}; };
    const auto* header = static_cast<const std::byte*>(place.header);
    EXPECT_TRUE(std::all_of(header, header + ExtentMemory::kHeaderBytes, is_mark));
    EXPECT_TRUE(std::all_of(place.content, place.content + kExtentBytes, is_mark));
    ++mark;
  }
  give_back(places);
}

TEST(ExtentMemory, UsesAgainWhatWasGivenBack) {
  auto places = take(64);
  const std::size_t mapped = ExtentMemory::mapped_bytes();
  for (std::size_t round = 0; round < 50; ++round) {
    // Every second one, so that no chunk is ever free as a whole.
    for (std::size_t i = round % 2; i < places.size(); i += 2) {
      ExtentMemory::give_back(places[i].header);
    }
    for (std::size_t i = round % 2; i < places.size(); i += 2) places[i] = ExtentMemory::take();
    ASSERT_EQ(ExtentMemory::mapped_bytes(), mapped);
  }
  give_back(places);
}

TEST(ExtentMemory, KeepsAsMuchSpareAsIsInUse) {
  constexpr std::size_t kMany = 1024;  // 32 units
  auto kept = take(kMany);
  auto lent = take(kMany);
  const std::size_t most = ExtentMemory::mapped_bytes();
  give_back(lent);
  EXPECT_EQ(ExtentMemory::mapped_bytes(), most);
  lent = take(kMany);
  EXPECT_EQ(ExtentMemory::mapped_bytes(), most);
  give_back(lent);
  give_back(kept);
  EXPECT_LE(ExtentMemory::mapped_bytes(), most - kMany * kExtentBytes);
}

TEST(ExtentMemory, GivesMemoryBackToTheSystem) {
  const std::size_t before = ExtentMemory::mapped_bytes();
  auto places = take(2048);
  const std::size_t most = ExtentMemory::mapped_bytes();
  ASSERT_GE(most, 2000 * kExtentBytes);
  // From the middle outwards: the order must not matter.
  std::rotate(places.begin(), places.begin() + 1000, places.end());
  give_back(places);
  EXPECT_LE(ExtentMemory::mapped_bytes(), before + 16 * ExtentMemory::kChunkBytes);
}

}  // namespace
}  // namespace lockstep::store::detail
