// The peer system of tests that kill it: its name to the service, its target and its spares.
#pragma once

#include "target_impl/durability/region.hpp"
#include "target_impl/durability/service_scenarios.hpp"
#include "target_impl/peer/journal.hpp"

#include <chrono>
#include <string>

namespace lockstep::durability {

inline const std::string kPeerName = "far";
inline const std::string kPeerTarget = "iqn.2026-11.net.lockstep:spares";
// LUNs 1 to kSources, of the size of a source each, and one that is large enough for the journal of
// a group of all; the last byte of an identifier is its LUN.
inline constexpr std::uint16_t kJournalLun = kSources + 1;
inline const VolumeGeometry kJournalGeometry{
    peer::journal_size(ByteCount{kSources * kSourceBlocks * kBlockBytes}, BlockSize{kBlockBytes}),
    BlockSize{kBlockBytes}};
[[nodiscard]] inline std::string spare_name(std::uint16_t lun) {
  return "spare " + std::to_string(lun);
}

[[nodiscard]] inline PeerOptions peer_at(const std::string& portal) {
  PeerOptions peer;
  peer.name = kPeerName;
  peer.portal = portal;
  peer.target_name = kPeerTarget;
  peer.answer_timeout = std::chrono::milliseconds{500};
  peer.longest_retry = std::chrono::milliseconds{20};
  return peer;
}

}  // namespace lockstep::durability
