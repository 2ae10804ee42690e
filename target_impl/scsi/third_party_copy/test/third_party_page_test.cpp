// VPD page 8Fh: that it can be walked, and that it says what the commands do.
#include "target_impl/scsi/third_party_copy/test/copy_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace lockstep::scsi::test {
namespace {

// By type, each with its four bytes of header.
std::map<std::uint64_t, Bytes> descriptors_of(CopyRig& rig, std::uint16_t lun) {
  const Bytes page = rig.run(lun, {0x12, 1, 0x8f, 4, 0}).data;
  EXPECT_EQ(number_at(page, 0, 2), 0x008fU);
  EXPECT_EQ(number_at(page, 2, 2), page.size() - 4);
  std::map<std::uint64_t, Bytes> found;
  std::size_t at = 4;
  while (at != page.size()) {
    const std::uint64_t bytes = number_at(page, at + 2, 2);
    EXPECT_EQ(bytes % 4, 0U);
    const auto begin = page.begin() + static_cast<std::ptrdiff_t>(at);
    found[number_at(page, at, 2)] = Bytes(begin, begin + static_cast<std::ptrdiff_t>(bytes) + 4);
    at += bytes + 4;
  }
  return found;
}

TEST(ThirdPartyPage, BeginsWithTheLimitsThatWindowsLooksFor) {
  CopyRig rig;
  const Bytes page = rig.run(0, {0x12, 1, 0x8f, 4, 0}).data;
  EXPECT_EQ(number_at(page, 4, 4), 0x20U);
  EXPECT_GE(number_at(page, 2, 2), 0x24U);
  EXPECT_EQ(number_at(page, 4 + 10, 2), rig.tokens->limits().max_ranges);
  // And INQUIRY says that there is such a thing (3PC).
  EXPECT_EQ(number_at(rig.run(0, {0x12, 0, 0, 0, 96}).data, 5, 1) & 0x08U, 0x08U);
}

TEST(ThirdPartyPage, HasEveryMandatoryDescriptor) {
  CopyRig rig;
  std::set<std::uint64_t> types;
  for (const auto& [type, bytes] : descriptors_of(rig, 0)) {
    types.insert(type);
  }
  EXPECT_EQ(types, (std::set<std::uint64_t>{0x0000, 0x0001, 0x0004, 0x0008, 0x000c, 0x0106, 0x0108,
                                            0x8001}));
}

TEST(ThirdPartyPage, AgreesWithItselfInBlocksOfAnySize) {
  CopyRig rig;
  for (const std::uint16_t lun : {std::uint16_t{0}, std::uint16_t{2}}) {
    const std::uint64_t block = lun == 2 ? 4096 : 512;
    auto found = descriptors_of(rig, lun);
    const Bytes& limits = found[0x0000];
    const Bytes& features = found[0x0106];
    ASSERT_EQ(features.size(), 96U);
    EXPECT_EQ(number_at(features, 46, 2), 48U);
    EXPECT_EQ(number_at(features, 48 + 2, 2), 44U);
    EXPECT_EQ(number_at(limits, 20, 8) * block, number_at(features, 48 + 8, 8));
    EXPECT_EQ(number_at(limits, 28, 8) * block, number_at(features, 48 + 16, 8));
    EXPECT_EQ(number_at(limits, 12, 4), number_at(features, 24, 4));
    EXPECT_LE(number_at(limits, 16, 4), number_at(limits, 12, 4));
    EXPECT_LE(number_at(limits, 28, 8), number_at(limits, 20, 8));
    EXPECT_EQ(number_at(features, 4, 1) & 0x0fU, 0U);  // REMOTE TOKENS
  }
}

TEST(ThirdPartyPage, ListsTheCommandsThatAreReportedAsSupported) {
  CopyRig rig;
  const Bytes bytes = descriptors_of(rig, 0)[0x0001];
  std::set<std::uint64_t> listed;
  const std::size_t end = 5 + number_at(bytes, 4, 1);
  ASSERT_LE(end, bytes.size());
  for (std::size_t at = 5; at != end;) {
    const std::uint64_t code = number_at(bytes, at, 1);
    const std::uint64_t count = number_at(bytes, at + 1, 1);
    for (std::uint64_t i = 0; i != count; ++i) {
      listed.insert(code << 8 | number_at(bytes, at + 2 + i, 1));
    }
    at += 2 + count;
  }
  std::set<std::uint64_t> supported;
  const Bytes all = rig.run(0, {0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0xff, 0xff}).data;
  for (std::size_t at = 4; at != all.size(); at += 8) {
    const std::uint64_t code = number_at(all, at, 1);
    if (code == 0x83 || code == 0x84) {
      supported.insert(code << 8 | number_at(all, at + 2, 2));
    }
  }
  EXPECT_EQ(listed, supported);
  EXPECT_EQ(listed, (std::set<std::uint64_t>{0x8300, 0x8310, 0x8311, 0x831c, 0x8400, 0x8403, 0x8404,
                                             0x8405, 0x8407}));
}

TEST(ThirdPartyPage, AgreesWithTheOperatingParameters) {
  CopyRig rig;
  auto found = descriptors_of(rig, 0);
  const Bytes parameters = rig.run(0, {0x84, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).data;
  EXPECT_EQ(number_at(found[0x0004], 8, 8), number_at(parameters, 8, 8));
  EXPECT_EQ(number_at(found[0x8001], 12, 4), number_at(parameters, 16, 4));
  EXPECT_EQ(number_at(found[0x8001], 4, 4), number_at(parameters, 34, 2));
  EXPECT_EQ(number_at(found[0x0008], 4, 4), number_at(parameters, 43, 4));
  EXPECT_EQ(number_at(found[0x000c], 4, 4), 0x0002ffffU);
}

TEST(ThirdPartyPage, OffersTheTypesThatPopulateTokenGives) {
  CopyRig rig;
  rig.put(0, 0, pattern(512, 1));
  const Bytes bytes = descriptors_of(rig, 0)[0x0108];
  const std::uint64_t list = number_at(bytes, 6, 2);
  ASSERT_EQ(list, bytes.size() - 8);
  for (std::size_t at = 8; at != bytes.size(); at += 64) {
    const std::uint64_t type = number_at(bytes, at, 4);
    const bool out = (number_at(bytes, at + 4, 1) & 1) != 0;
    EXPECT_TRUE((number_at(bytes, at + 4, 1) & 2) != 0);
    const std::string verdict =
        fault(rig.populate(populate_list({.ranges = {{0, 1}}, .rod_type = type})));
    EXPECT_EQ(verdict, out ? "good" : "5/2600 list 8") << std::hex << type;
  }
}

TEST(Sanitize, LeavesNoTokenThatKeepsTheContent) {
  CopyRig rig;
  rig.put(0, 0, pattern(64 * 512, 1));
  rig.put(2, 0, pattern(4096, 1));
  const Bytes token = rig.token_for({.ranges = {{0, 64}}});
  const Bytes other = rig.token_for({.ranges = {{0, 1}}}, 2);
  EXPECT_EQ(fault(rig.run(0, {0x48, 0x02})), "good");
  EXPECT_EQ(fault(rig.write_token(write_list({.token = token, .ranges = {{0, 64}}}))),
            "5/2308 list 16");
  EXPECT_EQ(fault(rig.write_token(write_list({.token = other, .ranges = {{0, 8}}}))), "good");
}

TEST(Sanitize, HoldsCopiesBack) {
  CopyRig rig;
  LogicalUnitOptions options;
  options.naa_identifier = {0x6a, 0xbc, 0xde, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
  options.sanitize_minimum = std::chrono::hours(1);
  rig.units[1] = std::make_shared<LogicalUnit>(
      std::make_shared<store::Volume>(BlockCount{CopyRig::kBlocks}, BlockSize{512}, rig.pool),
      options);
  rig.device.add(1, rig.units[1]);
  rig.run(0, {0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
  rig.run(0, {0x00});
  rig.put(0, 0, pattern(512, 1));
  EXPECT_EQ(fault(rig.run(1, {0x48, 0x82})), "good");
  EXPECT_EQ(fault(rig.copy({{.count = 1}})), "a/041b segment 0 byte 0");
  const Bytes token = rig.token_for({.ranges = {{0, 1}}});
  EXPECT_EQ(rig.write_token(write_list({.token = token, .ranges = {{0, 1}}})).verdict(), "2/041b");
}

}  // namespace
}  // namespace lockstep::scsi::test
