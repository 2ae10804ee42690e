// Moves data for pairs: copies in the background (flows), separation at one cut, points in time and
// the shipping of asynchronous mirrors.
//
// A copy never touches its target before it is complete: changed ranges go onto a staging volume
// that begins as the target's own image, and the target is given that in one step. So a target is
// always whole: what it was, or what it was to become.
#pragma once

#include "target_impl/replication/world.hpp"

#include <string>
#include <vector>

namespace lockstep::replication {

using Pairs = std::vector<PairRecord*>;

// Takes the images of one cut and begins to copy. `together`: all arrive at one moment, or none.
void start_copy(World& world, const Pairs& pairs, Purpose purpose, bool together);
// Abandons what is under way for the pair; nothing else about it changes.
void stop_copy(World& world, PairRecord& pair);
// Shipping stops as if it had never begun; what is lost is shipped again.
void stop_epoch(World& world, PairRecord& pair);
// A copy that somebody waits for, as opposed to the shipping of an asynchronous mirror.
[[nodiscard]] bool copy_runs(World& world, const PairRecord& pair);
// It is a Restore or a Failback: the target leads, and nothing may be shipped there.
[[nodiscard]] bool goes_back(World& world, const PairRecord& pair);
[[nodiscard]] std::uint16_t percent_of_copy(World& world, const PairRecord& pair);

// Ends the flow of data from source to target for all the pairs at one cut. `drain`: what an
// asynchronous mirror still owes is delivered first. False: the target's pool is full; what could
// not be delivered is Broken.
bool separate(World& world, const Pairs& pairs, bool drain);
// The reverse: what has changed on either side since they were equal is carried to the targets here
// and now, and the targets follow their sources from that cut on.
bool join_again(World& world, const Pairs& pairs);
void detach_observer(World& world, PairRecord& pair);
// Notes that synchronous mirrors are equal now, so that what changes from here on is little.
void note_common(World& world);

// The point in time of each pair is now; one for all if `together` (DS-GR-05).
void take_points_in_time(World& world, const Pairs& pairs, bool together);
// The same for snapshots that wait for their start by themselves, which nobody calls for: a
// snapshot stands for a moment of the call that leads to it (DS-SN-01).
void take_points_ahead(World& world, const Pairs& pairs, bool together);
// A snapshot needs no copying: the target is its point in time. False: refused by the pool.
[[nodiscard]] bool show_point_in_time(World& world, PairRecord& pair);

// The copy path failed: Broken, jobs too; a consistent group stops as one (DS-GR-03).
void break_pair(World& world, PairRecord& pair, BreakCause cause, const std::string& reason);
// A Restore or Failback failed: the pairs are what they were before it, jobs end as exceptions.
void take_back(World& world, const Pairs& pairs, const std::string& reason);
// What CopyRecoveryMode says once the cause is gone (T-052, T-053).
void recover(World& world, const Pairs& pairs);

// Pauses and continues flows as troubles come and go.
void apply_holds(World& world);
// A shipment has arrived or failed, or a mirror could not carry a write over.
void handle(World& world, const Event& event);
// Mirrors whose target could not take a write are Broken from then on. Called before anything is
// answered, so that nobody is told Synchronized in the time until the event is taken (DS-MS-02).
void break_failed_mirrors(World& world);
// Lets asynchronous mirrors ship what has changed. False: there is none to wait for.
bool run_epochs(World& world);
// What asynchronous mirrors are about to bring to peers has not arrived yet.
[[nodiscard]] bool owes_peers(World& world);

// Lets what is Initialized go on by itself, if it is to (T-008).
void start_initialized(World& world);

[[nodiscard]] bool is_held(const World& world, const PairRecord& pair);

// Splits the pairs into those that must arrive as one and those on their own.
[[nodiscard]] std::vector<Pairs> in_step(World& world, const Pairs& pairs);
// With the members of consistent groups, which stop as one and go on as one.
[[nodiscard]] Pairs with_companions(World& world, const Pairs& pairs);

// Gives the volume of `element` this content; synchronous mirrors of it follow in the same step.
[[nodiscard]] bool assign_to_source(World& world, Id element, const store::Image& image);

}  // namespace lockstep::replication
