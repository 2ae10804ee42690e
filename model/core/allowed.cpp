#include "model/core/allowed.hpp"

namespace lockstep::model {
namespace {

// Methods that are no replication action: no capability names them.
bool is_action(Method method) {
  return method != Method::CreateVolume && method != Method::ReturnToStoragePool &&
         method != Method::RequestJobStateChange;
}

bool never_a_job(Method method) {
  return method == Method::CreateGroup || method == Method::DeleteGroup ||
         method == Method::AddMembers || method == Method::RemoveMembers;
}

// GEN-09, CRG-01, DLG-05, AMB-07, RMB-07.
Outcomes successes_of(const Capabilities& capabilities, Method method) {
  if (never_a_job(method)) return "0"_outcomes;
  if (!is_action(method)) return "0,J"_outcomes;
  const bool synchronous = capabilities.synchronous_actions.contains(method);
  const bool asynchronous = capabilities.asynchronous_actions.contains(method);
  if (synchronous && !asynchronous) return "0"_outcomes;
  if (asynchronous && !synchronous) return "J"_outcomes;
  return "0,J"_outcomes;
}

bool waits(const Request& request) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.wait_for_copy_state; }) {
          return one.wait_for_copy_state.has_value();
        } else {
          return false;
        }
      },
      request);
}

void tally_method(Tally& out, const Capabilities& capabilities, Method method) {
  if (capabilities.methods.contains(method)) return;
  if (capabilities.methods.empty() || !is_action(method)) {
    out.apply("GEN-21", "0,J,1,E16,E17"_outcomes);
  } else {
    out.apply("GEN-21", "1,E16,E17~0,J,E7"_outcomes);
  }
}

// Failures that no clause about the request explains: time limits, lack of room, trouble.
void tally_circumstances(Tally& out, const World& world, const Request& request, Method method) {
  const bool must_refuse = out.must_refuse();
  if (world.in_trouble()) {
    out.apply("GEN-18", method == Method::CreateReplica ? "0,J,2,3,4,5,40002"_outcomes
                                                        : "0,J,2,3,4,5,6"_outcomes);
  }
  if (waits(request)) {
    out.apply("GEN-17", "0,J,3"_outcomes);
  } else if (!must_refuse) {
    out.apply("GEN-17", "0,J~3"_outcomes);
  }
  if (must_refuse) return;
  if (method == Method::CreateReplica) {
    out.apply("MCR-35", "0,J~2,4,40002"_outcomes);
  } else {
    out.apply("GEN-18", "0,J~2,4,6"_outcomes);
  }
}

Tally tally_of(const World& world, const Request& request, Tally::Clauses clauses) {
  const Method method = method_of(request);
  Tally out(clauses);
  std::visit([&](const auto& one) { tally(out, world, one); }, request);
  tally_method(out, world.capabilities, method);
  tally_circumstances(out, world, request, method);
  return out;
}

bool has_vendor_codes(const Request& request) {
  return method_of(request) != Method::CreateReplica;
}

}  // namespace

AllowedCodes allowed(const World& world, const Request& request) {
  return tally_of(world, request, Tally::Clauses::Kept)
      .finish(successes_of(world.capabilities, method_of(request)), has_vendor_codes(request));
}

AllowedCodes::Verdict judge_code(const World& world, const Request& request, const Answer& answer) {
  return tally_of(world, request, Tally::Clauses::NotKept)
      .judge(answer, successes_of(world.capabilities, method_of(request)),
             has_vendor_codes(request));
}

}  // namespace lockstep::model
