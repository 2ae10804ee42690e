// MSFT_SMStorageVolume.CreateReplica (MCR).
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/object_paths.hpp"
#include "target_impl/replication/plan.hpp"

#include <algorithm>

namespace lockstep::replication {
namespace {

constexpr Method kMethod = Method::CreateReplica;
constexpr std::uint16_t kStorageService = 1;

bool credentials_hold(const CreateReplicaRequest& request) {
  const ReferenceWellKnown& known = reference_well_known();
  if (!request.username && !request.password) return true;  // the configured ones (MCR-28)
  return request.username == known.username && request.password == known.password;
}

Answer with_status(const World& world, Answer answer, const char* message) {
  if (!world.freedom.extended_status) return answer;
  ExtendedStatus status;
  status.error_source = kStorageService;
  status.error_code = answer.accepted() ? 0 : static_cast<std::uint32_t>(answer.code);
  status.message = message;
  answer.extended_status = std::move(status);
  return answer;
}

// With what the peer said, where it was asked.
Answer refusal_answer(const World& world, Refusal refusal) {
  const auto& offer = world.peers.offer;
  const auto* said = offer ? std::get_if<peer::ClaimRefused>(&*offer) : nullptr;
  return with_status(
      world, refused(world, kMethod, refusal),
      said != nullptr ? said->text.c_str() : "CreateReplica was refused; nothing was changed");
}

// MCR-21 to MCR-25: 0 for a synchronous copy, whatever was asked for; never below what shipping
// takes otherwise.
std::optional<std::uint32_t> objective(const Plan& plan, const CreateReplicaRequest& request) {
  if (plan.mode != Mode::Asynchronous) return 0;
  const auto wanted = request.recovery_point_objective ? request.recovery_point_objective
                                                       : plan.settings.recovery_point_objective;
  return std::max<std::uint32_t>(wanted.value_or(1), 1);
}

Checked<Slot> checked_slot(World& world, const CreateReplicaRequest& request) {
  Slot slot;
  const auto source = checked_source(world, request.source);
  if (const auto* refusal = std::get_if<Refusal>(&source)) return *refusal;
  slot.source = std::get<const ElementRecord*>(source);
  if (!world.freedom.names_new_elements) slot.name = "";
  if (!request.target_storage_volume || world.peers.offer) return slot;
  const auto target = checked_target(world, *request.target_storage_volume, *slot.source);
  if (const auto* refusal = std::get_if<Refusal>(&target)) return *refusal;
  slot.target = std::get<const ElementRecord*>(target);
  return slot;
}

}  // namespace

Answer answer(World& world, const CreateReplicaRequest& request) {
  const auto peer = request.target_storage_system ? world.peers.find(*request.target_storage_system)
                                                  : std::nullopt;
  if (!peer && !credentials_hold(request)) return refusal_answer(world, Refusal::AccessDenied);
  SharedParameters shared;
  shared.method = kMethod;
  shared.sync_type = request.sync_type;
  shared.mode = request.mode;
  if (request.replication_settings) shared.settings = *request.replication_settings;
  shared.target_given = request.target_storage_volume.has_value();
  // MCR-15: with a volume given, the pool is ignored, even one that does not exist.
  if (!shared.target_given) shared.pool = request.target_storage_pool;
  const auto planned = checked_plan(world, shared);
  if (const auto* refusal = std::get_if<Refusal>(&planned)) return refusal_answer(world, *refusal);
  Plan plan = std::get<Plan>(planned);
  plan.peer = peer;
  if (!is_storable_name(request.element_name)) return refusal_answer(world, Refusal::Invalid);
  if (request.target_storage_system && !peer &&
      *request.target_storage_system != reference_well_known().local_peer) {
    return refusal_answer(world, Refusal::NotFound);
  }
  const auto checked = checked_slot(world, request);
  if (const auto* refusal = std::get_if<Refusal>(&checked)) return refusal_answer(world, *refusal);
  const Slot& slot = std::get<Slot>(checked);
  plan.settings.recovery_point_objective = objective(plan, request);
  plan.relationship_name = request.element_name;

  Pairs pairs;
  if (const auto refusal = form_pairs(world, plan, {slot}, pairs)) {
    return refusal_answer(world, *refusal);
  }
  const ElementRef target = world.elements.find(pairs.front()->target)->ref;
  Answer result = begin(world, plan, {slot}, pairs);
  if (!result.accepted()) return with_status(world, std::move(result), "no space for the replica");
  result.target_element = target;
  result.target_replica_peer = volume_peer_path(target);
  return with_status(world, std::move(result), "the replica is under way");
}

}  // namespace lockstep::replication
