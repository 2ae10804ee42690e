// What the five methods have in common: the parameters they share, checked, and the forming of
// pairs from them.
#pragma once

#include "model/vocab/methods.hpp"
#include "model/vocab/requests.hpp"
#include "target_impl/replication/copier.hpp"
#include "target_impl/replication/refusal.hpp"
#include "target_impl/replication/world.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace lockstep::replication {

// The shared parameters as they came.
struct SharedParameters {
  Method method = Method::CreateElementReplica;
  std::optional<SyncType> sync_type;
  std::optional<Mode> mode;
  std::optional<AccessPointRef> source_access_point;
  std::optional<AccessPointRef> target_access_point;
  std::optional<SettingDataParameter> settings;
  std::optional<SettingRef> goal;
  std::optional<PoolRef> pool;
  std::optional<CopyState> wait;
  bool target_given = false;
};

struct Plan {
  Method method = Method::CreateElementReplica;
  SyncType sync_type = SyncType::Mirror;
  Mode mode = Mode::Synchronous;
  Settings settings;
  CopyState wait = CopyState::Synchronized;
  const PoolRecord* pool = nullptr;  // nullptr: where the source lies
  std::optional<SettingRef> goal;
  std::optional<std::string> relationship_name;
  bool detach_when_done = false;    // CopyType 5
  bool at_one_instant = false;      // one point in time, and arrival together
  std::optional<std::size_t> peer;  // new targets are volumes that were claimed there
};

// One pair to be: the target is made when none is given.
struct Slot {
  const ElementRecord* source = nullptr;
  const ElementRecord* target = nullptr;
  std::optional<std::string> name;  // for a new target
};

template <class T>
using Checked = std::variant<T, Refusal>;

[[nodiscard]] Checked<Plan> checked_plan(World& world, const SharedParameters& parameters);

// Whether the service makes this kind of copy.
[[nodiscard]] std::optional<Refusal> check_kind(const Freedom& freedom, Method method,
                                                SyncType sync_type,
                                                std::optional<Mode> mode) noexcept;
[[nodiscard]] Mode effective_mode(const Freedom& freedom, SyncType sync_type,
                                  std::optional<Mode> mode) noexcept;

// The name of slot `slot`, new or old: what CER-25 and CER-26 leave open.
[[nodiscard]] std::optional<Refusal> check_name(World& world, const Slot& slot);
// Existing targets get the names that were given with them, if they are to.
void rename_targets(World& world, const std::vector<Slot>& slots);

// A volume that may be a source: it exists and is no replica itself.
[[nodiscard]] Checked<const ElementRecord*> checked_source(World& world, const ElementRef& ref);
// A volume that may be overwritten as the replica of `source`.
[[nodiscard]] Checked<const ElementRecord*> checked_target(World& world, const ElementRef& ref,
                                                           const ElementRecord& source);

// Forms all pairs, or none. `pairs` is cleared first.
[[nodiscard]] std::optional<Refusal> form_pairs(World& world, const Plan& plan,
                                                const std::vector<Slot>& slots, Pairs& pairs);
// Brings the pairs under way as the plan says. The answer has its code and job. A refusal leaves
// nothing of the pairs, nor of targets that were made for them.
[[nodiscard]] Answer begin(World& world, const Plan& plan, const std::vector<Slot>& slots,
                           const Pairs& pairs);

[[nodiscard]] bool is_awaitable(CopyState state) noexcept;  // by the creating methods
[[nodiscard]] bool is_storable_name(const std::optional<std::string>& name) noexcept;

}  // namespace lockstep::replication
