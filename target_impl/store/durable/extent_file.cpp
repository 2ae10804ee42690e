#include "target_impl/store/durable/extent_file.hpp"

#include "target_impl/store/durable/crc32c.hpp"

#include <algorithm>
#include <cerrno>
#include <new>

namespace lockstep::store::detail {

namespace {

constexpr std::align_val_t kContentAlignment{4096};
// Disk blocks are asked for in steps of this many slots.
constexpr std::uint64_t kStepSlots = 256;
// Kept for replacements: two of the largest atomic writes.
constexpr std::uint64_t kReplacementSlots = 16;

[[nodiscard]] std::byte* make_content() noexcept {
  return static_cast<std::byte*>(::operator new(kExtentBytes, kContentAlignment, std::nothrow));
}
void free_content(std::byte* content) noexcept { ::operator delete(content, kContentAlignment); }

[[nodiscard]] constexpr std::uint64_t offset_of(std::uint64_t slot) noexcept {
  return slot * kExtentBytes;
}

}  // namespace

ExtentFile::ExtentFile(std::unique_ptr<Storage> storage, SlotMap slots, Limits limits)
    : storage_(std::move(storage)), limits_(limits), slots_(std::move(slots)) {}

ExtentFile::~ExtentFile() = default;

// --- space ---------------------------------------------------------------------------------------

bool ExtentFile::reserve(std::uint64_t extents, Purpose purpose) noexcept {
  const std::lock_guard lock(space_mutex_);
  const std::uint64_t taken = dirty_.load(std::memory_order_relaxed) + extents;
  const std::uint64_t wanted = taken + (purpose == Purpose::Growth ? kReplacementSlots : 0);
  while (slots_.ready() < wanted) {
    const SlotMap::Run run = slots_.find_empty(std::max(kStepSlots, wanted - slots_.ready()));
    if (storage_->allocate(offset_of(run.first), run.count * kExtentBytes) != 0) {
      // Perhaps there is room for just what is needed.
      const std::uint64_t needed = std::min(run.count, wanted - slots_.ready());
      if (needed == run.count ||
          storage_->allocate(offset_of(run.first), needed * kExtentBytes) != 0) {
        return false;
      }
      slots_.fill({run.first, needed});
      continue;
    }
    slots_.fill(run);
  }
  dirty_.store(taken, std::memory_order_relaxed);
  return true;
}

void ExtentFile::release(std::uint64_t extents) noexcept {
  const std::lock_guard lock(space_mutex_);
  dirty_.store(dirty_.load(std::memory_order_relaxed) - extents, std::memory_order_relaxed);
}

std::uint64_t ExtentFile::used_slots() const noexcept {
  const std::lock_guard lock(space_mutex_);
  return slots_.used();
}

// --- extents -------------------------------------------------------------------------------------

DurableExtent* ExtentFile::make() noexcept {
  std::byte* content = make_content();
  if (content == nullptr) {
    return nullptr;
  }
  auto* extent = new (std::nothrow) DurableExtent;
  if (extent == nullptr) {
    free_content(content);
    return nullptr;
  }
  extent->durable = true;
  extent->content = content;
  return extent;
}

void ExtentFile::destroy(DurableExtent* extent) noexcept {
  if (extent->slot == 0) {
    release(1);
  } else {
    Shard& shard = shard_of(*extent);
    {
      const std::lock_guard lock(shard.mutex);
      leave_ring(shard, *extent);
    }
    const std::lock_guard lock(gone_mutex_);
    gone_.slots.push_back(extent->slot);
  }
  if (extent->content != nullptr) {
    free_content(extent->content);
  }
  delete extent;
}

void ExtentFile::node_gone(std::uint64_t id) noexcept {
  const std::lock_guard lock(gone_mutex_);
  gone_.nodes.push_back(id);
}

// --- content in memory ---------------------------------------------------------------------------

ExtentFile::Shard& ExtentFile::shard_of(const DurableExtent& extent) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(&extent) >> 6;
  return shards_[(address ^ address >> 8) % shards_.size()];
}

ExtentFile::Access ExtentFile::access(const DurableExtent& extent) noexcept {
  // Where content is kept is no part of what an extent is.
  auto& held = const_cast<DurableExtent&>(extent);
  Shard& shard = shard_of(extent);
  std::unique_lock lock(shard.mutex);
  if (held.content == nullptr && load(held)) {
    enter_ring(shard, held);
    shrink(shard);
  }
  held.referenced = true;
  return Access(std::move(lock), held.content);
}

bool ExtentFile::load(DurableExtent& extent) noexcept {
  std::byte* content = make_content();
  if (content != nullptr) {
    const std::span<std::byte> bytes(content, kExtentBytes);
    if (storage_->read(offset_of(extent.slot), bytes) == 0 && crc32c(bytes) == extent.crc) {
      extent.content = content;
      return true;
    }
    free_content(content);
  }
  unreadable_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void ExtentFile::enter_ring(Shard& shard, DurableExtent& extent) noexcept {
  extent.referenced = true;
  if (shard.hand == nullptr) {
    extent.before = &extent;
    extent.after = &extent;
    shard.hand = &extent;
  } else {
    extent.after = shard.hand;
    extent.before = shard.hand->before;
    extent.before->after = &extent;
    extent.after->before = &extent;
  }
  shard.cached.fetch_add(1, std::memory_order_relaxed);
}

void ExtentFile::leave_ring(Shard& shard, DurableExtent& extent) noexcept {
  if (extent.after == nullptr) {
    return;
  }
  if (shard.hand == &extent) {
    shard.hand = extent.after == &extent ? nullptr : extent.after;
  }
  extent.before->after = extent.after;
  extent.after->before = extent.before;
  extent.before = nullptr;
  extent.after = nullptr;
  shard.cached.fetch_sub(1, std::memory_order_relaxed);
}

// Drops content that was not asked for since the hand last came by. The newest stays: somebody is
// about to use it.
void ExtentFile::shrink(Shard& shard) noexcept {
  const std::uint64_t limit = std::max<std::uint64_t>(1, limits_.cached_extents / shards_.size());
  while (shard.cached.load(std::memory_order_relaxed) > limit) {
    DurableExtent& candidate = *shard.hand;
    if (std::exchange(candidate.referenced, false)) {
      shard.hand = candidate.after;
      continue;
    }
    leave_ring(shard, candidate);
    free_content(std::exchange(candidate.content, nullptr));
  }
}

std::uint64_t ExtentFile::cached_extents() const noexcept {
  std::uint64_t total = 0;
  for (const Shard& shard : shards_) {
    total += shard.cached.load(std::memory_order_relaxed);
  }
  return total;
}

// --- commits -------------------------------------------------------------------------------------

ExtentFile::Gone ExtentFile::take_gone() {
  const std::lock_guard lock(gone_mutex_);
  return std::exchange(gone_, {});
}

void ExtentFile::keep_gone(Gone gone) {
  const std::lock_guard lock(gone_mutex_);
  gone_.slots.insert(gone_.slots.end(), gone.slots.begin(), gone.slots.end());
  gone_.nodes.insert(gone_.nodes.end(), gone.nodes.begin(), gone.nodes.end());
}

void ExtentFile::recycle(const std::vector<std::uint64_t>& slots) {
  std::vector<std::uint64_t> surplus;
  {
    const std::lock_guard lock(space_mutex_);
    for (const std::uint64_t slot : slots) {
      slots_.give_back(slot);
    }
    // Those behind the end of what is needed soon go back to the file system.
    const std::uint64_t kept = dirty() + std::max(limits_.spare_extents, kReplacementSlots);
    for (auto slot = slots.rbegin(); slot != slots.rend() && slots_.ready() > kept; ++slot) {
      slots_.emptied(*slot);
      // Punched under the lock: nobody may reserve the slot in between.
      surplus.push_back(*slot);
    }
    std::sort(surplus.begin(), surplus.end());
    for (std::size_t i = 0; i != surplus.size();) {
      std::size_t limit = i + 1;
      while (limit != surplus.size() && surplus[limit] == surplus[limit - 1] + 1) {
        ++limit;
      }
      storage_->punch(offset_of(surplus[i]), (limit - i) * kExtentBytes);
      i = limit;
    }
  }
}

int ExtentFile::save(std::span<DurableExtent* const> extents) {
  if (extents.empty()) {
    return 0;
  }
  std::vector<std::uint64_t> slots(extents.size());
  {
    const std::lock_guard lock(space_mutex_);
    for (std::uint64_t& slot : slots) {
      slot = slots_.take();
    }
    // The slots are taken now; what is dirty needs no other.
    dirty_.store(dirty() - slots.size(), std::memory_order_relaxed);
  }
  int code = write_slots(extents, slots);
  code = code == 0 ? storage_->sync() : code;
  if (code != 0) {
    // Whether any of it arrived is unknown, and nothing refers to it.
    const std::lock_guard lock(space_mutex_);
    for (const std::uint64_t slot : slots) {
      slots_.give_back(slot);
    }
    dirty_.store(dirty() + slots.size(), std::memory_order_relaxed);
    return code;
  }
  for (std::size_t i = 0; i != extents.size(); ++i) {
    DurableExtent& extent = *extents[i];
    Shard& shard = shard_of(extent);
    const std::lock_guard lock(shard.mutex);
    extent.slot = slots[i];
    enter_ring(shard, extent);
    shrink(shard);
  }
  return 0;
}

int ExtentFile::write_slots(std::span<DurableExtent* const> extents,
                            std::span<const std::uint64_t> slots) noexcept {
  std::array<std::span<const std::byte>, 16> pieces;
  for (std::size_t i = 0; i != extents.size();) {
    std::size_t count = 0;
    do {
      DurableExtent& extent = *extents[i + count];
      pieces[count] = {extent.content, kExtentBytes};
      extent.crc = crc32c(pieces[count]);
      ++count;
    } while (count != pieces.size() && i + count != extents.size() &&
             slots[i + count] == slots[i] + count);
    if (const int code = storage_->write(offset_of(slots[i]), std::span(pieces).first(count))) {
      return code;
    }
    i += count;
  }
  return 0;
}

}  // namespace lockstep::store::detail
