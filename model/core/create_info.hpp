// The five create methods seen alike: what was to be copied, to where, and how.
#pragma once

#include "model/vocab/methods.hpp"
#include "model/vocab/requests.hpp"

#include <optional>
#include <span>
#include <string>

namespace lockstep::model {

struct CreateInfo {
  Method method = Method::CreateElementReplica;
  std::optional<SyncType> sync_type;  // AttachReplica: what its CopyType corresponds to
  std::optional<Mode> mode;
  std::optional<CopyType> copy_type;
  std::optional<CopyState> wait;
  // Borrowed from the request; nullptr and empty: not given.
  std::span<const ElementRef> sources;
  std::span<const ElementRef> targets;  // supplied ones, by position
  const GroupRef* target_group = nullptr;
  const PoolRef* pool = nullptr;
  const SettingRef* goal = nullptr;
  std::span<const std::optional<std::string>> names;  // of new elements, by position
  const ReplicationSettingData* settings = nullptr;

  [[nodiscard]] bool targets_supplied() const { return !targets.empty() || target_group; }
};

// Nothing for a request that creates no relationship. Borrows from `request`.
[[nodiscard]] std::optional<CreateInfo> create_info(const Request& request);

// CER-34, CLR-41, CGE-49: the clause of the same rule for each method.
struct EffectClauses {
  std::string_view sync_type;         // CER-05
  std::string_view mode;              // CER-07
  std::string_view target_out;        // CER-15
  std::string_view target_kept;       // CER-17
  std::string_view goal_ignored;      // CER-18
  std::string_view pool_ignored;      // CER-19
  std::string_view pool;              // CER-21
  std::string_view goal;              // CER-22
  std::string_view name;              // CER-23
  std::string_view settings;          // CER-29
  std::string_view relationship_out;  // CER-31
  std::string_view ends;              // CER-33
  std::string_view wait;              // CER-34
  std::string_view first_state;       // CER-37
};
[[nodiscard]] const EffectClauses& effect_clauses(Method method) noexcept;

}  // namespace lockstep::model
