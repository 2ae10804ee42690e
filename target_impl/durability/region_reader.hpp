// What a logical unit holds of a Region, read as a host reads it.
#pragma once

#include "target_impl/daemon/test/scsi_session.hpp"
#include "target_impl/durability/region.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace lockstep::durability {

// Its first `count` blocks, which are those of the region from `first` on.
inline RegionState read_blocks(const std::string& portal, const std::string& target,
                               std::uint16_t lun, std::uint64_t first, std::uint32_t count) {
  target::test::ScsiSession session(portal, target, "iqn.2026-11.net.lockstep:reader", lun);
  session.clear_attentions(lun);
  const std::size_t wanted = count * kBlockBytes;
  const auto answer = session.send(lun, target::test::cdb_of(0x28, {{7, 2, count}}), {}, wanted);
  EXPECT_TRUE(answer.good() && answer.data.size() == wanted)
      << target << ", LUN " << lun << ": status " << answer.status;
  if (answer.data.size() != wanted) return RegionState(count, ~0U);
  RegionState state;
  const auto bytes = std::as_bytes(std::span(answer.data));
  for (std::uint32_t block = 0; block != count; ++block) {
    const auto write = read_stamp(bytes.subspan(block * kBlockBytes, kBlockBytes), first + block);
    EXPECT_TRUE(write.has_value())
        << target << ", LUN " << lun << ", block " << block << " is mixed";
    state.push_back(write.value_or(~0U));
  }
  return state;
}

}  // namespace lockstep::durability
