// How what is seen now goes with the look before: in most looks every list names the same objects
// in the same order, and none of them has to be searched.
#pragma once

#include "model/vocab/observations.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace lockstep::model {

// One list. Borrows both.
template <class View>
class Alignment {
 public:
  // `distinct`: `before` names no object twice.
  Alignment(const std::vector<View>& before, const std::vector<View>& now, bool distinct)
      : before_(before), now_(now) {
    if (!distinct) return;
    const std::size_t both = std::min(before.size(), now.size());
    while (same_until_ < both && is_same(before[same_until_], now[same_until_])) ++same_until_;
    same_ = same_until_ == before.size() && same_until_ == now.size();
    while (same_at_end_ < both - same_until_ &&
           is_same(before[before.size() - 1 - same_at_end_], now[now.size() - 1 - same_at_end_])) {
      ++same_at_end_;
    }
  }

  // The same objects in the same order, each once.
  [[nodiscard]] bool same() const noexcept { return same_; }
  // All that is not the same: numbers `begin` to `end_before` of before are `begin` to `end_now` of
  // now.
  struct Changed {
    std::size_t begin;
    std::size_t end_before;
    std::size_t end_now;
  };
  [[nodiscard]] Changed changed() const noexcept {
    return {same_until_, end_of_middle(before_), end_of_middle(now_)};
  }
  // From whether `before` names no object twice to whether `now` does.
  void update(bool& distinct) const {
    if (!same_) distinct = distinct ? stay_distinct() : are_distinct();
  }
  // What number `i` of now was before; nullptr: it was not there.
  [[nodiscard]] const View* earlier(std::size_t i) const noexcept {
    if (i < same_until_) return &before_[i];
    if (i >= end_of_middle(now_)) return &before_[i + before_.size() - now_.size()];
    // An object that is named twice now may also be one of those that begin or end both lists.
    return at(before_, search(before_, 0, before_.size(), now_[i].ref));
  }
  // Where number `i` of before is now, first; kNone: it is gone.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  [[nodiscard]] std::size_t place(std::size_t i) const noexcept {
    if (i < same_until_) return i;
    const std::size_t found = search(now_, same_until_, end_of_middle(now_), before_[i].ref);
    if (found != kNone || i < end_of_middle(before_)) return found;
    return i + now_.size() - before_.size();
  }
  // What number `i` of before is now; nullptr: it is gone.
  [[nodiscard]] const View* later(std::size_t i) const noexcept { return at(now_, place(i)); }

 private:
  // Nearly always, which is why no difference is looked for first.
  static bool is_same(const View& a, const View& b) noexcept { return a.ref.path == b.ref.path; }
  // Between what both lists begin with and what both end with.
  [[nodiscard]] std::size_t end_of_middle(const std::vector<View>& views) const noexcept {
    return views.size() - same_at_end_;
  }
  static const View* at(const std::vector<View>& views, std::size_t i) noexcept {
    return i == kNone ? nullptr : &views[i];
  }
  template <class Reference>
  static std::size_t search(const std::vector<View>& views, std::size_t from, std::size_t end,
                            const Reference& ref) noexcept {
    for (std::size_t i = from; i < end; ++i) {
      if (views[i].ref == ref) return i;
    }
    return kNone;
  }

  // Where before named none twice: what has changed names none twice, and none of the others.
  [[nodiscard]] bool stay_distinct() const {
    constexpr std::size_t kFew = 4;
    const std::size_t end = end_of_middle(now_);
    if (end - same_until_ > kFew) return are_distinct();
    for (std::size_t i = same_until_; i < end; ++i) {
      if (search(now_, 0, i, now_[i].ref) != kNone) return false;
      if (search(now_, end, now_.size(), now_[i].ref) != kNone) return false;
    }
    return true;
  }
  [[nodiscard]] bool are_distinct() const {
    constexpr std::size_t kUnsorted = 8;
    if (now_.size() <= kUnsorted) {
      for (std::size_t i = 1; i < now_.size(); ++i) {
        if (search(now_, 0, i, now_[i].ref) != kNone) return false;
      }
      return true;
    }
    std::vector<std::string_view> names;
    names.reserve(now_.size());
    for (const View& view : now_) names.push_back(view.ref.path);
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) == names.end();
  }

  const std::vector<View>& before_;
  const std::vector<View>& now_;
  std::size_t same_until_ = 0;
  std::size_t same_at_end_ = 0;  // of what is not the same from the beginning on
  bool same_ = false;
};

// Which lists of an inventory name no object twice.
struct Distinct {
  bool elements = true;
  bool groups = true;
  bool relationships = true;
  bool jobs = true;
};

struct Alignments {
  Alignments(const Inventory& before, const Inventory& now, Distinct distinct)
      : elements(before.elements, now.elements, distinct.elements),
        groups(before.groups, now.groups, distinct.groups),
        relationships(before.relationships, now.relationships, distinct.relationships),
        jobs(before.jobs, now.jobs, distinct.jobs) {}

  Alignment<ElementView> elements;
  Alignment<GroupView> groups;
  Alignment<RelationshipView> relationships;
  Alignment<JobView> jobs;
};

}  // namespace lockstep::model
