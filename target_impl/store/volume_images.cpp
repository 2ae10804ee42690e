// Snapshots of volumes, replacing their content, observers, and cuts across several volumes.
#include "target_impl/store/expect.hpp"
#include "target_impl/store/pool.hpp"
#include "target_impl/store/volume_inside.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace lockstep::store {

using Exclusive = std::unique_lock<detail::FairSharedMutex>;

namespace {

// The image's content in extents of another pool; extents are shared only inside one file. Nothing
// when it does not fit or cannot be read.
std::optional<detail::ExtentMap> copy_into(const std::shared_ptr<Pool>& pool,
                                           const detail::ExtentMap& from, std::uint64_t extents,
                                           WriteResult& failure) {
  detail::ExtentMap map(extents);
  std::vector<std::byte> content(kExtentBytes);
  for (const detail::ExtentRun run : from.mapped()) {
    for (std::uint64_t number = run.first; number != run.limit; ++number) {
      detail::Supply supply;
      failure = WriteResult::Unreadable;
      if (!from.read(number * kExtentBytes, content)) {
        return std::nullopt;
      }
      failure = WriteResult::OutOfSpace;
      if (!supply.fill(pool, 1)) {
        return std::nullopt;
      }
      map.write(number * kExtentBytes, content, supply);
    }
  }
  return map;
}

}  // namespace

Image Volume::Inside::snapshot_locked() const {
  Image image;
  image.root_ = std::make_shared<const detail::Root>(map.share(), pool);
  image.blocks_ = blocks;
  image.block_size_ = block_size;
  return image;
}

void Volume::Inside::attach_locked(WriteObserver& observer) { observers.push_back(&observer); }

void Volume::Inside::detach_locked(WriteObserver& observer) noexcept {
  std::erase(observers, &observer);
}

Image Volume::snapshot() {
  const Exclusive lock(inside_->mutex);
  return inside_->snapshot_locked();
}

WriteResult Volume::assign(const Image& image) {
  const std::uint64_t bytes = image.blocks_.value * image.block_size_.bytes;
  detail::expect(bytes <= inside_->offset_of(Lba{inside_->blocks.value}),
                 "Volume::assign needs an image that is not larger than the volume");
  const std::uint64_t extents = detail::extents_of(inside_->offset_of(Lba{inside_->blocks.value}));
  detail::ExtentMap map(extents);
  if (image.root_ != nullptr && image.root_->pool()->file() == inside_->pool->file()) {
    map = image.root_->map().share();
  } else if (image.root_ != nullptr) {
    WriteResult failure = WriteResult::Done;
    auto copy = copy_into(inside_->pool, image.root_->map(), extents, failure);
    if (!copy) {
      return failure;
    }
    map = std::move(*copy);
  }
  map.widen(extents);

  const Exclusive lock(inside_->mutex);
  std::swap(inside_->map, map);
  return inside_->tell([](WriteObserver& observer) { return observer.assigned(); });
}

void Volume::attach(WriteObserver& observer) {
  const Exclusive lock(inside_->mutex);
  inside_->attach_locked(observer);
}

void Volume::detach(WriteObserver& observer) {
  const Exclusive lock(inside_->mutex);
  inside_->detach_locked(observer);
}

Image Volume::Frozen::snapshot(Volume& volume) { return volume.inside_->snapshot_locked(); }

void Volume::Frozen::attach(Volume& volume, WriteObserver& observer) {
  volume.inside_->attach_locked(observer);
}

void Volume::Frozen::detach(Volume& volume, WriteObserver& observer) {
  volume.inside_->detach_locked(observer);
}

Volume::FreezeLock::FreezeLock(std::span<Volume* const> volumes)
    : volumes_(volumes.begin(), volumes.end()) {
  std::sort(volumes_.begin(), volumes_.end());
  volumes_.erase(std::unique(volumes_.begin(), volumes_.end()), volumes_.end());

  // Waits for one lock with empty hands, then tries the others; whichever is taken is waited for in
  // the next round.
  for (std::size_t wait_for = 0; wait_for < volumes_.size();) {
    volumes_[wait_for]->inside_->mutex.lock();
    std::size_t busy = 0;
    while (busy < volumes_.size() &&
           (busy == wait_for || volumes_[busy]->inside_->mutex.try_lock())) {
      ++busy;
    }
    if (busy == volumes_.size()) {
      return;
    }
    for (std::size_t held = 0; held != busy; ++held) {
      if (held != wait_for) {
        volumes_[held]->inside_->mutex.unlock();
      }
    }
    volumes_[wait_for]->inside_->mutex.unlock();
    wait_for = busy;
  }
}

Volume::FreezeLock::~FreezeLock() {
  for (Volume* volume : volumes_) {
    volume->inside_->mutex.unlock();
  }
}

}  // namespace lockstep::store
