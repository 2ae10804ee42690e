// The peer system of tests that kill it: its name to the service, its target and its spares.
#pragma once

#include "target_impl/durability/service_scenarios.hpp"

#include <string>

namespace lockstep::durability {

inline const std::string kPeerName = "far";
inline const std::string kPeerTarget = "iqn.2026-11.net.lockstep:spares";
// LUNs 1 to kSources, of the size of a source each; the last byte of an identifier is its LUN.

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
