// References to the provider's objects. A reference is opaque text (a CIM object path for an SMI-S
// provider); only equality and order mean anything. Each kind has its own type, so that a job
// cannot be passed where an element is wanted.
#pragma once

#include <compare>
#include <functional>
#include <string>

namespace lockstep {

template <class Kind>
struct Ref {
  std::string path;

  friend auto operator<=>(const Ref&, const Ref&) = default;
  friend bool operator==(const Ref&, const Ref&) = default;
};

using ElementRef = Ref<struct ElementKind>;            // storage volume, or another managed element
using PoolRef = Ref<struct PoolKind>;                  // resource pool
using GroupRef = Ref<struct GroupKind>;                // replication group
using RelationshipRef = Ref<struct RelationshipKind>;  // Synchronized association
using JobRef = Ref<struct JobKind>;                    // ConcreteJob, MSFT_SMJob
using AccessPointRef = Ref<struct AccessPointKind>;    // ServiceAccessPoint
using SettingRef = Ref<struct SettingKind>;            // SettingData goal
using PeerRef = Ref<struct PeerKind>;                  // MSFT_SMReplicaPeer

// Id of a clause of the catalogue ("CER-34"), of a transition ("T-010"), of a data rule
// ("DS-SN-01").
struct ClauseId {
  std::string text;

  friend auto operator<=>(const ClauseId&, const ClauseId&) = default;
  friend bool operator==(const ClauseId&, const ClauseId&) = default;
};

}  // namespace lockstep

template <class Kind>
struct std::hash<lockstep::Ref<Kind>> {
  std::size_t operator()(const lockstep::Ref<Kind>& ref) const noexcept {
    return std::hash<std::string>{}(ref.path);
  }
};
