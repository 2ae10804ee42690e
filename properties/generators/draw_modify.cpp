#include "model/vocab/names.hpp"
#include "properties/generators/draw_command.hpp"

#include <algorithm>

namespace lockstep::properties {
namespace {

ReplicationKind kind_of(const PlannedRelationship& planned) {
  return ReplicationKind{planned.sync_type, planned.mode, Locality::Local};
}

std::vector<lockstep::Operation> listed_operations(const Drawing& with,
                                                   const PlannedRelationship& planned) {
  const auto& all = with.world.capabilities.operations;
  const auto found = all.find(kind_of(planned));
  if (found == all.end()) return {};
  return std::vector<lockstep::Operation>(found->second.begin(), found->second.end());
}

bool ends_it(lockstep::Operation operation) {
  return operation == lockstep::Operation::Detach || operation == lockstep::Operation::Dissolve ||
         operation == lockstep::Operation::ReturnToResourcePool;
}

// What takes away or changes what the create promised: the judge holds a create to its promises
// until its job has ended, so these come after that.
bool undoes_creation(std::uint16_t operation) {
  switch (static_cast<lockstep::Operation>(operation)) {
    case lockstep::Operation::Detach:
    case lockstep::Operation::Dissolve:
    case lockstep::Operation::ReturnToResourcePool:
    case lockstep::Operation::ReverseRoles:
    case lockstep::Operation::Failover:
    case lockstep::Operation::ResetToSync:
    case lockstep::Operation::ResetToAsync:
    case lockstep::Operation::ResetToAdaptive:
      return true;
    default:
      return false;
  }
}

// What an operation is asked of: mostly a relationship as it was made, now and then a single pair
// of a group, which has as good a right to it.
const PlannedRelationship& draw_relationship(Drawing& with) {
  constexpr std::uint64_t kWholePercent = 65;
  std::vector<const PlannedRelationship*> list;
  const bool whole = with.draws.chance(kWholePercent);
  for (const PlannedRelationship& planned : with.plan.relationships()) {
    if (!whole || !planned.pair_of) list.push_back(&planned);
  }
  return list.empty() ? with.draws.pick(with.plan.relationships()) : *with.draws.pick(list);
}

// Mostly what leads somewhere from the planned state; endings are rarer than their share.
std::optional<std::uint16_t> draw_operation(Drawing& with, const PlannedRelationship& planned) {
  if (with.draws.chance(with.swarm.invalid_percent / 4)) {
    const std::vector<std::uint16_t> wrong = {0, 1, 26, 100, 32767, 32768};
    return with.draws.pick(wrong);
  }
  if (with.draws.chance(with.swarm.wild_percent)) {
    const auto all = all_values<lockstep::Operation>();
    return number_of(all[static_cast<std::size_t>(with.draws.below(all.size()))]);
  }
  std::vector<lockstep::Operation> fit;
  for (const lockstep::Operation operation : listed_operations(with, planned)) {
    const auto event = machine::event_of(operation);
    if (!event) continue;
    if (!preferred_step(planned.sync_type, planned.mode, planned.place, *event)) continue;
    fit.push_back(operation);
  }
  if (fit.empty()) return std::nullopt;
  // What has come apart shows best what bringing it together is worth.
  constexpr std::uint64_t kRestorePercent = 40;
  const auto restore = std::find(fit.begin(), fit.end(), lockstep::Operation::RestoreFromReplica);
  if (planned.apart && restore != fit.end() && with.draws.chance(kRestorePercent)) {
    return number_of(*restore);
  }
  const lockstep::Operation first = with.draws.pick(fit);
  return number_of(ends_it(first) ? with.draws.pick(fit) : first);
}

// A wait for the state where the operation prefers to arrive.
std::optional<std::uint16_t> draw_wait(Drawing& with, Method method,
                                       const PlannedRelationship& planned,
                                       std::uint16_t operation) {
  if (!with.draws.chance(with.swarm.wait_percent)) return std::nullopt;
  const auto event = machine::event_of(static_cast<lockstep::Operation>(operation));
  if (!event) return std::nullopt;
  const auto next = preferred_step(planned.sync_type, planned.mode, planned.place, *event);
  if (!next || next->to == machine::kNowhere) return std::nullopt;
  const auto& all = with.world.capabilities.wait_for_copy_states;
  const auto states = all.find({method, kind_of(planned)});
  if (states == all.end() || !states->second.contains(*next->to)) return std::nullopt;
  return number_of(*next->to);
}

}  // namespace

std::optional<Command> draw_modify(Drawing& with, bool as_list) {
  const Method method =
      as_list ? Method::ModifyListSynchronization : Method::ModifyReplicaSynchronization;
  if (!with.world.capabilities.methods.contains(method)) return std::nullopt;
  if (with.plan.relationships().empty()) return std::nullopt;
  const PlannedRelationship& chosen = draw_relationship(with);
  const auto operation = draw_operation(with, chosen);
  if (!operation) return std::nullopt;
  if (chosen.job && undoes_creation(*operation)) return AwaitJob{*chosen.job};

  Modify op;
  op.as_list = as_list;
  op.operation = operation;
  op.relationships = {chosen.handle};
  if (as_list) {
    for (const PlannedRelationship& other : with.plan.relationships()) {
      if (other.job && undoes_creation(*operation)) continue;
      const bool alike = other.sync_type == chosen.sync_type && other.mode == chosen.mode &&
                         other.group == chosen.group;
      const bool mix = with.draws.chance(with.swarm.invalid_percent / 2);
      if (other.handle != chosen.handle && (alike || mix) && with.draws.chance(70)) {
        op.relationships.push_back(other.handle);
      }
    }
  }
  op.wait = draw_wait(with, method, chosen, *operation);
  if (with.draws.chance(25)) op.force = with.draws.chance(70);
  if (with.world.capabilities.asynchronous_actions.contains(method)) {
    op.made_job = with.plan.fresh(HandleKind::Job);
  }
  op.meanwhile = draw_meanwhile(with);
  return op;
}

}  // namespace lockstep::properties
