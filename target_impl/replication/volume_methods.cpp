// CreateVolume and ReturnToStoragePool.
#include "target_impl/replication/elements.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/pairs.hpp"
#include "target_impl/replication/plan.hpp"

#include <vector>

namespace lockstep::replication {
namespace {

constexpr BlockSize kBlockSize{512};

std::vector<Id> pairs_with(World& world, Id element) {
  std::vector<Id> found;
  for (const auto& [id, pair] : world.pairs) {
    if (pair.source == element || pair.target == element) found.push_back(id);
  }
  return found;
}

}  // namespace

Answer answer(World& world, const CreateVolumeRequest& request) {
  constexpr Method kMethod = Method::CreateVolume;
  if (!is_storable_name(request.element_name)) return refused(world, kMethod, Refusal::Invalid);
  const PoolRecord* pool =
      request.pool ? world.pools.find(*request.pool) : &world.pools.begin()->second;
  if (pool == nullptr) return refused(world, kMethod, Refusal::NotFound);
  if (request.blocks.value == 0) return refused(world, kMethod, Refusal::Invalid);
  if (request.blocks.value > capacity_of(*pool->pool).value / kBlockSize.bytes) {
    return refused(world, kMethod, Refusal::NoSpace);
  }
  const ElementRecord* element =
      make_element(world, *pool, {request.element_name, request.blocks, kBlockSize, std::nullopt});
  if (element == nullptr) return refused(world, kMethod, Refusal::NoSpace);
  Answer result;
  result.target_element = element->ref;
  return result;
}

Answer answer(World& world, const ReturnToStoragePoolRequest& request) {
  constexpr Method kMethod = Method::ReturnToStoragePool;
  const ElementRecord* element = world.elements.find(request.element);
  if (element == nullptr) return refused(world, kMethod, Refusal::NotFound);
  // DEL-3: neither end of a relationship can be taken away from under it, unless it goes along.
  const Id id = element->id;
  const std::vector<Id> ends = pairs_with(world, id);
  if (!ends.empty() && !world.freedom.deletion_ends_relationships) {
    return refused(world, kMethod, Refusal::InUse);
  }
  for (const Id pair : ends) erase_pair(world, pair);
  remove_element(world, id);
  return {};
}

}  // namespace lockstep::replication
