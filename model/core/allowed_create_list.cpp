// CreateListReplica (CLR).
#include "model/core/allowed_create.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

constexpr CreateClauses kListClauses{
    .method = Method::CreateListReplica,
    .sync_type_required = "CLR-01",
    .kind_supported = "CLR-02",
    .sync_type_reserved = "CLR-03",
    .sync_type_vendor = "CLR-04",
    .mode_null = "CLR-06",
    .mode_honoured = "CLR-07",
    .mode_reserved = "CLR-08",
    .access_point = "CLR-14",
    .target_null = "CLR-24",
    .goal_excluded = "CLR-29",
    .pool_excluded = "CLR-30",
    .pool_used = "CLR-31",
    .goal_used = "CLR-33",
    .settings_malformed = "CLR-36",
    .settings_honoured = "CLR-35",
    .wait_supported = "CLR-42",
    .wait_unreached = "CLR-44",
    .names_with_targets = "CLR-23",
};

void tally_names(Tally& out, const World& world, const CreateListReplicaRequest& request,
                 bool targets_given) {
  const auto& names = request.element_names;
  if (!names || names->empty()) return;
  if (targets_given) out.apply(kListClauses.names_with_targets, "0,J,5"_outcomes);
  const std::size_t sources = request.source_elements ? request.source_elements->size() : 0;
  if (names->size() > sources) out.apply("CLR-19", "0,J,5~4"_outcomes);
  std::vector<std::string> given;
  for (const auto& name : *names) {
    if (!name || name->empty()) {
      out.apply("CLR-20", "0,J,5"_outcomes);
    } else {
      given.push_back(*name);
      tally_name(out, world, *name, "CLR-21", "CLR-22");
    }
  }
  if (has_repeats(given)) out.apply("CLR-22", "0,J,5,4,6"_outcomes);
}

// An entry at fault is left out when the list is to go on after errors (CLR-46, CLR-47), so it does
// not forbid the call as long as another entry is sound.
void tally_entries(Tally& out, const World& world, const std::vector<ElementRef>& sources,
                   bool continues) {
  const auto is_at_fault = [&](const ElementRef& source) {
    Tally entry(Tally::Clauses::NotKept);
    tally_source(entry, world, source, "CLR-13");
    return entry.must_refuse();
  };
  const bool left_out = continues && std::ranges::any_of(sources, is_at_fault) &&
                        !std::ranges::all_of(sources, is_at_fault);
  if (left_out) out.apply("CLR-46", "0,J,4,2,5,6~1"_outcomes);
  for (const ElementRef& source : sources) {
    if (!left_out) tally_source(out, world, source, "CLR-13");
  }
}

void tally_sources(Tally& out, const World& world, const std::vector<ElementRef>& sources,
                   bool continues) {
  if (sources.empty()) out.apply("CLR-10", "0,5,E4,1,4"_outcomes);
  tally_entries(out, world, sources, continues);
  if (mix_classes(world, sources)) out.apply("CLR-11", "5,1~2,4"_outcomes);
  if (has_repeats(sources)) out.apply("CLR-12", "0,J,5,6,4"_outcomes);
}

void tally_targets(Tally& out, const World& world, const CreateListReplicaRequest& request) {
  const std::vector<ElementRef>& targets = *request.target_elements;
  const std::vector<ElementRef> none;
  const auto& sources = request.source_elements ? *request.source_elements : none;
  if (targets.size() != sources.size()) {
    const ReplicationSettingData* data = settings_of(request.replication_setting_data);
    const auto action = data == nullptr ? std::nullopt : data->unequal_lists_action;
    const bool relaxed =
        action == UnequalAction::SourceMayBeLarger || action == UnequalAction::TargetMayBeLarger;
    if (relaxed) {
      out.apply("CLR-26", "0,J,5~4,1,2"_outcomes);
    } else {
      out.apply("CLR-26", "5~4,1,2"_outcomes);
    }
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    tally_target(out, world, i < sources.size() ? sources[i] : ElementRef{}, targets[i], "GEN-15");
  }
  const bool also_source = std::ranges::any_of(targets, [&](const ElementRef& target) {
    return std::ranges::find(sources, target) != sources.end();
  });
  if (has_repeats(targets) || also_source) out.apply("CLR-49", "5,6,4~1"_outcomes);
}

// CLR-12, CLR-49: of entries that name the same source or target, or of one whose target is a
// source, any may be the one that does not go with the others.
bool clashes(const CreateListReplicaRequest& request, std::size_t i) {
  const std::vector<ElementRef>& sources = *request.source_elements;
  if (std::ranges::count(sources, sources[i]) > 1) return true;
  if (!request.target_elements || i >= request.target_elements->size()) return false;
  const std::vector<ElementRef>& targets = *request.target_elements;
  return std::ranges::count(targets, targets[i]) > 1 ||
         std::ranges::find(sources, targets[i]) != sources.end() ||
         std::ranges::find(targets, sources[i]) != targets.end();
}

}  // namespace

Sure is_entry_at_fault(const World& world, const CreateListReplicaRequest& request, std::size_t i) {
  const ElementRef& source = (*request.source_elements)[i];
  Tally entry(Tally::Clauses::NotKept);
  tally_source(entry, world, source, "CLR-13");
  if (request.target_elements && i < request.target_elements->size()) {
    tally_target(entry, world, source, (*request.target_elements)[i], "GEN-15");
  }
  if (entry.must_refuse()) return Sure::Yes;
  return entry.may_refuse() || clashes(request, i) ? Sure::Maybe : Sure::No;
}

bool continues_after_errors(const CreateListReplicaRequest& request) {
  const ReplicationSettingData* data = settings_of(request.replication_setting_data);
  return data != nullptr && data->on_group_or_list_error == OnError::Continue;
}

void tally(Tally& out, const World& world, const CreateListReplicaRequest& request) {
  const bool continues = continues_after_errors(request);
  tally_kind(out, world, kListClauses, request.sync_type, request.mode);
  if (!request.source_elements) {
    out.apply("CLR-09", "5,E4~1,2,4"_outcomes);
  } else {
    tally_sources(out, world, *request.source_elements, continues);
  }
  tally_access_points(out, kListClauses, request.source_access_point, request.target_access_point);
  // An empty array supplies nothing, and may be refused for it like one of another length.
  const bool targets_given = request.target_elements && !request.target_elements->empty();
  if (targets_given) {
    tally_targets(out, world, request);
  } else if (request.target_elements) {
    out.apply("CLR-26", "0,J,5~4,1,2"_outcomes);
  }
  tally_placement(out, world, kListClauses, request.target_pool, request.target_setting_goal,
                  targets_given);
  tally_names(out, world, request, targets_given);
  tally_settings(out, kListClauses, request.replication_setting_data, targets_given);
  tally_wait(out, world, kListClauses, request.sync_type, request.mode,
             request.wait_for_copy_state);
  if (continues) out.apply("CLR-47", "0,J,4,2"_outcomes);
}

}  // namespace lockstep::model
