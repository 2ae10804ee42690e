// Goal: what is in force in a journal is carried out whole, however often it is stopped, and
// nothing is written if it cannot be.
// Method: the units of a group that lost its service, behind a write cache that forgets what was
// not flushed; every call to them may be the last.
#include "target_impl/peer/roll_forward.hpp"

#include "target_impl/peer/test/lost_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace lockstep::peer::test {
namespace {

using testing::HasSubstr;

// Volumes of the peer. Whatever was written is lost with lose_power(), unless it was flushed.
class CachedUnits final : public Units {
 public:
  explicit CachedUnits(PeerRig& rig) : rig_(rig) {}

  Result<VolumeGeometry> geometry(std::uint16_t lun) override {
    const auto other = others.find(lun);
    if (other != others.end()) return other->second;
    return VolumeGeometry{BlockCount{LostGroup::blocks_of(lun)}, BlockSize{512}};
  }
  Status read(std::uint16_t lun, Lba first, std::span<std::byte> out) override {
    LOCKSTEP_TRY(call());
    if (rig_.volume(lun).read(first, out)) return ok();
    return target_error("no such blocks");
  }
  Status write(std::uint16_t lun, Lba first, BlockSize /*block_size*/,
               std::span<const std::byte> bytes) override {
    LOCKSTEP_TRY(call());
    ++writes;
    Old old{first, std::vector<std::byte>(bytes.size())};
    EXPECT_TRUE(rig_.volume(lun).read(first, old.bytes));
    cached_[lun].push_back(std::move(old));
    EXPECT_EQ(rig_.volume(lun).write(first, bytes), store::WriteResult::Done);
    return ok();
  }
  Status flush(std::uint16_t lun) override {
    LOCKSTEP_TRY(call());
    cached_.erase(lun);
    return ok();
  }

  // Of the units that `loses` says: a cache may write what it wants, and when.
  template <class Loses>
  void lose_power(Loses loses) {
    for (auto& [lun, olds] : cached_) {
      if (!loses(lun)) continue;
      for (auto old = olds.rbegin(); old != olds.rend(); ++old) {
        EXPECT_EQ(rig_.volume(lun).write(old->first, old->bytes), store::WriteResult::Done);
      }
    }
    cached_.clear();
  }

  std::optional<std::size_t> calls_left;
  std::size_t writes = 0;
  std::map<std::uint16_t, VolumeGeometry> others;  // instead of what is there

 private:
  struct Old {
    Lba first;
    std::vector<std::byte> bytes;
  };
  Status call() {
    if (calls_left && (*calls_left)-- == 0) return transport_error("the connection was lost");
    return ok();
  }
  PeerRig& rig_;
  std::map<std::uint16_t, std::vector<Old>> cached_;
};

class RollForwardTest : public ::testing::Test {
 protected:
  Result<RollForward> plan(const std::set<std::uint16_t>& left_out = {}) {
    return plan_roll_forward(units, LostGroup::kJournal, left_out);
  }
  void roll() {
    const auto planned = plan();
    ASSERT_TRUE(planned) << planned.error().message;
    const auto rolled = roll_forward(units, planned.value(), to_the_end);
    ASSERT_TRUE(rolled) << rolled.error().message;
    EXPECT_EQ(rolled.value(), Rolled::Whole);
  }
  // Of a plan, which then has written nothing.
  std::string refusal() {
    const auto planned = plan();
    EXPECT_FALSE(planned);
    EXPECT_EQ(units.writes, 0U);
    EXPECT_TRUE(group.is_untouched());
    return planned ? "" : planned.error().message;
  }
  LostGroup group;
  CachedUnits units{group.rig};
};

TEST_F(RollForwardTest, MembersBecomeWhatIsInForce) {
  const auto planned = plan();
  ASSERT_TRUE(planned) << planned.error().message;
  EXPECT_TRUE(planned.value().in_force);
  ASSERT_EQ(planned.value().members.size(), 2U);
  EXPECT_EQ(planned.value().members[0].entries, 2U);
  EXPECT_EQ(planned.value().members[0].blocks, 11U);
  EXPECT_EQ(planned.value().blocks(), 11U + LostGroup::kExtent + 600);
  EXPECT_TRUE(group.is_untouched());
  std::uint64_t last = 0;
  ASSERT_TRUE(roll_forward(units, planned.value(), [&](std::uint64_t blocks) {
    EXPECT_GT(blocks, last);
    last = blocks;
    return true;
  }));
  EXPECT_EQ(last, planned.value().blocks());
  EXPECT_TRUE(group.is_whole());
  const auto again = plan();
  ASSERT_TRUE(again);
  EXPECT_FALSE(again.value().in_force);
  EXPECT_TRUE(again.value().entries.empty());
}

TEST_F(RollForwardTest, StoppedAfterAnyPieceItIsBegunAgain) {
  for (int pieces = 1;; ++pieces) {
    LostGroup lost;
    CachedUnits its(lost.rig);
    const auto planned = plan_roll_forward(its, LostGroup::kJournal, {});
    ASSERT_TRUE(planned);
    int left = pieces;
    const auto rolled =
        roll_forward(its, planned.value(), [&](std::uint64_t) { return --left != 0; });
    ASSERT_TRUE(rolled);
    EXPECT_EQ(rolled.value() == Rolled::Whole, left > 0);
    const auto again = plan_roll_forward(its, LostGroup::kJournal, {});
    ASSERT_TRUE(again);
    EXPECT_EQ(again.value().in_force, left <= 0) << "after " << pieces << " pieces";
    ASSERT_TRUE(roll_forward(its, planned.value(), to_the_end));
    EXPECT_TRUE(lost.is_whole()) << "after " << pieces << " pieces";
    if (left > 0) {
      EXPECT_GE(pieces, 4);
      return;
    }
  }
}

TEST_F(RollForwardTest, OutlivesALossOfPowerAtEveryCall) {
  for (std::uint16_t spared = 0; spared <= LostGroup::kJournal; ++spared) {
    for (std::size_t calls = 0;; ++calls) {
      SCOPED_TRACE(testing::Message() << calls << " calls, the cache of " << spared << " is kept");
      LostGroup lost;
      CachedUnits its(lost.rig);
      const auto planned = plan_roll_forward(its, LostGroup::kJournal, {});
      ASSERT_TRUE(planned);
      its.calls_left = calls;
      const bool whole = static_cast<bool>(roll_forward(its, planned.value(), to_the_end));
      its.calls_left.reset();
      its.lose_power([&](std::uint16_t lun) { return lun != spared; });
      const auto again = plan_roll_forward(its, LostGroup::kJournal, {});
      ASSERT_TRUE(again) << again.error().message;
      EXPECT_FALSE(whole && again.value().in_force);
      if (again.value().in_force) {
        ASSERT_TRUE(roll_forward(its, again.value(), to_the_end));
      }
      ASSERT_TRUE(lost.is_whole());
      if (whole) break;
    }
  }
}

TEST_F(RollForwardTest, DamageIsRefused) {
  store::Volume& journal = group.rig.volume(LostGroup::kJournal);
  for (const std::uint64_t lba : {std::uint64_t{0}, LostGroup::kExtent}) {
    std::vector<std::byte> block(512);
    ASSERT_TRUE(journal.read(Lba{lba}, block));
    const std::vector<std::byte> sound = block;
    block[lba == 0 ? 31 : 47] ^= std::byte{1};  // entries; where the second content is
    ASSERT_EQ(journal.write(Lba{lba}, block), store::WriteResult::Done);
    EXPECT_THAT(refusal(), HasSubstr("checksum"));
    ASSERT_EQ(journal.write(Lba{lba}, sound), store::WriteResult::Done);
  }
  roll();
  EXPECT_TRUE(group.is_whole());
}

TEST_F(RollForwardTest, WhatIsNoJournalIsRefused) {
  const auto planned = plan_roll_forward(units, LostGroup::kBystander, {});
  ASSERT_FALSE(planned);
  EXPECT_THAT(planned.error().message, HasSubstr("LUN 4: expected the journal of a group"));
  units.others[LostGroup::kJournal] = {BlockCount{1}, BlockSize{1U << 30}};
  EXPECT_THAT(refusal(), HasSubstr("found 1073741824"));
}

TEST_F(RollForwardTest, UnitsThatDoNotFitAreRefusedBeforeAnythingIsWritten) {
  units.others[2] = {BlockCount{2 * LostGroup::kExtent + 599}, BlockSize{512}};
  EXPECT_THAT(refusal(), HasSubstr("LUN 2: expected at least 856 blocks of 512 bytes, found 855"));
  units.others[2] = {BlockCount{LostGroup::kMemberBlocks}, BlockSize{4096}};
  EXPECT_THAT(refusal(), HasSubstr("found 1024 blocks of 4096 bytes"));
  units.others[2] = {BlockCount{2 * LostGroup::kExtent + 600}, BlockSize{512}};
  roll();
  EXPECT_TRUE(group.is_whole());
}

// No journal is larger than a GiB, but the spare that was taken for it may be.
TEST_F(RollForwardTest, AJournalOnAVeryLargeUnitIsClosedLikeAnyOther) {
  units.others[LostGroup::kJournal] = {BlockCount{std::uint64_t{1} << 40}, BlockSize{512}};
  roll();
  EXPECT_TRUE(group.is_whole());
  const auto again = plan();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE(again.value().in_force);
}

TEST_F(RollForwardTest, WhatIsLeftOutStaysAsItIs) {
  units.others[2] = {BlockCount{1}, BlockSize{512}};
  const auto planned = plan({2});
  ASSERT_TRUE(planned) << planned.error().message;
  ASSERT_EQ(planned.value().members.size(), 1U);
  ASSERT_TRUE(roll_forward(units, planned.value(), to_the_end));
  EXPECT_EQ(group.content(1), group.wanted[0]);
  EXPECT_EQ(group.content(2), group.before[1]);
}

}  // namespace
}  // namespace lockstep::peer::test
