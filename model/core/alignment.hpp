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
    while (same_until_ < both && before[same_until_].ref == now[same_until_].ref) ++same_until_;
    same_ = same_until_ == before.size() && same_until_ == now.size();
  }

  // The same objects in the same order, each once.
  [[nodiscard]] bool same() const noexcept { return same_; }
  // As before, and maybe more after that.
  [[nodiscard]] bool only_longer() const noexcept { return same_until_ == before_.size(); }
  // From whether `before` names no object twice to whether `now` does.
  void update(bool& distinct) const {
    if (!same_) distinct = (distinct && only_longer()) ? adds_distinct() : are_distinct();
  }
  // What number `i` of now was before; nullptr: it was not there.
  [[nodiscard]] const View* earlier(std::size_t i) const noexcept {
    if (i < same_until_) return &before_[i];
    return find(before_, now_[i].ref);
  }
  // What number `i` of before is now; nullptr: it is gone.
  [[nodiscard]] const View* later(std::size_t i) const noexcept {
    if (same_) return &now_[i];
    return find(now_, before_[i].ref);
  }

 private:
  template <class Reference>
  static const View* find(const std::vector<View>& views, const Reference& ref) noexcept {
    const auto found = std::ranges::find(views, ref, &View::ref);
    return found == views.end() ? nullptr : &*found;
  }

  [[nodiscard]] bool adds_distinct() const {
    constexpr std::size_t kFew = 4;
    if (now_.size() - before_.size() > kFew) return are_distinct();
    for (std::size_t i = before_.size(); i < now_.size(); ++i) {
      if (find(now_, now_[i].ref) != &now_[i]) return false;
    }
    return true;
  }
  [[nodiscard]] bool are_distinct() const {
    std::vector<std::string_view> names;
    names.reserve(now_.size());
    for (const View& view : now_) names.push_back(view.ref.path);
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) == names.end();
  }

  const std::vector<View>& before_;
  const std::vector<View>& now_;
  std::size_t same_until_ = 0;
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
