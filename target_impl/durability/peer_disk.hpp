// The disk of a peer system that is not running (crash_peer.hpp).
#pragma once

#include "target_impl/durability/crash_peer.hpp"
#include "target_impl/store/durable_store.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lockstep::durability {

// The members of a journaled group, with what is in force in the journal laid over them, as one
// region.
[[nodiscard]] inline RegionState members_in(const std::string& directory) {
  RegionState members;
  const auto opened = store::DurableStore::open(directory);
  EXPECT_TRUE(opened) << opened.error().message;
  if (!opened) return RegionState(kSources * kSourceBlocks, ~0U);
  store::DurableStore& disk = *opened.value();
  const auto journal = disk.find_volume(spare_name(kJournalLun));
  const auto read = [&](Lba first, std::span<std::byte> out) { return journal->read(first, out); };
  const auto entries = peer::read_journal(read, kJournalGeometry);
  EXPECT_TRUE(entries) << entries.error().message;
  for (std::uint16_t source = 0; source != kSources; ++source) {
    const auto lun = static_cast<std::uint16_t>(source + 1);
    std::vector<std::byte> bytes(kSourceBlocks * kBlockBytes);
    EXPECT_TRUE(disk.find_volume(spare_name(lun))->read(Lba{0}, bytes));
    for (const peer::JournalEntry& entry : entries.value()) {
      if (entry.lun != lun) continue;
      EXPECT_TRUE(read(entry.at, std::span(bytes).subspan(entry.range.first.value * kBlockBytes,
                                                          entry.range.count.value * kBlockBytes)));
    }
    for (std::uint32_t block = 0; block != kSourceBlocks; ++block) {
      members.push_back(read_stamp(std::span(bytes).subspan(block * kBlockBytes, kBlockBytes),
                                   source * kSourceBlocks + block)
                            .value_or(~0U));
    }
  }
  return members;
}

}  // namespace lockstep::durability
