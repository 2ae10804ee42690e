#include "target_impl/store/extent.hpp"

#include "target_impl/store/extent_memory.hpp"

#include <new>

namespace lockstep::store::detail {

static_assert(sizeof(Extent) <= ExtentMemory::kHeaderBytes);

Extent* Extent::make(const std::shared_ptr<Pool>& pool) noexcept {
  const ExtentMemory::Place place = ExtentMemory::take();
  if (place.header == nullptr) {
    return nullptr;
  }
  auto* extent = new (place.header) Extent;
  extent->pool = pool;
  extent->content = place.content;
  return extent;
}

void Extent::destroy(Extent* extent) noexcept {
  extent->pool->give_back(1);
  extent->~Extent();
  ExtentMemory::give_back(extent);
}

void drop(Counted* thing, unsigned level) noexcept {
  if (thing == nullptr || !thing->let_go()) {
    return;
  }
  if (level == 0) {
    Extent::destroy(static_cast<Extent*>(thing));
    return;
  }
  auto* node = static_cast<Node*>(thing);
  for (Counted* child : node->children) {
    drop(child, level - 1);
  }
  delete node;
}

Supply::~Supply() {
  while (first_ != nullptr) {
    Extent::destroy(take());
  }
}

bool Supply::fill(const std::shared_ptr<Pool>& pool, std::uint64_t extents) noexcept {
  if (extents == 0) {
    return true;
  }
  if (!pool->reserve(extents)) {
    return false;
  }
  for (std::uint64_t made = 0; made != extents; ++made) {
    Extent* fresh = Extent::make(pool);
    if (fresh == nullptr) {
      pool->give_back(extents - made);
      while (first_ != nullptr) {
        Extent::destroy(take());
      }
      return false;
    }
    fresh->next = first_;
    first_ = fresh;
  }
  return true;
}

Extent* Supply::take() noexcept {
  Extent* taken = first_;
  first_ = taken->next;
  taken->next = nullptr;
  return taken;
}

}  // namespace lockstep::store::detail
