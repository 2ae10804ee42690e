// One step of a relationship's life, as the specification's verdict matrix and transition facts
// have it.
//
// Written from the matrix, not from the state machines: the two are compared exhaustively, which
// would mean nothing if one were made from the other. Sources: T-001..T-059 and the verdict matrix
// (CopyState definitions, Operation texts of CIM 2.41, feature flags).
#pragma once

#include "model/core/place_set.hpp"
#include "model/vocab/ids.hpp"
#include "statemachine/events.hpp"

#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace lockstep::model {

using machine::Event;
using machine::event_of;
using machine::MachineKind;

inline constexpr std::size_t kMachineKinds = 6;

enum class Reaction : std::uint8_t {
  Accept,       // operation or create: expected to be carried out
  Either,       // operation: conforming to carry out or to refuse
  Refuse,       // operation or create: to be refused, nothing changes
  Unsupported,  // operation: does not belong to this kind of copy unless the service reports it
  Happens,      // automatic, host, fault, repair: may happen here
  Impossible,   // automatic, host, fault, repair: cannot happen here
};
BOOST_DESCRIBE_ENUM(Reaction, Accept, Either, Refuse, Unsupported, Happens, Impossible)

struct StepVerdict {
  Reaction reaction = Reaction::Impossible;
  // Where the relationship may be once the event has been carried out. After a refusal it is where
  // it was; that place is listed only if carrying out may also lead back to it.
  std::set<Place> next;
  std::vector<ClauseId> why;
};

// Total: every combination has an answer, also a place that the kind does not know (Impossible or
// Refuse).
[[nodiscard]] StepVerdict step(MachineKind kind, Place from, Event event);

// The two parts of a verdict without allocation.
[[nodiscard]] Reaction reaction_of(MachineKind kind, Place from, Event event) noexcept;
[[nodiscard]] PlaceSet arrivals(MachineKind kind, Place from, Event event) noexcept;
// "T-010", or empty when that event does not lead from there to there.
[[nodiscard]] std::string_view transition_id(MachineKind kind, Place from, Event event,
                                             Place to) noexcept;
// The CopyStates a relationship of that kind can be in.
[[nodiscard]] PlaceSet states_of(MachineKind kind) noexcept;

}  // namespace lockstep::model
