#include "target_impl/replication/ranges.hpp"

#include <algorithm>

namespace lockstep::replication {
namespace {

using store::BlockRange;

std::uint64_t begin_of(const BlockRange& range) noexcept { return range.first.value; }
std::uint64_t limit_of(const BlockRange& range) noexcept {
  return range.first.value + range.count.value;
}

void append(Ranges& ranges, std::uint64_t begin, std::uint64_t limit) {
  if (begin >= limit) return;
  if (!ranges.empty() && limit_of(ranges.back()) >= begin) {
    BlockRange& last = ranges.back();
    last.count.value = std::max(limit_of(last), limit) - begin_of(last);
    return;
  }
  ranges.push_back({Lba{begin}, BlockCount{limit - begin}});
}

}  // namespace

Ranges united(const Ranges& left, const Ranges& right) {
  Ranges result;
  result.reserve(left.size() + right.size());
  auto a = left.begin();
  auto b = right.begin();
  while (a != left.end() || b != right.end()) {
    const bool from_left = b == right.end() || (a != left.end() && begin_of(*a) <= begin_of(*b));
    const BlockRange& next = from_left ? *a++ : *b++;
    append(result, begin_of(next), limit_of(next));
  }
  return result;
}

Ranges intersected(const Ranges& left, const Ranges& right) {
  Ranges result;
  auto a = left.begin();
  auto b = right.begin();
  while (a != left.end() && b != right.end()) {
    append(result, std::max(begin_of(*a), begin_of(*b)), std::min(limit_of(*a), limit_of(*b)));
    if (limit_of(*a) < limit_of(*b)) {
      ++a;
    } else {
      ++b;
    }
  }
  return result;
}

Ranges subtracted(const Ranges& left, const Ranges& right) {
  Ranges result;
  auto b = right.begin();
  for (const BlockRange& range : left) {
    std::uint64_t begin = begin_of(range);
    const std::uint64_t limit = limit_of(range);
    while (b != right.end() && limit_of(*b) <= begin) ++b;
    for (auto cut = b; cut != right.end() && begin_of(*cut) < limit; ++cut) {
      append(result, begin, std::min(begin_of(*cut), limit));
      begin = std::max(begin, limit_of(*cut));
    }
    append(result, begin, limit);
  }
  return result;
}

BlockCount blocks_in(const Ranges& ranges) noexcept {
  BlockCount total;
  for (const BlockRange& range : ranges) total.value += range.count.value;
  return total;
}

}  // namespace lockstep::replication
