// Extents that begin as a layer over the one in whose place they come.
#include "target_impl/memory/streaming_copy.hpp"
#include "target_impl/store/extent.hpp"

#include <bit>
#include <utility>

namespace lockstep::store::detail {
namespace {

constexpr std::uint64_t kMaps = Counted::kBacks - 1;
constexpr std::uint16_t kAllMissing = 0xffff;
// So that an extent that is written often is whole before the next snapshot is due, and no write
// pays for much more than itself.
constexpr int kPagesMovedByAWrite = 2;

// Pages [first, limit) as bits.
[[nodiscard]] constexpr std::uint16_t bits_of(std::size_t first, std::size_t limit) noexcept {
  return static_cast<std::uint16_t>((std::uint32_t{1} << limit) - (std::uint32_t{1} << first));
}

}  // namespace

bool Extent::lay_over(Extent& shared, std::size_t first, std::size_t bytes) noexcept {
  // Copying the smaller half at once is cheaper than holding both. Layers do not pile up, so
  // that a read looks at two extents at most.
  if (bytes == 0 || bytes > kPages * kPageBytes / 2 || shared.missing != 0 || durable ||
      !pool->admit_layer()) {
    return false;
  }
  backing = &shared;
  missing = kAllMissing;
  if ((shared.holders.fetch_add(kBacks - 1, std::memory_order_acq_rel) & kMaps) == 1) {
    shared.pool->give_back(1);  // the others that held it have let go since
  }
  overwrite(first, bytes);
  return true;
}

// The pages at the ends are moved where only a part of them is overwritten.
void Extent::overwrite(std::size_t first, std::size_t bytes) noexcept {
  const std::size_t end = first + bytes;
  if (first % kPageBytes != 0) {
    fill_page(first / kPageBytes);
  }
  if (end % kPageBytes != 0) {
    fill_page(end / kPageBytes);
  }
  const std::size_t limit = (end + kPageBytes - 1) / kPageBytes;
  missing = static_cast<std::uint16_t>(missing & ~bits_of(first / kPageBytes, limit));
}

void Extent::fill_page(std::size_t page) noexcept {
  const std::uint16_t bit = bits_of(page, page + 1);
  if ((missing & bit) != 0) {
    const std::size_t at = page * kPageBytes;
    memory::copy_past_caches(content + at, backing->content + at, kPageBytes);
    missing = static_cast<std::uint16_t>(missing & ~bit);
  }
}

void Extent::fill(std::size_t first, std::size_t bytes) noexcept {
  int pages = static_cast<int>(kPages);
  if (bytes != 0) {
    overwrite(first, bytes);
    pages = kPagesMovedByAWrite;
  }
  for (; missing != 0 && pages != 0; --pages) {
    fill_page(static_cast<std::size_t>(std::countr_zero(missing)));
  }
  if (missing == 0) {
    let_backing_go();
  }
}

void Extent::let_backing_go() noexcept {
  Extent* const gone = std::exchange(backing, nullptr);
  pool->end_layer();
  if (gone->holders.fetch_sub(kBacks, std::memory_order_acq_rel) == kBacks) {
    destroy_uncounted(gone);
  }
}

void Extent::let_go_by_map() noexcept {
  std::uint64_t before = holders.load(std::memory_order_acquire);
  while ((before & kMaps) != 1) {
    if (holders.compare_exchange_weak(before, before - 1, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
      return;
    }
  }
  // No map but this one can reach it any more.
  if (before == 1) {
    destroy(this);
    return;
  }
  pool->give_back(1);  // as long as this hold keeps it
  if (holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    destroy_uncounted(this);
  }
}

}  // namespace lockstep::store::detail
