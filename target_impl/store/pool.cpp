#include "target_impl/store/pool.hpp"

#include "target_impl/store/durable/extent_file.hpp"

namespace lockstep::store {

bool Pool::reserve(std::uint64_t extents, std::uint64_t replacements) noexcept {
  const std::uint64_t slack = file_ == nullptr ? 0 : file_->slack();
  const std::uint64_t limit =
      capacity_.value / kExtentBytes + replacements + slack + lent_.load(std::memory_order_relaxed);
  std::uint64_t held = extents_.load(std::memory_order_relaxed);
  do {
    if (extents > limit || held > limit - extents) {
      return false;
    }
  } while (!extents_.compare_exchange_weak(held, held + extents, std::memory_order_relaxed));
  if (file_ == nullptr) {
    return true;
  }
  using Purpose = detail::ExtentFile::Purpose;
  if (!file_->reserve(extents, extents == replacements ? Purpose::Replacement : Purpose::Growth)) {
    give_back(extents);
    // What the last commit still holds may be all that is missing.
    (void)commits_->request();
    return false;
  }
  if (file_->wants_commit()) {
    (void)commits_->request();
  }
  return true;
}

void Pool::give_back_unmade(std::uint64_t extents) noexcept {
  give_back(extents);
  if (file_ != nullptr) {
    file_->release(extents);
  }
}

void Pool::give_back(std::uint64_t extents) noexcept {
  extents_.fetch_sub(extents, std::memory_order_relaxed);
}

bool Pool::admit_layer() noexcept {
  const std::uint64_t limit = kLayers + extents_.load(std::memory_order_relaxed) / 8;
  if (layers_.fetch_add(1, std::memory_order_relaxed) < limit) {
    return true;
  }
  end_layer();
  return false;
}

std::shared_ptr<Pool> make_pool(ByteCount capacity) { return std::make_shared<Pool>(capacity); }

ByteCount capacity_of(const Pool& pool) noexcept { return pool.capacity(); }

ByteCount used_of(const Pool& pool) noexcept { return pool.used(); }

}  // namespace lockstep::store
