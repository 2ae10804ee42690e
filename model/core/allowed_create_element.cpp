// CreateElementReplica (CER).
#include "model/core/allowed_create.hpp"

namespace lockstep::model {
namespace {

constexpr CreateClauses kElementClauses{
    .method = Method::CreateElementReplica,
    .sync_type_required = "CER-01",
    .kind_supported = "CER-02",
    .sync_type_reserved = "CER-03",
    .sync_type_vendor = "CER-04",
    .mode_null = "CER-06",
    .mode_honoured = "CER-07",
    .mode_reserved = "CER-08",
    .access_point = "CER-12",
    .target_null = "CER-14",
    .goal_excluded = "CER-18",
    .pool_excluded = "CER-19",
    .pool_used = "CER-21",
    .goal_used = "CER-22",
    .settings_malformed = "CER-28",
    .settings_honoured = "CER-29",
    .wait_supported = "CER-35",
    .wait_unreached = "CER-42",
    .names_with_targets = "CER-26",
};

}  // namespace

void tally(Tally& out, const World& world, const CreateElementReplicaRequest& request) {
  tally_kind(out, world, kElementClauses, request.sync_type, request.mode);
  if (!request.source_element) {
    out.apply("CER-09", "5,E4~1,2,4"_outcomes);
  } else {
    tally_source(out, world, *request.source_element, "CER-10");
  }
  tally_access_points(out, kElementClauses, request.source_access_point,
                      request.target_access_point);
  const bool target_given = request.target_element.has_value();
  if (target_given) {
    if (world.capabilities.has(Feature::TargetElementShallNotBeSupplied)) {
      out.apply("CER-48", "1,5~2,4"_outcomes);
    }
    tally_target(out, world, request.source_element.value_or(ElementRef{}), *request.target_element,
                 "GEN-15");
  }
  tally_placement(out, world, kElementClauses, request.target_pool, request.target_setting_goal,
                  target_given);
  if (request.element_name) {
    if (target_given) {
      out.apply(kElementClauses.names_with_targets, "0,J,5~1,4"_outcomes);
    } else {
      tally_name(out, world, *request.element_name, "CER-23", "CER-25");
    }
  }
  tally_settings(out, kElementClauses, request.replication_setting_data, target_given);
  tally_wait(out, world, kElementClauses, request.sync_type, request.mode,
             request.wait_for_copy_state);
}

}  // namespace lockstep::model
