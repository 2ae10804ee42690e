// A peer system: a target device elsewhere whose logical units may be claimed as targets of
// mirrors.
//
// Every LUN of the target is at the service's disposal: one that nobody has registered for
// (PERSISTENT RESERVE IN) is a spare.
#pragma once

#include "target_impl/peer/link.hpp"
#include "target_impl/peer/peer_volume.hpp"

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

using Claims = std::variant<std::vector<std::shared_ptr<PeerVolume>>, ClaimRefused>;

// Thread-safe. Outlives its volumes.
class PeerSystem {
 public:
  // `changed` as Link::start() has it.
  PeerSystem(LinkOptions options, std::function<void(bool)> changed);

  [[nodiscard]] const std::string& target_name() const noexcept { return options_.target_name; }

  // Claims a logical unit for each of `wanted`, or none at all. Waits for the peer, each answer for
  // as long as the options say. Without credentials those of the options are used; others that the
  // peer accepts are used from then on.
  [[nodiscard]] Claims claim(const std::vector<Wanted>& wanted,
                             const std::optional<initiator::Credentials>& credentials);

 private:
  [[nodiscard]] Status start_link(const std::optional<initiator::Credentials>& credentials);

  const std::uint64_t key_;
  const std::function<void(bool)> changed_;
  std::mutex mutex_;  // one claim at a time; guards what follows
  LinkOptions options_;
  std::unique_ptr<Link> link_;  // since the first claim
};

}  // namespace lockstep::peer
