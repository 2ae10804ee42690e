#include "target_impl/store/durable/loader.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::store::detail {

Loader::Loader(const Transaction& view, std::uint64_t slots, std::string path)
    : view_(view), path_(std::move(path)), extents_(static_cast<std::size_t>(slots)) {}

// The loader is one holder of every node. Before finish() nothing else is, and extents cannot be
// dropped like others: they have no pool yet.
Loader::~Loader() {
  for (const auto& [id, built] : nodes_) {
    if (built.node->file != nullptr) {
      drop(built.node, built.level);
    } else {
      delete built.node;
    }
  }
  for (DurableExtent* extent : extents_) {
    if (extent != nullptr && extent->pool == nullptr) {
      delete extent;
    }
  }
}

Error Loader::damaged(std::uint64_t id, const std::string& found) const {
  return config_error(path_ + ": node " + std::to_string(id) + ": expected a map node, found " +
                      found + "; restore the directory from a copy");
}

Status Loader::add(const MapRecord& record) {
  if (record.root != 0) {
    LOCKSTEP_TRY(node(record.root, record.levels));
  }
  return ok();
}

Result<Node*> Loader::node(std::uint64_t id, unsigned level) {
  if (const auto found = nodes_.find(id); found != nodes_.end()) {
    if (found->second.level != level) {
      return damaged(id, "it at two levels");
    }
    return found->second.node;
  }
  const std::string key = node_key(id);
  const auto bytes = view_.get(key);
  if (!bytes) {
    return damaged(id, "none");
  }
  const auto record = decode_node(*bytes, key);
  if (!record || record->level != level) {
    return damaged(id, record ? "one of another level" : "damaged bytes");
  }
  auto* node = new Node;
  node->saved = true;
  node->id = id;
  nodes_.emplace(id, Built{node, level});
  for (const NodeEntry& entry : record->entries) {
    Counted* child = nullptr;
    if (level == 1) {
      LOCKSTEP_TRY(child, extent(entry, id));
    } else {
      LOCKSTEP_TRY(child, this->node(entry.reference, level - 1));
      child->hold();
    }
    node->children[entry.index] = child;
    ++node->occupied;
  }
  return node;
}

Result<DurableExtent*> Loader::extent(const NodeEntry& entry, std::uint64_t id) {
  if (entry.reference >= extents_.size()) {
    return damaged(id, "slot " + std::to_string(entry.reference) + " of extents, which has " +
                           std::to_string(extents_.size()) + " (it is truncated)");
  }
  DurableExtent*& extent = extents_[static_cast<std::size_t>(entry.reference)];
  if (extent != nullptr) {
    if (extent->crc != entry.crc) {
      return damaged(id, "two checksums of one slot");
    }
    extent->hold();
    return extent;
  }
  extent = new DurableExtent;
  extent->durable = true;
  extent->slot = entry.reference;
  extent->crc = entry.crc;
  ++extent_count_;
  return extent;
}

SlotMap Loader::slots() const {
  SlotMap slots(extents_.size());
  for (std::size_t slot = 0; slot != extents_.size(); ++slot) {
    if (extents_[slot] != nullptr) {
      (void)slots.use(slot);
    }
  }
  return slots;
}

Result<std::vector<std::uint64_t>> Loader::orphans(std::uint64_t next_node) const {
  std::vector<std::uint64_t> orphans;
  std::uint64_t largest = 0;
  const bool walked = view_.for_each("N", [&](std::string_view key, Bytes) {
    const auto id = node_of(key);
    largest = std::max(largest, id.value_or(0));
    if (id && !nodes_.contains(*id)) {
      orphans.push_back(*id);
    }
    return true;
  });
  if (!walked) {
    return config_error(path_ + ": expected to read every node, found damage; restore it");
  }
  if (largest >= next_node) {
    return damaged(largest,
                   "it beyond the last that was given out, " + std::to_string(next_node - 1));
  }
  return orphans;
}

void Loader::finish(ExtentFile& file, const std::shared_ptr<Pool>& pool) {
  pool->count_loaded(extent_count_);
  for (DurableExtent* extent : extents_) {
    if (extent != nullptr) {
      extent->pool = pool;
    }
  }
  for (const auto& [id, built] : nodes_) {
    built.node->file = &file;
  }
}

ExtentMap Loader::map(const MapRecord& record) const {
  Node* top = nullptr;
  if (record.root != 0) {
    top = nodes_.at(record.root).node;
    top->hold();
  }
  return ExtentMap(top, record.levels);
}

}  // namespace lockstep::store::detail
