// The parts below the protocol: digests, buffers, the send queue, text.
#include "target_impl/iscsi/batch_split.hpp"
#include "target_impl/iscsi/buffer_pool.hpp"
#include "target_impl/iscsi/crc32c.hpp"
#include "target_impl/iscsi/late_command.hpp"
#include "target_impl/iscsi/ring.hpp"
#include "target_impl/iscsi/send_queue.hpp"
#include "target_impl/iscsi/task.hpp"
#include "target_impl/iscsi/test/peer.hpp"
#include "target_impl/iscsi/text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

namespace lockstep::iscsi {
namespace {

TEST(Digest, AgreesWithTheVectorsOfTheStandard) {
  std::array<std::byte, 32> bytes{};
  const auto digest = [&bytes] {
    Crc32c crc;
    crc.add(bytes);
    return crc.value();
  };
  EXPECT_EQ(digest(), 0x8A91'36AAU);  // 32 bytes of zeros
  bytes.fill(std::byte{0xFF});
  EXPECT_EQ(digest(), 0x62A8'AB43U);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i);
  }
  EXPECT_EQ(digest(), 0x46DD'794EU);
}

TEST(Digest, IsSentLeastSignificantByteFirst) {
  const std::array<std::byte, 32> zeros{};
  Crc32c crc;
  crc.add(std::span(zeros).first(7));
  crc.add(std::span(zeros).subspan(7));
  std::array<std::uint8_t, 4> wire{};
  crc.store(wire.data());
  EXPECT_EQ(wire, (std::array<std::uint8_t, 4>{0xAA, 0x36, 0x91, 0x8A}));
}

TEST(Pool, HandsOutTheSameMemoryAgain) {
  BufferPool pool;
  const std::byte* first = nullptr;
  {
    const PooledBuffer buffer = pool.take(100'000);
    EXPECT_GE(buffer.capacity(), 100'000U);
    first = buffer.data();
    EXPECT_EQ(pool.lent_bytes(), buffer.capacity());
  }
  EXPECT_EQ(pool.lent_bytes(), 0U);
  EXPECT_EQ(pool.take(70'000).data(), first);
}

TEST(Pool, KeepsNoMoreThanItMay) {
  BufferPool pool(8192);
  {
    const PooledBuffer a = pool.take(4096);
    const PooledBuffer b = pool.take(4096);
    const PooledBuffer c = pool.take(4096);
  }
  EXPECT_EQ(pool.kept_bytes(), 8192U);
  EXPECT_EQ(pool.lent_bytes(), 0U);
}

TEST(Pool, RoundsSizesUpToItsClasses) {
  BufferPool pool;
  for (const std::size_t bytes : {1U, 4096U, 4097U, 8192U, 8193U, 1U << 20, (1U << 20) + 1}) {
    EXPECT_GE(pool.take(bytes).capacity(), bytes);
  }
  EXPECT_EQ(pool.take(4096).capacity(), 4096U);
  EXPECT_EQ(pool.take(4097).capacity(), 8192U);
}

TEST(Ring, KeepsOrderWhileItGrowsAndWraps) {
  Ring<int> ring;
  int pushed = 0;
  int popped = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 7; ++i) {
      ring.push_back(pushed++);
    }
    for (int i = 0; i < 5; ++i) {
      ASSERT_EQ(ring.front(), popped++);
      ring.pop_front();
    }
  }
  EXPECT_EQ(ring.size(), 100U);
  EXPECT_EQ(ring.back(), pushed - 1);
}

TEST(BatchSplit, HalvesABatchThatIsAllThereIs) {
  BatchSplit split;
  EXPECT_EQ(split.begin(16), 8U);
  EXPECT_EQ(split.begin(8), 0U) << "the other half is with the initiator";
  EXPECT_EQ(split.begin(8), 0U);
  EXPECT_EQ(split.begin(16), 8U) << "both are back";
  EXPECT_EQ(split.begin(12), 6U) << "most of them";
  EXPECT_EQ(split.begin(17), 9U) << "a deeper queue";
  EXPECT_EQ(split.begin(12), 0U) << "less than three quarters of that";
}

TEST(BatchSplit, LeavesSmallAndLargeBatchesWhole) {
  for (const std::size_t requests : {0U, 1U, 11U, 97U, 128U, 500U}) {
    BatchSplit split;
    EXPECT_EQ(split.begin(requests), 0U) << requests;
  }
  BatchSplit split;
  EXPECT_EQ(split.begin(BatchSplit::kFewest), BatchSplit::kFewest / 2);
  EXPECT_EQ(split.begin(BatchSplit::kMost), BatchSplit::kMost / 2);
}

TEST(BatchSplit, ForgetsADeepQueueAfterAWhile) {
  BatchSplit split;
  EXPECT_EQ(split.begin(128), 0U);
  std::size_t batches = 1;
  while (split.begin(16) == 0 && batches < 10 * BatchSplit::kRemembered) {
    ++batches;
  }
  EXPECT_EQ(batches, 2 * BatchSplit::kRemembered - 1)
      << "a whole window without a larger one, after the window that began with one";
}

TEST(SendQueue, SendsPiecesInOrderWhateverTheSizes) {
  BufferPool pool;
  std::string expected;
  std::string sent;
  {
    SendQueue queue(pool);
    for (unsigned i = 0; i < 200; ++i) {
      const std::string small = test::pattern(1 + (i * 37) % 3000, i);
      std::memcpy(queue.reserve(small.size() + 10), small.data(), small.size());
      queue.commit(small.size());
      expected += small;
      if (i % 10 == 0) {
        const std::string large = test::pattern(50'000, i + 1);
        PooledBuffer buffer = pool.take(large.size());
        std::memcpy(buffer.data(), large.data(), large.size());
        queue.append({buffer.data(), large.size()});
        queue.adopt(std::move(buffer));
        expected += large;
      }
    }
    EXPECT_EQ(queue.bytes(), expected.size());
    while (!queue.empty()) {
      std::array<std::span<const std::byte>, 2> pieces;
      const std::size_t count = queue.gather(pieces);
      ASSERT_GE(count, 1U);
      // Send a part of the first piece only, so that pieces are cut everywhere.
      const std::size_t part = std::min<std::size_t>(pieces[0].size(), 4099);
      sent.append(as_text(pieces[0].first(part)));
      queue.sent(part);
    }
  }
  EXPECT_EQ(sent, expected);
  EXPECT_EQ(pool.lent_bytes(), 0U);
}

TEST(SendQueue, GivesLargeBuffersBackAsSoonAsTheyAreSent) {
  BufferPool pool;
  SendQueue queue(pool);
  PooledBuffer buffer = pool.take(1 << 20);
  queue.append({buffer.data(), 1 << 20});
  queue.adopt(std::move(buffer));
  queue.sent((1 << 20) - 1);
  EXPECT_EQ(pool.lent_bytes(), 1U << 20);
  queue.sent(1);
  EXPECT_EQ(pool.lent_bytes(), 0U);
}

TEST(TaskTable, FindsTasksAndGivesFreshTransferTags) {
  TaskTable table(3);
  Task* a = table.add();
  Task* b = table.add();
  ASSERT_NE(table.add(), nullptr);
  EXPECT_EQ(table.add(), nullptr);
  set32(a->command, field::kTaskTag, 11);
  set32(b->command, field::kTaskTag, 12);
  EXPECT_EQ(table.find_by_tag(12), b);
  const std::uint32_t tag = table.new_transfer_tag(*b);
  EXPECT_NE(tag, table.new_transfer_tag(*b));
  EXPECT_EQ(table.find_by_transfer_tag(tag), b);
  table.remove(*b);
  EXPECT_EQ(table.find_by_transfer_tag(tag), nullptr);
  EXPECT_EQ(table.find_by_tag(12), nullptr);
  EXPECT_EQ(table.find_by_transfer_tag(0xFFFF'FFFE), nullptr);
}

TEST(Text, SplitsPairs) {
  const std::string text = test::text_of({"A=1", "Key.x=b=c", "Empty="});
  const auto pairs = parse_text(text);
  ASSERT_TRUE(pairs.has_value());
  ASSERT_EQ(pairs.value().size(), 3U);
  EXPECT_EQ(pairs.value()[1].key, "Key.x");
  EXPECT_EQ(pairs.value()[1].value, "b=c");
  EXPECT_EQ(pairs.value()[2].value, "");
}

TEST(Text, RefusesWhatIsNoPair) {
  EXPECT_FALSE(parse_text("A=1"));  // no NUL
  EXPECT_FALSE(parse_text(test::text_of({"=1"})));
  EXPECT_FALSE(parse_text(test::text_of({"A"})));
  EXPECT_FALSE(parse_text(test::text_of({"A b=1"})));
  EXPECT_FALSE(parse_text(test::text_of({std::string(64, 'k') + "=1"})));
  EXPECT_TRUE(parse_text(test::text_of({std::string(63, 'k') + "=1"})));
  EXPECT_FALSE(parse_text(test::text_of({"A=" + std::string(256, 'v')})));
  EXPECT_TRUE(parse_text(test::text_of({"A=" + std::string(255, 'v')})));
}

std::vector<std::shared_ptr<LateCommand>> taken_from(LateAnswers& answers) {
  std::vector<std::shared_ptr<LateCommand>> taken;
  answers.take(taken);
  return taken;
}

TEST(LateAnswers, AreFetchedTogetherByOneWakeUp) {
  int woken = 0;
  const auto answers = std::make_shared<LateAnswers>([&] { ++woken; });
  std::vector<std::shared_ptr<LateCommand>> commands;
  for (int i = 0; i < 4; ++i) commands.push_back(std::make_shared<LateCommand>(answers));
  scsi::Response conflict;
  conflict.status = scsi::Status::ReservationConflict;
  answers->abandon(*commands[0]);
  commands[0]->end({});
  EXPECT_EQ(woken, 0);
  commands[1]->end(conflict);
  commands[1]->end({});  // too late
  commands[2]->end({});
  commands[3]->end({});
  answers->abandon(*commands[2]);
  EXPECT_EQ(woken, 1);
  const auto taken = taken_from(*answers);
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0], commands[1]);
  EXPECT_EQ(taken[0]->response().status, scsi::Status::ReservationConflict);
  EXPECT_EQ(taken[1], commands[3]);
  EXPECT_TRUE(taken_from(*answers).empty());
}

// So that a loop that is awake does not send them one by one.
TEST(LateAnswers, AreNotFetchedBeforeAllThatEndTogetherHave) {
  int called = 0;
  const auto answers = std::make_shared<LateAnswers>([&] { ++called; });
  std::vector<std::shared_ptr<LateCommand>> commands;
  for (int i = 0; i < 3; ++i) commands.push_back(std::make_shared<LateCommand>(answers));
  {
    const transport::WakeTogether together;
    for (const auto& command : commands) command->end({});
    EXPECT_EQ(called, 0);
  }
  EXPECT_EQ(called, 1);
  EXPECT_EQ(taken_from(*answers).size(), 3U);
  {
    const transport::WakeTogether together;
    const auto gone = std::make_shared<LateCommand>(answers);
    gone->end({});
    answers->abandon(*gone);
  }
  EXPECT_EQ(called, 1) << "the session may be gone";
}

TEST(Text, ReadsNumbersWholly) {
  EXPECT_EQ(parse_number("65536"), 65536U);
  EXPECT_EQ(parse_number("0x10"), 16U);
  for (const char* bad : {"", "0x", "12x", "-1", " 1", "1.0", "99999999999999999999"}) {
    EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
  }
}

TEST(Text, ReadsBooleansExactly) {
  EXPECT_EQ(parse_boolean("Yes"), true);
  EXPECT_EQ(parse_boolean("No"), false);
  EXPECT_EQ(parse_boolean("yes"), std::nullopt);
  EXPECT_EQ(parse_boolean(""), std::nullopt);
}

TEST(Text, NormalizesNames) {
  EXPECT_EQ(normalize_name("IQN.2026-11.org.Example:A"), "iqn.2026-11.org.example:a");
  EXPECT_EQ(normalize_name("eui.0123456789ABCDEF"), "eui.0123456789abcdef");
  EXPECT_EQ(normalize_name("disk"), std::nullopt);
  EXPECT_EQ(normalize_name("iqn.2026-11.org.example:a b"), std::nullopt);
  EXPECT_EQ(normalize_name("iqn." + std::string(220, 'a')), std::nullopt);
  EXPECT_TRUE(normalize_name("iqn." + std::string(219, 'a')).has_value());
}

}  // namespace
}  // namespace lockstep::iscsi
