// From a catalogue to a service that goes on where another process ended, however that was.
//
// What is on disk is one moment of everything: records, images and the content of all volumes. From
// there
//   - copies that were under way begin again from what the two sides last had in common;
//   - synchronous mirrors follow again if their sides are equal. Where they are not (the target
//     could not take a write and nobody had noted it yet) the pair is Broken and recovers as its
//     CopyRecoveryMode says: what differs is shipped before it is Synchronized again, or it waits,
//     Suspended. A consistent group does so as one;
//   - asynchronous mirrors ship what they owe;
//   - logical units of peers are claimed as before. Pairs that lead to them are what they were if
//     nothing there is in doubt; else, or as long as the peer is away while data should flow, they
//     are Broken and recover, except what had been parted from its source. A Restore or Failback
//     begins again, with reading; it waits for a peer that is away, and nothing is shipped there
//     meanwhile;
//   - jobs whose copy does not go on end as exceptions;
//   - hosts find the same LUNs and identifiers.
#pragma once

#include "target_impl/replication/catalogue/catalogue.hpp"
#include "target_impl/replication/world.hpp"

namespace lockstep::replication {

// `world` has its pools and nothing else; its mutex is held, and commits are. Refused: elements of
// pools or peers that it does not have.
[[nodiscard]] Status take_over(World& world, SavedWorld saved);

}  // namespace lockstep::replication
