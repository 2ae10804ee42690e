// Where a relationship can get to without any client asking: closures of step() under internal
// events.
#pragma once

#include "model/core/place_set.hpp"
#include "model/core/step.hpp"

namespace lockstep::model {

// Which internal events may have happened besides automatic progress and host writes.
struct Trouble {
  bool faults = false;   // elements, links, space
  bool repairs = false;  // what undoes them
  bool restarts = false;
  bool automatic_detach = true;  // Feature 18, GroupFeature 16 or CopyType 5
  bool target_writes = true;     // hosts may have written to the target
  friend bool operator==(const Trouble&, const Trouble&) = default;
};

inline constexpr Trouble kNoTrouble{};
inline constexpr Trouble kAnyTrouble{true, true, true, true, true};

// `from` and everything reachable from it. Pure.
[[nodiscard]] PlaceSet closure(MachineKind kind, PlaceSet from, const Trouble& trouble) noexcept;

}  // namespace lockstep::model
