// AttachReplica (ATT).
#include "model/core/allowed_create.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

void tally_copy_type(Tally& out, const World& world, const std::optional<CopyType>& copy_type) {
  if (!copy_type) {
    out.apply("ATT-05", "5,E4,0,J~1"_outcomes);
    return;
  }
  switch (classify(*copy_type)) {
    case ValueClass::Defined:
      // An empty list says nothing: not every service shows SupportedSynchronizationType.
      if (world.capabilities.copy_types.empty()) {
        out.apply("ATT-06", "0,J,1,5~2,4"_outcomes);
      } else if (!world.capabilities.copy_types.contains(*copy_type)) {
        out.apply("ATT-06", "1,5~2,4"_outcomes);
      }
      break;
    case ValueClass::Reserved:
      out.apply("ATT-07", "1,5~2,4,E4"_outcomes);
      break;
    case ValueClass::Vendor:
      out.apply("ATT-08", "0,J,1,5"_outcomes);
      break;
  }
}

// The relationship that already joins the two, if any; and whether the target belongs to another.
void tally_existing_pair(Tally& out, const World& world, const ElementRef& source,
                         const ElementRef& target) {
  bool same_pair = false;
  for (const RelationshipView* view : world.target_of(target)) {
    const Relation* relation = world.relation(view->ref);
    same_pair = same_pair || (relation != nullptr && relation->view->source_element == source);
  }
  if (same_pair) {
    out.apply("ATT-24", "6,5,4,0,J"_outcomes);
  } else {
    apply_if(out, world.is_target(target), "ATT-23", "6,5,4~1"_outcomes);
  }
  if (world.is_source(target) != Sure::No) out.apply("GEN-18", "0,J,6,5,4,1"_outcomes);
}

void tally_pair(Tally& out, const World& world, const ElementRef& source,
                const ElementRef& target) {
  if (source == target) out.apply("ATT-21", "5,4,6,1"_outcomes);
  const ElementView* source_view = world.element(source);
  const ElementView* target_view = world.element(target);
  if (source_view == nullptr || target_view == nullptr) return;
  const bool volumes = source_view->element_class == ElementClass::StorageVolume &&
                       target_view->element_class == ElementClass::StorageVolume;
  if (!volumes) {
    out.apply("ATT-22", "5,4,1"_outcomes);
    return;
  }
  const auto wanted = bytes_of(source_view->blocks, source_view->block_size);
  const auto offered = bytes_of(target_view->blocks, target_view->block_size);
  if (offered < wanted) {
    out.apply("ATT-22", "5,4~1"_outcomes);
  } else if (offered > wanted || source_view->block_size != target_view->block_size) {
    out.apply("ATT-22", "0,J,5,4,1"_outcomes);
  }
}

}  // namespace

void tally(Tally& out, const World& world, const AttachReplicaRequest& request) {
  if (!request.source_element) {
    out.apply("ATT-02", "5,E4~1,2,4"_outcomes);
  } else {
    apply_if(out, negated(world.exists(*request.source_element)), "ATT-04",
             "5,4,E6,E4~1,2"_outcomes);
    const Sure multihop = world.is_target(*request.source_element);
    if (world.capabilities.has(Feature::MultihopElementReplication)) {
      if (multihop != Sure::No) out.apply("CER-47", "0,J,1,5,6,4"_outcomes);
    } else {
      apply_if(out, multihop, "CER-47", "1,5,6,4"_outcomes);
    }
  }
  if (!request.target_element) {
    out.apply("ATT-03", "5,E4~1,2,4"_outcomes);
  } else {
    apply_if(out, negated(world.exists(*request.target_element)), "ATT-04",
             "5,4,E6,E4~1,2"_outcomes);
  }
  if (request.source_element && request.target_element) {
    tally_pair(out, world, *request.source_element, *request.target_element);
    tally_existing_pair(out, world, *request.source_element, *request.target_element);
  }
  tally_copy_type(out, world, request.copy_type);
}

}  // namespace lockstep::model
