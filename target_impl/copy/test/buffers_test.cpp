#include "target_impl/copy/buffers.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

namespace lockstep::copy {
namespace {

TEST(BufferPool, HandsOutAlignedBuffersOfTheSizeAskedFor) {
  BufferPool pool(1 << 20);
  const Buffer buffer = pool.take(1536);
  ASSERT_TRUE(buffer);
  EXPECT_EQ(buffer.bytes().size(), 1536U);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.bytes().data()) % 4096, 0U);
}

TEST(BufferPool, StopsAtItsBound) {
  BufferPool pool(8192);
  Buffer first = pool.take(4096);
  const Buffer second = pool.take(4096);
  EXPECT_FALSE(pool.take(512));
  pool.give_back(std::move(first));
  EXPECT_TRUE(pool.take(4096));
}

TEST(BufferPool, ReusesWhatCameBack) {
  BufferPool pool(1 << 20);
  Buffer buffer = pool.take(4096);
  const auto* const address = buffer.bytes().data();
  pool.give_back(std::move(buffer));
  EXPECT_EQ(pool.take(4096).bytes().data(), address);
}

TEST(BufferPool, FreesOtherSizesForRoom) {
  BufferPool pool(8192);
  pool.give_back(pool.take(8192));
  const Buffer smaller = pool.take(4096);
  EXPECT_TRUE(smaller);
  EXPECT_EQ(pool.bytes_held(), 4096U);
}

TEST(BufferPool, ShrinksToWhatIsInUse) {
  BufferPool pool(1 << 20);
  const Buffer used = pool.take(4096);
  pool.give_back(pool.take(8192));
  pool.shrink();
  EXPECT_EQ(pool.bytes_held(), 4096U);
}

}  // namespace
}  // namespace lockstep::copy
