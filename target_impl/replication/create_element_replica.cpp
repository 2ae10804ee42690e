// CreateElementReplica (CER).
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/plan.hpp"

namespace lockstep::replication {

Answer answer(World& world, const CreateElementReplicaRequest& request) {
  constexpr Method kMethod = Method::CreateElementReplica;
  const auto planned =
      checked_plan(world, {kMethod, request.sync_type, request.mode, request.source_access_point,
                           request.target_access_point, request.replication_setting_data,
                           request.target_setting_goal, request.target_pool,
                           request.wait_for_copy_state, request.target_element.has_value()});
  if (const auto* refusal = std::get_if<Refusal>(&planned))
    return refused(world, kMethod, *refusal);
  const Plan& plan = std::get<Plan>(planned);
  if (!request.source_element) return refused(world, kMethod, Refusal::Invalid);

  Slot slot;
  slot.name = request.element_name;
  const auto source = checked_source(world, *request.source_element);
  if (const auto* refusal = std::get_if<Refusal>(&source)) return refused(world, kMethod, *refusal);
  slot.source = std::get<const ElementRecord*>(source);
  if (request.target_element) {
    const auto target = checked_target(world, *request.target_element, *slot.source);
    if (const auto* refusal = std::get_if<Refusal>(&target))
      return refused(world, kMethod, *refusal);
    slot.target = std::get<const ElementRecord*>(target);
  }

  if (const auto refusal = check_name(world, slot)) return refused(world, kMethod, *refusal);
  if (!slot.name && !world.freedom.names_new_elements) slot.name = "";

  Pairs pairs;
  if (const auto refusal = form_pairs(world, plan, {slot}, pairs)) {
    return refused(world, kMethod, *refusal);
  }
  const ElementRef target = world.elements.find(pairs.front()->target)->ref;
  const RelationshipRef relationship = pairs.front()->ref;
  Answer result = begin(world, plan, {slot}, pairs);
  if (result.accepted()) {
    rename_targets(world, {slot});
    result.target_element = target;
    result.synchronization = relationship;
  }
  return result;
}

}  // namespace lockstep::replication
