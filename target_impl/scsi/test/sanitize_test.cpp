// SANITIZE (SBC-3 5.27, 4.11).
#include "target_impl/scsi/sanitizer.hpp"
#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

namespace lockstep::scsi::test {
namespace {

using std::chrono::milliseconds;

constexpr Cdb kReady{0x00};

Bytes overwrite_list(unsigned flags, std::size_t pattern_bytes, unsigned value) {
  Bytes list = filled(4 + pattern_bytes, value);
  list[0] = static_cast<std::byte>(flags);
  list[1] = std::byte{0};
  list[2] = static_cast<std::byte>(pattern_bytes >> 8);
  list[3] = static_cast<std::byte>(pattern_bytes);
  return list;
}

std::string overwrite(Rig& rig, const Bytes& list) {
  const auto bytes = static_cast<unsigned>(list.size());
  return rig.run({0x48, 0x01, 0, 0, 0, 0, 0, bytes >> 8, bytes & 0xff}, list).verdict();
}

TEST(Sanitize, ErasesTheWholeMedium) {
  for (const unsigned action : {2U, 3U}) {
    Rig rig;
    rig.put(0, filled(kBlock, 1));
    rig.put(Rig::kBlocks - 1, filled(kBlock, 2));
    EXPECT_EQ(rig.run({0x48, action}).verdict(), "good");
    EXPECT_EQ(rig.content(0, Rig::kBlocks), filled(Rig::kBlocks * kBlock, 0));
    EXPECT_TRUE(rig.unit->volume().snapshot().mapped().empty());
    EXPECT_EQ(rig.unit->medium_changes(), 1U);
  }
  Rig rig;
  EXPECT_EQ(number_at(rig.run({0x12, 1, 0xb1, 0, 96}).data, 7, 1), 0x50U);
}

TEST(Sanitize, OverwritesEachBlockWithThePattern) {
  Rig rig;
  EXPECT_EQ(overwrite(rig, overwrite_list(1, kBlock, 0xaa)), "good");
  EXPECT_EQ(rig.content(0, Rig::kBlocks), filled(Rig::kBlocks * kBlock, 0xaa));
  EXPECT_EQ(overwrite(rig, overwrite_list(0x82, 4, 0x0f)), "good");  // inverted in the second pass
  EXPECT_EQ(rig.content(0, Rig::kBlocks), filled(Rig::kBlocks * kBlock, 0xf0));
  Bytes odd = overwrite_list(1, 3, 0);
  odd[4] = std::byte{1};
  EXPECT_EQ(overwrite(rig, odd), "good");
  const Bytes block = rig.content(9, 1);
  EXPECT_EQ(block[0], std::byte{1});
  EXPECT_EQ(block[510], std::byte{1});
  EXPECT_EQ(block[511], std::byte{0});
}

TEST(Sanitize, ChecksItsParameters) {
  Rig rig;
  rig.put(0, filled(kBlock, 1));
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{4}, std::size_t{kBlock + 5}}) {
    EXPECT_EQ(overwrite(rig, filled(bytes, 1)), "5/2400");
  }
  EXPECT_EQ(overwrite(rig, overwrite_list(0, kBlock, 1)), "5/2600");
  EXPECT_EQ(overwrite(rig, overwrite_list(0x21, kBlock, 1)), "5/2600");  // TEST
  Bytes list = overwrite_list(1, kBlock, 1);
  list[2] = list[3] = std::byte{0};
  EXPECT_EQ(overwrite(rig, list), "5/2600");
  list[2] = std::byte{3};
  EXPECT_EQ(overwrite(rig, list), "5/2600");
  EXPECT_EQ(rig.run({0x48, 0x01, 0, 0, 0, 0, 0, 2, 4}, filled(100, 1)).verdict(), "5/0e03");
  EXPECT_EQ(rig.run({0x48, 0x02, 0, 0, 0, 0, 0, 0, 8}, Bytes(8)).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x48, 0x42}).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x48, 0x02, 0, 0, 0, 1}).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x48, 0x04}).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x48, 0x1f, 0, 0, 0, 0, 0, 0, 8}, Bytes(8)).verdict(), "5/2400");
  EXPECT_EQ(rig.content(0, 1), filled(kBlock, 1));
}

TEST(Sanitize, KeepsTheUnitBusyInTheBackground) {
  Rig rig([](LogicalUnitOptions& options) { options.sanitize_minimum = milliseconds(400); });
  rig.put(0, filled(kBlock, 1));
  ASSERT_EQ(rig.run({0x48, 0x82}).verdict(), "good");
  const Answer busy = rig.run(kReady);
  EXPECT_EQ(busy.verdict(), "2/041b");
  EXPECT_EQ(busy.response.sense[15], 0x80);
  for (const Cdb& cdb : {Cdb{0x28, 0, 0, 0, 0, 0, 0, 0, 1}, Cdb{0x1b, 0, 0, 0, 1}, Cdb{0x25},
                         Cdb{0x1a, 0, 0x3f, 0, 255}, Cdb{0x48, 0x82}, Cdb{0x48, 0x1f}}) {
    EXPECT_EQ(rig.run(cdb).verdict(), "2/041b") << std::hex << *cdb.begin();
  }
  EXPECT_EQ(rig.run({0x12, 0, 0, 0, 96}).verdict(), "good");
  EXPECT_EQ(number_at(rig.run({0x03, 0, 0, 0, 252}).data, 12, 2), 0x041bU);
  ASSERT_TRUE(rig.server.manage(Rig::nexus(1), 0, TaskManagement::LogicalUnitReset));
  EXPECT_EQ(rig.run(kReady).verdict(), "6/2903");
  EXPECT_EQ(rig.run(kReady).verdict(), "2/041b");
  rig.unit->sanitizer().wait();
  EXPECT_EQ(rig.run(kReady).verdict(), "good");
  EXPECT_EQ(rig.content(0, 1), filled(kBlock, 0));
}

class Endings : public DataIn {
 public:
  class Ending final : public LateEnding {
   public:
    void end(const Response& response) override { answer.set_value(response); }
    std::promise<Response> answer;
  };
  std::span<std::byte> claim(std::size_t) override { return {}; }
  std::shared_ptr<LateEnding> end_later() override { return ending; }
  std::shared_ptr<Ending> ending = std::make_shared<Ending>();
};

TEST(Sanitize, AnswersWhenItHasEndedWithoutBlockingTheCaller) {
  Rig rig([](LogicalUnitOptions& options) { options.sanitize_minimum = milliseconds(200); });
  Endings endings;
  auto answer = endings.ending->answer.get_future();
  Command command;
  command.cdb = {0x48, 0x02};
  Response response;
  rig.server.execute(Rig::nexus(1), 0, command, endings, response);
  EXPECT_EQ(rig.run(kReady).verdict(), "2/041b");
  ASSERT_EQ(answer.wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_EQ(answer.get().status, Status::Good);
  EXPECT_EQ(rig.run(kReady).verdict(), "good");
}

// More is overwritten than the pool can hold, so the operation fails.
class FailedSanitize : public ::testing::Test {
 protected:
  FailedSanitize() : rig(Rig::kBlocks, 1ULL << 20) {}
  std::string fail(unsigned flags) {
    const Bytes list = overwrite_list(1, kBlock, 1);
    return rig.run({0x48, flags | 0x01, 0, 0, 0, 0, 0, 2, 4}, list).verdict();
  }
  Rig rig;
};

TEST_F(FailedSanitize, LeavesAUnitThatOnlySanitizesUnlessItMayExit) {
  EXPECT_EQ(fail(0), "3/3103");
  EXPECT_EQ(rig.run(kReady).verdict(), "3/3103");
  EXPECT_EQ(number_at(rig.run({0x03, 0, 0, 0, 252}).data, 12, 2), 0x3103U);
  EXPECT_EQ(rig.run({0x48, 0x1f}).verdict(), "3/3103");
  EXPECT_EQ(rig.run({0x48, 0x02}).verdict(), "good");
  EXPECT_EQ(rig.run(kReady).verdict(), "good");
}

TEST_F(FailedSanitize, IsLeftByExitFailureModeWhereAllowed) {
  EXPECT_EQ(fail(0x20), "3/3103");  // AUSE
  EXPECT_EQ(rig.run(kReady).verdict(), "3/3103");
  EXPECT_EQ(rig.run({0x48, 0x1f}).verdict(), "good");
  EXPECT_EQ(rig.run(kReady).verdict(), "good");
  EXPECT_EQ(rig.run({0x48, 0x1f}).verdict(), "good");
}

TEST(Sanitize, IsGivenUpWithTheUnit) {
  Rig rig([](LogicalUnitOptions& options) { options.sanitize_minimum = std::chrono::hours(1); });
  ASSERT_EQ(rig.run({0x48, 0x82}).verdict(), "good");
  EXPECT_EQ(rig.run(kReady).verdict(), "2/041b");
}

}  // namespace
}  // namespace lockstep::scsi::test
