// Removable and read-only media.
#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

namespace lockstep::scsi::test {
namespace {

constexpr Cdb kReady{0x00};
constexpr Cdb kEject{0x1b, 0, 0, 0, 0x02};
constexpr Cdb kLoad{0x1b, 0, 0, 0, 0x03};
constexpr Cdb kPrevent{0x1e, 0, 0, 0, 1};
constexpr Cdb kAllow{0x1e};

class Removable : public ::testing::Test {
 protected:
  Removable() { rig.join(2); }
  Rig rig{[](LogicalUnitOptions& options) { options.removable = true; }};
};

TEST_F(Removable, IsTakenOutAndPutIn) {
  rig.put(3, filled(kBlock, 7));
  EXPECT_EQ(number_at(rig.run({0x12, 0, 0, 0, 96}).data, 1, 1), 0x80U);
  EXPECT_EQ(rig.run({0x1b, 0, 0, 0, 0x12}).verdict(), "good");  // a power condition: no eject
  EXPECT_EQ(rig.run(kReady).verdict(), "good");
  EXPECT_EQ(rig.run(kEject).verdict(), "good");
  EXPECT_EQ(rig.run(kEject).verdict(), "good");
  for (const Cdb& cdb : {kReady, Cdb{0x25}, Cdb{0x28, 0, 0, 0, 0, 0, 0, 0, 1}, Cdb{0x35}, Cdb{0x34},
                         Cdb{0x2f}, Cdb{0x9e, 0x10}, Cdb{0x9e, 0x12}, Cdb{0x42}, Cdb{0x41},
                         Cdb{0x2a}, Cdb{0x89}, Cdb{0x8b}, Cdb{0x9c}, Cdb{0x48, 0x02}}) {
    EXPECT_EQ(rig.run(cdb).verdict(), "2/3a00") << std::hex << *cdb.begin();
  }
  EXPECT_EQ(number_at(rig.run({0x03, 0, 0, 0, 252}).data, 12, 2), 0x3a00U);
  EXPECT_EQ(rig.run({0x1a, 0, 0x3f, 0, 255}).verdict(), "good");
  EXPECT_EQ(rig.run(kLoad).verdict(), "good");
  EXPECT_EQ(rig.run(kReady).verdict(), "good");
  EXPECT_EQ(rig.run_on(2, 0, kReady).verdict(), "6/2800");
  EXPECT_EQ(rig.content(3, 1), filled(kBlock, 7));
}

TEST_F(Removable, StaysWhileAnyNexusPreventsIt) {
  EXPECT_EQ(rig.run_on(2, 0, kPrevent).verdict(), "good");
  EXPECT_EQ(rig.run(kEject).verdict(), "5/5302");
  EXPECT_EQ(rig.run(kAllow).verdict(), "good");  // only its own
  EXPECT_EQ(rig.run(kEject).verdict(), "5/5302");
  EXPECT_EQ(rig.run_on(2, 0, kAllow).verdict(), "good");
  EXPECT_EQ(rig.run(kEject).verdict(), "good");
  EXPECT_EQ(rig.run(kPrevent).verdict(), "good");
  EXPECT_EQ(rig.run(kLoad).verdict(), "5/5302");
  EXPECT_EQ(rig.run({0x1e, 0, 0, 0, 2}).verdict(), "5/2400");
}

TEST_F(Removable, IsAllowedAgainByLossOfTheNexusAndByResets) {
  ASSERT_EQ(rig.run_on(2, 0, kPrevent).verdict(), "good");
  rig.server.nexus_lost(Rig::nexus(2));
  EXPECT_EQ(rig.run(kEject).verdict(), "good");
  for (const auto function : {TaskManagement::LogicalUnitReset, TaskManagement::TargetWarmReset,
                              TaskManagement::TargetColdReset}) {
    ASSERT_EQ(rig.run(kPrevent).verdict(), "good");
    ASSERT_TRUE(rig.server.manage(Rig::nexus(1), 0, function));
    EXPECT_EQ(rig.run(kLoad).verdict().substr(0, 2), "6/");
    EXPECT_EQ(rig.run(kLoad).verdict(), "good");
  }
}

TEST(ReadOnlyMedium, RefusesEveryChange) {
  Rig rig([](LogicalUnitOptions& options) { options.read_only = true; });
  EXPECT_EQ(number_at(rig.run({0x1a, 0, 0x0a, 0, 255}).data, 2, 1), 0x90U);
  for (const Cdb& cdb : {Cdb{0x0a}, Cdb{0x2a}, Cdb{0xaa}, Cdb{0x8a}, Cdb{0x2e}, Cdb{0xae},
                         Cdb{0x8e}, Cdb{0x41}, Cdb{0x93}, Cdb{0x42}, Cdb{0x89}, Cdb{0x8b},
                         Cdb{0x9c}, Cdb{0x48, 0x01}, Cdb{0x48, 0x02}, Cdb{0x48, 0x03}}) {
    EXPECT_EQ(rig.run(cdb).verdict(), "7/2701") << std::hex << *cdb.begin();
  }
  EXPECT_EQ(rig.run({0x28, 0, 0, 0, 0, 0, 0, 0, 1}).verdict(), "good");
}

TEST(Identity, ShowsTheOptions) {
  Rig rig([](LogicalUnitOptions& options) {
    options.vendor = "ACME";
    options.product = "disk";
    options.physical_block_exponent = 3;
  });
  const Bytes inquiry = rig.run({0x12, 0, 0, 0, 96}).data;
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(inquiry.data()) + 8, 12), "ACME    disk");
  EXPECT_EQ(number_at(rig.run({0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32}).data, 13, 1), 3U);
}

}  // namespace
}  // namespace lockstep::scsi::test
