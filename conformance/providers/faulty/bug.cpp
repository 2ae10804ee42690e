#include "conformance/providers/faulty/bug.hpp"

#include "model/vocab/methods.hpp"

#include <algorithm>

namespace lockstep::conformance {

std::optional<CreateParts> create_parts(Request& request) {
  CreateParts parts;
  const auto take = [&parts](auto& create) {
    parts = {&create.sync_type, &create.mode, &create.target_pool, &create.wait_for_copy_state,
             &create.replication_setting_data};
  };
  if (auto* element = std::get_if<CreateElementReplicaRequest>(&request)) {
    take(*element);
  } else if (auto* list = std::get_if<CreateListReplicaRequest>(&request)) {
    take(*list);
  } else if (auto* group = std::get_if<CreateGroupReplicaFromElementsRequest>(&request)) {
    take(*group);
  } else if (auto* volume = std::get_if<CreateReplicaRequest>(&request)) {
    parts.sync_type = &volume->sync_type;
    parts.mode = &volume->mode;
    parts.pool = &volume->target_storage_pool;
  } else {
    return std::nullopt;
  }
  return parts;
}

bool is_replica_creation(const Request& request) noexcept {
  return method_of(request) <= Method::AttachReplica;
}

std::vector<Pair> pairs_of(Provider& inner) {
  std::vector<Pair> pairs;
  const auto inventory = inner.inventory();
  if (!inventory) return pairs;
  for (const RelationshipView& view : inventory.value().relationships) {
    if (!view.source_element || !view.target_element) continue;
    pairs.push_back({*view.source_element, *view.target_element,
                     view.sync_type.value_or(SyncType::Mirror),
                     view.copy_state.value_or(CopyState::Initialized), view.ref});
  }
  return pairs;
}

void Overlay::put(const ElementRef& element, Lba first, std::span<const std::byte> data) {
  auto& blocks = blocks_[element];
  for (std::size_t at = 0; at + kBlockBytes <= data.size(); at += kBlockBytes) {
    const auto block = data.subspan(at, kBlockBytes);
    blocks[first.value + at / kBlockBytes].assign(block.begin(), block.end());
  }
}

void Overlay::forget(const ElementRef& element) { blocks_.erase(element); }

void Overlay::forget(const ElementRef& element, Lba first, std::uint64_t blocks) {
  const auto found = blocks_.find(element);
  if (found == blocks_.end()) return;
  found->second.erase(found->second.lower_bound(first.value),
                      found->second.lower_bound(first.value + blocks));
}

bool Overlay::empty(const ElementRef& element) const { return !blocks_.contains(element); }

void Overlay::apply(const ElementRef& element, Lba first, std::span<std::byte> out) const {
  const auto found = blocks_.find(element);
  if (found == blocks_.end()) return;
  const std::uint64_t limit = first.value + out.size() / kBlockBytes;
  for (auto at = found->second.lower_bound(first.value);
       at != found->second.end() && at->first < limit; ++at) {
    const std::size_t offset = static_cast<std::size_t>(at->first - first.value) * kBlockBytes;
    std::copy(at->second.begin(), at->second.end(),
              out.begin() + static_cast<std::ptrdiff_t>(offset));
  }
}

}  // namespace lockstep::conformance
