// A running target with three thin logical units of different shapes, a session to it, and what
// its logical units promise, read anew from their pages.
#pragma once

#include "target_impl/daemon/target_server.hpp"
#include "target_impl/daemon/test/scsi_session.hpp"
#include "target_impl/daemon/test/server_options.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::target::test {

// READ CAPACITY(16) and VPD pages B0h and B2h (SBC-3 5.16, 6.6; SBC-4 for WRITE ATOMIC). Lengths
// are in blocks.
struct Promises {
  std::uint64_t blocks = 0;
  std::uint64_t block_bytes = 0;
  std::uint64_t per_physical = 0;
  bool lbpme = false;
  bool lbprz = false;

  bool wsnz = false;
  std::uint64_t compare_and_write = 0;
  std::uint64_t transfer_granularity = 0;
  std::uint64_t transfer = 0;
  std::uint64_t unmap_blocks = 0;
  std::uint64_t unmap_descriptors = 0;
  std::uint64_t unmap_granularity = 0;
  std::uint64_t unmap_alignment = 0;
  std::uint64_t write_same = 0;
  std::uint64_t atomic = 0;
  std::uint64_t atomic_alignment = 0;
  std::uint64_t atomic_granularity = 0;
  std::uint64_t atomic_with_boundary = 0;

  bool lbpu = false;
  bool lbpws = false;
  bool lbpws10 = false;
  bool unmapped_reads_zeros = false;
  bool thin = false;
};

class ServedUnits : public testing::Test {
 protected:
  struct Shape {
    std::uint32_t block_bytes;
    std::uint8_t physical_block_exponent;
  };
  static constexpr std::array<Shape, 3> kShapes{{{512, 0}, {512, 3}, {4096, 0}}};
  static constexpr std::uint64_t kUnitBytes = 80ULL << 20;  // more than any limit

  ServedUnits() : pool_(store::make_pool(ByteCount{kShapes.size() * kUnitBytes})) {
    const std::string name = "iqn.2026-11.org.lockstep:units";
    const auto device = std::make_shared<scsi::DeviceServer>(name);
    for (std::size_t lun = 0; lun != kShapes.size(); ++lun) {
      const Shape& shape = kShapes[lun];
      scsi::LogicalUnitOptions options;
      options.naa_identifier = {0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
      options.naa_identifier[15] = static_cast<std::uint8_t>(lun);
      options.serial_number = std::to_string(lun);
      options.physical_block_exponent = shape.physical_block_exponent;
      auto volume = std::make_shared<store::Volume>(BlockCount{kUnitBytes / shape.block_bytes},
                                                    BlockSize{shape.block_bytes}, pool_);
      device->add(static_cast<std::uint16_t>(lun),
                  std::make_shared<scsi::LogicalUnit>(std::move(volume), options));
    }
    auto started = TargetServer::start(server_options());
    if (!started) {
      ADD_FAILURE() << started.error().message;
      std::abort();
    }
    server_ = std::move(started.value());
    server_->serve(device);
    session_ = std::make_unique<ScsiSession>(server_->portal(), name);
    EXPECT_TRUE(session_->connected()) << iscsi_get_error(session_->context());
    for (int lun = 0; lun != kLuns; ++lun) {
      session_->clear_attentions(lun);
    }
  }

  ScsiAnswer send(int lun, Bytes cdb, Bytes out = {}, std::size_t in_bytes = 0) {
    return session_->send(lun, std::move(cdb), std::move(out), in_bytes);
  }
  // Data as long as the allocation length of `cdb`; fails unless GOOD.
  Bytes ask(int lun, const Bytes& cdb, std::size_t allocation) {
    ScsiAnswer answer = send(lun, cdb, {}, allocation);
    EXPECT_TRUE(answer.good()) << std::hex << unsigned{cdb[0]} << ": " << answer.key << "/"
                               << answer.code;
    return std::move(answer.data);
  }
  Bytes page(int lun, std::uint8_t code) {
    return ask(lun, cdb_of(0x12, {{1, 1, 1}, {2, 1, code}, {3, 2, 4096}}), 4096);
  }

  ScsiAnswer write(int lun, std::uint64_t lba, std::uint64_t count, Bytes data) {
    return send(lun, cdb_of(0x8a, {{2, 8, lba}, {10, 4, count}}), std::move(data));
  }
  Bytes read(int lun, std::uint64_t lba, std::uint64_t count) {
    return ask(lun, cdb_of(0x88, {{2, 8, lba}, {10, 4, count}}),
               count * kShapes.at(static_cast<std::size_t>(lun)).block_bytes);
  }

  Promises promises(int lun) {
    Bytes capacity = ask(lun, cdb_of(0x9e, {{1, 1, 0x10}, {10, 4, 32}}), 32);
    Bytes limits = page(lun, 0xb0);
    Bytes provisioning = page(lun, 0xb2);
    EXPECT_EQ(capacity.size(), 32U);
    EXPECT_EQ(limits.size(), 64U);
    EXPECT_EQ(provisioning.size(), 8U);
    capacity.resize(32);
    limits.resize(64);
    provisioning.resize(8);
    Promises p;
    p.blocks = get(capacity, 0, 8) + 1;
    p.block_bytes = get(capacity, 8, 4);
    p.per_physical = 1ULL << (capacity[13] & 0x0fU);
    p.lbpme = (capacity[14] & 0x80) != 0;
    p.lbprz = (capacity[14] & 0x40) != 0;
    p.wsnz = (limits[4] & 0x01) != 0;
    p.compare_and_write = limits[5];
    p.transfer_granularity = get(limits, 6, 2);
    p.transfer = get(limits, 8, 4);
    p.unmap_blocks = get(limits, 20, 4);
    p.unmap_descriptors = get(limits, 24, 4);
    p.unmap_granularity = get(limits, 28, 4);
    p.unmap_alignment = get(limits, 32, 4) & 0x7fffffff;
    p.write_same = get(limits, 36, 8);
    p.atomic = get(limits, 44, 4);
    p.atomic_alignment = get(limits, 48, 4);
    p.atomic_granularity = get(limits, 52, 4);
    p.atomic_with_boundary = get(limits, 56, 4);
    p.lbpu = (provisioning[5] & 0x80) != 0;
    p.lbpws = (provisioning[5] & 0x40) != 0;
    p.lbpws10 = (provisioning[5] & 0x20) != 0;
    p.unmapped_reads_zeros = (provisioning[5] & 0x04) != 0;
    p.thin = (provisioning[6] & 0x07) == 2;
    return p;
  }

  static constexpr int kLuns = static_cast<int>(kShapes.size());
  std::shared_ptr<store::Pool> pool_;
  std::unique_ptr<TargetServer> server_;
  std::unique_ptr<ScsiSession> session_;
};

inline testing::AssertionResult refused(const ScsiAnswer& answer, int key, int code) {
  if (answer.status == SCSI_STATUS_CHECK_CONDITION && answer.key == key && answer.code == code) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "status " << answer.status << ", sense " << std::hex
                                     << answer.key << "/" << answer.code;
}

inline constexpr int kIllegalRequest = 0x5;
inline constexpr int kInvalidFieldInCdb = 0x2400;
inline constexpr int kInvalidFieldInParameterList = 0x2600;

// Bytes that differ from block to block, never zero.
inline Bytes pattern(std::size_t bytes, unsigned seed = 0) {
  Bytes data(bytes);
  for (std::size_t i = 0; i != bytes; ++i) {
    data[i] = static_cast<std::uint8_t>((i * 7 + i / 256 + seed) % 255 + 1);
  }
  return data;
}

}  // namespace lockstep::target::test
