// Jobs: how they end, that they stay readable, what they lead to, and how they are stopped.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

bool says(const JobView& job, OperationalStatus status) {
  const auto& list = job.operational_status;
  return std::find(list.begin(), list.end(), status) != list.end();
}

// A call that starts a job: the largest copy of these cases.
Outcome with_job(Session& session, Recipe& recipe) {
  Outcome outcome = session.call(request_of(recipe));
  session.need(outcome);
  if (!outcome.answer.started_job()) {
    session.not_testable("the provider completes this call at once");
  }
  if (!outcome.answer.job) session.inconclusive("4096 came without a job");
  return outcome;
}

Outcome clone_job(Session& session) {
  Recipe recipe = fresh(session, Method::CreateElementReplica, SyncType::Clone, BlockCount{8192});
  if (can_wait(session, Method::CreateElementReplica, SyncType::Clone, CopyState::Synchronized)) {
    recipe.wait = CopyState::Synchronized;
  }
  return with_job(session, recipe);
}

void success(Session& session) {
  Outcome outcome = clone_job(session);
  session.await_job(outcome);
  if (!outcome.job) session.not_testable("the job cannot be read after its end");
  const JobView& job = *outcome.job;
  session.expect("GEN-11", job.state == JobState::Completed, "JobState Completed",
                 to_text(job.state));
  session.expect("GEN-11", says(job, OperationalStatus::Completed),
                 "OperationalStatus with Completed", "none");
  session.expect("GEN-11",
                 says(job, OperationalStatus::OK) || says(job, OperationalStatus::Degraded),
                 "OperationalStatus with OK", "none");
  session.expect("JOB-03", job.error_code == 0, "ErrorCode 0", std::to_string(job.error_code));
  session.expect("JOB-04", !job.error_text, "no error", job.error_text.value_or(""));
}

void failure(Session& session) {
  Recipe recipe = fresh(session, Method::CreateElementReplica, SyncType::Clone, kSmallVolume);
  recipe.wait = CopyState::Synchronized;
  session.fault(FaultKind::SpaceExhausted);
  Outcome outcome = session.call(request_of(recipe));
  if (!outcome.answer.started_job()) {
    session.not_testable("the provider fails this call at once");
  }
  session.await_job(outcome);
  if (!outcome.job) session.not_testable("the job cannot be read after its end");
  const JobView& job = *outcome.job;
  const bool ended_badly =
      job.state == JobState::Exception || job.state == JobState::Terminated ||
      job.state == JobState::Killed ||
      (job.state == JobState::Completed && says(job, OperationalStatus::Error));
  session.expect("GEN-11", ended_badly, "a failed job", outcome_text(outcome));
  session.expect("JOB-04", job.error_text && !job.error_text->empty(), "an error to read", "none");
}

void readable(Session& session) {
  Outcome outcome = clone_job(session);
  session.await_job(outcome);
  session.expect("GEN-12", outcome.job.has_value(), "the job to be readable after its end",
                 "no such job");
  const Inventory later = session.look();
  const JobView* job = later.find(*outcome.answer.job);
  if (job == nullptr) {
    // Vendors delete early; the oracle warns of it.
    session.note("the job is gone once its end has been seen");
    return;
  }
  session.expect("JOB-09", job->time_before_removal_s > 0 || !job->delete_on_completion,
                 "a TimeBeforeRemoval", "0");
  if (job->time_before_removal_s != 300) {
    session.note("TimeBeforeRemoval is " + std::to_string(job->time_before_removal_s) + " s");
  }
}

void leads_to_elements(Session& session) {
  Outcome outcome = clone_job(session);
  session.await_job(outcome);
  if (!outcome.job) session.not_testable("the job cannot be read after its end");
  const bool something =
      !outcome.job->affected_elements.empty() || !outcome.job->affected_relationships.empty();
  session.expect("GEN-13", something, "the new element or relationship through the job", "nothing");
  for (const ElementRef& element : outcome.job->affected_elements) {
    session.expect("GEN-13", outcome.after.find(element) != nullptr,
                   "affected elements that can be found", "a reference to nothing");
  }
}

void late_parameter_error(Session& session) {
  Recipe recipe = fresh(session, Method::CreateElementReplica, SyncType::Clone, kSmallVolume);
  recipe.targets = {session.volume(kTinyVolume)};
  const Outcome outcome = session.perform(request_of(recipe));
  session.expect("GEN-06", !outcome.job_failed(), "a refusal at once", outcome_text(outcome));
}

// JOB-01, JOB-02: watched from its start, the job only moves forward.
void moves_forward(Session& session) {
  if (session.can(FaultKind::CopyHeld)) session.fault(FaultKind::CopyHeld);
  Outcome outcome = clone_job(session);
  const JobRef ref = *outcome.answer.job;
  const auto rank = [](JobState state) {
    switch (state) {
      case JobState::New:
        return 0;
      case JobState::Starting:
        return 1;
      case JobState::Completed:
      case JobState::Terminated:
      case JobState::Killed:
      case JobState::Exception:
        return 4;
      case JobState::ShuttingDown:
        return 3;
      default:
        return 2;
    }
  };
  std::optional<JobView> last = outcome.job;
  bool released = false;
  for (int i = 0; i < 4000; ++i) {
    const Inventory present = session.look();
    const JobView* job = present.find(ref);
    if (job == nullptr) break;
    session.expect("JOB-02", job->percent_complete <= 100, "PercentComplete up to 100",
                   std::to_string(job->percent_complete));
    if (last) {
      session.expect("JOB-01", rank(job->state) >= rank(last->state),
                     "a state after " + to_text(last->state), to_text(job->state));
    }
    last = *job;
    if (job->finished()) break;
    if (!released && session.can(FaultKind::CopyReleased)) {
      session.fault(FaultKind::CopyReleased);
      released = true;
    }
  }
  session.await_job(outcome);
  const Inventory later = session.look();
  const JobView* job = later.find(ref);
  if (job != nullptr && outcome.job) {
    session.expect("JOB-01", job->state == outcome.job->state, "a terminal state that stays",
                   to_text(job->state));
  }
}

void stopped(Session& session, RequestedJobState how) {
  session.fault(FaultKind::CopyHeld);
  Outcome outcome = clone_job(session);
  RequestJobStateChangeRequest request;
  request.job = *outcome.answer.job;
  request.requested_state = how;
  const Outcome change = session.perform(request);
  session.expect_one_of("JOB-05", change, {0, 4096, 4097, 1, 4098, 4099});
  session.fault(FaultKind::CopyReleased);
  session.await_job(outcome);
  if (!change.succeeded()) {
    session.note("the job may not be stopped: " + outcome_text(change));
    return;
  }
  const JobState wanted =
      how == RequestedJobState::Terminate ? JobState::Terminated : JobState::Killed;
  if (outcome.job) {
    session.expect("JOB-05", outcome.job->state == wanted, to_text(wanted),
                   to_text(outcome.job->state));
  } else {
    session.note("the job was deleted before its end could be read");
  }
  for (const RelationshipView& view : session.look().relationships) {
    const bool ours = view.target_element == outcome.answer.target_element && view.target_element;
    if (!ours || !view.copy_state) continue;
    const std::set<CopyState> legal{CopyState::Aborted, CopyState::Broken,
                                    CopyState::Unsynchronized};
    session.expect("JOB-10", legal.contains(*view.copy_state), "one of " + states_text(legal),
                   state_text(view));
  }
}

}  // namespace

void add_gen_jobs(std::vector<Case>& cases) {
  Needs clone = of_kind(SyncType::Clone);
  clone.methods = {Method::CreateElementReplica};
  Needs space = clone;
  space.faults = {FaultKind::SpaceExhausted};
  cases.push_back(make_case("GEN/job-success", {"GEN-11", "JOB-03", "JOB-04"},
                            "follows the job of a large clone to its end",
                            "Completed, with OperationalStatus 17 and 2 and no error", clone,
                            success));
  cases.push_back(make_case("GEN/job-failure", {"GEN-11", "JOB-04"},
                            "follows a job that cannot succeed",
                            "it ends in a failed state and has an error to read", space, failure));
  cases.push_back(make_case("GEN/job-readable", {"GEN-12", "JOB-09"},
                            "reads a job again after its end", "it is still there", clone,
                            readable));
  cases.push_back(make_case("GEN/job-elements", {"GEN-13"}, "looks for what the job made",
                            "it is reachable from the job", clone, leads_to_elements));
  cases.push_back(make_case("GEN/job-parameter-error", {"GEN-06"},
                            "gives a target that is too small",
                            "refused at once, not by a failed job", clone, late_parameter_error));
  Needs job = clone;
  job.methods.insert(Method::RequestJobStateChange);
  cases.push_back(
      make_case("JOB/moves-forward", {"JOB-01", "JOB-02"}, "watches a job from its start",
                "its states follow each other and the last one stays", job, moves_forward));
  job.faults = {FaultKind::CopyHeld};
  cases.push_back(make_case("JOB/terminate", {"JOB-05", "JOB-10"}, "terminates a running job",
                            "it ends Terminated, or may not be stopped", job, [](Session& session) {
                              stopped(session, RequestedJobState::Terminate);
                            }));
  cases.push_back(make_case("JOB/kill", {"JOB-05", "JOB-10"}, "kills a running job",
                            "it ends Killed, or may not be stopped", job,
                            [](Session& session) { stopped(session, RequestedJobState::Kill); }));
}

}  // namespace lockstep::conformance
