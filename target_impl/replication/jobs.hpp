// ConcreteJobs: one per request that outlasts its call (GEN-05, GEN-11 to GEN-13).
#pragma once

#include "model/vocab/answers.hpp"
#include "target_impl/replication/world.hpp"

#include <string>
#include <vector>

namespace lockstep::replication {

// A running job that ends when the copies of all `pairs` have ended.
JobRecord& start_job(World& world, const std::vector<PairRecord*>& pairs);

// The job, running or not begun, of a request that was carried out in part (CLR-47): it ends as an
// exception once the copies of `pairs` have ended.
[[nodiscard]] JobRef mark_incomplete(World& world, const std::optional<JobRef>& job,
                                     const std::vector<PairRecord*>& pairs);

// A job that had ended when it was begun, for what `answer` names.
[[nodiscard]] JobRef record_finished_job(World& world, const Answer& answer);

// Nobody is told of the job; what it waited for goes on.
void abandon_job(World& world, const std::optional<JobRef>& job);

// The pair's copy has ended: for Completed its jobs have one copy less to wait for; any other end
// is theirs too.
void settle_jobs(World& world, PairRecord& pair, JobState end, const std::string& reason);

// Drops finished jobs whose time is over, and the oldest beyond the bound.
void forget_old_jobs(World& world);

// By the copies it waits for.
[[nodiscard]] std::uint16_t percent_of(World& world, const JobRecord& job);

}  // namespace lockstep::replication
