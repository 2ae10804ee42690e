// ModifyReplicaSynchronization and ModifyListSynchronization (MRS, MLS).
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/operations.hpp"
#include "target_impl/replication/pairs.hpp"

#include <set>
#include <utility>

namespace lockstep::replication {
namespace {

std::optional<Refusal> check_number(const World& world, Method method,
                                    const std::optional<Operation>& operation) {
  if (!operation) return Refusal::Invalid;
  switch (classify(method, world.freedom.level, *operation)) {
    case ValueClass::Defined:
      return std::nullopt;
    case ValueClass::Vendor:
      return Refusal::NotSupported;
    case ValueClass::Reserved:
      break;
  }
  return Refusal::Invalid;
}

bool is_well_formed(const World& world, const std::optional<SettingDataParameter>& settings,
                    SyncType sync_type) {
  return effective_settings(world.freedom, settings, sync_type, true).has_value();
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

// MLS-07: the entries before the first that is at fault; then the answer is a refusal.
Answer operate_on_first(World& world, const OperationRequest& request,
                        const std::vector<RelationshipRef>& refs) {
  Pairs sound;
  std::optional<Refusal> refusal;
  for (const RelationshipRef& ref : refs) {
    const Pairs entry = pairs_of(world, ref);
    refusal = check_operation(world, request, entry);
    if (refusal) break;
    sound.insert(sound.end(), entry.begin(), entry.end());
  }
  if (sound.empty()) return refused(world, request.method, *refusal);
  Answer result = operate(world, request, sound);
  if (!refusal) return result;
  abandon_job(world, result.job);
  return refused(world, request.method, *refusal);
}

}  // namespace

Answer answer(World& world, const ModifyReplicaSynchronizationRequest& request) {
  constexpr Method kMethod = Method::ModifyReplicaSynchronization;
  if (const auto refusal = check_number(world, kMethod, request.operation)) {
    return refused(world, kMethod, *refusal);
  }
  if (!request.synchronization) return refused(world, kMethod, Refusal::Invalid);
  const Pairs pairs = pairs_of(world, *request.synchronization);
  if (pairs.empty()) return refused(world, kMethod, Refusal::NotFound);
  const bool single = world.pairs.find(*request.synchronization) != nullptr;
  if (!is_well_formed(world, request.replication_setting_data, pairs.front()->sync_type)) {
    return refused(world, kMethod, Refusal::Invalid);
  }
  Answer result = operate(
      world,
      {kMethod, *request.operation, request.force.value_or(false), request.wait_for_copy_state},
      pairs);
  if (result.accepted() && *request.operation == Operation::ReverseRoles) {
    result.updated_synchronization =
        single ? pairs.front()->ref : world.group_pairs.find(pairs.front()->group)->ref;
  }
  return result;
}

Answer answer(World& world, const ModifyListSynchronizationRequest& request) {
  constexpr Method kMethod = Method::ModifyListSynchronization;
  if (const auto refusal = check_number(world, kMethod, request.operation)) {
    return refused(world, kMethod, *refusal);
  }
  if (!request.synchronizations) return refused(world, kMethod, Refusal::Invalid);
  const auto pairs = checked_list(world, *request.synchronizations);
  if (!pairs) return refused(world, kMethod, Refusal::Invalid);
  if (!is_well_formed(world, request.replication_setting_data, pairs->front()->sync_type)) {
    return refused(world, kMethod, Refusal::Invalid);
  }
  const OperationRequest operation{kMethod, *request.operation, request.force.value_or(false),
                                   request.wait_for_copy_state};
  return world.freedom.list_stop == ListStop::Nothing
             ? operate(world, operation, *pairs)
             : operate_on_first(world, operation, *request.synchronizations);
}

}  // namespace lockstep::replication
