// ConcreteJob.RequestStateChange (JOB-05, JOB-10).
#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/refusal.hpp"

namespace lockstep::replication {

Answer answer(World& world, const RequestJobStateChangeRequest& request) {
  constexpr Method kMethod = Method::RequestJobStateChange;
  JobRecord* job = world.jobs.find(request.job);
  if (job == nullptr) return refused(world, kMethod, Refusal::NotFound);
  if (!world.freedom.jobs_can_be_ended) return refused(world, kMethod, Refusal::NotSupported);
  const bool terminate = request.requested_state == RequestedJobState::Terminate;
  if (!terminate && request.requested_state != RequestedJobState::Kill) {
    return refused(world, kMethod, Refusal::NotSupported);
  }
  if (job->state != JobState::Running) {
    Answer result;
    result.code = ReturnCode::InvalidStateTransition;
    return result;
  }
  const std::set<Id> pending = job->pending;
  const JobState end = terminate ? JobState::Terminated : JobState::Killed;
  for (const Id id : pending) {
    PairRecord* pair = world.pairs.find(id);
    if (pair == nullptr) continue;
    stop_copy(world, *pair);
    settle_jobs(world, *pair, end, "the job was ended by request");
    enter(world, *pair, CopyState::Aborted);
  }
  return {};
}

}  // namespace lockstep::replication
