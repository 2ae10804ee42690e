// References to the provider's objects. A reference is opaque text (a CIM object path for an SMI-S
// provider); only equality and order mean anything. Each kind has its own type, so that a job
// cannot be passed where an element is wanted.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

namespace lockstep {

template <class Kind>
struct Ref {
  std::string path;

  friend auto operator<=>(const Ref&, const Ref&) = default;
  // Refs of one provider are often as long as each other and begin alike; most differ at the end.
  friend bool operator==(const Ref& a, const Ref& b) noexcept {
    return a.path.size() == b.path.size() && end_of(a.path) == end_of(b.path) && a.path == b.path;
  }

 private:
  // Its last bytes as a number; 0 where it is shorter.
  [[nodiscard]] static std::uint64_t end_of(const std::string& path) noexcept {
    std::uint64_t end = 0;
    if (path.size() >= sizeof end) {
      std::memcpy(&end, path.data() + (path.size() - sizeof end), sizeof end);
    }
    return end;
  }
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
