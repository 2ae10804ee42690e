// Offloaded copy: what tokens stand for, what is written with them and what is told about it.
#include "target_impl/scsi/third_party_copy/test/copy_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace lockstep::scsi::test {
namespace {

using std::chrono::seconds;

Bytes zero_token() {
  Bytes token(512);
  put_at(token, 0, 4, 0xffff0001);
  put_at(token, 6, 2, 0x1f8);
  return token;
}

struct Told {
  std::uint64_t available;
  std::uint64_t command;
  std::uint64_t state;
  std::uint64_t completion;
  std::uint64_t sense_field;
  std::uint64_t unit;
  std::uint64_t blocks;
};

Told told_by(const Answer& answer) {
  const Bytes& data = answer.data;
  return {number_at(data, 0, 4),  number_at(data, 4, 1),  number_at(data, 5, 1),
          number_at(data, 12, 1), number_at(data, 13, 1), number_at(data, 15, 1),
          number_at(data, 16, 8)};
}

TEST(Token, CopiesWithoutMovingBytes) {
  CopyRig rig;
  rig.put(0, 0, pattern(2048 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 2048}}});
  const std::uint64_t used = rig.used();
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{1024, 2048}}}))), "good");
  EXPECT_EQ(rig.content(1, 1024, 2048), rig.content(0, 0, 2048));
  EXPECT_EQ(rig.content(1, 0, 1024), filled(1024 * 512, 0));
  EXPECT_EQ(rig.used(), used);
  EXPECT_EQ(rig.unit(1).medium_changes(), 1U);
}

// Goal: a gibibyte goes from one volume to another and the pool's count does not move. Method: a
// pool of sixteen mebibytes, whose content is multiplied by sharing first.
TEST(Token, CopiesAGibibyteInAPoolOfSixteenMebibytes) {
  constexpr std::uint64_t kPiece = 16ULL << 20;
  constexpr std::uint64_t kBlocks = (1ULL << 30) / 512;
  CopyRig rig({}, kPiece);
  for (const std::uint16_t lun : {std::uint16_t{5}, std::uint16_t{6}}) {
    LogicalUnitOptions options;
    options.naa_identifier = {0x6a, 0, 0, 0, 0, 0, 0, 0,
                              0,    0, 0, 0, 0, 0, 2, static_cast<std::uint8_t>(lun)};
    rig.device.add(
        lun, std::make_shared<LogicalUnit>(
                 std::make_shared<store::Volume>(BlockCount{kBlocks}, BlockSize{512}, rig.pool),
                 options));
  }
  rig.run(5, {0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
  for (int i = 0; i != 3; ++i) {
    rig.run(5, {0x00});
    rig.run(6, {0x00});
  }
  store::Volume& source = rig.device.find(5)->volume();
  ASSERT_EQ(source.write(Lba{0}, pattern(kPiece, 5)), store::WriteResult::Done);
  for (std::uint64_t at = kPiece; at != kBlocks * 512; at += kPiece) {
    ASSERT_EQ(source.share_range(source.snapshot(), {0, at, kPiece}), store::WriteResult::Done);
  }
  ASSERT_EQ(rig.used(), kPiece);
  const Bytes token = rig.token_for({.ranges = {{0, kBlocks}}}, 5);
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{0, kBlocks}}}), 6)),
            "good");
  EXPECT_EQ(rig.used(), kPiece);
  Bytes end(kPiece);
  rig.device.find(6)->volume().read(Lba{kBlocks - kPiece / 512}, end);
  EXPECT_EQ(end, pattern(kPiece, 5));
}

TEST(Token, StandsForAPointInTime) {
  CopyRig rig;
  const Bytes before = pattern(300 * 512, 1);
  rig.put(0, 0, before);
  const Bytes token = rig.token_for({.ranges = {{0, 300}}});
  rig.put(0, 100, filled(100 * 512, 0xee));
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{7, 300}}}))), "good");
  EXPECT_EQ(rig.content(1, 7, 300), before);
}

TEST(Token, JoinsItsRangesAndSpreadsThemOverOthers) {
  CopyRig rig;
  rig.put(0, 0, pattern(1000 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{900, 50}, {0, 0}, {10, 7}, {300, 143}}});
  Bytes rod = rig.content(0, 900, 50);
  for (const Range range : {Range{10, 7}, Range{300, 143}}) {
    const Bytes part = rig.content(0, range.first, range.count);
    rod.insert(rod.end(), part.begin(), part.end());
  }
  EXPECT_EQ(fault(rig.write_token(
                write_list({.token = token, .ranges = {{2000, 120}, {5, 0}, {100, 80}}}))),
            "good");
  Bytes written = rig.content(1, 2000, 120);
  const Bytes rest = rig.content(1, 100, 80);
  written.insert(written.end(), rest.begin(), rest.end());
  EXPECT_EQ(written, rod);
}

TEST(Token, IsUsedFromAnOffset) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{0, 10}}, .offset = 54}))),
            "good");
  EXPECT_EQ(rig.content(1, 0, 10), rig.content(0, 54, 10));
}

TEST(Token, IsUsedInBlocksOfAnotherSize) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 3}, {10, 29}}});
  EXPECT_EQ(fault(rig.write_token(
                write_list({.token = token, .ranges = {{3, 2}, {1, 1}}, .offset = 1}), 2)),
            "good");
  Bytes rod = rig.content(0, 0, 3);
  const Bytes more = rig.content(0, 10, 29);
  rod.insert(rod.end(), more.begin(), more.end());
  Bytes written = rig.content(2, 3, 2);
  const Bytes last = rig.content(2, 1, 1);
  written.insert(written.end(), last.begin(), last.end());
  EXPECT_TRUE(std::equal(written.begin(), written.end(), rod.begin() + 4096));
}

TEST(Token, WritesWhatThereIsAndTellsWhatIsMissing) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  rig.put(1, 0, filled(100 * 512, 0xee));
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  const Answer answer =
      rig.write_token(write_list({.token = token, .ranges = {{0, 10}, {20, 30}}, .offset = 40}));
  EXPECT_EQ(fault(answer), "a/0d04");
  EXPECT_EQ(answer.response.sense[0] & 0x80, 0x80);
  EXPECT_EQ(answer.response.sense[6], 24);
  EXPECT_EQ(rig.content(1, 0, 10), rig.content(0, 40, 10));
  EXPECT_EQ(rig.content(1, 20, 14), rig.content(0, 50, 14));
  EXPECT_EQ(rig.content(1, 34, 16), filled(16 * 512, 0xee));
  const Answer information = rig.token_information(1, 2);
  const Told told = told_by(information);
  EXPECT_EQ(told.state, 0x03U);
  EXPECT_EQ(told.completion, 0x02U);
  EXPECT_EQ(told.blocks, 24U);
  EXPECT_EQ(told.sense_field, 20U);
  EXPECT_EQ(number_at(information.data, 14, 1), kSenseBytes);
  EXPECT_EQ(number_at(information.data, 32 + 12, 2), 0x0d04U);
  EXPECT_EQ(told.available, 32U + 20 + 4 - 4);
}

TEST(Token, FillsItsLastBlockUpWithZeros) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  rig.put(2, 0, filled(4096 * 4, 0xee));
  const Bytes token = rig.token_for({.ranges = {{0, 11}}});
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{0, 4}}}), 2)), "a/0d04");
  Bytes expected = rig.content(0, 0, 11);
  expected.resize(4096 * 2);
  const Bytes rest = filled(4096 * 2, 0xee);
  expected.insert(expected.end(), rest.begin(), rest.end());
  EXPECT_EQ(rig.content(2, 0, 4), expected);
  EXPECT_EQ(told_by(rig.token_information(2, 2)).blocks, 2U);
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{1, 2}}}), 2)), "good");
}

TEST(Token, StopsEarlyWhenTooMuchHasToMove) {
  CopyLimits limits;
  limits.max_moved_bytes = 1;
  CopyRig rig(limits, 256ULL << 20);
  // Two parts of the volume, so that there are two steps; the second is not begun.
  rig.put(0, 0, pattern(2000 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 100}, {500, 100}}});
  const Answer answer = rig.write_token(write_list({.token = token, .ranges = {{1, 200}}}));
  EXPECT_EQ(fault(answer), "a/0d04");
  EXPECT_EQ(answer.response.sense[6], 100);
  EXPECT_EQ(rig.content(1, 1, 100), rig.content(0, 0, 100));
  EXPECT_EQ(rig.content(1, 101, 100), filled(100 * 512, 0));
  // What can be shared is not counted.
  EXPECT_EQ(
      fault(rig.write_token(write_list(
          {.token = rig.token_for({.ranges = {{0, 256}, {512, 256}}}), .ranges = {{0, 512}}}))),
      "good");
}

TEST(Token, IsABearersToken) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  const Bytes list = write_list({.token = token, .ranges = {{3, 64}}});
  // By another initiator, on another target device of the process, after the first session.
  rig.device.nexus_lost(CopyRig::nexus(1));
  EXPECT_EQ(fault(rig.run_on(rig.other_device, 2, 0,
                             {0x83, 0x11, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, 40}, list)),
            "good");
  Bytes written(64 * 512);
  rig.other_unit->volume().read(Lba{3}, written);
  EXPECT_EQ(written, rig.content(0, 0, 64));
}

TEST(Token, OutlivesTheLogicalUnitItCameFrom) {
  CopyRig rig;
  const Bytes data = pattern(64 * 512, 1);
  rig.put(2, 0, data);
  const Bytes token = rig.token_for({.ranges = {{0, 8}}}, 2);
  rig.device.remove(2);
  rig.units.pop_back();
  rig.run(1, {0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{0, 64}}}))), "good");
  EXPECT_EQ(rig.content(1, 0, 64), data);
}

TEST(Token, LivesAsLongAsItIsUsedButNotForever) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  const Bytes list = write_list({.token = token, .ranges = {{0, 64}}});
  for (int i = 0; i != 10; ++i) {
    rig.turn_clock(seconds(59));
    ASSERT_EQ(fault(rig.write_token(list)), "good") << i;
  }
  rig.turn_clock(seconds(10));
  EXPECT_EQ(fault(rig.write_token(list)), "5/2307 list 16");
  EXPECT_EQ(rig.tokens->alive(), 0U);
}

TEST(Token, LetsGoOfItsExtentsWhenItEnds) {
  CopyRig rig;
  rig.put(0, 0, pattern(1024 * 512, 1));
  static_cast<void>(rig.token_for({.ranges = {{0, 1}}}));
  rig.put(0, 0, pattern(1024 * 512, 2));
  EXPECT_EQ(rig.used(), 2 * 1024U * 512);
  rig.tokens->cancel(rig.unit(0).volume());
  EXPECT_EQ(rig.used(), 1024U * 512);
}

TEST(Token, IsDeletedOnRequest) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  const TokenUse use{.token = token, .ranges = {{0, 64}}, .delete_token = true};
  EXPECT_EQ(fault(rig.write_token(write_list(use))), "good");
  EXPECT_EQ(rig.content(1, 0, 64), rig.content(0, 0, 64));
  EXPECT_EQ(fault(rig.write_token(write_list(use))), "5/2309 list 16");
  // A use that was refused deletes nothing.
  const Bytes other = rig.token_for({.ranges = {{0, 64}}});
  EXPECT_EQ(fault(rig.write_token(write_list(
                {.token = other, .ranges = {{0, 1}}, .offset = 64, .delete_token = true}))),
            "5/2600 list 8");
  EXPECT_EQ(fault(rig.write_token(write_list({.token = other, .ranges = {{0, 64}}}))), "good");
}

TEST(Token, HasTheFormatOfTheStandard) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  EXPECT_EQ(number_at(token, 0, 4), 0x00800000U);
  EXPECT_EQ(number_at(token, 4, 4), 0x1f8U);
  const Bytes cscd = CopyRig::cscd(0);
  EXPECT_TRUE(std::equal(cscd.begin(), cscd.end(), token.begin() + 16));
  EXPECT_EQ(number_at(token, 48, 8), 0U);
  EXPECT_EQ(number_at(token, 56, 8), 64U * 512);
  EXPECT_EQ(number_at(token, 96, 4), 512U);
  EXPECT_EQ(number_at(token, 100, 4), 0x0000c000U);
  EXPECT_EQ(number_at(token, 128, 2), 0x53a8U);
  const std::string name = rig.device.target_name();
  EXPECT_EQ(number_at(token, 131, 1), (name.size() + 4) / 4 * 4);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(token.data()) + 132), name);

  EXPECT_EQ(number_at(rig.token_for({.ranges = {{0, 64}}, .rod_type = 0x00800002}), 0, 4),
            0x00800002U);
  EXPECT_EQ(number_at(rig.token_for({.ranges = {{0, 64}}, .rod_type = 0x0080ffff}), 0, 4),
            0x00800002U);
  EXPECT_EQ(number_at(rig.token_for({.ranges = {{0, 64}}, .rod_type = 0x00800000}), 0, 4),
            0x00800000U);
}

TEST(Token, CannotBeGuessedFromOthers) {
  CopyLimits limits;
  limits.max_results_per_nexus = 1;
  CopyRig rig(limits);
  rig.put(0, 0, pattern(512, 1));
  std::set<std::uint64_t> words;
  std::set<std::uint64_t> identifiers;
  constexpr std::size_t kTokens = 200;
  for (std::size_t i = 0; i != kTokens; ++i) {
    const Bytes token = rig.token_for({.ranges = {{0, 1}}});
    identifiers.insert(number_at(token, 8, 8));
    for (std::size_t at = 256; at != 512; at += 8) {
      words.insert(number_at(token, at, 8));
    }
  }
  EXPECT_EQ(identifiers.size(), kTokens);
  EXPECT_EQ(words.size(), kTokens * 32);
}

TEST(ZeroToken, WritesZerosAndUnmaps) {
  CopyRig rig;
  rig.put(1, 0, pattern(1024 * 512, 1));
  EXPECT_EQ(
      fault(rig.write_token(write_list(
          {.token = zero_token(), .ranges = {{0, 512}, {1000, 10}}, .offset = 0xffffffffffff}))),
      "good");
  EXPECT_EQ(rig.content(1, 0, 512), filled(512 * 512, 0));
  EXPECT_EQ(rig.content(1, 1000, 10), filled(10 * 512, 0));
  EXPECT_EQ(rig.used(), 4 * store::kExtentBytes);
  EXPECT_EQ(told_by(rig.token_information(1, 2)).blocks, 522U);
}

TEST(ZeroToken, IsGivenForWhatIsNotMapped) {
  CopyRig rig;
  EXPECT_EQ(rig.token_for({.ranges = {{0, 64}, {128, 64}}}), zero_token());
  EXPECT_EQ(rig.tokens->alive(), 0U);
  // Not when a type was asked for that it is not of, nor when there is something.
  EXPECT_EQ(number_at(rig.token_for({.ranges = {{0, 64}}, .rod_type = 0x00800000}), 0, 4),
            0x00800000U);
  rig.put(0, 100, pattern(512, 1));
  EXPECT_NE(rig.token_for({.ranges = {{0, 64}}}), zero_token());
  EXPECT_EQ(rig.token_for({.ranges = {{128, 64}}}), zero_token());
}

TEST(TokenInformation, TellsOfAPopulateToken) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  EXPECT_EQ(
      fault(rig.populate(populate_list({.ranges = {{0, 64}}, .immediate = true}), 0, 0xfffffff0)),
      "good");
  const Answer answer = rig.token_information(0, 0xfffffff0);
  ASSERT_EQ(answer.data.size(), 550U);
  const Told told = told_by(answer);
  EXPECT_EQ(told.available, 546U);
  EXPECT_EQ(told.command, 0x10U);
  EXPECT_EQ(told.state, 0x01U);
  EXPECT_EQ(told.completion, 0U);
  EXPECT_EQ(told.sense_field, 0U);
  EXPECT_EQ(told.unit, 0xf1U);
  EXPECT_EQ(told.blocks, 64U);
  EXPECT_EQ(number_at(answer.data, 8, 4), 0xfffffffeU);
  EXPECT_EQ(number_at(answer.data, 24, 2), 0U);
  EXPECT_EQ(number_at(answer.data, 32, 4), 514U);
  // Not altered by the allocation length; and it can be asked for again.
  const Answer part = rig.run(0, {0x84, 0x07, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0, 0, 0, 0, 16});
  ASSERT_EQ(part.data.size(), 16U);
  EXPECT_EQ(number_at(part.data, 0, 4), 546U);
  const Answer status = rig.run(0, {0x84, 0x05, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 0, 0, 0, 4, 0});
  ASSERT_EQ(status.data.size(), 32U);
  EXPECT_EQ(number_at(status.data, 0, 4), 28U);
  EXPECT_EQ(number_at(status.data, 16, 8), 64U);
}

TEST(TokenInformation, TellsOfAWriteUsingToken) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{0, 64}}}))), "good");
  const Answer answer = rig.token_information(1, 2);
  ASSERT_EQ(answer.data.size(), 36U);
  const Told told = told_by(answer);
  EXPECT_EQ(told.available, 32U);
  EXPECT_EQ(told.command, 0x11U);
  EXPECT_EQ(told.state, 0x01U);
  EXPECT_EQ(told.blocks, 64U);
}

TEST(TokenInformation, IsReplacedByTheNextCopyOfTheList) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 64}}}))), "good");
  EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 3}}}))), "good");
  EXPECT_EQ(told_by(rig.token_information(0, 1)).blocks, 3U);
  // One that is refused for its parameters is none.
  EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 3}, {0, 3}}}))), "5/2600 list 32");
  EXPECT_EQ(told_by(rig.token_information(0, 1)).blocks, 3U);
}

TEST(TokenInformation, SurvivesAbortsButNoReset) {
  CopyRig rig;
  EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 64}}}))), "good");
  ASSERT_TRUE(rig.device.manage(CopyRig::nexus(1), 0, TaskManagement::AbortTaskSet));
  EXPECT_EQ(fault(rig.token_information(0, 1)), "good");
  ASSERT_TRUE(rig.device.manage(CopyRig::nexus(1), 0, TaskManagement::TargetWarmReset));
  rig.run(0, {0x00});
  EXPECT_EQ(fault(rig.token_information(0, 1)), "5/2400 cdb 2");
}

TEST(Token, NeedsNoListAndNoRanges) {
  CopyRig rig;
  EXPECT_EQ(fault(rig.populate({})), "good");
  EXPECT_EQ(fault(rig.write_token({})), "good");
  EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{~std::uint64_t{0}, 0}}}))), "good");
  EXPECT_EQ(told_by(rig.token_information(0, 1)).blocks, 0U);
  // Less than a descriptor at the end means nothing.
  Bytes list = populate_list({.ranges = {{0, 8}}});
  list.resize(list.size() + 9);
  put_at(list, 14, 2, 25);
  EXPECT_EQ(fault(rig.populate(list)), "good");
  EXPECT_EQ(told_by(rig.token_information(0, 1)).blocks, 8U);
}

}  // namespace
}  // namespace lockstep::scsi::test
