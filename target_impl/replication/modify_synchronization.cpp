// ModifyReplicaSynchronization and ModifyListSynchronization (MRS, MLS).
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/operations.hpp"
#include "target_impl/replication/pairs.hpp"

#include <set>
#include <utility>

namespace lockstep::replication {
namespace {

std::optional<Refusal> check_operation(Method method, const std::optional<Operation>& operation) {
  if (!operation) return Refusal::Invalid;
  switch (classify(method, SchemaLevel::Cim241, *operation)) {
    case ValueClass::Defined:
      return std::nullopt;
    case ValueClass::Vendor:
      return Refusal::NotSupported;
    case ValueClass::Reserved:
      break;
  }
  return Refusal::Invalid;
}

bool is_well_formed(const std::optional<SettingDataParameter>& settings, SyncType sync_type) {
  return effective_settings(settings, sync_type, true).has_value();
}

// MLS-03 to MLS-05, MLS-11: one class, one SyncType, one Mode, nothing twice.
std::optional<Pairs> checked_list(World& world, const std::vector<RelationshipRef>& refs) {
  Pairs pairs;
  std::set<RelationshipRef> seen;
  std::set<bool> classes;
  for (const RelationshipRef& ref : refs) {
    const Pairs members = pairs_of(world, ref);
    if (members.empty() || !seen.insert(ref).second) return std::nullopt;
    classes.insert(world.pairs.find(ref) != nullptr);
    pairs.insert(pairs.end(), members.begin(), members.end());
  }
  if (pairs.empty() || classes.size() != 1) return std::nullopt;
  for (const PairRecord* pair : pairs) {
    if (pair->sync_type != pairs.front()->sync_type || pair->mode != pairs.front()->mode) {
      return std::nullopt;
    }
  }
  return pairs;
}

}  // namespace

Answer answer(World& world, const ModifyReplicaSynchronizationRequest& request) {
  constexpr Method kMethod = Method::ModifyReplicaSynchronization;
  if (const auto refusal = check_operation(kMethod, request.operation)) {
    return refused(kMethod, *refusal);
  }
  if (!request.synchronization) return refused(kMethod, Refusal::Invalid);
  const Pairs pairs = pairs_of(world, *request.synchronization);
  if (pairs.empty()) return refused(kMethod, Refusal::NotFound);
  if (!is_well_formed(request.replication_setting_data, pairs.front()->sync_type)) {
    return refused(kMethod, Refusal::Invalid);
  }
  Answer result = operate(
      world,
      {kMethod, *request.operation, request.force.value_or(false), request.wait_for_copy_state},
      pairs);
  if (result.accepted() && *request.operation == Operation::ReverseRoles) {
    result.updated_synchronization = request.synchronization;
  }
  return result;
}

Answer answer(World& world, const ModifyListSynchronizationRequest& request) {
  constexpr Method kMethod = Method::ModifyListSynchronization;
  if (const auto refusal = check_operation(kMethod, request.operation)) {
    return refused(kMethod, *refusal);
  }
  if (!request.synchronizations) return refused(kMethod, Refusal::Invalid);
  const auto pairs = checked_list(world, *request.synchronizations);
  if (!pairs) return refused(kMethod, Refusal::Invalid);
  if (!is_well_formed(request.replication_setting_data, pairs->front()->sync_type)) {
    return refused(kMethod, Refusal::Invalid);
  }
  Answer result = operate(
      world,
      {kMethod, *request.operation, request.force.value_or(false), request.wait_for_copy_state},
      *pairs);
  result.updated_synchronization.reset();  // the list method has no such parameter
  return result;
}

}  // namespace lockstep::replication
