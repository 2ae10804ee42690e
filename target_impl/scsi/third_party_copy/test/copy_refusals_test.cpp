// What EXTENDED COPY(LID1) and its inquiries refuse, each with the exact sense data and, where
// there is one, the field at fault. Nothing may have changed afterwards.
#include "target_impl/scsi/third_party_copy/test/copy_rig.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace lockstep::scsi::test {
namespace {

constexpr std::uint64_t kEnd = CopyRig::kBlocks;

Answer copy(CopyRig& rig, const Segment& segment) { return rig.copy({segment}); }

// A legal copy of one block from LUN 0 to LUN 1, with `change` done to the list.
template <class Change>
Answer spoiled(CopyRig& rig, Change&& change) {
  CopyList list;
  list.cscds = {CopyRig::cscd(0), CopyRig::cscd(1)};
  list.segments = {segment_bytes_of({.count = 1})};
  change(list);
  return rig.extended_copy(extended_copy_list(list));
}

template <class Change>
Answer spoiled_bytes(CopyRig& rig, Change&& change) {
  CopyList list;
  list.cscds = {CopyRig::cscd(0), CopyRig::cscd(1)};
  list.segments = {segment_bytes_of({.count = 1})};
  Bytes bytes = extended_copy_list(list);
  change(bytes);
  return rig.extended_copy(bytes);
}

struct Case {
  std::string name;
  std::string expected;
  Answer (*run)(CopyRig&);
  friend void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }
};

class CopyRefusal : public testing::TestWithParam<Case> {};

TEST_P(CopyRefusal, NamesTheFault) {
  CopyRig rig;
  const Bytes before = pattern(CopyRig::kBlocks * 512, 1);
  rig.put(0, 0, before);
  EXPECT_EQ(fault(GetParam().run(rig)), GetParam().expected);
  EXPECT_EQ(rig.content(0, 0, CopyRig::kBlocks), before);
  EXPECT_EQ(rig.content(1, 0, CopyRig::kBlocks), filled(CopyRig::kBlocks * 512, 0));
  EXPECT_EQ(rig.unit(1).medium_changes(), 0U);
}

const std::vector<Case> kParameterLists{
    {"ShorterThanItsHeader", "5/1a00", [](CopyRig& rig) { return rig.extended_copy(Bytes(15)); }},
    {"DescriptorsCutOff", "5/1a00",
     [](CopyRig& rig) { return spoiled_bytes(rig, [](Bytes& b) { b.resize(b.size() - 1); }); }},
    {"LessSentThanAnnounced", "5/0e03",
     [](CopyRig& rig) {
       return rig.run(0, {0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200}, Bytes(100));
     }},
    {"DescriptorsLongerThanTheLimit", "5/1a00",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { l.cscds.assign(129, CopyRig::cscd(0)); });
     }},
    {"TooManyCscds", "5/2606 list 2",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { l.cscds.assign(17, CopyRig::cscd(0)); });
     }},
    {"CscdsThatAreNotWhole", "5/2600 list 2",
     [](CopyRig& rig) {
       return spoiled_bytes(rig, [](Bytes& b) {
         put_at(b, 2, 2, 63);
         put_at(b, 8, 4, 29);
       });
     }},
    {"TooManySegments", "5/2608 list 8",
     [](CopyRig& rig) {
       return spoiled(rig,
                      [](CopyList& l) { l.segments.assign(17, segment_bytes_of({.count = 1})); });
     }},
    {"TooManySegmentsBeforeTheirTypes", "5/2608 list 8",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) {
         l.segments.assign(17, segment_bytes_of({.type = 0x03, .count = 1}));
       });
     }},
    {"SegmentWithoutAHeader", "5/2600 list 8",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { l.segments.push_back(Bytes(3)); });
     }},
    {"SegmentLongerThanTheList", "5/2600 list 82",
     [](CopyRig& rig) { return spoiled_bytes(rig, [](Bytes& b) { put_at(b, 82, 2, 25); }); }},
    {"SegmentOfTheWrongLength", "5/2600 list 82",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) {
         l.segments[0].resize(29);
         put_at(l.segments[0], 2, 2, 25);
       });
     }},
    {"InlineData", "5/260b list 12",
     [](CopyRig& rig) { return spoiled(rig, [](CopyList& l) { l.inline_bytes = 1; }); }},
    {"UnknownCscdType", "5/2607 list 48",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { put_at(l.cscds[1], 0, 1, 0xe0); });
     }},
    {"StreamToStream", "5/2609 list 80",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { put_at(l.segments[0], 0, 1, 0x03); });
     }},
    {"ReservedListIdentifierUsage", "5/2600 list 1",
     [](CopyRig& rig) { return spoiled(rig, [](CopyList& l) { l.usage = 1; }); }},
    {"IdentifierOfNoList", "5/2600 list 0",
     [](CopyRig& rig) { return spoiled(rig, [](CopyList& l) { l.usage = 3; }); }},
    {"DesignatorTooLong", "5/2600 list 23",
     [](CopyRig& rig) { return spoiled(rig, [](CopyList& l) { put_at(l.cscds[0], 7, 1, 21); }); }},
    {"DesignatorEmpty", "5/2600 list 55",
     [](CopyRig& rig) { return spoiled(rig, [](CopyList& l) { put_at(l.cscds[1], 7, 1, 0); }); }},
    {"AnotherBlockLength", "5/2600 list 45",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { put_at(l.cscds[0], 29, 3, 4096); });
     }},
};

const std::vector<Case> kSegments{
    {"SourceNotInTheList", "a/0804 segment 0 byte 4",
     [](CopyRig& rig) { return copy(rig, {.source = 3, .count = 1}); }},
    {"DestinationNotInTheList", "a/0804 segment 0 byte 6",
     [](CopyRig& rig) { return copy(rig, {.destination = 0x0800, .count = 1}); }},
    {"NullDevice", "a/0804 segment 0 byte 6",
     [](CopyRig& rig) { return copy(rig, {.destination = 0xc000, .count = 1}); }},
    {"NullCscd", "a/0804 segment 0 byte 4",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { put_at(l.cscds[0], 1, 1, 0x20); });
     }},
    {"AnotherDeviceType", "a/0d03 segment 0 byte 6",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { put_at(l.cscds[1], 1, 1, 0x01); });
     }},
    {"UnknownLogicalUnit", "a/0d02 segment 0 byte 4",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { put_at(l.cscds[0], 23, 1, 0x77); });
     }},
    {"LogicalUnitOfAnotherTarget", "a/0d02 segment 0 byte 6",
     [](CopyRig& rig) { return spoiled(rig, [](CopyList& l) { l.cscds[1] = CopyRig::cscd(9); }); }},
    {"TheTargetsDesignatorForAUnits", "a/0d02 segment 0 byte 4",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) { put_at(l.cscds[0], 5, 1, 0x23); });
     }},
    {"SourceBeyondTheEnd", "a/0000 segment 0 byte 12",
     [](CopyRig& rig) { return copy(rig, {.count = 2, .source_lba = kEnd - 1}); }},
    {"SourceFarBeyondTheEnd", "a/0000 segment 0 byte 12",
     [](CopyRig& rig) { return copy(rig, {.count = 1, .source_lba = ~std::uint64_t{0}}); }},
    {"DestinationBeyondTheEnd", "a/0000 segment 0 byte 20",
     [](CopyRig& rig) { return copy(rig, {.count = 2, .destination_lba = kEnd - 1}); }},
    {"BytesBeyondTheEnd", "a/0000 segment 0 byte 12",
     [](CopyRig& rig) {
       return copy(rig, {.type = 0x0a, .count = 512, .source_lba = kEnd - 1, .source_offset = 1});
     }},
    {"LongerThanTheLongestSegment", "a/0000 segment 0 byte 8",
     [](CopyRig& rig) { return copy(rig, {.type = 0x0a, .count = (256U << 20) + 1}); }},
    {"SourceOffsetOfABlock", "a/0000 segment 0 byte 28",
     [](CopyRig& rig) { return copy(rig, {.type = 0x0a, .count = 1, .source_offset = 512}); }},
    {"DestinationOffsetOfABlock", "a/0000 segment 0 byte 30",
     [](CopyRig& rig) { return copy(rig, {.type = 0x0a, .count = 1, .destination_offset = 512}); }},
    {"PartOfADestinationBlock", "a/260a segment 0 byte 0",
     [](CopyRig& rig) { return copy(rig, {.destination = 2, .count = 7}); }},
    {"PartOfASourceBlock", "a/260a segment 0 byte 0",
     [](CopyRig& rig) { return copy(rig, {.source = 2, .count = 7, .by_destination = true}); }},
    {"PartOfABlockToBeKept", "a/260a segment 0 byte 0",
     [](CopyRig& rig) {
       return spoiled(rig, [](CopyList& l) {
         l.cscds[1] = CopyRig::cscd(2, true);
         l.segments = {segment_bytes_of({.count = 7, .keep_rest = true})};
       });
     }},
};

const std::vector<Case> kStates{
    {"WriteProtectedDestination", "a/2700 segment 0 byte 0",
     [](CopyRig& rig) {
       rig.unit(1).set_host_access(HostAccess::ReadOnly);
       return copy(rig, {.count = 1});
     }},
    {"SourceThatHostsMayNotUse", "a/0400 segment 0 byte 0",
     [](CopyRig& rig) {
       rig.unit(2).set_host_access(HostAccess::None);
       return copy(rig, {.source = 2, .count = 1});
     }},
    {"DestinationReservedByAnother", "a/0d01 segment 0 byte 0",
     [](CopyRig& rig) {
       EXPECT_EQ(fault(rig.run_on(rig.device, 2, 1, {0x16})), "good");
       return copy(rig, {.count = 1});
     }},
    {"SourceReservedByAnother", "a/0d01 segment 0 byte 0",
     [](CopyRig& rig) {
       EXPECT_EQ(fault(rig.run_on(rig.device, 2, 2, {0x16})), "good");
       return copy(rig, {.source = 2, .count = 1});
     }},
    {"AddressedUnitReservedByAnother", "conflict",
     [](CopyRig& rig) {
       EXPECT_EQ(fault(rig.run_on(rig.device, 2, 0, {0x16})), "good");
       return copy(rig, {.count = 1});
     }},
    {"HiddenLogicalUnit", "a/0d02 segment 0 byte 6",
     [](CopyRig& rig) {
       rig.hidden.set(1);
       return copy(rig, {.count = 1});
     }},
};

const std::vector<Case> kInquiries{
    {"StatusOfNoCopy", "5/2400 cdb 2",
     [](CopyRig& rig) {
       return rig.run(0, {0x84, 0x00, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
     }},
    {"FailureDetailsOfNoCopy", "5/2400 cdb 2",
     [](CopyRig& rig) {
       return rig.run(0, {0x84, 0x04, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
     }},
    {"StatusOfNoListIdentifier", "5/2400 cdb 2",
     [](CopyRig& rig) {
       return rig.run(0, {0x84, 0x05, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 0});
     }},
    {"HeldData", "5/2400 cdb 1",
     [](CopyRig& rig) {
       return rig.run(0, {0x84, 0x01, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
     }},
    {"ExtendedCopyWithALongIdentifier", "5/2400 cdb 1",
     [](CopyRig& rig) {
       return rig.run(0, {0x83, 0x01});
     }},
    {"TokenOfAnExtendedCopy", "5/2400 cdb 2",
     [](CopyRig& rig) {
       CopyList list;
       list.list_identifier = 5;
       list.cscds = {CopyRig::cscd(0)};
       EXPECT_EQ(fault(rig.extended_copy(extended_copy_list(list))), "good");
       EXPECT_EQ(fault(rig.run(0, {0x84, 0x05, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 1, 0})), "good");
       return rig.token_information(0, 5);
     }},
};

const auto kName = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(ParameterList, CopyRefusal, testing::ValuesIn(kParameterLists), kName);
INSTANTIATE_TEST_SUITE_P(Segment, CopyRefusal, testing::ValuesIn(kSegments), kName);
INSTANTIATE_TEST_SUITE_P(UnitState, CopyRefusal, testing::ValuesIn(kStates), kName);
INSTANTIATE_TEST_SUITE_P(Inquiry, CopyRefusal, testing::ValuesIn(kInquiries), kName);

// Goal: whatever is full, what is told is what was done. Method: the destination's pool takes the
// first of two segments.
TEST(CopyFailure, KeepsTheSegmentsThatWereDone) {
  CopyRig rig({}, 10 * store::kExtentBytes);
  rig.put(0, 0, pattern(8 * store::kExtentBytes, 1));
  // Shifted, so that the bytes have to move: two extents, then three where none is left.
  EXPECT_EQ(fault(rig.copy({{.count = 128, .source_lba = 1},
                            {.count = 128, .source_lba = 1, .destination_lba = 200}})),
            "a/2707 segment 1 byte 0");
  EXPECT_EQ(rig.content(1, 0, 128), rig.content(0, 1, 128));
  EXPECT_EQ(rig.content(1, 128, 300), filled(300 * 512, 0));
  const Bytes status = rig.run(0, {0x84, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).data;
  EXPECT_EQ(number_at(status, 4, 1) & 0x7f, 2U);
  EXPECT_EQ(number_at(status, 5, 2), 1U);
  EXPECT_EQ(number_at(status, 8, 4), 128U * 512);
}

}  // namespace
}  // namespace lockstep::scsi::test
