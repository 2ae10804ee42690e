// What a client made on a provider, told apart from what belongs to others.
//
// A value; not thread-safe. It learns from answers what was made, and from looks what hangs on
// that: targets of owned sources, groups with owned members, relationships of either.
#pragma once

#include "model/vocab/answers.hpp"
#include "model/vocab/observations.hpp"
#include "model/vocab/requests.hpp"

#include <cstddef>
#include <set>

namespace lockstep {

struct ObjectSet {
  std::set<ElementRef> elements;
  std::set<GroupRef> groups;
  std::set<RelationshipRef> relationships;
  friend bool operator==(const ObjectSet&, const ObjectSet&) = default;

  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::size_t size() const noexcept {
    return elements.size() + groups.size() + relationships.size();
  }
};

[[nodiscard]] ObjectSet objects_of(const Inventory& inventory);
// Those of `objects` that the inventory shows.
[[nodiscard]] ObjectSet present_in(const Inventory& inventory, const ObjectSet& objects);
// Those of `objects` that are not among `others`.
[[nodiscard]] ObjectSet without(const ObjectSet& objects, const ObjectSet& others);

class Custody {
 public:
  Custody() = default;
  // `before` was there already and never becomes owned.
  explicit Custody(ObjectSet before, ObjectSet owned = {})
      : before_(std::move(before)), owned_(std::move(owned)) {}

  // Owns what an accepted call says that it made.
  void answered(const Request& request, const Answer& answer);
  // Owns what is new and hangs on something owned.
  void seen(const Inventory& inventory);
  void own(const ElementRef& element);

  [[nodiscard]] const ObjectSet& before() const noexcept { return before_; }
  [[nodiscard]] const ObjectSet& owned() const noexcept { return owned_; }
  [[nodiscard]] bool owns(const ElementRef& ref) const { return owned_.elements.contains(ref); }
  [[nodiscard]] bool owns(const GroupRef& ref) const { return owned_.groups.contains(ref); }
  [[nodiscard]] bool owns(const RelationshipRef& ref) const {
    return owned_.relationships.contains(ref);
  }
  // Owns them no more.
  void release(const ObjectSet& gone);

 private:
  ObjectSet before_;
  ObjectSet owned_;
};

}  // namespace lockstep
