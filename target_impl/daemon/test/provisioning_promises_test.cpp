// READ CAPACITY and VPD pages B0h and B2h agree with one another, and what they say of thin
// provisioning is what UNMAP and WRITE SAME do (SBC-3 4.7, 6.6.4, 6.6.5).
#include "target_impl/daemon/test/served_units.hpp"

namespace lockstep::target::test {
namespace {

class ProvisioningPromises : public ServedUnits {
 protected:
  // GET LBA STATUS of what begins at `lba`.
  struct LbaStatus {
    std::uint64_t blocks = 0;
    unsigned state = 0;
  };
  LbaStatus status_at(int lun, std::uint64_t lba) {
    const Bytes data = ask(lun, cdb_of(0x9e, {{1, 1, 0x12}, {2, 8, lba}, {10, 4, 24}}), 24);
    if (data.size() != 24 || get(data, 8, 8) != lba) {
      ADD_FAILURE() << "GET LBA STATUS answered " << data.size() << " bytes";
      return {};
    }
    return {get(data, 16, 4), data[20] & 0x0fU};
  }
};

constexpr unsigned kMapped = 0;
constexpr unsigned kDeallocated = 1;

TEST_F(ProvisioningPromises, CapacityAgreesWithThePages) {
  for (int lun = 0; lun != kLuns; ++lun) {
    SCOPED_TRACE(testing::Message() << "LUN " << lun);
    const Shape& shape = kShapes[static_cast<std::size_t>(lun)];
    const Promises p = promises(lun);
    const Bytes capacity = ask(lun, cdb_of(0x25), 8);
    ASSERT_EQ(capacity.size(), 8U);
    EXPECT_EQ(get(capacity, 0, 4), p.blocks - 1);
    EXPECT_EQ(get(capacity, 4, 4), p.block_bytes);
    EXPECT_EQ(read(lun, p.blocks - 1, 1).size(), p.block_bytes);
    EXPECT_TRUE(refused(send(lun, cdb_of(0x88, {{2, 8, p.blocks}, {10, 4, 1}}), {}, p.block_bytes),
                        kIllegalRequest, 0x2100));

    EXPECT_EQ(p.lbpme, p.thin);
    EXPECT_EQ(p.lbprz, p.unmapped_reads_zeros);
    EXPECT_EQ(p.lbpme, p.lbpu || p.lbpws || p.lbpws10);
    EXPECT_EQ(p.lbpu, p.unmap_blocks != 0);
    EXPECT_EQ(p.lbpu, p.unmap_descriptors != 0);

    EXPECT_EQ(p.per_physical, 1U << shape.physical_block_exponent);
    for (const std::uint64_t granularity :
         {p.transfer_granularity, p.unmap_granularity, p.unmap_alignment, p.atomic}) {
      EXPECT_EQ(granularity % p.per_physical, 0U) << granularity;
    }
    EXPECT_GE(p.unmap_blocks, p.per_physical);
    EXPECT_EQ(std::max<std::uint64_t>(p.atomic_alignment, 1), p.per_physical);
    EXPECT_EQ(std::max<std::uint64_t>(p.atomic_granularity, 1), p.per_physical);
  }
}

// Each way to unmap works exactly if its bit is set: then the blocks are deallocated, as whole
// grains of the granularity and alignment promised, and read as zeros if that is promised.
TEST_F(ProvisioningPromises, EachWayToUnmapWorksAsItsBitSays) {
  for (int lun = 0; lun != kLuns; ++lun) {
    const Promises p = promises(lun);
    const std::uint64_t count = p.unmap_granularity;
    ASSERT_NE(count, 0U);
    const std::uint64_t lba = p.unmap_alignment + 5 * count;
    const Bytes data = pattern(3 * count * p.block_bytes);
    Bytes list(24);
    put(list, 0, 2, 22);
    put(list, 2, 2, 16);
    put(list, 8, 8, lba);
    put(list, 16, 4, count);
    const Bytes block = pattern(p.block_bytes, 9);
    struct Way {
      const char* name;
      bool promised;
      Bytes cdb;
      Bytes out;
    };
    const std::vector<Way> ways{
        {"UNMAP", p.lbpu, cdb_of(0x42, {{7, 2, 24}}), list},
        {"WRITE SAME(16)", p.lbpws, cdb_of(0x93, {{1, 1, 8}, {2, 8, lba}, {10, 4, count}}), block},
        {"WRITE SAME(10)", p.lbpws10, cdb_of(0x41, {{1, 1, 8}, {2, 4, lba}, {7, 2, count}}), block},
    };
    for (const Way& way : ways) {
      SCOPED_TRACE(testing::Message() << "LUN " << lun << ", " << way.name);
      ASSERT_TRUE(write(lun, lba - count, 3 * count, data).good());
      ASSERT_EQ(status_at(lun, lba).state, kMapped);
      const ScsiAnswer answer = send(lun, way.cdb, way.out);
      if (!way.promised) {
        EXPECT_EQ(answer.status, SCSI_STATUS_CHECK_CONDITION);
        EXPECT_EQ(answer.key, kIllegalRequest);
        EXPECT_EQ(read(lun, lba - count, 3 * count), data);
        continue;
      }
      ASSERT_TRUE(answer.good());
      const LbaStatus state = status_at(lun, lba);
      EXPECT_EQ(state.state, kDeallocated);
      EXPECT_EQ(state.blocks, count);
      EXPECT_EQ(status_at(lun, lba - 1).state, kMapped);
      EXPECT_EQ(status_at(lun, lba + count).state, kMapped);
      if (p.unmapped_reads_zeros) {
        Bytes expected = data;
        const auto bytes = static_cast<std::ptrdiff_t>(count * p.block_bytes);
        std::fill(expected.begin() + bytes, expected.begin() + 2 * bytes, std::uint8_t{0});
        EXPECT_EQ(read(lun, lba - count, 3 * count), expected);
      }
    }
    EXPECT_TRUE(p.lbpu && p.lbpws && p.lbpws10 && p.unmapped_reads_zeros) << "less is promised";
  }
}

// ANC_SUP is clear: nothing can be anchored.
TEST_F(ProvisioningPromises, NothingIsAnchored) {
  const Bytes provisioning = page(0, 0xb2);
  ASSERT_EQ(provisioning.at(5) & 0x02, 0);
  const Bytes block(512);
  EXPECT_TRUE(refused(send(0, cdb_of(0x93, {{1, 1, 0x18}, {10, 4, 8}}), block), kIllegalRequest,
                      kInvalidFieldInCdb));
  EXPECT_TRUE(refused(send(0, cdb_of(0x41, {{1, 1, 0x18}, {7, 2, 8}}), block), kIllegalRequest,
                      kInvalidFieldInCdb));
  EXPECT_TRUE(refused(send(0, cdb_of(0x42, {{1, 1, 1}, {7, 2, 24}}), Bytes(24)), kIllegalRequest,
                      kInvalidFieldInCdb));
}

}  // namespace
}  // namespace lockstep::target::test
