// Asynchronous consistent groups on a peer: what is to change there for all members is in a journal
// on the peer before the first of them changes (peer::Journal), so whenever the connection is lost
// the peer has one moment of all of them (DS-GR-02, DS-GR-03).
//
// What is too much for the journal is written in place with the journal closed: until it is all
// there the group is Unsynchronized, and a lost connection leaves a mixture.
#pragma once

#include "target_impl/replication/flow_parts.hpp"

#include <vector>

namespace lockstep::replication {

// nullptr: the pair's group has none.
[[nodiscard]] peer::Journal* journal_of(World& world, const PairRecord& pair);

// True: the journal comes first; the legs are shipped once it is in force.
[[nodiscard]] bool ship_to_journal(World& world, Flow& flow);
// False: the event is not about a journal.
[[nodiscard]] bool handle_journal(World& world, const Event& event);

// Waits until the targets, all of one group with a journal, hold these images of their sources.
// False: they do not.
[[nodiscard]] bool deliver_together(World& world, const Pairs& pairs,
                                    const std::vector<store::Image>& images);
// Targets that were left half changed are brought to what their sources are now.
[[nodiscard]] bool make_whole(World& world, const Pairs& pairs);
// Before targets change in another way. True as well if there is no journal.
[[nodiscard]] bool close_journal(World& world, const Pairs& pairs);

}  // namespace lockstep::replication
