#include "target_impl/replication/jobs.hpp"

#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/object_paths.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::replication {
namespace {

constexpr std::uint16_t kJobFailed = 4;

void finish(JobRecord& job, JobState end, const std::string& reason) {
  job.state = end;
  job.ended = std::chrono::steady_clock::now();
  if (end == JobState::Completed) {
    job.percent = 100;
    return;
  }
  job.error_code = kJobFailed;
  job.error_text = reason;
}

bool is_over(const World& world, const JobRecord& job, std::chrono::steady_clock::time_point now) {
  // Kept no time at all: until somebody has seen how it ended.
  if (world.freedom.time_before_removal.count() == 0) return job.end_was_seen;
  return now - job.ended > world.freedom.time_before_removal;
}

void finish_as_marked(JobRecord& job) {
  if (job.incomplete) {
    finish(job, JobState::Exception, "some entries of the list could not be replicated");
  } else {
    finish(job, JobState::Completed, {});
  }
}

}  // namespace

JobRecord& start_job(World& world, const std::vector<PairRecord*>& pairs) {
  JobRecord job;
  job.id = world.new_id();
  job.ref = job_path(job.id);
  Id group_pair = 0;
  for (PairRecord* pair : pairs) {
    job.pending.insert(pair->id);
    job.relationships.push_back(pair->ref);
    if (const ElementRecord* target = world.elements.find(pair->target)) {
      job.elements.push_back(target->ref);
    }
    pair->jobs.push_back(job.id);
    group_pair = pair->group;
  }
  if (const GroupPairRecord* group = world.group_pairs.find(group_pair)) {
    job.relationships.push_back(group->ref);
    if (const GroupRecord* target = world.groups.find(group->target_group)) {
      job.groups.push_back(target->ref);
    }
  }
  return world.jobs.add(std::move(job));
}

void settle_jobs(World& world, PairRecord& pair, JobState end, const std::string& reason) {
  pair.forming = false;
  for (const Id id : std::exchange(pair.jobs, {})) {
    JobRecord* job = world.jobs.find(id);
    if (job == nullptr || job->state != JobState::Running) continue;
    job->pending.erase(pair.id);
    if (end != JobState::Completed) {
      job->percent = percent_of(world, *job);
      finish(*job, end, reason);
    } else if (job->pending.empty()) {
      finish_as_marked(*job);
    }
  }
}

JobRef record_finished_job(World& world, const Answer& answer) {
  JobRecord job;
  job.id = world.new_id();
  job.ref = job_path(job.id);
  if (answer.target_element) job.elements.push_back(*answer.target_element);
  if (answer.target_elements) {
    for (const auto& element : *answer.target_elements) {
      if (element) job.elements.push_back(*element);
    }
  }
  if (answer.synchronization) job.relationships.push_back(*answer.synchronization);
  finish(job, JobState::Completed, {});
  return world.jobs.add(std::move(job)).ref;
}

void abandon_job(World& world, const std::optional<JobRef>& job) {
  if (!job) return;
  if (const JobRecord* record = world.jobs.find(*job)) world.jobs.erase(record->id);
}

JobRef mark_incomplete(World& world, const std::optional<JobRef>& job,
                       const std::vector<PairRecord*>& pairs) {
  const bool runs = job.has_value();
  JobRecord& record = runs ? *world.jobs.find(*job) : start_job(world, pairs);
  record.incomplete = true;
  if (runs) return record.ref;
  for (PairRecord* pair : pairs) std::erase(pair->jobs, record.id);
  record.pending.clear();
  finish_as_marked(record);
  return record.ref;
}

void forget_old_jobs(World& world) {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Id> finished;
  std::vector<Id> outdated;
  for (auto& [id, job] : world.jobs) {
    if (job.state == JobState::Running) continue;
    if (is_over(world, job, now)) {
      outdated.push_back(id);
    } else {
      finished.push_back(id);
    }
  }
  for (const Id id : outdated) world.jobs.erase(id);
  if (finished.size() <= world.options.finished_jobs_kept) return;
  finished.resize(finished.size() - world.options.finished_jobs_kept);
  for (const Id id : finished) world.jobs.erase(id);
}

std::uint16_t percent_of(World& world, const JobRecord& job) {
  if (job.state != JobState::Running) return job.percent;
  if (world.freedom.percent != PercentReporting::Exact) return 0;
  const std::size_t all = std::max<std::size_t>(job.relationships.size() - job.groups.size(), 1);
  std::size_t sum = (all - std::min(all, job.pending.size())) * 100;
  for (const Id id : job.pending) {
    if (const PairRecord* pair = world.pairs.find(id)) sum += percent_of_copy(world, *pair);
  }
  // 100 is for those that have ended.
  return static_cast<std::uint16_t>(std::min<std::size_t>(sum / all, 99));
}

}  // namespace lockstep::replication
