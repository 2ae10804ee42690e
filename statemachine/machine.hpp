// The façade of the state machines: what the oracle, the properties and the documents see of them.
//
// The specification often leaves the result of an event open ("3 or 4"). The machines are
// deterministic all the same: an event carries the place it is said to arrive at, and a row's guard
// checks it. So one row of the specification's table is one row here per pair of places, all with
// the same transition id.
#pragma once

#include "statemachine/events.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace lockstep::machine {

// How certain the specification is that the event is legal in `from`.
enum class Certainty : std::uint8_t {
  Expected,  // stated or inferred to be legal there
  Either,    // conforming to accept or to refuse
};
BOOST_DESCRIBE_ENUM(Certainty, Expected, Either)

struct Row {
  std::string_view id;  // "T-010"
  MachineKind machine;
  Place from;
  Event event;
  Place to;
  Certainty certainty;
  friend bool operator==(const Row&, const Row&) = default;
};

// Every row of that machine, exported from its MSM table. Static lifetime, table order.
[[nodiscard]] const std::vector<Row>& rows(MachineKind machine);

// MSM flags of a place.
enum class Flag : std::uint8_t {
  TargetEqualsSource,   // a mirror's target holds all acknowledged writes (async: within its lag)
  TargetIsPointInTime,  // a snapshot's or clone's target holds one instant of the source
  DataFlows,            // bytes move from source to target by themselves
  HostMayWriteSource,
  HostMayWriteTarget,  // where the specification lets the target be written
  ChangesRemembered,   // a resync will be quick
};
BOOST_DESCRIBE_ENUM(Flag, TargetEqualsSource, TargetIsPointInTime, DataFlows, HostMayWriteSource,
                    HostMayWriteTarget, ChangesRemembered)
[[nodiscard]] bool has_flag(MachineKind machine, Place place, Flag flag);

// One running machine. Not thread-safe; cheap to make.
class Machine {
 public:
  virtual ~Machine() = default;
  [[nodiscard]] virtual MachineKind kind() const noexcept = 0;
  [[nodiscard]] virtual Place place() const = 0;
  // Puts the machine into a place without an event, for judging one step alone.
  virtual void put(Place place) = 0;
  // Takes the row from here by `event` to `arrival`; its id, or an empty view when there is none
  // (the place then stays).
  virtual std::string_view fire(Event event, Place arrival) = 0;
};
[[nodiscard]] std::unique_ptr<Machine> make_machine(MachineKind kind);

}  // namespace lockstep::machine
