// VPD page B0h promises limits; the commands hold to them: what is promised works, one more does
// not (SBC-3 6.6.4; SBC-4 for WRITE ATOMIC).
#include "target_impl/daemon/test/served_units.hpp"

namespace lockstep::target::test {
namespace {

class BlockLimits : public ServedUnits {
 protected:
  void SetUp() override {
    for (int lun = 0; lun != kLuns; ++lun) {
      promised_.push_back(promises(lun));
      const Shape& shape = kShapes[static_cast<std::size_t>(lun)];
      ASSERT_EQ(promised_.back().block_bytes, shape.block_bytes);
      ASSERT_EQ(promised_.back().blocks, kUnitBytes / shape.block_bytes);
    }
  }
  // Calls `check(lun, promises)` for each logical unit.
  template <class Check>
  void for_each_unit(Check check) {
    for (int lun = 0; lun != kLuns; ++lun) {
      SCOPED_TRACE(testing::Message() << "LUN " << lun);
      check(lun, promised_[static_cast<std::size_t>(lun)]);
    }
  }
  ScsiAnswer write_same(int lun, std::uint64_t lba, std::uint64_t count, std::uint64_t flags,
                        Bytes block) {
    return send(lun, cdb_of(0x93, {{1, 1, flags}, {2, 8, lba}, {10, 4, count}}), std::move(block));
  }
  ScsiAnswer write_atomic(int lun, std::uint64_t lba, std::uint64_t count, std::uint64_t boundary,
                          Bytes data) {
    return send(lun, cdb_of(0x9c, {{2, 8, lba}, {10, 2, boundary}, {12, 2, count}}),
                std::move(data));
  }

  std::vector<Promises> promised_;
};

constexpr std::uint64_t kUnmap = 0x08;

TEST_F(BlockLimits, MaximumTransferLength) {
  for_each_unit([this](int lun, const Promises& p) {
    ASSERT_NE(p.transfer, 0U);
    ASSERT_LT(p.transfer, p.blocks);
    // Thin and unmapped, so that nothing but zeros moves.
    const Bytes data = read(lun, 0, p.transfer);
    EXPECT_EQ(data.size(), p.transfer * p.block_bytes);
    // All that comes with the refused ones is a block: the length in the CDB is what is judged.
    for (const std::uint8_t reads : {std::uint8_t{0x88}, std::uint8_t{0xa8}}) {
      const bool longer = reads == 0x88;
      const Bytes cdb = longer ? cdb_of(reads, {{10, 4, p.transfer + 1}})
                               : cdb_of(reads, {{6, 4, p.transfer + 1}});
      EXPECT_TRUE(refused(send(lun, cdb, {}, p.block_bytes), kIllegalRequest, kInvalidFieldInCdb));
    }
    for (const std::uint8_t writes : {std::uint8_t{0x8a}, std::uint8_t{0x8b}, std::uint8_t{0x8e}}) {
      EXPECT_TRUE(
          refused(send(lun, cdb_of(writes, {{10, 4, p.transfer + 1}}), pattern(p.block_bytes)),
                  kIllegalRequest, kInvalidFieldInCdb))
          << std::hex << unsigned{writes};
    }
    EXPECT_EQ(read(lun, 0, 1), Bytes(p.block_bytes));
  });
  // Once for all three, which share the limit in bytes: 32 MiB come in and are there.
  const Promises& p = promised_[2];
  const Bytes data = pattern(p.transfer * p.block_bytes);
  ASSERT_TRUE(write(2, 1, p.transfer, data).good());
  EXPECT_TRUE(read(2, 1, p.transfer) == data);
}

TEST_F(BlockLimits, MaximumCompareAndWriteLength) {
  for_each_unit([this](int lun, const Promises& p) {
    ASSERT_NE(p.compare_and_write, 0U);
    const auto compare_and_write = [&](std::uint64_t count, const Bytes& data) {
      Bytes both(count * p.block_bytes);
      both.insert(both.end(), data.begin(), data.end());
      return send(lun, cdb_of(0x89, {{2, 8, 8}, {13, 1, count & 0xff}}), std::move(both));
    };
    // The field has eight bits: one more than 255 is the zero that comes with so much data.
    const std::uint64_t more = p.compare_and_write + 1;
    EXPECT_TRUE(refused(compare_and_write(more, pattern(more * p.block_bytes)), kIllegalRequest,
                        kInvalidFieldInCdb));
    EXPECT_EQ(read(lun, 8, 1), Bytes(p.block_bytes));
    const Bytes data = pattern(p.compare_and_write * p.block_bytes);
    ASSERT_TRUE(compare_and_write(p.compare_and_write, data).good());
    EXPECT_TRUE(read(lun, 8, p.compare_and_write) == data);
  });
}

TEST_F(BlockLimits, WriteSameOfLengthZero) {
  for_each_unit([this](int lun, const Promises& p) {
    const Bytes block = pattern(p.block_bytes);
    const std::uint64_t lba = p.blocks - 5;
    const ScsiAnswer answer = write_same(lun, lba, 0, 0, block);
    if (p.wsnz) {
      EXPECT_TRUE(refused(answer, kIllegalRequest, kInvalidFieldInCdb));
      return;
    }
    // To the end of the medium, and no more than MAXIMUM WRITE SAME LENGTH.
    ASSERT_TRUE(answer.good());
    Bytes end(p.block_bytes);
    for (int i = 0; i != 5; ++i) {
      end.insert(end.end(), block.begin(), block.end());
    }
    EXPECT_EQ(read(lun, lba - 1, 6), end);
    const std::uint64_t too_far = p.blocks - p.write_same - 1;
    EXPECT_TRUE(
        refused(write_same(lun, too_far, 0, 0, block), kIllegalRequest, kInvalidFieldInCdb));
    EXPECT_TRUE(
        refused(write_same(lun, too_far, 0, kUnmap, block), kIllegalRequest, kInvalidFieldInCdb));
    EXPECT_EQ(read(lun, lba - 1, 6), end);
    EXPECT_TRUE(write_same(lun, too_far + 1, 0, kUnmap, block).good());
    EXPECT_EQ(read(lun, lba - 1, 6), Bytes(6 * p.block_bytes));
  });
}

TEST_F(BlockLimits, MaximumWriteSameLength) {
  for_each_unit([this](int lun, const Promises& p) {
    ASSERT_NE(p.write_same, 0U);
    ASSERT_LT(p.write_same, p.blocks);
    const Bytes block = pattern(p.block_bytes);
    ASSERT_TRUE(write(lun, 0, 1, block).good());
    ASSERT_TRUE(write(lun, p.write_same - 1, 1, block).good());
    ASSERT_TRUE(write(lun, p.write_same, 1, block).good());
    for (const std::uint64_t flags : {std::uint64_t{0}, kUnmap}) {
      EXPECT_TRUE(refused(write_same(lun, 0, p.write_same + 1, flags, Bytes(p.block_bytes)),
                          kIllegalRequest, kInvalidFieldInCdb));
    }
    if (p.write_same < 0xffff) {
      EXPECT_TRUE(refused(send(lun, cdb_of(0x41, {{7, 2, p.write_same + 1}}), Bytes(p.block_bytes)),
                          kIllegalRequest, kInvalidFieldInCdb));
    }
    EXPECT_EQ(read(lun, 0, 1), block);
    // To unmap costs nothing; and the limit is the same.
    ASSERT_TRUE(write_same(lun, 0, p.write_same, kUnmap, Bytes(p.block_bytes)).good());
    EXPECT_EQ(read(lun, 0, 1), Bytes(p.block_bytes));
    EXPECT_EQ(read(lun, p.write_same - 1, 1), Bytes(p.block_bytes));
    EXPECT_EQ(read(lun, p.write_same, 1), block);
  });
  // As for the transfer: once all of it is really written.
  const Promises& p = promised_[2];
  const Bytes block = pattern(p.block_bytes);
  ASSERT_TRUE(write_same(2, 1, p.write_same, 0, block).good());
  EXPECT_EQ(read(2, 0, 1), Bytes(p.block_bytes));
  EXPECT_EQ(read(2, 1, 1), block);
  EXPECT_EQ(read(2, p.write_same, 1), block);
}

Bytes unmap_list(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges) {
  Bytes list(8);
  for (const auto& [lba, count] : ranges) {
    const std::size_t at = list.size();
    put(list, at, 8, lba);
    put(list, at + 8, 4, count);
    put(list, at + 12, 4, 0);
  }
  put(list, 0, 2, list.size() - 2);
  put(list, 2, 2, list.size() - 8);
  return list;
}

TEST_F(BlockLimits, MaximumUnmapDescriptorsAndBlocks) {
  for_each_unit([this](int lun, const Promises& p) {
    ASSERT_TRUE(p.lbpu);
    ASSERT_NE(p.unmap_descriptors, 0U);
    const auto unmap = [&](std::uint64_t descriptors) {
      std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
      for (std::uint64_t i = 0; i != descriptors; ++i) {
        ranges.emplace_back(2 * i, 1);
      }
      const Bytes list = unmap_list(ranges);
      return send(lun, cdb_of(0x42, {{7, 2, list.size()}}), list);
    };
    const std::uint64_t blocks = 2 * (p.unmap_descriptors + 1);
    Bytes data = pattern(blocks * p.block_bytes);
    ASSERT_TRUE(write(lun, 0, blocks, data).good());
    EXPECT_TRUE(
        refused(unmap(p.unmap_descriptors + 1), kIllegalRequest, kInvalidFieldInParameterList));
    EXPECT_TRUE(read(lun, 0, blocks) == data);
    ASSERT_TRUE(unmap(p.unmap_descriptors).good());
    for (std::uint64_t i = 0; i != p.unmap_descriptors; ++i) {
      const auto at = data.begin() + static_cast<std::ptrdiff_t>(2 * i * p.block_bytes);
      std::fill(at, at + static_cast<std::ptrdiff_t>(p.block_bytes), std::uint8_t{0});
    }
    EXPECT_TRUE(read(lun, 0, blocks) == data);

    // All ones: there is no limit, so the whole medium goes at once.
    ASSERT_EQ(p.unmap_blocks, 0xffffffffU);
    ASSERT_TRUE(write(lun, p.blocks - 1, 1, pattern(p.block_bytes)).good());
    const Bytes whole = unmap_list({{0, p.blocks}});
    ASSERT_TRUE(send(lun, cdb_of(0x42, {{7, 2, whole.size()}}), whole).good());
    EXPECT_TRUE(read(lun, 0, blocks) == Bytes(blocks * p.block_bytes));
    EXPECT_EQ(read(lun, p.blocks - 1, 1), Bytes(p.block_bytes));
  });
}

TEST_F(BlockLimits, AtomicWrites) {
  for_each_unit([this](int lun, const Promises& p) {
    ASSERT_NE(p.atomic, 0U);
    const std::uint64_t alignment = std::max<std::uint64_t>(p.atomic_alignment, 1);
    const std::uint64_t granularity = std::max<std::uint64_t>(p.atomic_granularity, 1);
    ASSERT_EQ(p.atomic % granularity, 0U);
    const auto write = [&](std::uint64_t lba, std::uint64_t count, std::uint64_t boundary = 0) {
      return write_atomic(lun, lba, count, boundary, pattern(count * p.block_bytes));
    };
    const auto no = [&](const ScsiAnswer& answer) {
      return refused(answer, kIllegalRequest, kInvalidFieldInCdb);
    };
    const std::uint64_t last = alignment * ((p.blocks - p.atomic) / alignment);
    EXPECT_TRUE(no(write(0, p.atomic + granularity)));
    // A boundary is possible only where a length with a boundary is promised.
    ASSERT_EQ(p.atomic_with_boundary, 0U);
    EXPECT_TRUE(no(write(0, granularity, granularity)));
    if (granularity != 1) {
      EXPECT_TRUE(no(write(0, 1)));
      EXPECT_TRUE(no(write(0, granularity + 1)));
    }
    if (alignment != 1) {
      EXPECT_TRUE(no(write(1, granularity)));
    }
    EXPECT_EQ(read(lun, 0, 4), Bytes(4 * p.block_bytes));
    for (const std::uint64_t count : {granularity, p.atomic}) {
      for (const std::uint64_t lba : {std::uint64_t{0}, alignment, last}) {
        ASSERT_TRUE(write(lba, count).good()) << lba << "+" << count;
        EXPECT_TRUE(read(lun, lba, count) == pattern(count * p.block_bytes));
      }
    }
  });
  // A unit with larger physical blocks is what makes the rules above show.
  EXPECT_GT(promised_[1].atomic_granularity, 1U);
  EXPECT_GT(promised_[1].atomic_alignment, 1U);
}

}  // namespace
}  // namespace lockstep::target::test
