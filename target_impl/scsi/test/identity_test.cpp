// INQUIRY, vital product data, capacities, mode pages, REPORT LUNS, supported commands.
#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace lockstep::scsi::test {
namespace {

std::string text_at(const Bytes& data, std::size_t at, std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; i != bytes; ++i) {
    text.push_back(static_cast<char>(data.at(at + i)));
  }
  return text;
}

TEST(Inquiry, DescribesADisk) {
  Rig rig;
  const Answer answer = rig.run({0x12, 0, 0, 0, 255});
  ASSERT_EQ(answer.data.size(), 96U);
  EXPECT_EQ(number_at(answer.data, 0, 1), 0U);
  EXPECT_EQ(number_at(answer.data, 2, 1), 6U);
  EXPECT_EQ(number_at(answer.data, 3, 1) & 0x0f, 2U);
  EXPECT_EQ(number_at(answer.data, 4, 1), 91U);
  EXPECT_EQ(text_at(answer.data, 8, 8), "LOCKSTEP");
  EXPECT_EQ(text_at(answer.data, 16, 16), "lockstep volume ");
}

TEST(Inquiry, EveryAllocationLengthGivesAPrefix) {
  Rig rig;
  const Bytes whole = rig.run({0x12, 0, 0, 0, 255}).data;
  for (unsigned length = 0; length != 96; ++length) {
    const Answer answer = rig.run({0x12, 0, 0, 0, length});
    EXPECT_EQ(answer.data, Bytes(whole.begin(), whole.begin() + length));
  }
}

TEST(Inquiry, RefusesAPageWithoutEvpd) {
  Rig rig;
  const Answer answer = rig.run({0x12, 0, 0x83, 0, 255});
  EXPECT_EQ(answer.verdict(), "5/2400");
  EXPECT_EQ(answer.response.sense[15], 0xc0);
  EXPECT_EQ(answer.response.sense[17], 2);
}

TEST(VitalProductData, EveryListedPageCanBeRead) {
  Rig rig;
  const Bytes list = rig.run({0x12, 1, 0, 0, 255}).data;
  ASSERT_EQ(list.size(), 4 + number_at(list, 2, 2));
  std::uint64_t previous = 0;
  std::set<std::uint64_t> pages;
  for (std::size_t at = 4; at != list.size(); ++at) {
    const std::uint64_t page = number_at(list, at, 1);
    EXPECT_TRUE(at == 4 || page > previous);
    previous = page;
    pages.insert(page);
    const Answer answer = rig.run({0x12, 1, static_cast<unsigned>(page), 4, 0});
    ASSERT_TRUE(answer.good()) << std::hex << page;
    EXPECT_EQ(number_at(answer.data, 1, 1), page);
    EXPECT_EQ(answer.data.size(), 4 + number_at(answer.data, 2, 2));
  }
  EXPECT_EQ(pages, (std::set<std::uint64_t>{0x00, 0x80, 0x83, 0x8f, 0xb0, 0xb1, 0xb2}));
  EXPECT_EQ(rig.run({0x12, 1, 0xb7, 0, 255}).verdict(), "5/2400");
}

TEST(VitalProductData, NamesTheUnitThePortAndTheDevice) {
  Rig rig;
  EXPECT_EQ(text_at(rig.run({0x12, 1, 0x80, 0, 255}).data, 4, 11), "serial-0001");
  const Bytes page = rig.run({0x12, 1, 0x83, 4, 0}).data;
  std::vector<std::string> seen;
  Bytes naa;
  for (std::size_t at = 4; at < page.size(); at += 4 + number_at(page, at + 3, 1)) {
    const auto association = number_at(page, at + 1, 1) >> 4 & 3;
    const auto type = number_at(page, at + 1, 1) & 0x0f;
    seen.push_back(std::to_string(association) + ":" + std::to_string(type));
    if (type == 3) {
      naa.assign(page.begin() + static_cast<std::ptrdiff_t>(at + 4),
                 page.begin() + static_cast<std::ptrdiff_t>(at + 4 + number_at(page, at + 3, 1)));
    }
    if (type == 8) {
      EXPECT_EQ(number_at(page, at + 3, 1) % 4, 0U);
    }
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"0:1", "0:3", "1:4", "1:5", "1:8", "2:8"}));
  ASSERT_EQ(naa.size(), 16U);
  EXPECT_EQ(naa.front(), std::byte{0x6a});
  EXPECT_EQ(naa.back(), std::byte{0x01});
}

TEST(VitalProductData, BlockLimitsScaleWithTheBlockSize) {
  Rig rig;
  const Bytes small = rig.run({0x12, 1, 0xb0, 0, 255}).data;
  ASSERT_EQ(small.size(), 64U);
  EXPECT_EQ(number_at(small, 5, 1), 255U);
  EXPECT_EQ(number_at(small, 8, 4), 65536U);
  EXPECT_EQ(number_at(small, 28, 4), 128U);
  EXPECT_EQ(number_at(small, 32, 4), 0x80000000U);
  Rig large_blocks(4096, 64ULL << 20, 4096);
  const Bytes large = large_blocks.run({0x12, 1, 0xb0, 0, 255}).data;
  EXPECT_EQ(number_at(large, 8, 4), 8192U);
  EXPECT_EQ(number_at(large, 28, 4), 16U);
}

TEST(VitalProductData, ProvisioningAgreesWithReadCapacity) {
  Rig rig;
  const Bytes page = rig.run({0x12, 1, 0xb2, 0, 255}).data;
  ASSERT_EQ(page.size(), 8U);
  EXPECT_EQ(number_at(page, 5, 1), 0xe4U);
  EXPECT_EQ(number_at(page, 6, 1) & 7, 2U);
  const Bytes capacity = rig.run({0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32}).data;
  EXPECT_EQ(number_at(capacity, 14, 1), 0xc0U);
}

TEST(ReadCapacity, ReportsTheLastBlock) {
  Rig rig;
  const Bytes ten = rig.run({0x25}).data;
  EXPECT_EQ(number_at(ten, 0, 4), 4095U);
  EXPECT_EQ(number_at(ten, 4, 4), 512U);
  const Bytes sixteen = rig.run({0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12}).data;
  ASSERT_EQ(sixteen.size(), 12U);
  EXPECT_EQ(number_at(sixteen, 0, 8), 4095U);
  EXPECT_EQ(number_at(sixteen, 8, 4), 512U);
  Rig huge(std::uint64_t{1} << 33);
  EXPECT_EQ(number_at(huge.run({0x25}).data, 0, 4), 0xffffffffU);
  Rig edge(std::uint64_t{1} << 32);
  EXPECT_EQ(number_at(edge.run({0x25}).data, 0, 4), 0xffffffffU);
}

TEST(ModeSense, PagesAreTheSameAloneAndTogether) {
  Rig rig;
  const Bytes all = rig.run({0x1a, 0x08, 0x3f, 0, 255}).data;
  const Bytes caching = rig.run({0x1a, 0x08, 0x08, 0, 255}).data;
  const Bytes control = rig.run({0x1a, 0x08, 0x0a, 0, 255}).data;
  ASSERT_EQ(caching.size(), 24U);
  ASSERT_EQ(control.size(), 16U);
  ASSERT_EQ(all.size(), 48U);
  EXPECT_EQ(number_at(all, 0, 1), 47U);
  EXPECT_EQ(number_at(all, 2, 1), 0x10U);
  EXPECT_TRUE(std::equal(caching.begin() + 4, caching.end(), all.begin() + 4));
  EXPECT_TRUE(std::equal(control.begin() + 4, control.end(), all.begin() + 24));
}

TEST(ModeSense, ShowsWriteProtectionAndTheGeometry) {
  Rig rig;
  rig.unit->set_host_access(HostAccess::ReadOnly);
  const Bytes six = rig.run({0x1a, 0, 0x0a, 0, 255}).data;
  EXPECT_EQ(number_at(six, 2, 1), 0x90U);
  EXPECT_EQ(number_at(six, 3, 1), 8U);
  EXPECT_EQ(number_at(six, 4, 4), 4096U);
  EXPECT_EQ(number_at(six, 9, 3), 512U);
  const Bytes ten = rig.run({0x5a, 0x10, 0x0a, 0, 0, 0, 0, 1, 0}).data;
  EXPECT_EQ(number_at(ten, 0, 2), ten.size() - 2);
  EXPECT_EQ(number_at(ten, 4, 1), 1U);
  EXPECT_EQ(number_at(ten, 6, 2), 16U);
  EXPECT_EQ(number_at(ten, 8, 8), 4096U);
  EXPECT_EQ(number_at(ten, 24, 1), 0x0aU);
}

TEST(ModeSense, RefusesSavedValuesAndUnknownPages) {
  Rig rig;
  EXPECT_EQ(rig.run({0x1a, 0, 0xca, 0, 255}).verdict(), "5/3900");
  EXPECT_EQ(rig.run({0x1a, 0, 0x1b, 0, 255}).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0x1a, 0, 0x0a, 1, 255}).verdict(), "5/2400");
  const Bytes changeable = rig.run({0x1a, 0x08, 0x4a, 0, 255}).data;
  Bytes expected = filled(10, 0);
  expected[0] = std::byte{0x04};  // D_SENSE
  expected[2] = std::byte{0x08};  // SWP
  EXPECT_EQ(Bytes(changeable.begin() + 6, changeable.end()), expected);
}

TEST(ReportLuns, ListsWhatIsThere) {
  Rig rig;
  rig.server.add(7, rig.new_unit(8));
  rig.server.add(255, rig.new_unit(8));
  const Bytes list = rig.run({0xa0, 0, 0, 0, 0, 0, 0, 0, 1, 0}).data;
  ASSERT_EQ(list.size(), 32U);
  EXPECT_EQ(number_at(list, 0, 4), 24U);
  EXPECT_EQ(number_at(list, 8, 8), 0U);
  EXPECT_EQ(number_at(list, 16, 8), 0x0007000000000000U);
  EXPECT_EQ(number_at(list, 24, 8), 0x00ff000000000000U);
  EXPECT_EQ(rig.run({0xa0, 0, 1, 0, 0, 0, 0, 0, 1, 0}).data, filled(8, 0));
  EXPECT_EQ(rig.run({0xa0, 0, 3, 0, 0, 0, 0, 0, 1, 0}).verdict(), "5/2400");
  EXPECT_EQ(rig.run({0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 15}).verdict(), "5/2400");
}

TEST(ReportSupportedCommands, ListAgreesWithWhatIsExecuted) {
  Rig rig;
  const Bytes list = rig.run({0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0xff, 0xff}).data;
  ASSERT_EQ(list.size(), 4 + number_at(list, 0, 4));
  std::set<std::uint64_t> listed;
  for (std::size_t at = 4; at != list.size(); at += 8) {
    const auto code = number_at(list, at, 1);
    const auto action = number_at(list, at + 2, 2);
    const bool has_action = (number_at(list, at + 5, 1) & 1) != 0;
    listed.insert(code);
    EXPECT_TRUE(has_action || action == 0);
    const unsigned option = has_action ? 2 : 1;
    const Answer one = rig.run({0xa3, 0x0c, option, static_cast<unsigned>(code), 0,
                                static_cast<unsigned>(action), 0, 0, 0, 255});
    ASSERT_TRUE(one.good());
    EXPECT_EQ(number_at(one.data, 1, 1), 3U);
    EXPECT_EQ(number_at(one.data, 2, 2), number_at(list, at + 6, 2));
    EXPECT_EQ(number_at(one.data, 4, 1), code);
    EXPECT_EQ(rig.run({0xa3, 0x0c, 3 - option, static_cast<unsigned>(code), 0,
                       static_cast<unsigned>(action), 0, 0, 0, 255})
                  .verdict(),
              "5/2400");
  }
  for (unsigned code = 0; code != 256; ++code) {
    const bool unknown = rig.run({code}).verdict() == "5/2000";
    EXPECT_EQ(unknown, !listed.contains(code)) << std::hex << code;
  }
}

TEST(ReportSupportedCommands, AddsTimeoutsWhenAsked) {
  Rig rig;
  const Bytes list = rig.run({0xa3, 0x0c, 0x80, 0, 0, 0, 0, 0, 0xff, 0xff}).data;
  ASSERT_EQ((list.size() - 4) % 20, 0U);
  for (std::size_t at = 4; at != list.size(); at += 20) {
    EXPECT_EQ(number_at(list, at + 5, 1) & 2, 2U);
    EXPECT_EQ(number_at(list, at + 8, 2), 10U);
  }
  const Bytes one = rig.run({0xa3, 0x0c, 0x81, 0x28, 0, 0, 0, 0, 0, 255}).data;
  EXPECT_EQ(one.size(), 4U + 10 + 12);
  EXPECT_EQ(number_at(one, 1, 1), 0x83U);
  EXPECT_EQ(number_at(one, 5, 1), 0x18U);  // DPO and FUA mean something
  const Bytes none = rig.run({0xa3, 0x0c, 0x01, 0xc0, 0, 0, 0, 0, 0, 255}).data;
  EXPECT_EQ(number_at(none, 1, 1), 1U);
}

TEST(ReportSupportedCommands, PointsAwayFromTheServiceActionWhenItRefuses) {
  Rig rig;
  const Answer refused = rig.run({0xa3, 0x0c, 0x01, 0x9e, 0, 0, 0, 0, 0, 255});
  EXPECT_EQ(refused.verdict(), "5/2400");
  EXPECT_EQ(refused.response.sense[15] & 0xc0, 0xc0);
  EXPECT_EQ(refused.response.sense[17], 2);
  const Answer unknown_action = rig.run({0x9e, 0x1f});
  EXPECT_EQ(unknown_action.verdict(), "5/2400");
  EXPECT_EQ(unknown_action.response.sense[17], 1);
}

}  // namespace
}  // namespace lockstep::scsi::test
