// Every one of the 65,536 values of SyncType, Mode, WaitForCopyState and CopyType, for each method
// that takes it, judged by the oracle's allowed set. Where every call crosses a wire, the values
// around every limit and a sample of the others.
//
// The rest of the request is good, so that a value that must be refused is refused for its own
// sake. What is accepted is removed at once.
#include "conformance/cases/cases.hpp"
#include "model/vocab/names.hpp"

#include <map>
#include <set>

namespace lockstep::conformance {
namespace {

using Spoil = std::function<void(Request&, std::uint16_t)>;

// In ascending order. The limits are those of the defined, the reserved and the vendor's ranges.
std::vector<std::uint16_t> values_to_try(std::uint32_t count, std::uint64_t seed) {
  constexpr std::uint32_t kAll = 65'536;
  constexpr std::uint32_t kDefinedAndMore = 64;  // no enumeration defines more than 26
  constexpr std::uint32_t kAroundLimit = 8;
  std::set<std::uint16_t> values;
  const auto add_range = [&](std::uint32_t first, std::uint32_t number) {
    for (std::uint32_t i = 0; i < number; ++i) {
      values.insert(static_cast<std::uint16_t>(first + i));
    }
  };
  if (count >= kAll) {
    add_range(0, kAll);
  } else {
    add_range(0, kDefinedAndMore);
    for (const std::uint32_t limit : {0x1000U, 0x8000U}) {
      add_range(limit - kAroundLimit, 2 * kAroundLimit);
    }
    add_range(kAll - kAroundLimit, kAroundLimit);
    std::uint64_t state = seed;
    while (values.size() < count) {
      state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
      values.insert(static_cast<std::uint16_t>(state >> 48U));
    }
  }
  return {values.begin(), values.end()};
}

// The request is built anew after one was accepted, because its volumes are gone.
void sweep(Session& session, const std::function<Request()>& build, const Spoil& spoil) {
  Request request = build();
  std::map<std::string, std::uint64_t> answers;
  const auto values = values_to_try(session.sweep_values(), session.seed());
  for (const std::uint16_t value : values) {
    spoil(request, value);
    const Outcome outcome = session.probe(request);
    ++answers[code_text(outcome.answer)];
    if (outcome.accepted()) {
      session.remove_made();
      request = build();
    }
  }
  std::string summary = std::to_string(values.size()) + " of 65536 values:";
  for (const auto& [answer, count] : answers) {
    summary += " " + std::to_string(count) + " x " + answer + ",";
  }
  summary.back() = '.';
  session.note(summary);
}

SyncType cheapest_kind(Session& session) {
  for (const SyncType kind : {SyncType::Snapshot, SyncType::Clone, SyncType::Mirror}) {
    if (session.capabilities().supports(kind)) return kind;
  }
  session.not_testable("the provider makes no replicas");
}

void add(std::vector<Case>& cases, Method method, const std::string& parameter,
         const std::string& slug, std::vector<std::string> clauses, const Spoil& spoil) {
  const auto run = [=](Session& session) {
    const SyncType kind = cheapest_kind(session);
    sweep(
        session, [&] { return request_of(fresh(session, method, kind, kTinyVolume)); }, spoil);
  };
  cases.push_back(make_case(id_of(method, slug + "-sweep"), clauses,
                            "tries the 65,536 values of " + parameter,
                            "every answer is one that the oracle allows for that value", {}, run));
}

// A relationship to modify; made anew when the operation has changed or ended it.
Request modify_request(Session& session, Method method, SyncType kind) {
  Recipe recipe = fresh(session, Method::CreateElementReplica, kind);
  const Made made = make_needed(session, request_of(recipe));
  if (!made.pairs.front()) session.not_testable("the relationship ended by itself");
  const RelationshipRef relationship = made.pairs.front()->ref;
  if (method == Method::ModifyListSynchronization) {
    ModifyListSynchronizationRequest request;
    request.operation = Operation::Deactivate;
    request.synchronizations = std::vector{relationship};
    return request;
  }
  ModifyReplicaSynchronizationRequest request;
  request.operation = Operation::Deactivate;
  request.synchronization = relationship;
  return request;
}

void add_modify_wait(std::vector<Case>& cases, Method method, const std::string& clause) {
  Needs needs = of_kind(SyncType::Snapshot);
  needs.methods = {Method::CreateElementReplica};
  cases.push_back(make_case(
      id_of(method, "wait-sweep"), {clause},
      "tries the 65,536 values of WaitForCopyState with a Deactivate",
      "every answer is one that the oracle allows for that value", needs, [=](Session& session) {
        sweep(
            session, [&] { return modify_request(session, method, SyncType::Snapshot); },
            [](Request& request, std::uint16_t value) {
              set_wait(request, static_cast<CopyState>(value));
            });
      }));
}

}  // namespace

void add_sweeps(std::vector<Case>& cases, Method method) {
  const auto numbers = [&](std::vector<int> list) {
    std::vector<std::string> clauses;
    for (const int number : list) clauses.push_back(clause_of(method, number));
    return clauses;
  };
  const bool volume = method == Method::CreateReplica;
  const Spoil sync_type = [](Request& request, std::uint16_t value) {
    set_sync_type(request, static_cast<SyncType>(value));
  };
  const Spoil mode = [](Request& request, std::uint16_t value) {
    set_mode(request, static_cast<Mode>(value));
  };
  add(cases, method, "SyncType", "sync-type", volume ? numbers({3, 4, 5}) : numbers({2, 3, 4}),
      sync_type);
  add(cases, method, "Mode", "mode", volume ? numbers({8, 9}) : numbers({7, 8}), mode);
  if (volume) return;
  const int wait_number = method == Method::CreateElementReplica ? 35
                          : method == Method::CreateListReplica  ? 42
                                                                 : 50;
  add(cases, method, "WaitForCopyState", "wait", numbers({wait_number}),
      [](Request& request, std::uint16_t value) {
        set_wait(request, static_cast<CopyState>(value));
      });
}

void add_attach_sweep(std::vector<Case>& cases) {
  cases.push_back(make_case(
      "ATT/copy-type-sweep", {"ATT-06", "ATT-07", "ATT-08"}, "tries the 65,536 values of CopyType",
      "every answer is one that the oracle allows for that value", {}, [](Session& session) {
        sweep(
            session,
            [&] {
              const auto both = session.volumes(2);
              AttachReplicaRequest request;
              request.source_element = both[0];
              request.target_element = both[1];
              return Request(request);
            },
            [](Request& request, std::uint16_t value) {
              std::get<AttachReplicaRequest>(request).copy_type = static_cast<CopyType>(value);
            });
      }));
}

void add_modify_sweeps(std::vector<Case>& cases) {
  add_modify_wait(cases, Method::ModifyReplicaSynchronization, "MRS-07");
  add_modify_wait(cases, Method::ModifyListSynchronization, "MLS-10");
}

}  // namespace lockstep::conformance
