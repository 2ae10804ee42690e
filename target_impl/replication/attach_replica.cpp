// AttachReplica (ATT): the older numbering of the same copies (values as in ATT-06).
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/plan.hpp"

namespace lockstep::replication {
namespace {

constexpr Method kMethod = Method::AttachReplica;

Plan plan_for(CopyType copy_type) {
  Plan plan;
  plan.method = kMethod;
  const bool mirror = copy_type == CopyType::Async || copy_type == CopyType::Sync;
  plan.sync_type = mirror ? SyncType::Mirror : SyncType::Clone;
  plan.mode = copy_type == CopyType::Sync ? Mode::Synchronous : Mode::Asynchronous;
  plan.settings = *effective_settings(std::nullopt, plan.sync_type, true);
  plan.detach_when_done = copy_type == CopyType::UnSyncUnAssoc;
  return plan;
}

}  // namespace

Answer answer(World& world, const AttachReplicaRequest& request) {
  if (!request.source_element || !request.target_element || !request.copy_type) {
    return refused(kMethod, Refusal::Invalid);
  }
  switch (classify(*request.copy_type)) {
    case ValueClass::Defined:
      break;
    case ValueClass::Reserved:
      return refused(kMethod, Refusal::Invalid);
    case ValueClass::Vendor:
      return refused(kMethod, Refusal::NotSupported);
  }
  const Plan plan = plan_for(*request.copy_type);
  Slot slot;
  const auto source = checked_source(world, *request.source_element);
  if (const auto* refusal = std::get_if<Refusal>(&source)) return refused(kMethod, *refusal);
  slot.source = std::get<const ElementRecord*>(source);
  const auto target = checked_target(world, *request.target_element, *slot.source);
  if (const auto* refusal = std::get_if<Refusal>(&target)) return refused(kMethod, *refusal);
  slot.target = std::get<const ElementRecord*>(target);

  Pairs pairs;
  if (const auto refusal = form_pairs(world, plan, {slot}, pairs)) {
    return refused(kMethod, *refusal);
  }
  return begin(world, plan, {slot}, pairs);
}

}  // namespace lockstep::replication
