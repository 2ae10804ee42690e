#include "target_impl/store/extent_content.hpp"
#include "target_impl/store/extent_map.hpp"
#include "target_impl/store/lending.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace lockstep::store {
namespace detail {
namespace {

// Where in an extent a range begins, and how much of it lies there.
struct Inside {
  Inside(std::uint64_t offset, std::size_t wanted) noexcept
      : number(offset / kExtentBytes),
        first(static_cast<std::size_t>(offset % kExtentBytes)),
        bytes(std::min(wanted, kExtentBytes - first)) {}
  std::uint64_t number;
  std::size_t first;
  std::size_t bytes;
};

}  // namespace

std::span<const std::byte, kExtentBytes> zero_content() noexcept {
  static constexpr std::array<std::byte, kExtentBytes> kZeros{};
  return kZeros;
}

bool ExtentMap::read(std::uint64_t offset, std::span<std::byte> out) const noexcept {
  bool readable = true;
  while (!out.empty()) {
    const Inside inside(offset, out.size());
    const Extent* extent = find(inside.number);
    const bool copied = extent != nullptr &&
                        with_parts(*extent, inside.first, inside.bytes,
                                   [&](std::size_t at, const std::byte* part, std::size_t bytes) {
                                     std::memcpy(out.data() + (at - inside.first), part, bytes);
                                   });
    if (!copied) {
      std::memset(out.data(), 0, inside.bytes);
      readable = readable && extent == nullptr;
    }
    offset += inside.bytes;
    out = out.subspan(inside.bytes);
  }
  return readable;
}

Comparison ExtentMap::compare(std::uint64_t offset, std::span<const std::byte> expected,
                              std::size_t& mismatch) const noexcept {
  for (std::size_t done = 0; done < expected.size();) {
    const Inside inside(offset + done, expected.size() - done);
    Comparison result = Comparison::Equal;
    const auto judge = [&](std::size_t at, const std::byte* held, std::size_t bytes) {
      const std::size_t position = done + (at - inside.first);
      const auto piece = expected.subspan(position, bytes);
      if (result != Comparison::Equal || std::memcmp(piece.data(), held, bytes) == 0) {
        return;
      }
      const auto differs = std::mismatch(piece.begin(), piece.end(), held).first;
      mismatch = position + static_cast<std::size_t>(differs - piece.begin());
      result = Comparison::Different;
    };
    if (const Extent* extent = find(inside.number); extent == nullptr) {
      judge(inside.first, zero_content().data(), inside.bytes);
    } else if (!with_parts(*extent, inside.first, inside.bytes, judge)) {
      return Comparison::Unreadable;
    }
    if (result != Comparison::Equal) {
      return result;
    }
    done += inside.bytes;
  }
  return Comparison::Equal;
}

void ExtentMap::lend(std::uint64_t offset, std::size_t bytes, PieceTaker& taker) const {
  while (bytes != 0) {
    const Inside inside(offset, bytes);
    if (const Extent* extent = find(inside.number); extent != nullptr) {
      for_each_part(*extent, inside.first, inside.bytes,
                    [&](std::size_t /*at*/, const std::byte* part, std::size_t part_bytes) {
                      extent->hold();
                      extent->pool->lent();
                      taker.take({part, part_bytes}, ExtentHold(extent));
                    });
    } else {
      taker.take(zero_content().first(inside.bytes), {});
    }
    offset += inside.bytes;
    bytes -= inside.bytes;
  }
}

}  // namespace detail

void ExtentHold::let_go(const detail::Extent* extent) noexcept {
  extent->pool->lent_no_more();
  // Const for those who hold it, since they change nothing; the last holder destroys it.
  detail::drop(const_cast<detail::Extent*>(extent), 0);
}

}  // namespace lockstep::store
