// The life of a ConcreteJob (JOB-01): New, Starting, Running, ..., then one terminal state for
// good.
#pragma once

#include "model/vocab/enums.hpp"

#include <vector>

namespace lockstep::machine {

struct JobRow {
  JobState from;
  JobState to;
};
// One step each, exported from the MSM table.
[[nodiscard]] const std::vector<JobRow>& job_rows();
// The machine takes one step from `from` to `to`.
[[nodiscard]] bool job_steps(JobState from, JobState to);
[[nodiscard]] bool is_terminal(JobState state) noexcept;
// `to` can be observed after `from`: reached by any number of steps, none included. A vendor's own
// state has no place in the order: it may stand anywhere between New and the terminal states.
[[nodiscard]] bool job_can_reach(JobState from, JobState to);

}  // namespace lockstep::machine
