// The CopyState of a group relationship, from those of its members. Source: G-01..G-04.
#pragma once

#include "model/vocab/enums.hpp"

#include <optional>
#include <set>
#include <span>

namespace lockstep::machine {

// What a group may show; no value: it may show NULL.
using GroupStates = std::set<std::optional<CopyState>>;

// `members`: the CopyState of each; no value: it could not be read. All in one state: that state
// (G-01). In different ones: Mixed (G-02). None, or one that could not be read: NotApplicable,
// Initialized, Partitioned or NULL, too (G-03). While a group operation runs, Mixed is legal
// whatever the members show, for they change one by one (G-04).
[[nodiscard]] GroupStates group_states(std::span<const std::optional<CopyState>> members,
                                       bool operation_runs);

}  // namespace lockstep::machine
