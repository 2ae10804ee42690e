// What the files that make up the copier share.
#pragma once

#include "target_impl/replication/copier.hpp"

#include <memory>
#include <vector>

namespace lockstep::replication {

[[nodiscard]] store::Volume& source_volume(World& world, const PairRecord& pair);
[[nodiscard]] store::Volume& target_volume(World& world, const PairRecord& pair);

// From target to source.
[[nodiscard]] bool goes_backwards(Purpose purpose) noexcept;

// A volume of its own with the content of `volume`, drawn from the same pool.
[[nodiscard]] std::shared_ptr<store::Volume> staging_copy(store::Volume& volume,
                                                          const store::Image& image);
// What a volume of that size holds before anything is written.
[[nodiscard]] store::Image empty_image(store::Volume& volume);

// One cut across the volumes, in their order.
[[nodiscard]] std::vector<store::Image> cut_across(const std::vector<store::Volume*>& volumes);

// The last step of a copy onto a target that is to follow its source from now on.
struct Arrival {
  PairRecord* pair = nullptr;
  std::shared_ptr<store::Volume> staging;
  store::Image base;  // of the source: the staging volume equals it, but for `differing`
  Ranges differing;
};
// Source writes are held meanwhile. False: a pool is full; no target has changed and none follows.
[[nodiscard]] bool arrive(World& world, std::vector<Arrival>& arrivals);

// Makes the targets equal to these images of their sources here and now, all of them or none.
// False: a pool is full.
[[nodiscard]] bool deliver(World& world, const Pairs& pairs,
                           const std::vector<store::Image>& images);

// The flow's shipments have all arrived: on to the next round, or to the end.
void advance(World& world, Flow& flow);
void finish(World& world, Flow& flow);
void ship(World& world, Flow& flow);
// Without a journal, or once it is in force.
void ship_in_place(World& world, Flow& flow);
[[nodiscard]] Pairs pairs_in(World& world, const Flow& flow);
// Forgets the flow; its pairs have none any more.
void close_flow(World& world, Id flow);
// Broken; or, if it goes backwards, as if it had not been asked for: what the target holds is not
// to be overwritten by what a repair ships.
void fail_flow(World& world, Id flow, BreakCause cause, const std::string& reason);

}  // namespace lockstep::replication
