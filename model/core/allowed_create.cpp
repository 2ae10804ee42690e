#include "model/core/allowed_create.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

// GetSupportedWaitForCopyStates for every reported kind that the request may mean. The method
// cannot be asked about every kind (D-17): then the answer is Maybe.
Sure wait_listed(const World& world, Method method, const std::optional<SyncType>& sync_type,
                 const std::optional<Mode>& mode, CopyState wait) {
  bool listed = false;
  bool missing = false;
  bool asked = false;
  const auto& table = world.capabilities.wait_for_copy_states;
  // In the order of methods, then of SyncTypes.
  const ReplicationKind first{sync_type.value_or(SyncType{}), Mode{}, Locality{}};
  for (auto row = table.lower_bound({method, first}); row != table.end(); ++row) {
    const auto& [key, states] = *row;
    const auto& [asked_method, kind] = key;
    if (asked_method != method || (sync_type && kind.sync_type != *sync_type)) break;
    if (mode && kind.mode != *mode) continue;
    asked = true;
    (states.contains(wait) ? listed : missing) = true;
  }
  if (!asked || (listed && missing)) return Sure::Maybe;
  return certain(listed);
}

bool kind_reported(const Capabilities& capabilities, SyncType sync_type, Mode mode) {
  return std::ranges::any_of(capabilities.kinds, [&](const ReplicationKind& kind) {
    return kind.sync_type == sync_type && kind.mode == mode;
  });
}

constexpr std::size_t kLongestSureName = 64;

bool surely_storable(const std::string& name) {
  return !name.empty() && name.size() <= kLongestSureName &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

const ReplicationSettingData* settings_of(const std::optional<SettingDataParameter>& parameter) {
  return parameter ? std::get_if<ReplicationSettingData>(&*parameter) : nullptr;
}

bool looks_like_settings(const std::string& text) {
  return text.find("CIM_ReplicationSettingData") != std::string::npos;
}

void tally_kind(Tally& out, const World& world, const CreateClauses& clauses,
                const std::optional<SyncType>& sync_type, const std::optional<Mode>& mode) {
  const SchemaLevel level = world.capabilities.level;
  const bool sync_defined =
      sync_type && classify(clauses.method, level, *sync_type) == ValueClass::Defined;
  if (!sync_type) {
    out.apply(clauses.sync_type_required, "5,E4~1,2,4"_outcomes);
  } else if (sync_defined) {
    if (!world.capabilities.supports(*sync_type)) {
      out.apply(clauses.kind_supported, "1,5~2,4"_outcomes);
    } else if (*sync_type == SyncType::TokenizedClone && clauses.method != Method::CreateReplica) {
      out.apply(clauses.sync_type_reserved, "0,J,1,5"_outcomes);
    }
  } else if (classify(clauses.method, level, *sync_type) == ValueClass::Vendor) {
    out.apply(clauses.sync_type_vendor, "0,J,1,5~2,4"_outcomes);
  } else {
    out.apply(clauses.sync_type_reserved, "1,5~2,4,E4"_outcomes);
  }

  if (!mode) {
    out.apply(clauses.mode_null, "0,J"_outcomes);
    return;
  }
  switch (classify(clauses.method, level, *mode)) {
    case ValueClass::Reserved:
      out.apply(clauses.mode_reserved, "1,5~2,4,E4"_outcomes);
      break;
    case ValueClass::Vendor:
      out.apply(clauses.mode_reserved, "0,J,1,5~2,4"_outcomes);
      break;
    case ValueClass::Defined:
      if (!sync_defined || kind_reported(world.capabilities, *sync_type, *mode)) {
        out.apply(clauses.mode_honoured, "0,J,1,5~2,4"_outcomes);
      } else {
        // The combination is not reported; carrying it out contradicts the capabilities.
        out.apply(clauses.mode_honoured, "1,5~0,J,2,4"_outcomes);
      }
      break;
  }
}

void tally_access_points(Tally& out, const CreateClauses& clauses,
                         const std::optional<AccessPointRef>& source,
                         const std::optional<AccessPointRef>& target) {
  if (!source && !target) return;
  out.apply(clauses.access_point, "0,J,1,5"_outcomes);
  out.apply("GEN-15", "0,J,5,4,E6,E4~1,2"_outcomes);
}

void tally_wait(Tally& out, const World& world, const CreateClauses& clauses,
                const std::optional<SyncType>& sync_type, const std::optional<Mode>& mode,
                const std::optional<CopyState>& wait) {
  if (!wait) return;
  if (classify_wait(*wait) == ValueClass::Reserved) {
    out.apply(clauses.wait_supported, "5,1~2,4"_outcomes);
    return;
  }
  const Sure listed = wait_listed(world, clauses.method, sync_type, mode, *wait);
  apply_if(out, negated(listed), clauses.wait_supported, "5,1~2,4"_outcomes);
  // A state that is not reached in time or because of an error is reported by a failure.
  out.apply(clauses.wait_unreached, "0,J,3~4,6,2"_outcomes);
}

void tally_settings(Tally& out, const CreateClauses& clauses,
                    const std::optional<SettingDataParameter>& settings, bool targets_given) {
  if (!settings) return;
  const ReplicationSettingData* data = settings_of(settings);
  if (data == nullptr) {
    const auto& text = std::get<std::string>(*settings);
    // An instance in text form may be accepted, and an empty string may count as NULL.
    const bool malformed = !text.empty() && !looks_like_settings(text);
    if (malformed) {
      out.apply(clauses.settings_malformed, "5,E4~1,2,4"_outcomes);
    } else {
      out.apply(clauses.settings_malformed, "0,J,5,1,E4~2,4"_outcomes);
    }
    return;
  }
  if (*data == ReplicationSettingData{}) return;
  out.apply(clauses.settings_honoured, "0,J,1,5~2,4"_outcomes);
  using Supplier = TargetElementSupplier;
  const auto supplier = data->target_element_supplier;
  const bool contradicts = (!targets_given && (supplier == Supplier::ClientMustSupply ||
                                               supplier == Supplier::UseExisting)) ||
                           (targets_given && supplier == Supplier::CreateNew);
  if (contradicts) out.apply(clauses.target_null, "0,J,5,1,4"_outcomes);
}

void tally_placement(Tally& out, const World& world, const CreateClauses& clauses,
                     const std::optional<PoolRef>& pool, const std::optional<SettingRef>& goal,
                     bool targets_given) {
  const Capabilities& capabilities = world.capabilities;
  const bool element_method = clauses.method == Method::CreateElementReplica;
  if (element_method && pool && capabilities.has(Feature::TargetPoolShallNotBeSupplied)) {
    out.apply("CER-48", "1,5~2,4"_outcomes);
  }
  if (element_method && goal && capabilities.has(Feature::TargetGoalShallNotBeSupplied)) {
    out.apply("CER-48", "1,5~2,4"_outcomes);
  }
  if (targets_given) {
    if (goal) out.apply(clauses.goal_excluded, "5~1,4,2,E4,0,J"_outcomes);
    if (pool) out.apply(clauses.pool_excluded, "5~1,4,2,E4,0,J"_outcomes);
    return;
  }
  out.apply(clauses.target_null, "0,J~1,4,5"_outcomes);
  if (pool) {
    apply_if(out, negated(world.exists(*pool)), "GEN-15", "5,4,E6,E4~1,2"_outcomes);
    out.apply(clauses.pool_used, "0,J,4,5~1"_outcomes);
  }
  if (goal) {
    // Which settings exist cannot be enumerated, so that one may be unknown.
    out.apply(clauses.goal_used, "0,J,4,5,E6,E4~1,2"_outcomes);
  }
}

void tally_source(Tally& out, const World& world, const ElementRef& source,
                  std::string_view missing_clause) {
  apply_if(out, negated(world.exists(source)), missing_clause, "5,4,E6,E4~1,2"_outcomes);
  const ElementView* view = world.element(source);
  if (view == nullptr) return;
  if (view->element_class != ElementClass::StorageVolume) {
    out.apply(missing_clause, "1,5,4,E6,E4~2"_outcomes);
    return;
  }
  const Sure multihop = world.is_target(source);
  if (multihop == Sure::No) return;
  if (world.capabilities.has(Feature::MultihopElementReplication)) {
    out.apply("CER-47", "0,J,1,5,6,4"_outcomes);
  } else {
    apply_if(out, multihop, "CER-47", "1,5,6,4"_outcomes);
  }
}

void tally_target(Tally& out, const World& world, const ElementRef& source,
                  const ElementRef& target, std::string_view missing_clause) {
  if (source == target) out.apply("CER-44", "5,4,6,1"_outcomes);
  apply_if(out, negated(world.exists(target)), missing_clause, "5,4,E6,E4~1,2"_outcomes);
  const ElementView* target_view = world.element(target);
  if (target_view == nullptr) return;
  if (target_view->element_class != ElementClass::StorageVolume) {
    out.apply(missing_clause, "1,5,4,E6,E4~2"_outcomes);
    return;
  }
  apply_if(out, world.is_target(target), "CER-46", "6,5,4~1"_outcomes);
  // A target that others are copied from, or that some request works on, may be in use.
  if (world.is_source(target) != Sure::No) out.apply("GEN-18", "0,J,6,5,4,1"_outcomes);
  const ElementView* source_view = world.element(source);
  if (source_view == nullptr || source_view->element_class != ElementClass::StorageVolume) return;
  const auto source_bytes = bytes_of(source_view->blocks, source_view->block_size);
  const auto target_bytes = bytes_of(target_view->blocks, target_view->block_size);
  if (target_bytes < source_bytes) {
    out.apply("CER-45", "5,4~1,6"_outcomes);
  } else if (target_bytes > source_bytes || target_view->block_size != source_view->block_size) {
    out.apply("CER-45", "0,J,5,4,1~6"_outcomes);
  }
}

bool mix_classes(const World& world, const std::vector<ElementRef>& elements) {
  std::optional<ElementClass> first;
  return std::ranges::any_of(elements, [&](const ElementRef& element) {
    const ElementView* const view = world.element(element);
    if (view == nullptr) return false;
    if (!first) first = view->element_class;
    return view->element_class != *first;
  });
}

void tally_name(Tally& out, const World& world, const std::string& name, std::string_view clause,
                std::string_view duplicate_clause) {
  if (!surely_storable(name)) out.apply(clause, "0,J,5,4,1"_outcomes);
  if (world.name_taken(name)) out.apply(duplicate_clause, "0,J,5,4,6"_outcomes);
}

}  // namespace lockstep::model
