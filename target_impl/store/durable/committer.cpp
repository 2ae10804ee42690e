#include "target_impl/store/durable/committer.hpp"

#include <algorithm>
#include <cerrno>

namespace lockstep::store::detail {

Committer::Committer(Metadata& metadata, ExtentFile& file, StoreRecord record)
    : metadata_(metadata), file_(file), record_(record) {}

// Below a saved node everything is saved.
void Committer::collect(Counted* thing, unsigned level) {
  if (thing == nullptr) {
    return;
  }
  if (level == 0) {
    auto* extent = static_cast<Extent*>(thing);
    if (!extent->durable || extent->pool->file() != &file_) {
      foreign_ = true;
      return;
    }
    auto* durable = static_cast<DurableExtent*>(extent);
    if (durable->slot == 0 && std::exchange(durable->commit_mark, mark_) != mark_) {
      extents_.push_back(durable);
    }
    return;
  }
  auto* node = static_cast<Node*>(thing);
  if (node->saved || std::exchange(node->commit_mark, mark_) == mark_) {
    return;
  }
  for (Counted* child : node->children) {
    collect(child, level - 1);
  }
  nodes_.emplace_back(node, level);
}

int Committer::put_node(Transaction& transaction, Node& node, unsigned level) {
  node_.level = level;
  node_.entries.clear();
  for (std::size_t index = 0; index != kFanOut; ++index) {
    const Counted* child = node.children[index];
    if (child == nullptr) {
      continue;
    }
    NodeEntry entry;
    entry.index = static_cast<std::uint8_t>(index);
    if (level == 1) {
      const auto* extent = static_cast<const DurableExtent*>(child);
      entry.reference = extent->slot;
      entry.crc = extent->crc;
    } else {
      entry.reference = static_cast<const Node*>(child)->id;
    }
    node_.entries.push_back(entry);
  }
  if (node.id == 0) {
    // Should this commit fail, the number is kept for the next: erasing what is not there is done.
    node.id = record_.next_node++;
    node.file = &file_;
  }
  const std::string key = node_key(node.id);
  encode(node_, key, buffer_);
  return transaction.put(key, buffer_);
}

int Committer::write(Capture& capture) {
  auto transaction = metadata_.begin(Metadata::Mode::Write);
  if (!transaction) {
    return EIO;
  }
  Transaction& to = transaction.value();
  int code = 0;
  for (const std::uint64_t id : capture.gone.nodes) {
    code = code == 0 ? to.erase(node_key(id)) : code;
  }
  for (const std::string& key : capture.erased) {
    code = code == 0 ? to.erase(key) : code;
  }
  for (const auto& [node, level] : nodes_) {
    code = code == 0 ? put_node(to, *node, level) : code;
  }
  for (Captured& captured : capture.maps) {
    const auto* top = static_cast<const Node*>(captured.map.top());
    captured.record.levels = captured.map.levels();
    captured.record.root = top == nullptr ? 0 : top->id;
    if (code == 0 && captured.published != captured.record) {
      encode(captured.record, captured.key, buffer_);
      code = to.put(captured.key, buffer_);
    }
  }
  for (const auto& [key, value] : capture.values) {
    code = code == 0 ? to.put(key, value) : code;
  }
  encode(record_, store_key(), buffer_);
  code = code == 0 ? to.put(store_key(), buffer_) : code;
  return code == 0 ? file_.publish(to) : code;
}

int Committer::commit(Capture& capture, Counts& counts) {
  ++mark_;
  extents_.clear();
  nodes_.clear();
  foreign_ = false;
  bool changed = !capture.values.empty() || !capture.erased.empty() || !capture.gone.nodes.empty();
  for (const Captured& captured : capture.maps) {
    // The commit is the one holder that may note in a shared node where it was saved.
    auto* top = static_cast<Node*>(const_cast<Counted*>(captured.map.top()));
    collect(top, captured.map.levels());
    changed = changed || !captured.published ||
              captured.published->levels != captured.map.levels() ||
              captured.published->root != (top == nullptr ? 0 : top->id);
  }
  if (foreign_) {
    return EINVAL;
  }
  if (!changed && nodes_.empty()) {
    file_.recycle(capture.gone.slots);
    return 0;
  }
  if (const int code = file_.save(extents_)) {
    return code;
  }
  if (const int code = write(capture)) {
    return code;
  }
  for (const auto& [node, level] : nodes_) {
    node->saved = true;
  }
  file_.recycle(capture.gone.slots);
  counts = {extents_.size(), nodes_.size(), true};
  return 0;
}

}  // namespace lockstep::store::detail
