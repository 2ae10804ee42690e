// What the three create methods of the replication service have in common. Their clauses carry
// other numbers, so each method brings the ids.
#pragma once

#include "model/core/allowed.hpp"

#include <string>
#include <vector>

namespace lockstep::model {

struct CreateClauses {
  Method method;
  std::string_view sync_type_required;  // CER-01
  std::string_view kind_supported;      // CER-02
  std::string_view sync_type_reserved;  // CER-03
  std::string_view sync_type_vendor;    // CER-04
  std::string_view mode_null;           // CER-06
  std::string_view mode_honoured;       // CER-07
  std::string_view mode_reserved;       // CER-08
  std::string_view access_point;        // CER-12
  std::string_view target_null;         // CER-14
  std::string_view goal_excluded;       // CER-18
  std::string_view pool_excluded;       // CER-19
  std::string_view pool_used;           // CER-21
  std::string_view goal_used;           // CER-22
  std::string_view settings_malformed;  // CER-28
  std::string_view settings_honoured;   // CER-29
  std::string_view wait_supported;      // CER-35
  std::string_view wait_unreached;      // CER-42
  std::string_view names_with_targets;  // CER-26
};

void tally_kind(Tally& out, const World& world, const CreateClauses& clauses,
                const std::optional<SyncType>& sync_type, const std::optional<Mode>& mode);
// For a local element they are used, ignored or refused; and, as nothing enumerates them, one that
// was given may be unknown.
void tally_access_points(Tally& out, const CreateClauses& clauses,
                         const std::optional<AccessPointRef>& source,
                         const std::optional<AccessPointRef>& target);
void tally_wait(Tally& out, const World& world, const CreateClauses& clauses,
                const std::optional<SyncType>& sync_type, const std::optional<Mode>& mode,
                const std::optional<CopyState>& wait);
void tally_settings(Tally& out, const CreateClauses& clauses,
                    const std::optional<SettingDataParameter>& settings, bool targets_given);
// Pool and goal, with and without a supplied target.
void tally_placement(Tally& out, const World& world, const CreateClauses& clauses,
                     const std::optional<PoolRef>& pool, const std::optional<SettingRef>& goal,
                     bool targets_given);
// One source as such: exists, is a volume, multi-hop.
void tally_source(Tally& out, const World& world, const ElementRef& source,
                  std::string_view missing_clause);
// One supplied target against its source.
void tally_target(Tally& out, const World& world, const ElementRef& source,
                  const ElementRef& target, std::string_view missing_clause);
// Whether entry `i` of a list can be copied: at fault its source, or the target supplied for it,
// must be refused; maybe, when it may be.
[[nodiscard]] Sure is_entry_at_fault(const World& world, const CreateListReplicaRequest& request,
                                     std::size_t i);
// The list is to go on after an entry at fault.
[[nodiscard]] bool continues_after_errors(const CreateListReplicaRequest& request);
// The elements that are known are of more than one class.
[[nodiscard]] bool mix_classes(const World& world, const std::vector<ElementRef>& elements);
void tally_name(Tally& out, const World& world, const std::string& name, std::string_view clause,
                std::string_view duplicate_clause);

// Nothing for a plain string: such a parameter is sent as it is.
[[nodiscard]] const ReplicationSettingData* settings_of(
    const std::optional<SettingDataParameter>& parameter);
[[nodiscard]] bool looks_like_settings(const std::string& text);

}  // namespace lockstep::model
