// Bugs in what a method answers: codes, jobs, out parameters.
#include "conformance/providers/faulty/bug.hpp"
#include "model/vocab/methods.hpp"

namespace lockstep::conformance {
namespace {

bool refused(const Answer& answer) { return !answer.cim_status && !answer.accepted(); }

class ReservedReturnCode : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (is_replica_creation(request) && refused(answer)) answer.code = static_cast<ReturnCode>(7);
    return answer;
  }
};

class InUseFromCreateReplica : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (std::holds_alternative<CreateReplicaRequest>(request) && refused(answer))
      answer.code = ReturnCode::InUse;
    return answer;
  }
};

class ZeroWithLiveJob : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (answer.started_job()) answer.code = ReturnCode::Success;
    return answer;
  }
};

class JobMissing : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (answer.started_job()) answer.job.reset();
    return answer;
  }
};

class JobThatIsNone : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (answer.started_job() && answer.job) answer.job->path += "-gone";
    return answer;
  }
};

class TargetNotReturned : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (is_replica_creation(request) && answer.completed()) answer.target_element.reset();
    return answer;
  }
};

class LastOfListMissing : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (answer.completed() && answer.target_elements && !answer.target_elements->empty()) {
      answer.target_elements->pop_back();
    }
    return answer;
  }
};

class SynchronizationNotReturned : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (answer.completed()) answer.synchronization.reset();
    return answer;
  }
};

class PeerNotReturned : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (answer.completed()) answer.target_replica_peer.reset();
    return answer;
  }
};

class SourceGroupNameChanged : public Bug {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (answer.source_group_name) *answer.source_group_name += " (2)";
    return answer;
  }
};

class PercentOutOfRange : public Bug {
  void show(Inventory& inventory) override {
    for (JobView& job : inventory.jobs)
      job.percent_complete = static_cast<std::uint16_t>(job.percent_complete + 101);
  }
};

class JobRevives : public Bug {
  void show(Inventory& inventory) override {
    const std::lock_guard lock(mutex_);
    for (JobView& job : inventory.jobs) {
      if (!job.finished()) continue;
      if (++seen_finished_[job.ref] % 2 == 0) {
        job.state = JobState::Running;
        job.operational_status = {OperationalStatus::OK};
      }
    }
  }
  std::map<JobRef, unsigned> seen_finished_;
};

class FinishedJobLooksBusy : public Bug {
  void show(Inventory& inventory) override {
    for (JobView& job : inventory.jobs) {
      if (job.state == JobState::Completed) job.operational_status = {OperationalStatus::InService};
    }
  }
};

}  // namespace

std::vector<BugEntry> answer_bugs() {
  return {
      {{"wrong-return-code", "answers the reserved code 7 where it refuses", {"GEN-01", "GEN-02"}},
       make_bug<ReservedReturnCode>},
      {{"in-use-from-create-replica",
        "answers In Use from CreateReplica, which has no such code",
        {"MCR-32", "GEN-01", "GEN-02", "MCR-35"}},
       make_bug<InUseFromCreateReplica>},
      {{"zero-with-live-job",
        "answers 0 although a job has been started",
        {"GEN-04", "MCR-30", "ATT-13"}},
       make_bug<ZeroWithLiveJob>},
      {{"job-missing", "answers 4096 without a reference to the job", {"GEN-05", "MCR-30"}},
       make_bug<JobMissing>},
      {{"job-that-is-none", "answers 4096 with a reference that resolves to no job", {"GEN-05"}},
       make_bug<JobThatIsNone>},
      {{"target-not-returned",
        "answers 0 without naming the replica",
        {"CER-15", "MCR-20", "CER-17"}},
       make_bug<TargetNotReturned>},
      {{"last-of-list-missing", "returns one target fewer than the list had sources", {"CLR-27"}},
       make_bug<LastOfListMissing>},
      {{"synchronization-not-returned",
        "answers 0 without naming the association",
        {"CER-31", "CGE-44"}},
       make_bug<SynchronizationNotReturned>},
      {{"peer-not-returned", "CreateReplica answers 0 without TargetReplicaPeer", {"MCR-27"}},
       make_bug<PeerNotReturned>},
      {{"source-group-name-changed",
        "returns another SourceGroupName than the one given",
        {"CGE-16"}},
       make_bug<SourceGroupNameChanged>},
      {{"percent-out-of-range", "jobs report more than 100 percent", {"JOB-02"}},
       make_bug<PercentOutOfRange>},
      {{"job-revives", "a completed job is seen running again", {"JOB-01"}}, make_bug<JobRevives>},
      {{"finished-job-looks-busy",
        "a completed job lacks OperationalStatus Completed and OK",
        {"GEN-11"}},
       make_bug<FinishedJobLooksBusy>},
  };
}

}  // namespace lockstep::conformance
