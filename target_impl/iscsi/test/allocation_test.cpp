// In the steady state a command allocates nothing: counted by replacing the global operator new.
#include "target_impl/iscsi/test/counting_new.hpp"
#include "target_impl/iscsi/test/session_fixture.hpp"
#include "target_impl/memory/recycling_allocator.hpp"

#include <cstring>
#include <functional>

namespace lockstep::iscsi::test {
namespace {

class AllocationTest : public SessionTest {
 protected:
  // Feeds encoded requests, as one receive after the other would, and throws the answers away.
  void run(std::string_view bytes) {
    Connection& connection = peer->connection();
    while (!bytes.empty()) {
      for (const auto& space : connection.spaces()) {
        const std::size_t part = std::min(space.size(), bytes.size());
        if (part == 0) {
          continue;
        }
        std::memcpy(space.data(), bytes.data(), part);
        connection.received(part);
        bytes.remove_prefix(part);
      }
      Connection::State state = connection.process();
      while (state == Connection::State::Paused || state == Connection::State::Yields) {
        connection.output().sent(connection.output().bytes());
        state = connection.process();
      }
      ASSERT_EQ(state, Connection::State::NeedsInput);
    }
    for (const auto& ending : executor->endings) {
      ending->end({});
    }
    executor->endings.clear();
    connection.session()->answer_late();
    connection.output().sent(connection.output().bytes());
  }
  // The same mix again and again, with new numbers.
  std::size_t allocations_of(const std::function<void(std::string&)>& add) {
    std::size_t counted = 0;
    for (int round = 0; round < 4; ++round) {
      std::string bytes;
      add(bytes);
      const std::size_t before = allocation_count();
      run(bytes);
      counted = allocation_count() - before;  // of the last round
    }
    return counted;
  }
};

TEST_F(AllocationTest, SmallReadsAndWritesAllocateNothing) {
  EXPECT_EQ(allocations_of([this](std::string& bytes) {
              for (std::uint32_t i = 0; i < 100; ++i) {
                bytes += peer->encode(peer->numbered(read_command(i, i, 8)));
                bytes += peer->encode(peer->numbered(write_command(i, i, 8, pattern(4096, i))));
              }
            }),
            0U);
  EXPECT_EQ(executor->executed, 800);
}

TEST_F(AllocationTest, LargeReadsAndWritesAllocateNothing) {
  EXPECT_EQ(allocations_of([this](std::string& bytes) {
              for (std::uint32_t i = 0; i < 20; ++i) {
                bytes += peer->encode(peer->numbered(read_command(i, i, 512)));
                bytes += peer->encode(peer->numbered(write_command(i, i, 128, pattern(65536, i))));
                bytes += peer->encode(peer->numbered(write_command(i, i, 120, "", true)));
                bytes += peer->encode(data_out(i, kReservedTag, 0, 0, pattern(61440, i), true));
              }
            }),
            0U);
  EXPECT_EQ(executor->executed, 240);
}

TEST_F(AllocationTest, LentReadsAllocateNothing) {
  executor->lends = true;
  EXPECT_EQ(allocations_of([this](std::string& bytes) {
              for (std::uint32_t i = 0; i < 20; ++i) {
                bytes += peer->encode(peer->numbered(read_command(i, i, 512)));
              }
            }),
            0U);
  EXPECT_EQ(executor->lent, 80);
}

TEST_F(AllocationTest, WritesThatEndLateAllocateNothing) {
  if (!memory::kRecycles) GTEST_SKIP() << "memory is not used again here";
  executor->ends_late = true;
  EXPECT_EQ(allocations_of([this](std::string& bytes) {
              for (std::uint32_t i = 0; i < 64; ++i) {
                bytes += peer->encode(peer->numbered(write_command(i, i, 8, pattern(4096, i))));
              }
            }),
            0U);
  EXPECT_EQ(executor->executed, 256);
}

TEST_F(AllocationTest, TheCountIsReal) {
  EXPECT_GT(allocations_of([this](std::string& bytes) {
              Request ahead = read_command(1, 0, 1);
              set32(ahead.header, field::kCmdSn, peer->next_cmd_sn + 1);
              bytes += peer->encode(ahead);  // is held, which takes memory
              bytes += peer->encode(peer->numbered(read_command(2, 0, 1)));
              ++peer->next_cmd_sn;
            }),
            0U);
}

}  // namespace
}  // namespace lockstep::iscsi::test
