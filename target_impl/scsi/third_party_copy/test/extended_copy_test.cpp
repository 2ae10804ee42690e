// EXTENDED COPY(LID1) and its inquiries: what is copied, and what is told afterwards.
#include "target_impl/scsi/third_party_copy/test/copy_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace lockstep::scsi::test {
namespace {

constexpr Cdb kStatus{0x84, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
constexpr Cdb kFailureDetails{0x84, 0x04, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
constexpr Cdb kOperatingParameters{0x84, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};

TEST(ExtendedCopy, CopiesBlocksBetweenLogicalUnits) {
  CopyRig rig;
  rig.put(0, 0, pattern(300 * 512, 1));
  EXPECT_EQ(fault(rig.copy({{.count = 200, .source_lba = 50, .destination_lba = 7}})), "good");
  EXPECT_EQ(rig.content(1, 7, 200), rig.content(0, 50, 200));
  EXPECT_EQ(rig.content(1, 6, 1), filled(512, 0));
  EXPECT_EQ(rig.content(1, 207, 1), filled(512, 0));
  EXPECT_EQ(rig.unit(1).medium_changes(), 1U);
  EXPECT_EQ(rig.unit(0).medium_changes(), 0U);
}

TEST(ExtendedCopy, MovesNothingWhereExtentsCanBeShared) {
  CopyRig rig;
  rig.put(0, 0, pattern(1024 * 512, 1));
  const std::uint64_t used = rig.used();
  EXPECT_EQ(fault(rig.copy({{.count = 1024, .source_lba = 0, .destination_lba = 2048}})), "good");
  EXPECT_EQ(rig.content(1, 2048, 1024), rig.content(0, 0, 1024));
  EXPECT_EQ(rig.used(), used);
}

TEST(ExtendedCopy, CopiesWhatWasThereBeforeWhenRangesOverlap) {
  for (const std::uint64_t destination : {0U, 33U, 128U, 200U}) {
    CopyRig rig;
    const Bytes before = pattern(1000 * 512, 3);
    rig.put(0, 0, before);
    EXPECT_EQ(fault(rig.copy({{.source = 0,
                               .destination = 0,
                               .count = 600,
                               .source_lba = 100,
                               .destination_lba = destination}})),
              "good");
    Bytes expected = before;
    std::memmove(expected.data() + destination * 512, before.data() + 100 * 512, 600 * 512);
    EXPECT_EQ(rig.content(0, 0, 1000), expected) << destination;
  }
}

TEST(ExtendedCopy, CarriesSegmentsOutInTheirOrder) {
  CopyRig rig;
  rig.put(0, 0, pattern(512, 1));
  EXPECT_EQ(fault(rig.copy(
                {{.count = 1, .destination_lba = 5},
                 {.source = 1, .destination = 0, .count = 1, .source_lba = 5, .destination_lba = 9},
                 {.count = 0, .source_lba = 9},
                 {.count = 1, .source_lba = 9, .destination_lba = 1}})),
            "good");
  EXPECT_EQ(rig.content(1, 1, 1), pattern(512, 1));
}

TEST(ExtendedCopy, CopiesBytesAtOffsets) {
  CopyRig rig;
  const Bytes source = pattern(100 * 512, 1);
  rig.put(0, 10, source);
  rig.put(1, 0, filled(300 * 512, 0xee));
  EXPECT_EQ(fault(rig.copy({{.type = 0x0a,
                             .count = 33'333,
                             .source_lba = 10,
                             .destination_lba = 20,
                             .source_offset = 100,
                             .destination_offset = 511}})),
            "good");
  Bytes expected = filled(300 * 512, 0xee);
  std::copy_n(source.begin() + 100, 33'333, expected.begin() + 20 * 512 + 511);
  EXPECT_EQ(rig.content(1, 0, 300), expected);
}

TEST(ExtendedCopy, CopiesTheLongestSegmentBetweenBlockSizes) {
  CopyRig rig;
  rig.put(2, 0, pattern(CopyRig::kLargeBlocks * 4096, 1));
  EXPECT_EQ(
      fault(rig.copy(
          {{.type = 0x0a, .source = 2, .destination = 1, .count = CopyRig::kLargeBlocks * 4096}})),
      "good");
  EXPECT_EQ(rig.content(1, 0, 4096), rig.content(2, 0, 512));
}

TEST(ExtendedCopy, CountsBlocksByEitherSide) {
  CopyRig rig;
  rig.put(0, 0, pattern(512 * 512, 1));
  EXPECT_EQ(fault(rig.copy({{.destination = 2, .count = 16}})), "good");
  EXPECT_EQ(rig.content(2, 0, 2), rig.content(0, 0, 16));
  EXPECT_EQ(rig.content(2, 2, 1), filled(4096, 0));
  EXPECT_EQ(
      fault(rig.copy({{.destination = 2, .count = 4, .source_lba = 1, .by_destination = true}})),
      "good");
  EXPECT_EQ(rig.content(2, 0, 4), rig.content(0, 1, 32));
}

TEST(ExtendedCopy, FillsUpTheLastBlockWhenTheDestinationPads) {
  CopyRig rig;
  rig.put(0, 0, pattern(512 * 20, 1));
  rig.put(2, 0, filled(4096 * 4, 0xee));
  CopyList list;
  list.cscds = {CopyRig::cscd(0), CopyRig::cscd(2, true)};
  list.segments = {segment_bytes_of({.count = 11})};
  EXPECT_EQ(fault(rig.extended_copy(extended_copy_list(list))), "good");
  Bytes expected = filled(4096 * 3, 0);
  std::copy_n(pattern(512 * 20, 1).begin(), 11 * 512, expected.begin());
  std::fill(expected.begin() + 8192, expected.end(), std::byte{0xee});
  EXPECT_EQ(rig.content(2, 0, 3), expected);
}

TEST(ExtendedCopy, CutsOffWhatTheSourceHasTooMuchWhenItPads) {
  CopyRig rig;
  rig.put(2, 0, pattern(4096 * 2, 1));
  CopyList list;
  list.cscds = {CopyRig::cscd(2, true), CopyRig::cscd(1)};
  list.segments = {segment_bytes_of({.count = 11, .by_destination = true})};
  EXPECT_EQ(fault(rig.extended_copy(extended_copy_list(list))), "good");
  EXPECT_EQ(rig.content(1, 11, 1), filled(512, 0));
  Bytes source = rig.content(2, 0, 2);
  source.resize(11 * 512);
  EXPECT_EQ(rig.content(1, 0, 11), source);
}

TEST(ExtendedCopy, KnowsTheLogicalUnitItWasSentTo) {
  CopyRig rig;
  rig.put(0, 0, pattern(512, 1));
  EXPECT_EQ(fault(rig.copy({{.source = 0xffff, .destination = 1, .count = 1}})), "good");
  EXPECT_EQ(rig.content(1, 0, 1), pattern(512, 1));
}

TEST(ExtendedCopy, NamesLogicalUnitsByAnyOfTheirDesignators) {
  CopyRig rig;
  rig.put(0, 0, pattern(512, 1));
  CopyList list;
  list.cscds = {CopyRig::cscd(0), CopyRig::cscd(1)};
  Bytes& cscd = list.cscds[0];
  put_at(cscd, 4, 1, 2);  // ASCII
  put_at(cscd, 5, 1, 1);  // T10 vendor identification
  put_at(cscd, 7, 1, 9);
  const std::string name = "LOCKSTEP0";
  for (std::size_t i = 0; i != 16; ++i) {
    put_at(cscd, 8 + i, 1, i < name.size() ? static_cast<unsigned char>(name[i]) : 0);
  }
  list.segments = {segment_bytes_of({.count = 1})};
  EXPECT_EQ(fault(rig.extended_copy(extended_copy_list(list))), "good");
  EXPECT_EQ(rig.content(1, 0, 1), pattern(512, 1));
}

TEST(ExtendedCopy, IgnoresObsoleteIdentifierTypes) {
  CopyRig rig;
  CopyList list;
  list.cscds = {CopyRig::cscd(0), CopyRig::cscd(1)};
  put_at(list.cscds[0], 1, 1, 0xc0);
  list.segments = {segment_bytes_of({.count = 1})};
  EXPECT_EQ(fault(rig.extended_copy(extended_copy_list(list))), "good");
}

TEST(ExtendedCopy, DoesNothingWhenThereIsNothingToDo) {
  CopyRig rig;
  EXPECT_EQ(fault(rig.extended_copy({})), "good");
  EXPECT_EQ(fault(rig.extended_copy(Bytes(16))), "good");
  EXPECT_EQ(fault(rig.copy({})), "good");
  EXPECT_EQ(rig.unit(1).medium_changes(), 0U);
}

TEST(ReceiveCopyResults, TellsTheStatusOnce) {
  CopyRig rig;
  EXPECT_EQ(fault(rig.run(0, kStatus)), "5/2400 cdb 2");
  EXPECT_EQ(fault(rig.copy({{.count = 4}, {.count = 3}})), "good");
  const Bytes status = rig.run(0, kStatus).data;
  ASSERT_EQ(status.size(), 12U);
  EXPECT_EQ(number_at(status, 0, 4), 8U);
  EXPECT_EQ(number_at(status, 4, 1) & 0x7f, 1U);
  EXPECT_EQ(number_at(status, 5, 2), 2U);
  EXPECT_EQ(number_at(status, 7, 1), 0U);
  EXPECT_EQ(number_at(status, 8, 4), 7U * 512);
  EXPECT_EQ(fault(rig.run(0, kStatus)), "5/2400 cdb 2");
}

TEST(ReceiveCopyResults, TellsWhatFailed) {
  CopyRig rig;
  EXPECT_EQ(fault(rig.copy({{.count = 4}, {.count = 9, .source_lba = CopyRig::kBlocks - 8}})),
            "a/0000 segment 1 byte 12");
  const Bytes status = rig.run(0, kStatus).data;
  EXPECT_EQ(number_at(status, 4, 1) & 0x7f, 2U);
  EXPECT_EQ(number_at(status, 5, 2), 1U);
  const Bytes details = rig.run(0, kFailureDetails).data;
  ASSERT_EQ(details.size(), 60U + kSenseBytes);
  EXPECT_EQ(number_at(details, 0, 4), details.size() - 4);
  EXPECT_EQ(number_at(details, 56, 1), 2U);
  EXPECT_EQ(number_at(details, 58, 2), kSenseBytes);
  EXPECT_EQ(number_at(details, 60 + 2, 1), 0xaU);
  EXPECT_EQ(number_at(details, 60 + 10, 2), 1U);
  // A copy without a fault takes its place.
  EXPECT_EQ(fault(rig.copy({{.count = 4}})), "good");
  EXPECT_EQ(number_at(rig.run(0, kFailureDetails).data, 0, 4), 0U);
}

TEST(ReceiveCopyResults, AreGoneWithTheNexus) {
  CopyRig rig;
  EXPECT_EQ(fault(rig.copy({{.count = 4}})), "good");
  EXPECT_EQ(fault(rig.run_on(rig.device, 2, 0, kStatus)), "5/2400 cdb 2");
  rig.device.nexus_lost(CopyRig::nexus(1));
  EXPECT_EQ(fault(rig.run(0, kStatus)), "5/2400 cdb 2");
}

TEST(ReceiveCopyResults, AreGoneWithAReset) {
  CopyRig rig;
  EXPECT_EQ(fault(rig.copy({{.count = 4}})), "good");
  ASSERT_TRUE(rig.device.manage(CopyRig::nexus(1), 1, TaskManagement::LogicalUnitReset));
  EXPECT_EQ(fault(rig.run(0, kFailureDetails)), "good");
  ASSERT_TRUE(rig.device.manage(CopyRig::nexus(1), 0, TaskManagement::LogicalUnitReset));
  rig.run(0, {0x00});  // the attention
  EXPECT_EQ(fault(rig.run(0, kFailureDetails)), "5/2400 cdb 2");
}

TEST(ReceiveCopyResults, AreNotKeptForAListWithoutIdentifier) {
  CopyRig rig;
  EXPECT_EQ(fault(rig.copy({{.count = 4}}, 3)), "good");
  EXPECT_EQ(fault(rig.run(0, {0x84, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0})), "5/2400 cdb 2");
}

TEST(ReceiveCopyResults, AreForgottenOldestFirst) {
  CopyLimits limits;
  limits.max_results_per_nexus = 2;
  CopyRig rig(limits);
  for (std::uint8_t identifier = 1; identifier != 4; ++identifier) {
    CopyList list;
    list.list_identifier = identifier;
    list.cscds = {CopyRig::cscd(0)};
    EXPECT_EQ(fault(rig.extended_copy(extended_copy_list(list))), "good");
  }
  EXPECT_EQ(fault(rig.run(0, {0x84, 0x04, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0})), "5/2400 cdb 2");
  EXPECT_EQ(fault(rig.run(0, {0x84, 0x04, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0})), "good");
  EXPECT_EQ(fault(rig.run(0, {0x84, 0x04, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0})), "good");
}

TEST(ReceiveCopyResults, GivesTheOperatingParametersThatAreEnforced) {
  const CopyLimits limits;
  CopyRig rig;
  const Bytes data = rig.run(0, kOperatingParameters).data;
  ASSERT_EQ(data.size(), 47U);
  EXPECT_EQ(number_at(data, 0, 4), 43U);
  EXPECT_EQ(number_at(data, 4, 1), 1U);
  EXPECT_EQ(number_at(data, 8, 2), limits.max_cscds);
  EXPECT_EQ(number_at(data, 10, 2), limits.max_segments);
  EXPECT_EQ(number_at(data, 12, 4), limits.max_descriptor_list_bytes);
  EXPECT_EQ(number_at(data, 16, 4), limits.max_segment_bytes);
  EXPECT_EQ(number_at(data, 20, 8), 0U);
  EXPECT_EQ(number_at(data, 43, 1), 3U);
  EXPECT_EQ(number_at(data, 44, 3), 0x020ae4U);
  // As iscsi-test-cu wants them: one descriptor too many is refused for its number.
  EXPECT_GE(limits.max_descriptor_list_bytes, (limits.max_cscds + 1U) * 32 + 28);
  EXPECT_GE(limits.max_descriptor_list_bytes, (limits.max_segments + 1U) * 28 + 32);
  EXPECT_EQ(rig.run(0, {0x84, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4}).data.size(), 4U);
}

TEST(ExtendedCopy, SharesWithMirrorsOfItsDestination) {
  CopyRig rig;
  class Mirror : public store::WriteObserver {
   public:
    explicit Mirror(store::Volume& to) : to_(to) {}
    bool wrote(Lba first, std::span<const std::byte> data) noexcept override {
      return to_.write(first, data) == store::WriteResult::Done;
    }
    bool zeroed(Lba first, BlockCount count) noexcept override {
      return to_.unmap(first, count) == store::WriteResult::Done;
    }
    bool assigned() noexcept override { return false; }

   private:
    store::Volume& to_;
  };
  Mirror mirror(rig.other_unit->volume());
  rig.unit(1).volume().attach(mirror);
  rig.put(0, 0, pattern(700 * 512, 1));
  EXPECT_EQ(
      fault(rig.copy(
          {{.type = 0x0a, .count = 300'000, .destination_lba = 3, .destination_offset = 17}})),
      "good");
  rig.unit(1).volume().detach(mirror);
  Bytes mirrored(CopyRig::kBlocks * 512);
  rig.other_unit->volume().read(Lba{0}, mirrored);
  EXPECT_EQ(mirrored, rig.content(1, 0, CopyRig::kBlocks));
}

}  // namespace
}  // namespace lockstep::scsi::test
