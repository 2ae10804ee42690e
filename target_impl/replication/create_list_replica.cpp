// CreateListReplica (CLR).
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/plan.hpp"

#include <algorithm>
#include <set>

namespace lockstep::replication {
namespace {

constexpr Method kMethod = Method::CreateListReplica;

// How many pairs the two lists make, or nothing when their lengths do not go together (CLR-26).
// Every source gets its pair (CLR-27, CLR-38): those without a target, with a new one.
std::optional<std::size_t> pair_count(const CreateListReplicaRequest& request,
                                      const Settings& settings) {
  const std::size_t sources = request.source_elements->size();
  if (!request.target_elements) return sources;
  const std::size_t targets = request.target_elements->size();
  if (sources == targets) return sources;
  const bool allowed = sources > targets
                           ? settings.unequal_lists == UnequalAction::SourceMayBeLarger
                           : settings.unequal_lists == UnequalAction::TargetMayBeLarger;
  if (!allowed || targets == 0) return std::nullopt;
  return sources;
}

Checked<Slot> checked_slot(World& world, const CreateListReplicaRequest& request, std::size_t i,
                           const std::set<Id>& targets) {
  Slot slot;
  const auto source = checked_source(world, (*request.source_elements)[i]);
  if (const auto* refusal = std::get_if<Refusal>(&source)) return *refusal;
  slot.source = std::get<const ElementRecord*>(source);
  if (request.element_names && i < request.element_names->size()) {
    slot.name = (*request.element_names)[i];
  }
  if (!is_storable_name(slot.name)) return Refusal::Invalid;
  if (!request.target_elements || i >= request.target_elements->size()) return slot;
  const auto target = checked_target(world, (*request.target_elements)[i], *slot.source);
  if (const auto* refusal = std::get_if<Refusal>(&target)) return *refusal;
  slot.target = std::get<const ElementRecord*>(target);
  // CLR-49: nothing is overwritten twice, nor while it is a source itself.
  if (targets.contains(slot.target->id)) return Refusal::Invalid;
  for (const ElementRef& other : *request.source_elements) {
    if (other == slot.target->ref) return Refusal::Invalid;
  }
  return slot;
}

// CLR-46, CLR-47: with Stop an entry at fault means that nothing is done; with Continue that it is
// left out, and that the job ends as an exception.
Checked<std::vector<Slot>> checked_slots(World& world, const CreateListReplicaRequest& request,
                                         const Settings& settings, bool& complete) {
  const auto count = pair_count(request, settings);
  if (!count || *count == 0) return Refusal::Invalid;
  std::vector<Slot> slots;
  std::set<Id> targets;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto slot = checked_slot(world, request, i, targets);
    if (const auto* refusal = std::get_if<Refusal>(&slot)) {
      if (settings.on_error == OnError::Stop) return *refusal;
      complete = false;
      continue;
    }
    slots.push_back(std::get<Slot>(slot));
    if (slots.back().target != nullptr) targets.insert(slots.back().target->id);
  }
  if (slots.empty()) return Refusal::Invalid;
  return slots;
}

}  // namespace

Answer answer(World& world, const CreateListReplicaRequest& request) {
  const auto planned =
      checked_plan(world, {kMethod, request.sync_type, request.mode, request.source_access_point,
                           request.target_access_point, request.replication_setting_data,
                           request.target_setting_goal, request.target_pool,
                           request.wait_for_copy_state, request.target_elements.has_value()});
  if (const auto* refusal = std::get_if<Refusal>(&planned)) return refused(kMethod, *refusal);
  const Plan& plan = std::get<Plan>(planned);
  if (!request.source_elements) return refused(kMethod, Refusal::Invalid);

  bool complete = true;
  const auto checked = checked_slots(world, request, plan.settings, complete);
  if (const auto* refusal = std::get_if<Refusal>(&checked)) return refused(kMethod, *refusal);
  const auto& slots = std::get<std::vector<Slot>>(checked);
  Pairs pairs;
  if (const auto refusal = form_pairs(world, plan, slots, pairs)) {
    return refused(kMethod, *refusal);
  }
  std::vector<std::optional<ElementRef>> targets;
  std::vector<std::optional<RelationshipRef>> relationships;
  for (const PairRecord* pair : pairs) {
    targets.emplace_back(world.elements.find(pair->target)->ref);
    relationships.emplace_back(pair->ref);
  }
  Answer result = begin(world, plan, slots, pairs);
  if (!result.accepted()) return result;
  if (!complete) {
    result.job = mark_incomplete(world, result.job, pairs);
    result.code = ReturnCode::JobStarted;
    return result;
  }
  result.target_elements = std::move(targets);
  result.synchronizations = std::move(relationships);
  return result;
}

}  // namespace lockstep::replication
