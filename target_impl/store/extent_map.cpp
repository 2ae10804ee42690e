#include "target_impl/store/extent_map.hpp"

#include "target_impl/memory/streaming_copy.hpp"
#include "target_impl/store/durable/extent_file.hpp"
#include "target_impl/store/extent_content.hpp"

#include <algorithm>
#include <cstring>

namespace lockstep::store::detail {

namespace {

[[nodiscard]] std::size_t slot_of(std::uint64_t number, unsigned level) noexcept {
  return static_cast<std::size_t>(number >> ((level - 1) * kFanOutBits)) & (kFanOut - 1);
}

// How many extents one child of a node at `level` spans.
[[nodiscard]] std::uint64_t child_span(unsigned level) noexcept {
  return std::uint64_t{1} << ((level - 1) * kFanOutBits);
}

[[nodiscard]] Node* copy_of(const Node& node) {
  auto* copy = new Node;
  copy->children = node.children;
  copy->occupied = node.occupied;
  for (const Counted* child : copy->children) {
    if (child != nullptr) {
      child->hold();
    }
  }
  return copy;
}

// The node in `slot`, held by this map alone; the slot must be reached through owned nodes.
[[nodiscard]] Node* own_node(Counted*& slot, unsigned level) {
  if (slot == nullptr) {
    slot = new Node;
  } else if (!slot->held_once()) {
    Node* copy = copy_of(*static_cast<const Node*>(slot));
    drop(slot, level);
    slot = copy;
  } else if (static_cast<Node*>(slot)->saved) {
    static_cast<Node*>(slot)->saved = false;
  }
  return static_cast<Node*>(slot);
}

// Whether it must not change any more although nobody else holds it.
[[nodiscard]] bool is_saved(const Extent& extent) noexcept {
  return extent.durable && static_cast<const DurableExtent&>(extent).slot != 0;
}

void set_child(Node& node, std::size_t slot, Counted* child) noexcept {
  node.occupied += node.children[slot] == nullptr ? 1U : 0U;
  node.children[slot] = child;
}

// Drops the extents `run` (numbers inside this subtree) and the nodes left empty.
void drop_in(Counted*& slot, unsigned level, ExtentRun run) {
  if (slot == nullptr) {
    return;
  }
  const std::uint64_t span = child_span(level);
  if (run.first == 0 && run.limit == span * kFanOut) {
    drop(slot, level);
    slot = nullptr;
    return;
  }
  Node* node = own_node(slot, level);
  for (std::uint64_t at = run.first; at < run.limit;) {
    const std::uint64_t index = at / span;
    const std::uint64_t limit = std::min(run.limit, (index + 1) * span);
    Counted*& child = node->children[static_cast<std::size_t>(index)];
    if (child != nullptr) {
      if (level == 1) {
        drop(child, 0);
        child = nullptr;
      } else {
        drop_in(child, level - 1, {at - index * span, limit - index * span});
      }
      node->occupied -= child == nullptr ? 1U : 0U;
    }
    at = limit;
  }
  if (node->occupied == 0) {
    drop(slot, level);
    slot = nullptr;
  }
}

void append(std::vector<ExtentRun>& runs, std::uint64_t number) {
  if (!runs.empty() && runs.back().limit == number) {
    ++runs.back().limit;
  } else {
    runs.push_back({number, number + 1});
  }
}

// Appends the numbers below two subtrees that are not the same object in both; null is allowed.
void diff_in(const Counted* a, const Counted* b, unsigned level, std::uint64_t base,
             std::vector<ExtentRun>& runs) {
  if (a == b) {
    return;
  }
  if (level == 0) {
    append(runs, base);
    return;
  }
  const auto* node_a = static_cast<const Node*>(a);
  const auto* node_b = static_cast<const Node*>(b);
  for (std::size_t slot = 0; slot != kFanOut; ++slot) {
    diff_in(node_a == nullptr ? nullptr : node_a->children[slot],
            node_b == nullptr ? nullptr : node_b->children[slot], level - 1,
            base + slot * child_span(level), runs);
  }
}

constexpr std::uint64_t kNone = ~std::uint64_t{0};

// The first mapped number >= from below this subtree, or kNone.
[[nodiscard]] std::uint64_t first_mapped(const Counted* thing, unsigned level, std::uint64_t base,
                                         std::uint64_t from) noexcept {
  if (thing == nullptr) {
    return kNone;
  }
  if (level == 0) {
    return base;
  }
  const auto* node = static_cast<const Node*>(thing);
  const std::uint64_t span = child_span(level);
  std::uint64_t slot = from > base ? (from - base) / span : 0;
  for (; slot < kFanOut; ++slot) {
    const std::uint64_t found = first_mapped(node->children[static_cast<std::size_t>(slot)],
                                             level - 1, base + slot * span, from);
    if (found != kNone) {
      return found;
    }
  }
  return kNone;
}

// The subtree of `level` that holds extent `number`, in a map of `levels` under `top`.
[[nodiscard]] Counted* subtree_of(Counted* top, unsigned levels, std::uint64_t number,
                                  unsigned level) noexcept {
  for (; levels != level && top != nullptr; --levels) {
    top = static_cast<const Node*>(top)->children[slot_of(number, levels)];
  }
  return top;
}

struct SharedRun {
  Counted* top;
  unsigned levels;
  std::uint64_t first;
};

// Makes `run` (numbers inside this subtree) hold what `from` holds from its first number on.
void share_in(Counted*& slot, unsigned level, ExtentRun run, SharedRun from) {
  const std::uint64_t next = first_mapped(from.top, from.levels, 0, from.first);
  if (next == kNone || next - from.first >= run.limit - run.first) {
    drop_in(slot, level, run);
    return;
  }
  Node* node = own_node(slot, level);
  const std::uint64_t span = child_span(level);
  for (std::uint64_t at = run.first; at < run.limit;) {
    const std::uint64_t index = at / span;
    const std::uint64_t limit = std::min(run.limit, (index + 1) * span);
    const std::uint64_t number = from.first + (at - run.first);
    Counted*& child = node->children[static_cast<std::size_t>(index)];
    node->occupied -= child != nullptr ? 1U : 0U;
    if (limit - at == span && number % span == 0 && level - 1 <= from.levels) {
      Counted* shared = subtree_of(from.top, from.levels, number, level - 1);
      if (shared != nullptr) {
        shared->hold();
      }
      drop(child, level - 1);
      child = shared;
    } else {
      share_in(child, level - 1, {at - index * span, limit - index * span},
               {from.top, from.levels, number});
    }
    node->occupied += child != nullptr ? 1U : 0U;
    at = limit;
  }
  if (node->occupied == 0) {
    drop(slot, level);
    slot = nullptr;
  }
}

// Calls `piece` for the parts of a span that cannot be shared, each inside one extent of the
// destination, and `whole` for the run in between that can.
template <class Piece, class Whole>
void split(CopySpan span, Sharing sharing, Piece&& piece, Whole&& whole) {
  const bool alike =
      sharing == Sharing::Allowed && span.source % kExtentBytes == span.destination % kExtentBytes;
  while (span.bytes != 0) {
    const std::uint64_t inside = span.destination % kExtentBytes;
    std::uint64_t bytes = std::min<std::uint64_t>(span.bytes, kExtentBytes - inside);
    if (alike && bytes == kExtentBytes) {
      bytes = span.bytes / kExtentBytes * kExtentBytes;
      whole(CopySpan{span.source, span.destination, bytes});
    } else {
      piece(CopySpan{span.source, span.destination, bytes});
    }
    span = {span.source + bytes, span.destination + bytes, span.bytes - bytes};
  }
}

}  // namespace

unsigned ExtentMap::levels_for(std::uint64_t extents) noexcept {
  unsigned levels = 1;
  while (levels * kFanOutBits < 64 && (extents - 1) >> (levels * kFanOutBits) != 0) {
    ++levels;
  }
  return levels;
}

ExtentMap::ExtentMap(std::uint64_t extents) noexcept : levels_(levels_for(extents)) {}

ExtentMap& ExtentMap::operator=(ExtentMap&& other) noexcept {
  if (this != &other) {
    drop(top_, levels_);
    top_ = std::exchange(other.top_, nullptr);
    levels_ = other.levels_;
  }
  return *this;
}

ExtentMap ExtentMap::share() const noexcept {
  ExtentMap shared(1);
  shared.levels_ = levels_;
  shared.top_ = top_;
  if (top_ != nullptr) {
    top_->hold();
  }
  return shared;
}

void ExtentMap::widen(std::uint64_t extents) {
  for (const unsigned wanted = levels_for(extents); levels_ < wanted; ++levels_) {
    if (top_ != nullptr) {
      auto* above = new Node;
      set_child(*above, 0, top_);
      top_ = above;
    }
  }
}

const Extent* ExtentMap::find(std::uint64_t number) const noexcept {
  const Counted* thing = top_;
  for (unsigned level = levels_; level != 0 && thing != nullptr; --level) {
    thing = static_cast<const Node*>(thing)->children[slot_of(number, level)];
  }
  return static_cast<const Extent*>(thing);
}

std::uint64_t ExtentMap::count_to_make(ExtentRun run) const noexcept {
  std::uint64_t count = 0;
  for (std::uint64_t number = run.first; number != run.limit; ++number) {
    count += !is_mapped(number) || is_shared(number) ? 1U : 0U;
  }
  return count;
}

bool ExtentMap::is_shared(std::uint64_t number) const noexcept {
  const Counted* thing = top_;
  bool shared = false;
  for (unsigned level = levels_; level != 0 && thing != nullptr; --level) {
    shared = shared || !thing->held_once();
    thing = static_cast<const Node*>(thing)->children[slot_of(number, level)];
  }
  return thing != nullptr && (shared || !thing->held_once());
}

std::uint64_t ExtentMap::count_saved(ExtentRun run) const noexcept {
  std::uint64_t count = 0;
  for (std::uint64_t number = run.first; number < run.limit; ++number) {
    const Extent* extent = find(number);
    count += extent != nullptr && !is_shared(number) && is_saved(*extent) ? 1U : 0U;
  }
  return count;
}

bool ExtentMap::prepare(std::uint64_t number, Supply& supply) {
  return !is_mapped(number) || own(number, supply, kNothing) != nullptr;
}

Node* ExtentMap::own_parent(std::uint64_t number) {
  Node* node = own_node(top_, levels_);
  for (unsigned level = levels_; level != 1; --level) {
    Counted*& slot = node->children[slot_of(number, level)];
    node->occupied += slot == nullptr ? 1U : 0U;
    node = own_node(slot, level - 1);
  }
  return node;
}

Extent* ExtentMap::own(std::uint64_t number, Supply& supply, Overwritten overwritten) {
  Node* node = own_parent(number);
  const std::size_t slot = slot_of(number, 1);
  auto* extent = static_cast<Extent*>(node->children[slot]);
  if (extent != nullptr && extent->held_once() && !is_saved(*extent)) {
    extent->prepare(overwritten.first, overwritten.bytes);
    return extent;
  }
  Extent* fresh = supply.take();
  if (extent != nullptr && fresh->lay_over(*extent, overwritten.first, overwritten.bytes)) {
    set_child(*node, slot, fresh);
    return fresh;
  }
  if (!make_content(*fresh, extent, overwritten)) {
    supply.put_back(fresh);
    return nullptr;
  }
  set_child(*node, slot, fresh);
  drop(extent, 0);
  return fresh;
}

bool ExtentMap::make_content(Extent& fresh, const Extent* from, Overwritten overwritten) noexcept {
  const std::size_t behind = overwritten.first + overwritten.bytes;
  const auto copy = [&](std::size_t at, const std::byte* content, std::size_t bytes) {
    memory::copy_streaming(fresh.data() + at, content, bytes);
  };
  if (overwritten.bytes == kExtentBytes) {
    return true;
  }
  if (from != nullptr) {
    return with_parts(*from, 0, overwritten.first, copy) &&
           with_parts(*from, behind, kExtentBytes - behind, copy);
  }
  std::memset(fresh.data(), 0, overwritten.first);
  std::memset(fresh.data() + behind, 0, kExtentBytes - behind);
  return true;
}

void ExtentMap::write(std::uint64_t offset, std::span<const std::byte> data, Supply& supply) {
  while (!data.empty()) {
    const std::size_t inside = static_cast<std::size_t>(offset % kExtentBytes);
    const std::size_t bytes = std::min(data.size(), kExtentBytes - inside);
    Extent* extent = own(offset / kExtentBytes, supply, {inside, bytes});
    memory::copy_streaming(extent->data() + inside, data.data(), bytes);
    offset += bytes;
    data = data.subspan(bytes);
  }
}

void ExtentMap::write_both(Written one, Written other, std::uint64_t offset,
                           std::span<const std::byte> data) {
  while (!data.empty()) {
    const std::uint64_t number = offset / kExtentBytes;
    const std::size_t inside = static_cast<std::size_t>(offset % kExtentBytes);
    const std::size_t bytes = std::min(data.size(), kExtentBytes - inside);
    Extent* const extent = one.map.own(number, one.supply, {inside, bytes});
    Extent* const beside = other.map.own(number, other.supply, {inside, bytes});
    memory::copy_streaming_to_both(extent->data() + inside, beside->data() + inside, data.data(),
                                   bytes);
    offset += bytes;
    data = data.subspan(bytes);
  }
}

void ExtentMap::zero_inside(std::uint64_t offset, std::size_t bytes, Supply& supply) {
  const std::uint64_t number = offset / kExtentBytes;
  if (bytes != 0 && is_mapped(number)) {
    std::memset(own(number, supply, {offset % kExtentBytes, bytes})->data() + offset % kExtentBytes,
                0, bytes);
  }
}

void ExtentMap::drop_run(ExtentRun run) {
  if (run.first < run.limit) {
    drop_in(top_, levels_, run);
  }
}

bool ExtentMap::is_absent(std::uint64_t offset, std::uint64_t bytes) const noexcept {
  const std::uint64_t next = first_mapped(top_, levels_, 0, offset / kExtentBytes);
  return bytes == 0 || next == kNone || next > (offset + bytes - 1) / kExtentBytes;
}

bool ExtentMap::makes_one(const ExtentMap& from, CopySpan piece) const noexcept {
  const std::uint64_t number = piece.destination / kExtentBytes;
  if (from.is_absent(piece.source, piece.bytes)) {
    return piece.bytes != kExtentBytes && is_shared(number);
  }
  return !is_mapped(number) || is_shared(number);
}

std::uint64_t ExtentMap::count_to_copy(const ExtentMap& from, CopySpan span,
                                       Sharing sharing) const noexcept {
  std::uint64_t count = 0;
  split(
      span, sharing, [&](CopySpan piece) { count += makes_one(from, piece) ? 1U : 0U; },
      [](CopySpan /*whole*/) {});
  return count;
}

bool ExtentMap::copy_inside(const ExtentMap& from, CopySpan piece, Supply& supply) {
  const std::uint64_t number = piece.destination / kExtentBytes;
  const bool whole = piece.bytes == kExtentBytes;
  if (!from.is_absent(piece.source, piece.bytes)) {
    Extent* extent = own(number, supply, whole ? kWhole : kNothing);
    return extent != nullptr &&
           from.read(piece.source, {extent->data() + piece.destination % kExtentBytes,
                                    static_cast<std::size_t>(piece.bytes)});
  }
  if (whole) {
    drop_run({number, number + 1});
    return true;
  }
  if (!prepare(number, supply)) {
    return false;
  }
  zero_inside(piece.destination, static_cast<std::size_t>(piece.bytes), supply);
  return true;
}

bool ExtentMap::copy(const ExtentMap& from, CopySpan span, Supply& supply, Sharing sharing) {
  bool readable = true;
  split(
      span, sharing,
      [&](CopySpan piece) { readable = readable && copy_inside(from, piece, supply); },
      [&](CopySpan whole) {
        const std::uint64_t first = whole.destination / kExtentBytes;
        share_in(top_, levels_, {first, first + whole.bytes / kExtentBytes},
                 {from.top_, from.levels_, whole.source / kExtentBytes});
      });
  return readable;
}

std::uint64_t ExtentMap::end_of_run(std::uint64_t from, std::uint64_t limit) const noexcept {
  if (!is_mapped(from)) {
    return std::min(limit, first_mapped(top_, levels_, 0, from));
  }
  std::uint64_t at = from + 1;
  while (at < limit && is_mapped(at)) {
    ++at;
  }
  return at;
}

std::vector<ExtentRun> ExtentMap::mapped() const {
  std::vector<ExtentRun> runs;
  diff_in(nullptr, top_, levels_, 0, runs);
  return runs;
}

std::vector<ExtentRun> ExtentMap::diff(const ExtentMap& a, const ExtentMap& b) {
  std::vector<ExtentRun> runs;
  diff_in(a.top_, b.top_, a.levels_, 0, runs);
  return runs;
}

}  // namespace lockstep::store::detail
