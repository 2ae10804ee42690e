#include "target_impl/replication/plan.hpp"

#include "target_impl/reference.hpp"
#include "target_impl/replication/elements.hpp"

namespace lockstep::replication {
namespace {

bool known_access_point(const std::optional<AccessPointRef>& ref) {
  return !ref || *ref == reference_well_known().local_access_point;
}

std::optional<std::size_t> named_peer(const World& world, const SharedParameters& parameters) {
  if (!parameters.target_access_point) return std::nullopt;
  return world.peers.find(*parameters.target_access_point);
}

// NULL, reserved and malformed parameters, and pairs of them that exclude each other.
std::optional<Refusal> check_form(const World& world, const SharedParameters& parameters) {
  if (!parameters.sync_type) return Refusal::Invalid;
  if (const auto refusal = check_kind(parameters.method, *parameters.sync_type, parameters.mode)) {
    return refusal;
  }
  if (parameters.wait && !is_awaitable(*parameters.wait)) return Refusal::Invalid;
  // CER-18, CER-19 and their like: what a new target is to be like, with a target given.
  if (parameters.target_given && (parameters.goal || parameters.pool)) return Refusal::Invalid;
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

std::optional<Refusal> check_kind(Method method, SyncType sync_type,
                                  std::optional<Mode> mode) noexcept {
  constexpr SchemaLevel kLevel = SchemaLevel::Cim241;
  const auto refusal_of = [](ValueClass value_class) -> std::optional<Refusal> {
    if (value_class == ValueClass::Defined) return std::nullopt;
    return value_class == ValueClass::Vendor ? Refusal::NotSupported : Refusal::Invalid;
  };
  if (const auto refusal = refusal_of(classify(method, kLevel, sync_type))) return refusal;
  if (!mode) return std::nullopt;
  if (const auto refusal = refusal_of(classify(method, kLevel, *mode))) return refusal;
  if (*mode == Mode::Adaptive && sync_type != SyncType::Mirror) return Refusal::NotSupported;
  return std::nullopt;
}

Mode effective_mode(SyncType sync_type, std::optional<Mode> mode) noexcept {
  if (mode) return *mode;
  return sync_type == SyncType::Mirror ? Mode::Synchronous : Mode::Asynchronous;
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
  const auto settings =
      effective_settings(parameters.settings, *parameters.sync_type, parameters.target_given);
  if (!settings) return Refusal::Invalid;
  Plan plan;
  plan.method = parameters.method;
  plan.sync_type = *parameters.sync_type;
  plan.mode = effective_mode(plan.sync_type, parameters.mode);
  plan.settings = *settings;
  plan.wait = parameters.wait.value_or(CopyState::Synchronized);
  plan.goal = parameters.goal;
  plan.peer = named_peer(world, parameters);
  if (parameters.pool) {
    plan.pool = world.pools.find(*parameters.pool);
    if (plan.pool == nullptr) return Refusal::NotFound;
  }
  return plan;
}

Checked<const ElementRecord*> checked_source(World& world, const ElementRef& ref) {
  const ElementRecord* source = world.elements.find(ref);
  if (source == nullptr) return Refusal::NotFound;
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
