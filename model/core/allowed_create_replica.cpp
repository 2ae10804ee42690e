// CreateReplica of MSFT_SMStorageVolume (MCR).
#include "model/core/allowed_create.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

void tally_mcr_kind(Tally& out, const World& world, const CreateReplicaRequest& request) {
  const Capabilities& capabilities = world.capabilities;
  if (!request.sync_type) {
    out.apply("MCR-03", "5,E4~1,2,4"_outcomes);
  } else {
    switch (classify(Method::CreateReplica, capabilities.level, *request.sync_type)) {
      case ValueClass::Defined:
        if (!capabilities.supports(*request.sync_type)) {
          out.apply("MCR-03", "1,5~2,4"_outcomes);
        }
        break;
      case ValueClass::Reserved:
        out.apply("MCR-04", "1,5~2,4"_outcomes);
        break;
      case ValueClass::Vendor:
        out.apply("MCR-05", "0,J,1,5~2,4"_outcomes);
        break;
    }
  }
  if (!request.mode) {
    out.apply("MCR-07", "0,J"_outcomes);
    return;
  }
  switch (classify(Method::CreateReplica, capabilities.level, *request.mode)) {
    case ValueClass::Defined:
      out.apply("MCR-08", "0,J,1,5~2,4"_outcomes);
      break;
    case ValueClass::Reserved:
      out.apply("MCR-09", "1,5~2,4"_outcomes);
      break;
    case ValueClass::Vendor:
      out.apply("MCR-09", "0,J,1,5~2,4"_outcomes);
      break;
  }
}

void tally_mcr_source(Tally& out, const World& world, const ElementRef& source) {
  apply_if(out, negated(world.exists(source)), "MCR-01", "E4,E6,8,5~4,1,2"_outcomes);
  const ElementView* view = world.element(source);
  if (view == nullptr) return;
  if (view->element_class != ElementClass::StorageVolume) {
    // The class has no such method.
    out.apply("MCR-01", "E4,E6,E16,E17,8,5,1~4,2"_outcomes);
    return;
  }
  const Sure multihop = world.is_target(source);
  if (multihop != Sure::No) {
    if (world.capabilities.has(Feature::MultihopElementReplication)) {
      out.apply("CER-47", "0,J,1,5,4,2"_outcomes);
    } else {
      apply_if(out, multihop, "CER-47", "1,5,4,2"_outcomes);
    }
  }
  if (world.worked_on(source)) out.apply("MCR-35", "0,J,4,2,5~8,1"_outcomes);
}

void tally_mcr_target(Tally& out, const World& world, const CreateReplicaRequest& request) {
  const ElementRef& target = *request.target_storage_volume;
  if (request.source == target) out.apply("CER-44", "5,4,1"_outcomes);
  apply_if(out, negated(world.exists(target)), "MCR-17", "8,5~4,2,E6"_outcomes);
  const ElementView* view = world.element(target);
  if (view != nullptr && view->element_class != ElementClass::StorageVolume) {
    out.apply("MCR-17", "8,5,1~4,2,E6"_outcomes);
  }
  apply_if(out, world.is_target(target), "MCR-35", "5,4,2~8,1"_outcomes);
  if (world.is_source(target) != Sure::No) out.apply("MCR-35", "0,J,5,4,2~8,1"_outcomes);
  const ElementView* source_view = world.element(request.source);
  if (view != nullptr && source_view != nullptr &&
      view->element_class == ElementClass::StorageVolume) {
    const auto wanted = bytes_of(source_view->blocks, source_view->block_size);
    const auto offered = bytes_of(view->blocks, view->block_size);
    if (offered < wanted) {
      out.apply("CER-45", "5,4~1,2,8"_outcomes);
    } else if (offered > wanted) {
      out.apply("CER-45", "0,J,5,4,1"_outcomes);
    }
  }
  if (request.target_storage_pool && world.exists(*request.target_storage_pool) != Sure::Yes) {
    out.apply("MCR-16", "0,J~8,5"_outcomes);
  }
}

void tally_mcr_settings(Tally& out, const CreateReplicaRequest& request) {
  if (!request.replication_settings) return;
  const auto supplier = request.replication_settings->target_element_supplier;
  if (!request.target_storage_volume && supplier == TargetElementSupplier::ClientMustSupply) {
    out.apply("MCR-19", "5,1,8~4,2,0,J"_outcomes);
  } else if (*request.replication_settings != ReplicationSettingData{}) {
    out.apply("MCR-26", "0,J,1,5"_outcomes);
  }
}

}  // namespace

void tally(Tally& out, const World& world, const CreateReplicaRequest& request) {
  tally_mcr_source(out, world, request.source);
  tally_mcr_kind(out, world, request);
  if (request.target_storage_system) {
    // Peers cannot be enumerated here, so the one named may be unknown.
    out.apply("MCR-14", "0,J,8,5,1~4,2,E6"_outcomes);
  } else {
    out.apply("MCR-13", "0,J,5,8,1"_outcomes);
  }
  if (request.target_storage_volume) {
    tally_mcr_target(out, world, request);
  } else if (request.target_storage_pool) {
    apply_if(out, negated(world.exists(*request.target_storage_pool)), "GEN-15",
             "8,5,E6~4,1,2"_outcomes);
    out.apply("MCR-33", "0,J,40002~4,2"_outcomes);
  } else {
    out.apply("MCR-19", "0,J,5,8,1~40002"_outcomes);
  }
  const auto& objective = request.recovery_point_objective;
  if (!objective) {
    out.apply("MCR-23", "0,J,5"_outcomes);
  } else if (request.mode == Mode::Synchronous && *objective != 0) {
    out.apply("MCR-21", "0,J,5,1"_outcomes);
  } else {
    out.apply("MCR-24", "5,1,0,J"_outcomes);
  }
  tally_mcr_settings(out, request);
  out.apply("MCR-28", "0,J,40001,4,2"_outcomes);
  if (request.username.has_value() != request.password.has_value()) {
    out.apply("MCR-28", "0,J,40001,4,2,5"_outcomes);
  }
}

}  // namespace lockstep::model
