#include "target_impl/replication/plan.hpp"

#include "target_impl/reference.hpp"
#include "target_impl/replication/elements.hpp"

#include <algorithm>

namespace lockstep::replication {
namespace {

bool known_access_point(const std::optional<AccessPointRef>& ref) {
  return !ref || *ref == reference_well_known().local_access_point;
}

std::optional<std::size_t> named_peer(const World& world, const SharedParameters& parameters) {
  if (!parameters.target_access_point) return std::nullopt;
  return world.peers.find(*parameters.target_access_point);
}

// CER-12, CER-48.
bool shall_not_be_supplied(const Freedom& freedom, const SharedParameters& parameters) {
  if (!freedom.access_points &&
      (parameters.source_access_point || parameters.target_access_point)) {
    return true;
  }
  if (parameters.method != Method::CreateElementReplica) return false;
  return (parameters.target_given && freedom.has(Feature::TargetElementShallNotBeSupplied)) ||
         (parameters.pool && freedom.has(Feature::TargetPoolShallNotBeSupplied)) ||
         (parameters.goal && freedom.has(Feature::TargetGoalShallNotBeSupplied));
}

// NULL, reserved and malformed parameters, and pairs of them that exclude each other.
std::optional<Refusal> check_form(const World& world, const SharedParameters& parameters) {
  const Freedom& freedom = world.freedom;
  if (!parameters.sync_type) return Refusal::Invalid;
  if (const auto refusal =
          check_kind(freedom, parameters.method, *parameters.sync_type, parameters.mode)) {
    return refusal;
  }
  if (shall_not_be_supplied(freedom, parameters)) return Refusal::NotSupported;
  if (parameters.wait && !is_awaitable(*parameters.wait)) return Refusal::Invalid;
  // CER-18, CER-19 and their like: what a new target is to be like, with a target given.
  const bool pool_excluded = parameters.pool && !freedom.ignores_pool_with_target;
  if (parameters.target_given && (parameters.goal || pool_excluded)) return Refusal::Invalid;
  const bool on_peer = named_peer(world, parameters).has_value();
  if (!known_access_point(parameters.source_access_point) ||
      (!on_peer && !known_access_point(parameters.target_access_point))) {
    return Refusal::NotFound;
  }
  // An element that exists lies where it lies.
  if (on_peer && parameters.target_given) return Refusal::Invalid;
  if (parameters.goal && *parameters.goal != reference_well_known().target_setting_goal) {
    return Refusal::NotFound;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> check_kind(const Freedom& freedom, Method method, SyncType sync_type,
                                  std::optional<Mode> mode) noexcept {
  const auto refusal_of = [](ValueClass value_class) -> std::optional<Refusal> {
    if (value_class == ValueClass::Defined) return std::nullopt;
    return value_class == ValueClass::Vendor ? Refusal::NotSupported : Refusal::Invalid;
  };
  if (const auto refusal = refusal_of(classify(method, freedom.level, sync_type))) return refusal;
  if (freedom.withheld_kinds.contains(sync_type)) return Refusal::NotSupported;
  if (!mode) return std::nullopt;
  if (const auto refusal = refusal_of(classify(method, freedom.level, *mode))) return refusal;
  if (*mode == Mode::Adaptive && sync_type != SyncType::Mirror) return Refusal::NotSupported;
  if (freedom.withheld_modes.contains(*mode)) return Refusal::NotSupported;
  return std::nullopt;
}

Mode effective_mode(const Freedom& freedom, SyncType sync_type, std::optional<Mode> mode) noexcept {
  if (mode) return *mode;
  return sync_type == SyncType::Mirror ? freedom.mirror_mode : freedom.copy_mode;
}

std::optional<Refusal> check_name(World& world, const Slot& slot) {
  if (!slot.name) return std::nullopt;
  if (!is_storable_name(slot.name)) return Refusal::Invalid;
  if (slot.target != nullptr && world.freedom.name_of_existing == NameOfExisting::Refused) {
    return Refusal::Invalid;
  }
  const bool taken =
      std::any_of(world.elements.begin(), world.elements.end(), [&](const auto& entry) {
        return entry.second.name == *slot.name &&
               (slot.target == nullptr || entry.second.id != slot.target->id);
      });
  return taken && !world.freedom.duplicate_names ? std::optional(Refusal::Invalid) : std::nullopt;
}

void rename_targets(World& world, const std::vector<Slot>& slots) {
  if (world.freedom.name_of_existing != NameOfExisting::Renames) return;
  for (const Slot& slot : slots) {
    if (slot.target != nullptr && slot.name)
      world.elements.find(slot.target->id)->name = *slot.name;
  }
}

bool is_awaitable(CopyState state) noexcept {
  switch (state) {
    case CopyState::Initialized:
    case CopyState::Unsynchronized:
    case CopyState::Synchronized:
    case CopyState::Inactive:
    case CopyState::Prepared:
      return true;
    default:
      return false;
  }
}

bool is_storable_name(const std::optional<std::string>& name) noexcept {
  return !name || name->size() <= kLongestName;
}

Checked<Plan> checked_plan(World& world, const SharedParameters& parameters) {
  if (const auto refusal = check_form(world, parameters)) return *refusal;
  const auto settings = effective_settings(world.freedom, parameters.settings,
                                           *parameters.sync_type, parameters.target_given);
  if (!settings) return Refusal::Invalid;
  Plan plan;
  plan.method = parameters.method;
  plan.sync_type = *parameters.sync_type;
  plan.mode = effective_mode(world.freedom, plan.sync_type, parameters.mode);
  plan.settings = *settings;
  plan.wait = parameters.wait.value_or(world.freedom.first_state);
  plan.goal = parameters.goal;
  plan.peer = named_peer(world, parameters);
  if (parameters.pool && !parameters.target_given) {
    plan.pool = world.pools.find(*parameters.pool);
    if (plan.pool == nullptr) return Refusal::NotFound;
  }
  return plan;
}

Checked<const ElementRecord*> checked_source(World& world, const ElementRef& ref) {
  const ElementRecord* source = world.elements.find(ref);
  if (source == nullptr) {
    // A pool exists, and is no source (CER-10, CLR-11).
    return world.pools.find(PoolRef{ref.path}) != nullptr ? Refusal::Invalid : Refusal::NotFound;
  }
  if (pair_with_target(world, source->id) != nullptr) return Refusal::InUse;  // CER-47
  return source;
}

Checked<const ElementRecord*> checked_target(World& world, const ElementRef& ref,
                                             const ElementRecord& source) {
  const ElementRecord* target = world.elements.find(ref);
  if (target == nullptr) return Refusal::NotFound;
  if (target->id == source.id) return Refusal::Invalid;
  if (target->volume->blocks() != source.volume->blocks() ||
      target->volume->block_size() != source.volume->block_size()) {
    return Refusal::Failed;  // CER-45; a larger one is refused too
  }
  if (pair_with_target(world, target->id) != nullptr || is_source(world, target->id)) {
    return Refusal::InUse;
  }
  return target;
}

}  // namespace lockstep::replication
