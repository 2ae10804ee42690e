// ReplicationSettingData of the create methods: defaults, malformed instances, overrides.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::conformance {
namespace {

struct Numbers {
  int omitted;
  int malformed;  // 0: the parameter is an object and cannot be malformed
  int applied;    // 0: no such clause
};

Numbers numbers_of(Method method) {
  switch (method) {
    case Method::CreateElementReplica:
      return {27, 28, 29};
    case Method::CreateListReplica:
      return {34, 36, 35};
    case Method::CreateGroupReplicaFromElements:
      return {40, 41, 0};
    default:
      return {26, 0, 0};
  }
}

void omitted(Session& session, Method method) {
  // Twice, because defaults are only defaults if they are the same each time.
  std::optional<RelationshipView> first;
  for (int i = 0; i < 2; ++i) {
    Made made = make(session, request_of(fresh(session, method, SyncType::Snapshot)));
    session.expect_code(clause_of(method, numbers_of(method).omitted), made.outcome);
    if (made.pairs.empty() || !made.pairs.front()) return;
    const RelationshipView& view = *made.pairs.front();
    if (first) {
      const bool same = first->copy_priority == view.copy_priority &&
                        first->copy_recovery_mode == view.copy_recovery_mode &&
                        first->failed_copy_stops_host_io == view.failed_copy_stops_host_io &&
                        first->read_only == view.read_only;
      session.expect(clause_of(method, numbers_of(method).omitted), same,
                     "the same defaults each time", "others the second time");
    }
    first = view;
  }
}

void malformed(Session& session, Method method) {
  const Recipe good = fresh(session, method, SyncType::Snapshot);
  for (const char* text :
       {"this is no instance", "instance of CIM_StorageSetting { };", "<INSTANCE", "{}"}) {
    Request request = request_of(good);
    set_settings(request, SettingDataParameter(std::string(text)));
    Outcome outcome = session.perform(request);
    session.expect_code(clause_of(method, numbers_of(method).malformed), outcome);
  }
}

ReplicationSettingData unusual() {
  ReplicationSettingData data;
  data.copy_priority = CopyPriority::High;
  data.copy_recovery_mode = CopyRecoveryMode::Manual;
  data.failed_copy_stops_host_io = true;
  return data;
}

void applied(Session& session, Method method) {
  const std::string clause = clause_of(method, numbers_of(method).applied);
  Request request = request_of(fresh(session, method, SyncType::Mirror));
  set_settings(request, SettingDataParameter(unusual()));
  Made made = make(session, request);
  if (method == Method::CreateElementReplica) session.expect_code(clause, made.outcome);
  if (!made.outcome.succeeded()) {
    session.note("setting data are refused: " + outcome_text(made.outcome));
    return;
  }
  const ReplicationSettingData wanted = unusual();
  for (const auto& pair : made.pairs) {
    if (!pair) continue;
    session.expect(clause, pair->copy_priority == wanted.copy_priority, "CopyPriority High",
                   pair->copy_priority ? to_text(*pair->copy_priority) : "NULL");
    session.expect(clause, pair->copy_recovery_mode == wanted.copy_recovery_mode,
                   "CopyRecoveryMode Manual",
                   pair->copy_recovery_mode ? to_text(*pair->copy_recovery_mode) : "NULL");
    session.expect(clause, pair->failed_copy_stops_host_io == wanted.failed_copy_stops_host_io,
                   "FailedCopyStopsHostIO true", "another value");
  }
}

}  // namespace

void add_create_settings(std::vector<Case>& cases, Method method) {
  const Numbers numbers = numbers_of(method);
  cases.push_back(make_case(id_of(method, "settings-omitted"), {clause_of(method, numbers.omitted)},
                            "copies twice without setting data",
                            "the defaults apply, the same both times", of_kind(SyncType::Snapshot),
                            [=](Session& session) { omitted(session, method); }));
  if (numbers.malformed != 0) {
    cases.push_back(make_case(
        id_of(method, "settings-malformed"), {clause_of(method, numbers.malformed)},
        "gives strings that are no embedded instance of the setting class", "each call is refused",
        of_kind(SyncType::Snapshot), [=](Session& session) { malformed(session, method); }));
  }
  if (numbers.applied != 0) {
    cases.push_back(
        make_case(id_of(method, "settings-applied"), {clause_of(method, numbers.applied)},
                  "gives a priority, a recovery mode and a stop rule of its own",
                  "every association shows them, or the call is refused", of_kind(SyncType::Mirror),
                  [=](Session& session) { applied(session, method); }));
  }
}

}  // namespace lockstep::conformance
