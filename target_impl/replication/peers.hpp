// The peer systems that the service knows, and the volumes that it claims there.
//
// Claiming waits for a peer, so it is done before the service's mutex is taken: the answer to a
// request finds what was claimed for it in World::peers, and what it does not use is given back.
#pragma once

#include "model/vocab/ids.hpp"
#include "model/vocab/requests.hpp"
#include "target_impl/peer/peer_system.hpp"
#include "target_impl/reference.hpp"
#include "target_impl/replication/mailbox.hpp"
#include "target_impl/replication/refusal.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::replication {

struct World;

[[nodiscard]] Refusal refusal_of(peer::ClaimRefused::Why why) noexcept;

class Peers {
 public:
  // Their links tell `mailbox` when they come and go, and send what hosts write from the thread of
  // `loop`. Both outlive the peers.
  Peers(const std::vector<PeerOptions>& options, Mailbox& mailbox, transport::EventLoop& loop);

  [[nodiscard]] std::optional<std::size_t> find(const PeerRef& ref) const;
  [[nodiscard]] std::optional<std::size_t> find(const AccessPointRef& ref) const;
  [[nodiscard]] std::optional<std::size_t> find_name(const std::string& name) const;
  [[nodiscard]] std::size_t count() const noexcept { return peers_.size(); }
  [[nodiscard]] const std::string& name_of(std::size_t number) const {
    return peers_.at(number).name;
  }
  // How long a restart waits for it.
  [[nodiscard]] std::chrono::milliseconds patience_of(std::size_t number) const {
    return peers_.at(number).patience;
  }
  [[nodiscard]] peer::PeerSystem& at(std::size_t number) { return *peers_.at(number).system; }

  // What was claimed for the request that is being answered.
  std::optional<peer::Claims> offer;

 private:
  struct Known {
    std::string name;
    std::chrono::milliseconds patience;
    PeerRef ref;
    AccessPointRef access_point;
    std::unique_ptr<peer::PeerSystem> system;
  };
  std::vector<Known> peers_;
};

// What to claim where, for a request that names a peer. With World::mutex held.
struct ClaimOrder {
  std::size_t peer = 0;
  std::vector<peer::Wanted> wanted;
  std::optional<initiator::Credentials> credentials;
};
[[nodiscard]] std::optional<ClaimOrder> claim_order_for(World& world, const Request& request);

}  // namespace lockstep::replication
