// CreateVolume and ReturnToStoragePool.
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/plan.hpp"

namespace lockstep::replication {
namespace {

constexpr BlockSize kBlockSize{512};

}  // namespace

Answer answer(World& world, const CreateVolumeRequest& request) {
  constexpr Method kMethod = Method::CreateVolume;
  if (!is_storable_name(request.element_name)) return refused(kMethod, Refusal::Invalid);
  const PoolRecord* pool =
      request.pool ? world.pools.find(*request.pool) : &world.pools.begin()->second;
  if (pool == nullptr) return refused(kMethod, Refusal::NotFound);
  if (request.blocks.value == 0) return refused(kMethod, Refusal::Invalid);
  if (request.blocks.value > capacity_of(*pool->pool).value / kBlockSize.bytes) {
    return refused(kMethod, Refusal::NoSpace);
  }
  const ElementRecord* element =
      make_element(world, *pool, {request.element_name, request.blocks, kBlockSize, std::nullopt});
  if (element == nullptr) return refused(kMethod, Refusal::NoSpace);
  Answer result;
  result.target_element = element->ref;
  return result;
}

Answer answer(World& world, const ReturnToStoragePoolRequest& request) {
  constexpr Method kMethod = Method::ReturnToStoragePool;
  const ElementRecord* element = world.elements.find(request.element);
  if (element == nullptr) return refused(kMethod, Refusal::NotFound);
  // DEL-3: neither end of a relationship can be taken away from under it.
  if (is_source(world, element->id) || pair_with_target(world, element->id) != nullptr) {
    return refused(kMethod, Refusal::InUse);
  }
  remove_element(world, element->id);
  return {};
}

}  // namespace lockstep::replication
