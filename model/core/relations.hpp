// The relationships that the judge follows, in the order of their refs. Each is a few words beside
// the view in the inventory, so that a sorted vector is searched and read through faster than a
// map.
#pragma once

#include "model/core/alignment.hpp"
#include "model/core/state_set.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace lockstep::model {

struct Relation {
  // As last seen; while it is fresh, as seen now. In the inventory of that look, which outlives it.
  const RelationshipView* view = nullptr;
  std::optional<CopyState> copy_state;  // the view's; nothing while it is fresh
  StateSet states;                      // as of the last look
  int faults = 0;                       // announced and not yet repaired
  Trouble trouble;              // which internal events may have happened since the last look
  Instant appeared{};           // the look at which it was begun
  bool target_written = false;  // by the harness, while related
  bool temporary = false;       // CopyType 5: gone once the copy is done (ATT-12)
  bool fresh = false;           // begun at this look, maybe under the path of one that ended
  int looks_synchronized = 0;   // consecutive looks at which it was Synchronized
  // The last look found nothing new about it, and neither does the next that shows the same while
  // nobody works on it and nothing is broken.
  bool at_rest = false;
  bool shown_again = false;   // unchanged at this look
  bool concerned = false;     // some task works on it or has made it, as of this look
  bool with_members = false;  // a group with pairs that are seen, when it was judged last
  std::uint64_t source = 0;   // numbers of the volumes at its ends; 0: not looked up
  std::uint64_t target = 0;
  std::size_t pair = 0;          // where its content was found last
  std::size_t position = kGone;  // in the list of the last look, or of the one being taken over
  static constexpr std::size_t kGone = Alignment<RelationshipView>::kNone;

  [[nodiscard]] const RelationshipRef& ref() const noexcept { return view->ref; }
};

// References and pointers to relations do not outlive a change of which there are.
class Relations {
 public:
  [[nodiscard]] auto begin() noexcept { return all_.begin(); }
  [[nodiscard]] auto end() noexcept { return all_.end(); }
  [[nodiscard]] auto begin() const noexcept { return all_.begin(); }
  [[nodiscard]] auto end() const noexcept { return all_.end(); }

  // nullptr: there is none.
  [[nodiscard]] Relation* find(const RelationshipRef& ref) noexcept {
    const std::size_t at = number_of(ref);
    return at < all_.size() ? &all_[at] : nullptr;
  }
  [[nodiscard]] const Relation* find(const RelationshipRef& ref) const noexcept {
    const std::size_t at = number_of(ref);
    return at < all_.size() ? &all_[at] : nullptr;
  }
  // That of the view's ref, and whether it is new.
  std::pair<Relation*, bool> add(const RelationshipView& view) {
    const std::size_t at = place_of(view.ref);
    if (is_at(at, view.ref)) return {&all_[at], false};
    Relation relation;
    relation.view = &view;
    constexpr std::size_t kUsual = 6;
    if (all_.capacity() == 0) all_.reserve(kUsual);
    all_.insert(all_.begin() + static_cast<std::ptrdiff_t>(at), relation);
    return {&all_[at], true};
  }
  // `relation` is one of them.
  void erase(const Relation& relation) { all_.erase(all_.begin() + (&relation - all_.data())); }
  void clear() noexcept { all_.clear(); }

 private:
  // Where it is; where there is none, how many there are.
  [[nodiscard]] std::size_t number_of(const RelationshipRef& ref) const noexcept {
    // Of few, to ask each whether it is the same costs less than to ask which comes first.
    constexpr std::size_t kFew = 8;
    if (all_.size() <= kFew) {
      const auto at = std::ranges::find(all_, ref, &Relation::ref);
      return static_cast<std::size_t>(at - all_.begin());
    }
    const std::size_t at = place_of(ref);
    return is_at(at, ref) ? at : all_.size();
  }
  // The first that does not come before it.
  [[nodiscard]] std::size_t place_of(const RelationshipRef& ref) const noexcept {
    const auto at = std::ranges::lower_bound(all_, ref, {}, &Relation::ref);
    return static_cast<std::size_t>(at - all_.begin());
  }
  [[nodiscard]] bool is_at(std::size_t at, const RelationshipRef& ref) const noexcept {
    return at < all_.size() && all_[at].ref() == ref;
  }

  std::vector<Relation> all_;
};

}  // namespace lockstep::model
