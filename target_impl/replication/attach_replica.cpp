// AttachReplica (ATT): the older numbering of the same copies (values as in ATT-06).
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/plan.hpp"

namespace lockstep::replication {
namespace {

constexpr Method kMethod = Method::AttachReplica;

Plan plan_for(const World& world, CopyType copy_type) {
  Plan plan;
  plan.method = kMethod;
  const bool mirror = copy_type == CopyType::Async || copy_type == CopyType::Sync;
  plan.sync_type = mirror ? SyncType::Mirror : SyncType::Clone;
  plan.mode = copy_type == CopyType::Sync ? Mode::Synchronous : Mode::Asynchronous;
  plan.settings = *effective_settings(world.freedom, std::nullopt, plan.sync_type, true);
  plan.detach_when_done = copy_type == CopyType::UnSyncUnAssoc;
  // A temporary association ends with its copy, so that has to begin.
  if (!plan.detach_when_done) plan.wait = world.freedom.first_state;
  return plan;
}

bool are_paired(World& world, const AttachReplicaRequest& request, CopyType copy_type) {
  const ElementRecord* source = world.elements.find(*request.source_element);
  const ElementRecord* target = world.elements.find(*request.target_element);
  if (source == nullptr || target == nullptr) return false;
  const PairRecord* pair = pair_with_target(world, target->id);
  return pair != nullptr && pair->source == source->id && pair->copy_type == copy_type;
}

}  // namespace

Answer answer(World& world, const AttachReplicaRequest& request) {
  const auto copy_type = request.copy_type ? request.copy_type : world.freedom.copy_type;
  if (!request.source_element || !request.target_element || !copy_type) {
    return refused(world, kMethod, Refusal::Invalid);
  }
  switch (classify(*copy_type)) {
    case ValueClass::Defined:
      break;
    case ValueClass::Reserved:
      return refused(world, kMethod, Refusal::Invalid);
    case ValueClass::Vendor:
      return refused(world, kMethod, Refusal::NotSupported);
  }
  if (world.freedom.withheld_copy_types.contains(*copy_type)) {
    return refused(world, kMethod, Refusal::NotSupported);
  }
  if (world.freedom.same_pair_again && are_paired(world, request, *copy_type)) return {};
  const Plan plan = plan_for(world, *copy_type);
  Slot slot;
  const auto source = checked_source(world, *request.source_element);
  if (const auto* refusal = std::get_if<Refusal>(&source)) return refused(world, kMethod, *refusal);
  slot.source = std::get<const ElementRecord*>(source);
  const auto target = checked_target(world, *request.target_element, *slot.source);
  if (const auto* refusal = std::get_if<Refusal>(&target)) return refused(world, kMethod, *refusal);
  slot.target = std::get<const ElementRecord*>(target);

  Pairs pairs;
  if (const auto refusal = form_pairs(world, plan, {slot}, pairs)) {
    return refused(world, kMethod, *refusal);
  }
  return begin(world, plan, {slot}, pairs);
}

}  // namespace lockstep::replication
