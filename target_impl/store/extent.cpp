#include "target_impl/store/extent.hpp"

#include <new>

namespace lockstep::store::detail {

namespace {

// The content follows the header in the same allocation, on a cache line of its own.
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHeaderBytes = (sizeof(Extent) + kAlignment - 1) / kAlignment * kAlignment;

}  // namespace

Extent* Extent::make(const std::shared_ptr<Pool>& pool) noexcept {
  void* memory =
      ::operator new (kHeaderBytes + kExtentBytes, std::align_val_t{kAlignment}, std::nothrow);
  if (memory == nullptr) {
    return nullptr;
  }
  auto* extent = new (memory) Extent;
  extent->pool = pool;
  return extent;
}

void Extent::destroy(Extent* extent) noexcept {
  extent->pool->give_back(1);
  extent->~Extent();
  ::operator delete (static_cast<void*>(extent), std::align_val_t{kAlignment});
}

std::byte* Extent::data() noexcept { return reinterpret_cast<std::byte*>(this) + kHeaderBytes; }

const std::byte* Extent::data() const noexcept {
  return reinterpret_cast<const std::byte*>(this) + kHeaderBytes;
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
