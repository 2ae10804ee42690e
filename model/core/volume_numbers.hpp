// Numbers for volumes, from 1 without gaps, in the order in which they are asked for.
#pragma once

#include "model/vocab/ids.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace lockstep::model {

using VolumeNumber = std::uint64_t;

// Refs of one provider are long and begin alike, so that comparing them in order costs more than
// all else; they are looked up by marks, which nearly always differ.
class VolumeNumbers {
 public:
  // 0: it has none.
  [[nodiscard]] VolumeNumber find(const ElementRef& element) const noexcept {
    const std::uint64_t mark = mark_of(element.path);
    for (auto at = first_of(mark); at != marks_.end() && at->mark == mark; ++at) {
      if (refs_[at->number - 1] == element) return at->number;
    }
    return 0;
  }
  // Gives it one where it has none.
  [[nodiscard]] VolumeNumber of(const ElementRef& element) {
    if (const VolumeNumber known = find(element)) return known;
    constexpr std::size_t kUsual = 16;
    if (refs_.capacity() == 0) {
      refs_.reserve(kUsual);
      marks_.reserve(kUsual);
    }
    refs_.push_back(element);
    const std::uint64_t mark = mark_of(element.path);
    marks_.insert(first_of(mark), {mark, refs_.size()});
    return refs_.size();
  }
  // nullptr: nobody has that number.
  [[nodiscard]] const ElementRef* name_of(VolumeNumber number) const noexcept {
    return number == 0 || number > refs_.size() ? nullptr : &refs_[number - 1];
  }

 private:
  struct Marked {
    std::uint64_t mark;
    VolumeNumber number;
  };

  // From its length, its end and its middle.
  [[nodiscard]] static std::uint64_t mark_of(const std::string& path) noexcept {
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    const std::size_t size = path.size();
    std::uint64_t end = 0;
    if (size < kWord) {
      std::memcpy(&end, path.data(), size);
      return end * kOdd;
    }
    std::uint64_t middle = 0;
    std::memcpy(&end, path.data() + (size - kWord), kWord);
    std::memcpy(&middle, path.data() + (size - kWord) / 2, kWord);
    return (end * kOdd) ^ (middle + size);
  }
  [[nodiscard]] std::vector<Marked>::const_iterator first_of(std::uint64_t mark) const noexcept {
    // Marks are in no pattern that a processor could guess: each half is chosen without a branch.
    auto at = marks_.begin();
    for (auto left = marks_.size(); left > 0;) {
      const auto half = left / 2;
      const auto middle = at + static_cast<std::ptrdiff_t>(half);
      const bool before = middle->mark < mark;
      at = before ? middle + 1 : at;
      left = before ? left - half - 1 : half;
    }
    return at;
  }

  std::vector<ElementRef> refs_;  // by number
  std::vector<Marked> marks_;     // in their order
};

}  // namespace lockstep::model
