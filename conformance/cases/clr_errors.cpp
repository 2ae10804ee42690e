// CreateListReplica when an entry cannot be copied: Stop, Continue, and what remains.
#include "conformance/cases/cases.hpp"

namespace lockstep::conformance {
namespace {

// Three entries, the middle one with a target that is too small.
struct Spoiled {
  std::vector<ElementRef> sources;
  CreateListReplicaRequest request;
};

Spoiled spoiled(Session& session, std::optional<OnError> on_error) {
  Spoiled made;
  made.sources = session.volumes(3, kSmallVolume);
  made.request.sync_type = SyncType::Clone;
  made.request.source_elements = made.sources;
  made.request.target_elements =
      std::vector{session.volume(), session.volume(kTinyVolume), session.volume()};
  if (on_error) {
    ReplicationSettingData settings;
    settings.on_group_or_list_error = on_error;
    made.request.replication_setting_data = SettingDataParameter(settings);
  }
  return made;
}

std::vector<bool> present(const Inventory& inventory, const std::vector<ElementRef>& sources) {
  std::vector<bool> made;
  for (const ElementRef& source : sources) {
    made.push_back(!relationships_of(inventory, source).empty());
  }
  return made;
}

std::string text_of(const std::vector<bool>& made) {
  std::string text;
  for (const bool one : made) text += one ? "made " : "missing ";
  return text;
}

void stop(Session& session) {
  const Spoiled list = spoiled(session, std::nullopt);
  Outcome outcome = session.perform(list.request);
  session.expect_code("CLR-46", outcome);
  const auto made = present(outcome.after, list.sources);
  session.expect("CLR-46", !made[1], "no relationship for the failing entry", text_of(made));
  session.expect("CLR-46", !made[2], "nothing after the failing entry", text_of(made));
  session.note("after Stop: " + text_of(made));
}

void go_on(Session& session) {
  const Spoiled list = spoiled(session, OnError::Continue);
  Outcome outcome = session.perform(list.request);
  session.expect_one_of("CLR-47", outcome, {0, 4, 2, 4096}, {5, 1});
  const auto made = present(outcome.after, list.sources);
  session.expect("CLR-46", !made[1], "no relationship for the failing entry", text_of(made));
  session.note("after Continue: " + text_of(made) + "with " + outcome_text(outcome));
}

// CLR-44: one replica cannot be completed, so Synchronized is not reached by all.
void some_unreachable(Session& session) {
  if (!can_wait(session, Method::CreateListReplica, SyncType::Clone, CopyState::Synchronized)) {
    session.not_supported("the provider does not wait for Synchronized");
  }
  Recipe recipe = fresh(session, Method::CreateListReplica, SyncType::Clone, kSmallVolume);
  for (const ElementRef& source : recipe.sources) session.fill(source);
  recipe.wait = CopyState::Synchronized;
  session.fault(FaultKind::SpaceExhausted);
  Outcome outcome = session.perform(request_of(recipe));
  session.expect_code("CLR-44", outcome);
}

void doubled_target(Session& session) {
  const auto sources = session.volumes(2);
  const ElementRef target = session.volume(kTinyVolume);
  CreateListReplicaRequest request;
  request.sync_type = SyncType::Clone;
  request.source_elements = sources;
  request.target_elements = std::vector{target, target};
  Outcome outcome = session.perform(request);
  session.expect_code("CLR-49", outcome);
  request.target_elements = std::vector{sources[1], target};
  outcome = session.perform(request);
  session.expect_code("CLR-49", outcome);
}

}  // namespace

void add_clr_errors(std::vector<Case>& cases) {
  Needs clone = of_kind(SyncType::Clone);
  cases.push_back(make_case("CLR/error-stops", {"CLR-46"},
                            "gives a target that is too small as the second of three",
                            "the call fails and nothing after that entry is made", clone, stop));
  cases.push_back(make_case("CLR/error-continues", {"CLR-46", "CLR-47"}, "the same with Continue",
                            "everything but that entry may be made", clone, go_on));
  cases.push_back(make_case("CLR/target-twice", {"CLR-49"},
                            "names one target twice, then a source as a target",
                            "the calls are refused", clone, doubled_target));
  clone.data = true;
  clone.faults = {FaultKind::SpaceExhausted};
  cases.push_back(make_case("CLR/wait-unreachable", {"CLR-44"},
                            "waits for Synchronized while the targets can take no data",
                            "neither 0 nor a job that succeeds", clone, some_unreachable));
}

}  // namespace lockstep::conformance
