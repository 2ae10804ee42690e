// What hosts do with single logical units while tests kill the systems behind them.
#pragma once

#include "target_impl/daemon/test/scsi_session.hpp"
#include "target_impl/durability/source_load.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace lockstep::durability {

// Durably, what write number `write` puts into kReplicaBlocks blocks from kReplicaFirst on.
inline void write_as_host(const std::string& portal, const std::string& target, int lun,
                          std::uint32_t write) {
  target::test::ScsiSession session(portal, target, "iqn.2026-11.net.lockstep:host", lun);
  session.clear_attentions(lun);
  const auto cdb =
      target::test::cdb_of(0x2a, {{1, 1, 0x08}, {2, 4, kReplicaFirst}, {7, 2, kReplicaBlocks}});
  const auto answer = session.send(lun, cdb, content_of(kReplicaFirst, kReplicaBlocks, write));
  EXPECT_TRUE(answer.good()) << "a host cannot write LUN " << lun << " of " << target;
}

// How many initiators have registered for it.
[[nodiscard]] inline std::size_t claims_on(const std::string& portal, const std::string& target,
                                           int lun) {
  target::test::ScsiSession session(portal, target, "iqn.2026-11.net.lockstep:looker", lun);
  session.clear_attentions(lun);
  const auto answer = session.send(lun, target::test::cdb_of(0x5e, {{7, 2, 64}}), {}, 64);
  EXPECT_TRUE(answer.good());
  return answer.good() ? target::test::get(answer.data, 4, 4) / 8 : 99;
}

}  // namespace lockstep::durability
