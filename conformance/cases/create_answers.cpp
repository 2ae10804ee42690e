// What the create methods hand back: the job, the association, and nothing twice.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

// GEN-04, GEN-05 and the method's own clauses on Job.
void job_out(Session& session, Method method, const std::vector<std::string>& own) {
  const Recipe recipe = fresh(session, method, SyncType::Clone, kSmallVolume);
  const std::size_t before = session.look().jobs.size();
  Outcome outcome = session.call(request_of(recipe));
  session.need(outcome);
  const Answer& answer = outcome.answer;
  if (answer.completed()) {
    session.expect("GEN-04", !answer.job, "no job with 0", "a job");
  } else {
    session.expect("GEN-05", answer.job.has_value(), "a job with 4096", "NULL");
    session.expect("GEN-05", outcome.after.find(*answer.job) != nullptr, "a job that can be found",
                   "a reference to nothing");
  }
  const std::size_t more = outcome.after.jobs.size() - std::min(before, outcome.after.jobs.size());
  for (const std::string& clause : own) {
    if (clause == "CLR-37") {
      session.expect(clause, more <= 1, "at most one new job", std::to_string(more) + " jobs");
    } else {
      session.expect(clause, answer.completed() ? !answer.job : answer.job.has_value(),
                     "a job exactly with 4096", answer.job ? "a job" : "NULL");
    }
  }
  session.await_job(outcome);
}

bool joins(const RelationshipView& view, const ElementRef& source,
           const std::optional<ElementRef>& target) {
  return view.source_element == source && (!target || view.target_element == target);
}

void association_of_element(Session& session, SyncType kind) {
  const Made made =
      make_needed(session, request_of(fresh(session, Method::CreateElementReplica, kind)));
  const Answer& answer = made.outcome.answer;
  const bool may_be_gone =
      kind == SyncType::Clone &&
      session.capabilities().has(Feature::SynchronizedCloneDetachesAutomatically);
  if (may_be_gone && !made.pairs.front()) {
    session.note("the clone has detached itself");
    return;
  }
  if (answer.completed()) {
    session.expect("CER-31", answer.synchronization.has_value(), "a reference to the association",
                   "NULL");
  }
  if (answer.synchronization) {
    const bool found = made.outcome.after.find(*answer.synchronization) != nullptr;
    session.expect(answer.completed() ? "CER-31" : "CER-32", found,
                   "an association that can be found", "a reference to nothing");
  }
  session.expect("CER-50", made.pairs.front().has_value(), "the association in the enumeration",
                 "none");
  if (!made.pairs.front()) return;
  const RelationshipView& view = *made.pairs.front();
  session.expect("CER-33", joins(view, made.sources.front(), answer.target_element),
                 "an association from the source to the replica", "other ends");
  session.expect("CER-33", view.target_element.has_value(), "an association with two ends", "one");
  const auto at_target = relationships_of(made.outcome.after, *view.target_element);
  session.expect("CER-50", at_target.size() == 1, "one association at the target",
                 std::to_string(at_target.size()));
}

void associations_of_list(Session& session) {
  const Made made = make_needed(
      session, request_of(fresh(session, Method::CreateListReplica, SyncType::Snapshot)));
  const Answer& answer = made.outcome.answer;
  const std::string clause = answer.completed() ? "CLR-38" : "CLR-39";
  if (answer.completed()) {
    session.expect("CLR-38", answer.synchronizations.has_value(), "a list of associations", "NULL");
    session.expect("CLR-38", answer.synchronizations->size() == made.sources.size(),
                   "one association per source", std::to_string(answer.synchronizations->size()));
  }
  if (!answer.synchronizations) return;
  for (std::size_t i = 0; i < answer.synchronizations->size(); ++i) {
    const auto& ref = (*answer.synchronizations)[i];
    if (!ref && !answer.completed()) continue;
    const RelationshipView* view = ref ? made.outcome.after.find(*ref) : nullptr;
    session.expect(clause, view != nullptr, "associations that can be found",
                   ref ? "a reference to nothing" : "NULL");
    if (view == nullptr) continue;
    session.expect(
        clause, joins(*view, made.sources[i], made.targets[i]),
        "entry " + std::to_string(i + 1) + " to join source and target " + std::to_string(i + 1),
        "other ends");
  }
}

void association_of_group(Session& session) {
  const Made made = make_needed(
      session,
      request_of(fresh(session, Method::CreateGroupReplicaFromElements, SyncType::Snapshot)));
  const Answer& answer = made.outcome.answer;
  const std::string clause = answer.completed() ? "CGE-44" : "CGE-45";
  if (answer.completed()) {
    session.expect(clause, answer.synchronization.has_value(),
                   "a reference to the group association", "NULL");
  }
  if (!answer.synchronization) return;
  const RelationshipView* view = made.outcome.after.find(*answer.synchronization);
  session.expect(clause, view != nullptr, "an association that can be found",
                 "a reference to nothing");
  if (view == nullptr) return;
  session.expect(clause, view->relationship_class == RelationshipClass::GroupSynchronized,
                 "a GroupSynchronized", to_text(view->relationship_class));
  const bool groups = view->source_group && view->target_group &&
                      made.outcome.after.find(*view->source_group) != nullptr &&
                      made.outcome.after.find(*view->target_group) != nullptr;
  session.expect(clause, groups, "both ends to be groups that can be found", "other ends");
}

void relationship_of_volume(Session& session) {
  const Made made =
      make_needed(session, request_of(fresh(session, Method::CreateReplica, SyncType::Snapshot)));
  session.expect("MCR-02", made.pairs.front().has_value(), "a relationship between the volumes",
                 "none");
  session.expect("MCR-01", made.pairs.front()->source_element == made.sources.front(),
                 "the volume the method was called on as source", "another source");
}

}  // namespace

void add_create_answers(std::vector<Case>& cases, Method method) {
  std::vector<std::string> own;
  if (method == Method::CreateElementReplica) own = {"CER-30"};
  if (method == Method::CreateListReplica) own = {"CLR-37"};
  if (method == Method::CreateReplica) own = {"MCR-30"};
  std::vector<std::string> clauses = own;
  clauses.insert(clauses.end(), {"GEN-04", "GEN-05"});
  cases.push_back(make_case(id_of(method, "job-out"), clauses, "makes a clone and looks at Job",
                            "a job that can be found with 4096, none with 0",
                            of_kind(SyncType::Clone),
                            [=](Session& session) { job_out(session, method, own); }));
  switch (method) {
    case Method::CreateElementReplica:
      for (const SyncType kind : {SyncType::Mirror, SyncType::Snapshot, SyncType::Clone}) {
        const std::string name = kind == SyncType::Mirror     ? "mirror"
                                 : kind == SyncType::Snapshot ? "snapshot"
                                                              : "clone";
        cases.push_back(make_case(
            "CER/association-" + name, {"CER-31", "CER-32", "CER-33", "CER-50"},
            "makes a " + to_text(kind) + " and follows the association",
            "it can be found, from both ends, and joins source and replica", of_kind(kind),
            [=](Session& session) { association_of_element(session, kind); }));
      }
      return;
    case Method::CreateListReplica:
      cases.push_back(make_case("CLR/associations", {"CLR-38", "CLR-39"},
                                "copies two volumes and follows the associations",
                                "entry i joins source i and target i", of_kind(SyncType::Snapshot),
                                associations_of_list));
      return;
    case Method::CreateGroupReplicaFromElements:
      cases.push_back(make_case("CGE/association", {"CGE-44", "CGE-45"},
                                "copies two volumes as a group and follows the association",
                                "it is one between two groups", of_kind(SyncType::Snapshot),
                                association_of_group));
      return;
    default:
      cases.push_back(make_case("MCR/relationship", {"MCR-01", "MCR-02"},
                                "copies a volume and looks for the relationship",
                                "it has that volume as its source", of_kind(SyncType::Snapshot),
                                relationship_of_volume));
  }
}

}  // namespace lockstep::conformance
