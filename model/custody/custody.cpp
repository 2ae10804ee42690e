#include "model/custody/custody.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace lockstep {
namespace {

template <class T>
void add_all(std::set<T>& into, const std::optional<std::vector<std::optional<T>>>& list) {
  if (!list) return;
  for (const auto& entry : *list) {
    if (entry) into.insert(*entry);
  }
}

template <class T>
void add_new(std::set<T>& into, const std::set<T>& made, const std::set<T>& before) {
  std::set_difference(made.begin(), made.end(), before.begin(), before.end(),
                      std::inserter(into, into.end()));
}

template <class T>
std::set<T> difference(const std::set<T>& some, const std::set<T>& others) {
  std::set<T> rest;
  add_new(rest, some, others);
  return rest;
}

template <class T, class Views>
std::set<T> shown(const Views& views, const std::set<T>& wanted) {
  std::set<T> found;
  for (const auto& view : views) {
    if (wanted.contains(view.ref)) found.insert(view.ref);
  }
  return found;
}

}  // namespace

ObjectSet objects_of(const Inventory& inventory) {
  ObjectSet all;
  for (const auto& view : inventory.elements) all.elements.insert(view.ref);
  for (const auto& view : inventory.groups) all.groups.insert(view.ref);
  for (const auto& view : inventory.relationships) all.relationships.insert(view.ref);
  return all;
}

ObjectSet present_in(const Inventory& inventory, const ObjectSet& objects) {
  return {shown(inventory.elements, objects.elements), shown(inventory.groups, objects.groups),
          shown(inventory.relationships, objects.relationships)};
}

ObjectSet without(const ObjectSet& objects, const ObjectSet& others) {
  return {difference(objects.elements, others.elements), difference(objects.groups, others.groups),
          difference(objects.relationships, others.relationships)};
}

void Custody::own(const ElementRef& element) {
  if (!before_.elements.contains(element)) owned_.elements.insert(element);
}

void Custody::answered(const Request& request, const Answer& answer) {
  // Only an accepted call makes anything; references in a refusal may be anybody's.
  if (!answer.accepted() || std::holds_alternative<ReturnToStoragePoolRequest>(request)) return;
  ObjectSet made;
  if (answer.synchronization) made.relationships.insert(*answer.synchronization);
  if (answer.updated_synchronization) made.relationships.insert(*answer.updated_synchronization);
  add_all(made.relationships, answer.synchronizations);
  if (answer.target_element) made.elements.insert(*answer.target_element);
  add_all(made.elements, answer.target_elements);
  if (answer.target_group) made.groups.insert(*answer.target_group);
  if (answer.group) made.groups.insert(*answer.group);
  add_new(owned_.elements, made.elements, before_.elements);
  add_new(owned_.groups, made.groups, before_.groups);
  add_new(owned_.relationships, made.relationships, before_.relationships);
}

// Twice, because a group's partner is found through the group.
void Custody::seen(const Inventory& inventory) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const GroupView& group : inventory.groups) {
      const bool ours = std::any_of(group.members.begin(), group.members.end(),
                                    [&](const auto& ref) { return owns(ref); });
      if (ours && !before_.groups.contains(group.ref)) owned_.groups.insert(group.ref);
    }
    for (const RelationshipView& view : inventory.relationships) {
      if (before_.relationships.contains(view.ref)) continue;
      const auto end_ours = [&](const auto& ref) { return ref && owns(*ref); };
      const bool ours = owns(view.ref) || end_ours(view.source_element) ||
                        end_ours(view.target_element) || end_ours(view.source_group) ||
                        end_ours(view.target_group);
      if (!ours) continue;
      owned_.relationships.insert(view.ref);
      for (const auto& end : {view.source_element, view.target_element}) {
        if (end) own(*end);
      }
      for (const auto& end : {view.source_group, view.target_group}) {
        if (end && !before_.groups.contains(*end)) owned_.groups.insert(*end);
      }
    }
  }
}

void Custody::release(const ObjectSet& gone) { owned_ = without(owned_, gone); }

}  // namespace lockstep
