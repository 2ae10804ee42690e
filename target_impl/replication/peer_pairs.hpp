// Pairs whose target lies on a peer: how bytes get there and back, and what the link's coming and
// going means for them.
//
// The peer's logical unit is written in place. What it holds is known without asking: it equals
// `PairRecord::common`, but for what is in `PairRecord::doubt`.
#pragma once

#include "target_impl/replication/flow_parts.hpp"

#include <memory>
#include <string>
#include <vector>

namespace lockstep::replication {

// nullptr: the target is a volume of this system.
[[nodiscard]] peer::PeerVolume* peer_target(World& world, const PairRecord& pair);
// Of a group all or none lie on a peer.
[[nodiscard]] bool is_on_peer(World& world, const PairRecord& pair);
// No data can reach the peer now.
[[nodiscard]] bool is_cut_off(World& world, const PairRecord& pair);

// Why what has just failed for the pair did so.
[[nodiscard]] BreakCause cause_of_failure(World& world, const PairRecord& pair);
[[nodiscard]] const char* reason_of_failure(World& world, const PairRecord& pair);
// The answer to an operation that failed so.
[[nodiscard]] Refusal refusal_of(BreakCause cause) noexcept;

[[nodiscard]] std::unique_ptr<Shipment> shipment_of(std::unique_ptr<peer::Transfer> transfer);
// The mailbox hears of the end of what has that number.
[[nodiscard]] peer::TransferFinished telling(Mailbox& mailbox, Id number);

// The leg's ranges travel; the mailbox hears of the end.
[[nodiscard]] std::unique_ptr<Shipment> ship_to_peer(World& world, PairRecord& pair, Leg& leg);
// What the peer holds comes into the leg's staging volume.
[[nodiscard]] Leg make_fetching_leg(World& world, const PairRecord& pair);
[[nodiscard]] std::unique_ptr<Shipment> fetch_from_peer(World& world, const PairRecord& pair,
                                                        const Leg& leg);
void take_fetched(World& world, const Flow& flow);

// The target holds what its volume does, all of it.
void settle(World& world, PairRecord& pair);
// Mirrors that write through for long are settled now and then, so that a crash leaves little in
// doubt.
void settle_now_and_then(World& world);
// In order, before the end of the process: what is under way arrives, and nothing is in doubt.
void come_to_rest(World& world);

// Nothing is known of targets whose claim was not found again.
void doubt_forgotten(World& world, const Pairs& pairs);

// Waits until the target holds `image`. False: it does not; what it holds is in doubt.
[[nodiscard]] bool deliver_to_peer(World& world, PairRecord& pair, const store::Image& image);
// After the observer of a mirror has been detached at `cut`: waits for what is under way. False:
// not all of it has arrived.
[[nodiscard]] bool settle_at(World& world, PairRecord& pair, const store::Image& cut);
// See arrive().
[[nodiscard]] bool arrive_on_peer(World& world, const Pairs& pairs);

// Whether hosts on the peer may write. Waits for the peer; false: it could not be done.
[[nodiscard]] bool set_open_to_hosts(World& world, const Pairs& pairs, bool open);

[[nodiscard]] Pairs pairs_on(World& world, std::size_t peer_number);

}  // namespace lockstep::replication
