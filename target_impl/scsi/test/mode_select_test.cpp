// MODE SELECT, and what the parameters do: SWP, D_SENSE, WCE.
#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

namespace lockstep::scsi::test {
namespace {

constexpr std::size_t kControlAt = 4;  // behind the header of the six-byte form

class ModeSelect : public ::testing::Test {
 protected:
  ModeSelect() { rig.join(2); }
  // The control page as MODE SENSE shows it, as a list for MODE SELECT.
  Bytes control() {
    Bytes list = rig.run({0x1a, 0x08, 0x0a, 0, 255}).data;
    list[0] = std::byte{0};
    list[2] = std::byte{0};
    return list;
  }
  Bytes control_with(std::size_t byte, unsigned bits) {
    Bytes list = control();
    list[kControlAt + byte] |= static_cast<std::byte>(bits);
    return list;
  }
  std::string select(const Bytes& list, unsigned flags = 0x10) {
    return rig.run({0x15, flags, 0, 0, static_cast<unsigned>(list.size())}, list).verdict();
  }
  std::string write(std::uint64_t nexus = 1) {
    return rig.run_on(nexus, 0, {0x2a, 0, 0, 0, 0, 0, 0, 0, 1}, filled(kBlock, 1)).verdict();
  }
  Rig rig;
};

TEST_F(ModeSelect, ProtectsTheMediumAndTellsTheOthers) {
  EXPECT_EQ(select(control_with(4, 0x08)), "good");
  EXPECT_EQ(write(), "7/2702");
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "good");
  EXPECT_EQ(number_at(rig.run({0x1a, 0, 0x0a, 0, 255}).data, 2, 1), 0x90U);
  EXPECT_EQ(rig.run_on(2, 0, {0x00}).verdict(), "6/2a01");
  EXPECT_EQ(rig.run_on(2, 0, {0x00}).verdict(), "good");
  Bytes off = control();
  off[kControlAt + 4] = std::byte{0};
  EXPECT_EQ(select(off), "good");
  EXPECT_EQ(write(), "good");
  EXPECT_EQ(select(off), "good");  // as it was: nothing to tell
  EXPECT_EQ(rig.run_on(2, 0, {0x00}).verdict(), "6/2a01");
  EXPECT_EQ(rig.run_on(2, 0, {0x00}).verdict(), "good");
}

TEST_F(ModeSelect, ChangesTheFormatOfSenseData) {
  EXPECT_EQ(select(control_with(2, 0x04)), "good");
  const Answer refused = rig.run({0x28, 0xe0, 0, 0, 0, 0, 0, 0, 1});
  ASSERT_EQ(refused.response.status, Status::CheckCondition);
  const auto& sense = refused.response.sense;
  EXPECT_EQ(sense[0], 0x72);
  EXPECT_EQ(sense[1], 5);
  EXPECT_EQ(sense[2], 0x24);
  EXPECT_EQ(sense[7], 8);
  EXPECT_EQ(refused.response.sense_bytes, 16);
  EXPECT_EQ(sense[8], 2);  // sense key specific
  EXPECT_EQ(sense[12], 0xcf);
  EXPECT_EQ(sense[14], 1);

  Bytes both = filled(2 * kBlock, 0);
  both[5] = std::byte{1};
  const Answer different = rig.run({0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, both);
  EXPECT_EQ(different.response.sense_bytes, 20);
  EXPECT_EQ(different.response.sense[8], 0);  // information
  EXPECT_EQ(different.response.sense[10], 0x80);
  EXPECT_EQ(different.response.sense[19], 5);
}

TEST_F(ModeSelect, IsUndoneByAReset) {
  ASSERT_EQ(select(control_with(4, 0x08)), "good");
  ASSERT_TRUE(rig.server.manage(Rig::nexus(1), 0, TaskManagement::LogicalUnitReset));
  EXPECT_EQ(write(), "6/2903");
  EXPECT_EQ(write(), "good");
}

TEST_F(ModeSelect, TakesAListWholeOrNotAtAll) {
  EXPECT_EQ(select(control_with(2, 0x01)), "5/2600");        // not changeable
  EXPECT_EQ(select(control_with(4, 0x08), 0), "5/2400");     // PF
  EXPECT_EQ(select(control_with(4, 0x08), 0x11), "5/2400");  // SP
  Bytes list = control_with(4, 0x08);
  list.push_back(std::byte{0x3e});  // an unknown page behind a good one
  list.push_back(std::byte{0});
  EXPECT_EQ(select(list), "5/2600");
  list = control_with(4, 0x08);
  list.pop_back();
  EXPECT_EQ(select(list), "5/1a00");
  list = control_with(4, 0x08);
  list[kControlAt + 1] = std::byte{9};
  EXPECT_EQ(select(list), "5/2600");
  EXPECT_EQ(select(Bytes(3)), "5/1a00");
  EXPECT_EQ(select({}), "good");
  EXPECT_EQ(write(), "good");
}

TEST_F(ModeSelect, TakesTheBlockDescriptorOnlyAsItIs) {
  Bytes list = rig.run({0x1a, 0, 0x0a, 0, 255}).data;
  list[0] = list[2] = std::byte{0};
  list[12 + 4] |= std::byte{0x08};
  EXPECT_EQ(select(list), "good");
  EXPECT_EQ(write(), "7/2702");
  list[10] = std::byte{0x10};  // another block size
  EXPECT_EQ(select(list), "5/2600");
  list[3] = std::byte{7};
  EXPECT_EQ(select(list), "5/2600");

  Bytes ten = rig.run({0x5a, 0x10, 0x0a, 0, 0, 0, 0, 1, 0}).data;
  ten[0] = ten[1] = ten[3] = std::byte{0};
  ten[24 + 4] = std::byte{0};
  const auto bytes = static_cast<unsigned>(ten.size());
  EXPECT_EQ(rig.run({0x55, 0x10, 0, 0, 0, 0, 0, 0, bytes}, ten).verdict(), "good");
  EXPECT_EQ(write(), "good");
  ten[15] = std::byte{1};
  EXPECT_EQ(rig.run({0x55, 0x10, 0, 0, 0, 0, 0, 0, bytes}, ten).verdict(), "5/2600");
}

TEST(WriteCache, CanBeTurnedOffWhereThereIsOne) {
  const auto caching = [](Rig& rig) { return rig.run({0x1a, 0x08, 0x08, 0, 255}).data; };
  Rig without;
  EXPECT_EQ(number_at(caching(without), 6, 1), 0U);
  Bytes list = caching(without);
  list[0] = list[2] = std::byte{0};
  list[6] = std::byte{4};
  EXPECT_EQ(without.run({0x15, 0x10, 0, 0, 24}, list).verdict(), "5/2600");

  Rig with([](LogicalUnitOptions& options) { options.write_cache = true; });
  EXPECT_EQ(number_at(caching(with), 6, 1), 4U);
  EXPECT_TRUE(with.unit->write_cache_enabled());
  list[6] = std::byte{0};
  EXPECT_EQ(with.run({0x15, 0x10, 0, 0, 24}, list).verdict(), "good");
  EXPECT_FALSE(with.unit->write_cache_enabled());
  EXPECT_EQ(number_at(with.run({0x1a, 0x08, 0x88, 0, 255}).data, 6, 1), 4U);  // default values
}

}  // namespace
}  // namespace lockstep::scsi::test
