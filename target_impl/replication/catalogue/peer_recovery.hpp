// The part of recovery that concerns pairs which lead to a peer (recovery.hpp says what becomes of
// them).
#pragma once

#include "target_impl/replication/catalogue/catalogue.hpp"
#include "target_impl/replication/world.hpp"

#include <map>
#include <set>
#include <string>

namespace lockstep::replication {

// Logical units that this service had claimed are its own again; each peer on which there are any
// is waited for, briefly. `world` has its records and peers of all those names.
[[nodiscard]] Status keep_claims(World& world, const std::map<std::string, PeerRecord>& peers,
                                 const std::map<Id, CopyRecord>& copies);

// Pairs that do not go on as they were are added to `repaired`: their copies are not to be begun
// again.
void continue_on_peers(World& world, const std::map<Id, CopyRecord>& copies,
                       std::set<Id>& repaired);

}  // namespace lockstep::replication
