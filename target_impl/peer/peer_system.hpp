// A peer system: a target device elsewhere whose logical units may be claimed as targets of
// mirrors.
//
// Every LUN of the target is at the service's disposal: one that nobody has registered for
// (PERSISTENT RESERVE IN) is a spare.
#pragma once

#include "target_impl/peer/link.hpp"
#include "target_impl/peer/peer_volume.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lockstep::peer {

struct Wanted {
  VolumeGeometry geometry;                    // the spare is at least as large
  std::optional<std::string> naa_identifier;  // this logical unit and no other
  KeepsOut keeps_out = KeepsOut::Writers;
};

struct ClaimRefused {
  enum class Why : std::uint8_t {
    AccessDenied,  // user name or password
    NoSuchTarget,  // the portal knows no target of that name, or is none for this initiator
    NoSuchVolume,  // the logical unit that was named is not there
    Busy,          // it has been claimed already
    NoSpare,       // no spare of that size is left
    Unreachable,   // nothing answers, or not as an iSCSI target does
  };
  Why why = Why::Unreachable;
  std::string text;
};

// By what a peer knows the service again, in this process and the next: the initiator's half of the
// nexus, and the key of its registrations.
struct Claimant {
  initiator::Isid isid = 0;
  std::uint64_t key = 0;
  friend bool operator==(const Claimant&, const Claimant&) = default;
};
[[nodiscard]] Claimant make_claimant();

using Claims = std::variant<std::vector<std::shared_ptr<PeerVolume>>, ClaimRefused>;

// Thread-safe. Outlives its volumes.
class PeerSystem {
 public:
  // `changed` as Link::start() has it.
  PeerSystem(LinkOptions options, std::function<void(bool)> changed);

  [[nodiscard]] const Claimant& claimant() const noexcept { return claimant_; }
  // Goes on as who has claimed logical units before, in another process. Before anything else; then
  // keep() for each, then connect().
  [[nodiscard]] Status go_on_as(const Claimant& claimant);
  // `open`: hosts on the peer may write it.
  [[nodiscard]] std::shared_ptr<PeerVolume> keep(LunIdentity identity, KeepsOut keeps_out,
                                                 bool open);
  // Claims of the other process that nobody has kept are given back. Waits for `patience` until the
  // peer is there; afterwards it goes on trying.
  void connect(std::chrono::milliseconds patience);

  [[nodiscard]] const std::string& target_name() const noexcept { return options_.target_name; }

  // Claims a logical unit for each of `wanted`, or none at all; what was given back before is spare
  // again. Waits for the peer, each answer for as long as the options say. Without credentials
  // those of the options are used; others that the peer accepts are used from then on.
  [[nodiscard]] Claims claim(const std::vector<Wanted>& wanted,
                             const std::optional<initiator::Credentials>& credentials);

 private:
  [[nodiscard]] Status start_link(const std::optional<initiator::Credentials>& credentials);
  void await_farewells();
  void hold(const std::shared_ptr<PeerVolume>& volume);
  [[nodiscard]] bool is_held(const std::string& naa_identifier);
  void give_back_others(initiator::Session& session);

  Claimant claimant_;
  const std::function<void(bool)> changed_;
  std::mutex mutex_;  // one claim at a time; guards what follows
  LinkOptions options_;
  std::mutex held_mutex_;
  std::vector<std::weak_ptr<PeerVolume>> held_;  // guarded by held_mutex_
  std::unique_ptr<Link> link_;  // since the first claim; last: its thread uses the others
};

}  // namespace lockstep::peer
