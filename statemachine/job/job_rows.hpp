// The life of a ConcreteJob, one step per row. Source: JOB-01 and the value descriptions of
// CIM_ConcreteJob.JobState. A poll may miss steps; job_can_reach allows for that.
#pragma once

#include "model/vocab/enums.hpp"

#include <boost/mp11/list.hpp>

namespace lockstep::machine::table::job {

template <JobState S>
struct In {
  static constexpr JobState kState = S;
};

using New = In<JobState::New>;
using Starting = In<JobState::Starting>;
using Running = In<JobState::Running>;
using Suspended = In<JobState::Suspended>;
using ShuttingDown = In<JobState::ShuttingDown>;
using Completed = In<JobState::Completed>;
using Terminated = In<JobState::Terminated>;
using Killed = In<JobState::Killed>;
using Exception = In<JobState::Exception>;
using Service = In<JobState::Service>;
using QueryPending = In<JobState::QueryPending>;

template <class SourceState, class TargetState>
struct Row {
  using Source = SourceState;
  using Target = TargetState;
};

// clang-format off
using JobRows = boost::mp11::mp_list<
//       source         arrives at
//      +--------------+--------------+
    Row <New          , Starting     >,
//      +--------------+--------------+
    Row <Starting     , Running      >,
//      +--------------+--------------+
    Row <Running      , Suspended    >,
    Row <Running      , Service      >,
    Row <Running      , QueryPending >,
    Row <Running      , ShuttingDown >,
//      +--------------+--------------+
    Row <Suspended    , Starting     >,
    Row <Suspended    , ShuttingDown >,
//      +--------------+--------------+
    Row <Service      , Starting     >,
    Row <Service      , ShuttingDown >,
//      +--------------+--------------+
    Row <QueryPending , Running      >,
    Row <QueryPending , ShuttingDown >,
//      +--------------+--------------+
    Row <ShuttingDown , Completed    >,
    Row <ShuttingDown , Terminated   >,
    Row <ShuttingDown , Killed       >,
    Row <ShuttingDown , Exception    >>;
// clang-format on

}  // namespace lockstep::machine::table::job
