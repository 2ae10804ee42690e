// The places of a relationship as types, for the columns of the tables. One type per CopyState that
// a single relationship can have, and Nowhere.
#pragma once

#include "statemachine/events.hpp"

namespace lockstep::machine::table {

struct Nowhere {
  static constexpr Place kPlace = kNowhere;
};

template <CopyState State>
struct At {
  static constexpr Place kPlace = State;
};

using Initialized = At<CopyState::Initialized>;
using Unsynchronized = At<CopyState::Unsynchronized>;
using Synchronized = At<CopyState::Synchronized>;
using Broken = At<CopyState::Broken>;
using Fractured = At<CopyState::Fractured>;
using Split = At<CopyState::Split>;
using Inactive = At<CopyState::Inactive>;
using Suspended = At<CopyState::Suspended>;
using Failedover = At<CopyState::Failedover>;
using Prepared = At<CopyState::Prepared>;
using Aborted = At<CopyState::Aborted>;
using Skewed = At<CopyState::Skewed>;
using Partitioned = At<CopyState::Partitioned>;
using Invalid = At<CopyState::Invalid>;
using Restored = At<CopyState::Restored>;

}  // namespace lockstep::machine::table
