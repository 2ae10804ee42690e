// Jobs: their states in order (JOB-01), their numbers (JOB-02, JOB-03, GEN-11), their errors
// (JOB-04), how long they stay (GEN-12); and what their end means for the tasks.
#include "model/core/follow.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

// Written out here, not taken from the job machine: the two are compared by a test.
int rank(JobState state) {
  switch (state) {
    case JobState::New:
      return 0;
    case JobState::Starting:
      return 1;
    case JobState::Running:
    case JobState::Suspended:
    case JobState::Service:
    case JobState::QueryPending:
      return 2;
    case JobState::ShuttingDown:
      return 3;
    case JobState::Completed:
    case JobState::Terminated:
    case JobState::Killed:
    case JobState::Exception:
      return 4;
  }
  return 2;  // vendor states lie somewhere in between
}

bool may_follow(JobState from, JobState to) {
  if (from == to) return true;
  if (rank(from) == 4) return false;
  return rank(from) <= rank(to);
}

bool shows(const JobView& job, OperationalStatus status) {
  return std::ranges::find(job.operational_status, status) != job.operational_status.end();
}

bool ended_well(const JobView& job) {
  return job.state == JobState::Completed && !shows(job, OperationalStatus::Error);
}

std::string statuses(const JobView& job) {
  std::string text;
  for (const OperationalStatus status : job.operational_status) {
    if (text.size() > 100) return text + ", ...";
    if (!text.empty()) text += ", ";
    text += to_text(status);
  }
  return text.empty() ? "none" : text;
}

void check_job(Look& look, const JobView& job, const JobView* earlier) {
  const auto subject = [&] { return subject_of(job.ref); };
  if (earlier != nullptr && !may_follow(earlier->state, job.state)) {
    look.report.breach("JOB-01", subject(), "a state that follows " + to_text(earlier->state),
                       to_text(job.state));
  }
  if (number_of(job.state) < 2 || (number_of(job.state) > 12 && number_of(job.state) < 32768)) {
    look.report.breach("JOB-01", subject(), "a JobState of 2 to 12", to_text(job.state));
  }
  if (job.percent_complete > 100) {
    look.report.breach("JOB-02", subject(), "PercentComplete of 0 to 100",
                       std::to_string(job.percent_complete));
  }
  if (ended_well(job) && job.error_code != 0) {
    look.report.breach("JOB-03", subject(), "ErrorCode 0 after success",
                       std::to_string(job.error_code));
  }
  if (job.state == JobState::Completed) {
    const bool success =
        shows(job, OperationalStatus::Completed) &&
        (shows(job, OperationalStatus::OK) || shows(job, OperationalStatus::Degraded));
    const bool failure =
        shows(job, OperationalStatus::Completed) && shows(job, OperationalStatus::Error);
    if (!success && !failure) {
      look.report.breach("GEN-11", subject(), "OperationalStatus with 17 Completed and 2 OK",
                         statuses(job));
    }
  } else if (job.finished() && shows(job, OperationalStatus::OK) &&
             shows(job, OperationalStatus::Completed)) {
    look.report.breach("GEN-11", subject(),
                       "no OperationalStatus of success in " + to_text(job.state), statuses(job));
  }
  const bool has_error = job.error_text && !job.error_text->empty();
  if (has_error && (!job.finished() || ended_well(job))) {
    look.report.breach("JOB-04", subject(), "no error in " + to_text(job.state), *job.error_text);
  }
  if (!has_error && (job.state == JobState::Terminated || job.state == JobState::Killed)) {
    look.report.warn("JOB-04", subject(), "an error after " + to_text(job.state), "none");
  }
}

}  // namespace

void check_jobs(Look& look) {
  for (std::size_t i = 0; i < look.now.jobs.size(); ++i) {
    check_job(look, look.now.jobs[i], look.aligned.jobs.earlier(i));
  }
}

void advance_tasks(Look& look) {
  for (Task& task : look.world.tasks) {
    if (task.stage != Task::Stage::Running || !task.answer().job) continue;
    const JobView* job = look.now.find(*task.answer().job);
    if (job == nullptr) {
      const JobView* earlier = look.before.find(*task.answer().job);
      if (earlier != nullptr && !look.world.restarted) {
        look.report.warn("GEN-12", subject_of(*task.answer().job),
                         "to stay readable for a while after its end", "not found");
      }
      task.stage = Task::Stage::Unknown;
      continue;
    }
    if (!job->finished()) continue;
    task.stage = ended_well(*job) ? Task::Stage::Completed : Task::Stage::Failed;
  }
}

}  // namespace lockstep::model
