// What POPULATE TOKEN, WRITE USING TOKEN and their inquiries refuse, each with the exact sense data
// and the field at fault. The destination may not have changed afterwards.
#include "target_impl/scsi/third_party_copy/test/copy_rig.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace lockstep::scsi::test {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t kEnd = CopyRig::kBlocks;
constexpr std::size_t kTokenAt = 16;

template <class Change>
Answer populate(CopyRig& rig, Change&& change) {
  Bytes list = populate_list({.ranges = {{0, 8}, {16, 8}}});
  change(list);
  return rig.populate(list);
}

// A legal use of a token for the first 64 blocks of LUN 0, with `change` done to the list.
template <class Change>
Answer write(CopyRig& rig, Change&& change) {
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  Bytes list = write_list({.token = token, .ranges = {{100, 64}}});
  change(list);
  return rig.write_token(list);
}

Answer write_with(CopyRig& rig, const Bytes& token) {
  return rig.write_token(write_list({.token = token, .ranges = {{100, 64}}}));
}

struct Case {
  std::string name;
  std::string expected;
  Answer (*run)(CopyRig&);
  friend void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }
};

class TokenRefusal : public testing::TestWithParam<Case> {};

TEST_P(TokenRefusal, NamesTheFault) {
  CopyLimits limits;
  limits.max_ranges = 4;
  limits.max_transfer_bytes = 1024 * 512;
  CopyRig rig(limits);
  rig.put(0, 0, pattern(CopyRig::kBlocks * 512, 1));
  EXPECT_EQ(fault(GetParam().run(rig)), GetParam().expected);
  EXPECT_EQ(rig.content(1, 0, CopyRig::kBlocks), filled(CopyRig::kBlocks * 512, 0));
  EXPECT_EQ(rig.unit(1).medium_changes(), 0U);
}

const std::vector<Case> kPopulate{
    {"ListOfFifteenBytes", "5/1a00", [](CopyRig& rig) { return rig.populate(Bytes(15)); }},
    {"LessSentThanAnnounced", "5/0e03",
     [](CopyRig& rig) {
       return rig.run(0, {0x83, 0x10, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 48}, Bytes(40));
     }},
    {"DataLengthTooSmall", "5/2600 list 0",
     [](CopyRig& rig) { return populate(rig, [](Bytes& l) { put_at(l, 0, 2, 0x1d); }); }},
    {"InactivityTimeoutTooLong", "5/2600 list 4",
     [](CopyRig& rig) { return populate(rig, [](Bytes& l) { put_at(l, 4, 4, 601); }); }},
    {"RodTypeOfNoPointInTime", "5/2600 list 8",
     [](CopyRig& rig) {
       return rig.populate(populate_list({.ranges = {{0, 8}}, .rod_type = 0x00010000}));
     }},
    {"RodTypeZero", "5/2600 list 8",
     [](CopyRig& rig) {
       return rig.populate(populate_list({.ranges = {{0, 8}}, .rod_type = 0xffff0001}));
     }},
    {"RangesShorterThanOne", "5/2600 list 14",
     [](CopyRig& rig) { return populate(rig, [](Bytes& l) { put_at(l, 14, 2, 15); }); }},
    {"TooManyRanges", "5/2608 list 14",
     [](CopyRig& rig) {
       return rig.populate(populate_list({.ranges = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}}}));
     }},
    {"RangesCutOff", "5/1a00",
     [](CopyRig& rig) { return populate(rig, [](Bytes& l) { l.resize(47); }); }},
    {"RangeBeyondTheEnd", "5/2100",
     [](CopyRig& rig) {
       return rig.populate(populate_list({.ranges = {{0, 1}, {kEnd - 1, 2}}}));
     }},
    {"RangeFarBeyondTheEnd", "5/2100",
     [](CopyRig& rig) {
       return rig.populate(populate_list({.ranges = {{~std::uint64_t{0}, 2}}}));
     }},
    {"OneRangeLongerThanTheLimit", "5/2600 list 24",
     [](CopyRig& rig) {
       return rig.populate(populate_list({.ranges = {{0, 1025}}}));
     }},
    {"SumLongerThanTheLimit", "5/2600 list 40",
     [](CopyRig& rig) {
       return rig.populate(populate_list({.ranges = {{0, 1000}, {2000, 25}}}));
     }},
    {"OverlappingRanges", "5/2600 list 32",
     [](CopyRig& rig) {
       return rig.populate(populate_list({.ranges = {{5, 10}, {0, 6}}}));
     }},
    {"TheSameRangeTwice", "5/2600 list 48",
     [](CopyRig& rig) {
       return rig.populate(populate_list({.ranges = {{5, 10}, {20, 6}, {5, 10}}}));
     }},
    {"LogicalUnitThatHostsMayNotUse", "2/0400",
     [](CopyRig& rig) {
       rig.unit(0).set_host_access(HostAccess::None);
       return rig.populate(populate_list({.ranges = {{0, 8}}}));
     }},
    {"LogicalUnitReservedByAnother", "conflict",
     [](CopyRig& rig) {
       EXPECT_EQ(fault(rig.run_on(rig.device, 2, 0, {0x16})), "good");
       return rig.populate(populate_list({.ranges = {{0, 8}}}));
     }},
};

const std::vector<Case> kWrite{
    {"ListOfFifteenBytes", "5/1a00", [](CopyRig& rig) { return rig.write_token(Bytes(15)); }},
    {"DataLengthTooSmall", "5/2600 list 0",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, 0, 2, 0x225); }); }},
    {"ListCutOffInTheToken", "5/1a00",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { l.resize(535); }); }},
    {"RangesShorterThanOne", "5/2600 list 534",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, 534, 2, 15); }); }},
    {"RangesCutOff", "5/1a00",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { l.resize(551); }); }},
    {"TooManyRanges", "5/2608 list 534",
     [](CopyRig& rig) {
       return rig.write_token(
           write_list({.token = Bytes(512), .ranges = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}}}));
     }},
    {"RangeBeyondTheEnd", "5/2100",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, 536, 8, kEnd - 63); }); }},
    {"RangeLongerThanTheLimit", "5/2600 list 544",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, 544, 4, 1025); }); }},
    {"OverlappingRanges", "5/2600 list 552",
     [](CopyRig& rig) {
       const Bytes token = rig.token_for({.ranges = {{0, 64}}});
       return rig.write_token(write_list({.token = token, .ranges = {{0, 5}, {4, 5}}}));
     }},
    {"OffsetAtTheEndOfTheRod", "5/2600 list 8",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, 8, 8, 64); }); }},
    {"OffsetThatOverflows", "5/2600 list 8",
     [](CopyRig& rig) {
       return write(rig, [](Bytes& l) { put_at(l, 8, 8, 0x80000000000000ULL); });
     }},
    {"WriteProtectedLogicalUnit", "7/2700",
     [](CopyRig& rig) {
       return write(rig, [&rig](Bytes&) { rig.unit(1).set_host_access(HostAccess::ReadOnly); });
     }},
    {"LogicalUnitReservedByAnother", "conflict",
     [](CopyRig& rig) {
       EXPECT_EQ(fault(rig.run_on(rig.device, 2, 1, {0x16})), "good");
       return write(rig, [](Bytes&) {});
     }},
};

const std::vector<Case> kToken{
    {"WrongLength", "5/230a list 16",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, kTokenAt + 6, 2, 0x1f7); }); }},
    {"ZeroTokenOfTheWrongLength", "5/230a list 16",
     [](CopyRig& rig) {
       Bytes token(512);
       put_at(token, 0, 4, 0xffff0001);
       return write_with(rig, token);
     }},
    {"ReservedBytesSet", "5/2305 list 16",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, kTokenAt + 64, 1, 1); }); }},
    {"NoCreator", "5/2305 list 16",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, kTokenAt + 16, 1, 0); }); }},
    {"OneSecretBitDifferent", "5/2305 list 16",
     [](CopyRig& rig) {
       return write(rig, [](Bytes& l) { l[kTokenAt + 511] ^= std::byte{0x01}; });
     }},
    {"AnotherSize", "5/2305 list 16",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, kTokenAt + 48, 8, 1); }); }},
    {"UnsupportedType", "5/2301 list 16",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, kTokenAt, 4, 0x00010000); }); }},
    {"TypeOfTheWish", "5/2301 list 16",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, kTokenAt, 4, 0x0080ffff); }); }},
    {"AnotherTargetsToken", "5/2302 list 16",
     [](CopyRig& rig) {
       return write(rig, [](Bytes& l) {
         put_at(l, kTokenAt + 8, 8, 12345);
         put_at(l, kTokenAt + 128 + 8, 1, 'x');
       });
     }},
    {"IdentifierThatNeverWas", "5/2304 list 16",
     [](CopyRig& rig) { return write(rig, [](Bytes& l) { put_at(l, kTokenAt + 8, 8, 12345); }); }},
    {"NotUsedForTooLong", "5/2307 list 16",
     [](CopyRig& rig) {
       const Bytes token = rig.token_for({.ranges = {{0, 64}}});
       rig.turn_clock(seconds(60));
       return write_with(rig, token);
     }},
    {"NotUsedForLongerThanAskedFor", "5/2307 list 16",
     [](CopyRig& rig) {
       const Bytes token = rig.token_for({.ranges = {{0, 64}}, .inactivity_s = 5});
       rig.turn_clock(seconds(5));
       return write_with(rig, token);
     }},
    {"CancelledWithItsContent", "5/2308 list 16",
     [](CopyRig& rig) {
       const Bytes token = rig.token_for({.ranges = {{0, 64}}});
       rig.tokens->cancel(rig.unit(0).volume());
       return write_with(rig, token);
     }},
    {"Revoked", "5/2306 list 16",
     [](CopyRig& rig) {
       const Bytes token = rig.token_for({.ranges = {{0, 64}}});
       rig.tokens->revoke_all();
       return write_with(rig, token);
     }},
    {"DeadAndForged", "5/2305 list 16",
     [](CopyRig& rig) {
       Bytes token = rig.token_for({.ranges = {{0, 64}}});
       rig.tokens->revoke_all();
       token[300] ^= std::byte{0x80};
       return write_with(rig, token);
     }},
    {"DeadAndForgotten", "5/2304 list 16",
     [](CopyRig& rig) {
       const Bytes token = rig.token_for({.ranges = {{0, 64}}});
       rig.tokens->revoke_all();
       rig.turn_clock(seconds(1200));
       return write_with(rig, token);
     }},
    {"OfALaterLife", "5/2304 list 16",
     [](CopyRig& rig) {
       const Bytes token = rig.token_for({.ranges = {{0, 64}}});
       CopyRig restarted;
       restarted.put(0, 0, pattern(512, 1));
       return write_with(restarted, token);
     }},
};

const std::vector<Case> kInquiries{
    {"InformationAboutNoList", "5/2400 cdb 2",
     [](CopyRig& rig) { return rig.token_information(0, 4711); }},
    {"InformationForAnotherNexus", "5/2400 cdb 2",
     [](CopyRig& rig) {
       EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 8}}}))), "good");
       return rig.run_on(rig.device, 2, 0, {0x84, 0x07, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, 0});
     }},
    {"InformationAfterTheNexus", "5/2400 cdb 2",
     [](CopyRig& rig) {
       EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 8}}}))), "good");
       rig.device.nexus_lost(CopyRig::nexus(1));
       return rig.token_information(0, 1);
     }},
    {"StatusWithAShortIdentifier", "5/2400 cdb 2",
     [](CopyRig& rig) {
       EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 8}}}))), "good");
       return rig.run(0, {0x84, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
     }},
    {"AbortOfNothing", "5/2400 cdb 2",
     [](CopyRig& rig) {
       return rig.run(0, {0x83, 0x1c, 0, 0, 0, 1});
     }},
    {"AbortOfWhatHasEnded", "5/2400 cdb 2",
     [](CopyRig& rig) {
       EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 8}}}))), "good");
       return rig.run(0, {0x83, 0x1c, 0, 0, 0, 1});
     }},
    {"AllTokens", "5/2400 cdb 1",
     [](CopyRig& rig) {
       return rig.run(0, {0x84, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
     }},
};

const auto kName = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Populate, TokenRefusal, testing::ValuesIn(kPopulate), kName);
INSTANTIATE_TEST_SUITE_P(Write, TokenRefusal, testing::ValuesIn(kWrite), kName);
INSTANTIATE_TEST_SUITE_P(Token, TokenRefusal, testing::ValuesIn(kToken), kName);
INSTANTIATE_TEST_SUITE_P(Inquiry, TokenRefusal, testing::ValuesIn(kInquiries), kName);

TEST(TokenRoom, IsBoundedByNumberAndByMemory) {
  CopyLimits limits;
  limits.max_tokens = 2;
  CopyRig rig(limits);
  rig.put(0, 0, pattern(512, 1));
  static_cast<void>(rig.token_for({.ranges = {{0, 1}}}));
  static_cast<void>(rig.token_for({.ranges = {{0, 1}}}));
  EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 1}}}))), "5/550d");
  const Bytes told = rig.token_information(0, 1).data;
  EXPECT_EQ(number_at(told, 5, 1), 0x02U);
  EXPECT_EQ(number_at(told, 12, 1), 0x02U);
  EXPECT_EQ(number_at(told, 32 + 12, 2), 0x550dU);
  rig.turn_clock(seconds(60));
  EXPECT_EQ(fault(rig.populate(populate_list({.ranges = {{0, 1}}}))), "good");

  CopyLimits small;
  small.max_token_table_bytes = 2048;
  CopyRig tight(small);
  tight.put(0, 0, pattern(512 * 300, 1));
  std::vector<Range> many;
  for (std::uint64_t i = 0; i != 100; ++i) {
    many.push_back({2 * i, 1});
  }
  EXPECT_EQ(fault(tight.populate(populate_list({.ranges = many}))), "5/550c");
  EXPECT_EQ(fault(tight.populate(populate_list({.ranges = {{0, 1}}}))), "good");
}

}  // namespace
}  // namespace lockstep::scsi::test
