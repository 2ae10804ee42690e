#include "target_impl/store/extent.hpp"

#include "target_impl/store/durable/extent_file.hpp"

#include <new>
#include <utility>

namespace lockstep::store::detail {

static_assert(sizeof(Extent) <= ExtentMemory::kHeaderBytes);

Extent* Extent::make(const std::shared_ptr<Pool>& pool) noexcept {
  if (pool->file() != nullptr) {
    DurableExtent* durable = pool->file()->make();
    if (durable != nullptr) {
      durable->pool = pool;
    }
    return durable;
  }
  const ExtentMemory::Place place = ExtentMemory::take();
  return place.header == nullptr ? nullptr : make_at(place, pool);
}

Extent* Extent::make_at(const ExtentMemory::Place& place, std::shared_ptr<Pool> pool) noexcept {
  auto* extent = new (place.header) Extent;
  extent->pool = std::move(pool);
  extent->content = place.content;
  return extent;
}

void Extent::destroy(Extent* extent) noexcept {
  extent->pool->give_back(1);
  if (extent->durable) {
    // The file lives as long as its pool, which this extent may be the last to hold.
    const std::shared_ptr<Pool> pool = std::move(extent->pool);
    pool->file()->destroy(static_cast<DurableExtent*>(extent));
    return;
  }
  destroy_uncounted(extent);
}

void Extent::destroy_uncounted(Extent* extent) noexcept {
  if (extent->backing != nullptr) {
    extent->let_backing_go();
  }
  extent->~Extent();
  ExtentMemory::give_back(extent);
}

void drop(Counted* thing, unsigned level) noexcept {
  if (thing == nullptr) {
    return;
  }
  if (level == 0) {
    static_cast<Extent*>(thing)->let_go_by_map();
    return;
  }
  if (!thing->let_go()) {
    return;
  }
  auto* node = static_cast<Node*>(thing);
  if (node->id != 0) {  // before its children, which keep the file alive
    node->file->node_gone(node->id);
  }
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

bool Supply::fill(const std::shared_ptr<Pool>& pool, std::uint64_t extents,
                  std::uint64_t replacements) noexcept {
  if (extents == 0) {
    return true;
  }
  if (!pool->reserve(extents, replacements)) {
    return false;
  }
  for (std::uint64_t made = 0; made != extents; ++made) {
    Extent* fresh = Extent::make(pool);
    if (fresh == nullptr) {
      pool->give_back_unmade(extents - made);
      while (first_ != nullptr) {
        Extent::destroy(take());
      }
      return false;
    }
    put_back(fresh);
  }
  return true;
}

void Supply::put_back(Extent* extent) noexcept {
  extent->next = first_;
  first_ = extent;
}

Extent* Supply::take() noexcept {
  Extent* taken = first_;
  first_ = taken->next;
  taken->next = nullptr;
  return taken;
}

}  // namespace lockstep::store::detail
