#include "model/core/world.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace lockstep::model {
namespace {

template <class T>
bool among(const std::optional<std::vector<T>>& list, const T& wanted) {
  return list && std::ranges::find(*list, wanted) != list->end();
}

// The two groups that a group relationship joins.
class Ends {
 public:
  Ends(const Inventory& inventory, const RelationshipView& group)
      : sources_(group.source_group ? inventory.find(*group.source_group) : nullptr),
        targets_(group.target_group ? inventory.find(*group.target_group) : nullptr) {}

  [[nodiscard]] bool known() const { return sources_ != nullptr && targets_ != nullptr; }
  [[nodiscard]] bool hold(const RelationshipView& pair) const {
    return pair.source_element && pair.target_element && holds(*sources_, *pair.source_element) &&
           holds(*targets_, *pair.target_element);
  }

 private:
  static bool holds(const GroupView& group, const ElementRef& element) {
    return std::ranges::find(group.members, element) != group.members.end();
  }

  const GroupView* sources_;
  const GroupView* targets_;
};

bool running(const Task& task) {
  return task.stage == Task::Stage::Running || task.stage == Task::Stage::Unknown;
}

// What a request names, by kind of request. The default finds nothing.
struct NamesElement {
  const ElementRef& ref;
  bool operator()(const CreateElementReplicaRequest& r) const {
    return r.source_element == ref || r.target_element == ref;
  }
  bool operator()(const CreateListReplicaRequest& r) const {
    return among(r.source_elements, ref) || among(r.target_elements, ref);
  }
  bool operator()(const CreateGroupReplicaFromElementsRequest& r) const {
    return among(r.source_elements, ref);
  }
  bool operator()(const CreateReplicaRequest& r) const {
    return r.source == ref || r.target_storage_volume == ref;
  }
  bool operator()(const AttachReplicaRequest& r) const {
    return r.source_element == ref || r.target_element == ref;
  }
  bool operator()(const ReturnToStoragePoolRequest& r) const { return r.element == ref; }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }
};

// Those of the relationships whose end is the element.
Views ending_in(const std::vector<RelationshipView>& views,
                std::optional<ElementRef> RelationshipView::*end, const ElementRef& ref) {
  Views found;
  for (const RelationshipView& view : views) {
    if (view.*end == ref) found.push_back(&view);
  }
  return found;
}

}  // namespace

bool names(const Request& request, const ElementRef& ref) {
  return std::visit(NamesElement{ref}, request);
}

bool names(const Request& request, const RelationshipRef& ref) {
  bool named = false;
  for_each_named(request, [&](const RelationshipRef& one) { named = named || one == ref; });
  return named;
}

std::optional<Operation> operation_of(const Request& request) {
  if (const auto* one = std::get_if<ModifyReplicaSynchronizationRequest>(&request)) {
    return one->operation;
  }
  if (const auto* list = std::get_if<ModifyListSynchronizationRequest>(&request)) {
    return list->operation;
  }
  return std::nullopt;
}

bool works_on(const Task& task, const RelationshipRef& ref) {
  if (names(task.request(), ref)) return true;
  return std::ranges::any_of(task.operated,
                             [&](const RelationshipView* view) { return view->ref == ref; });
}

bool overtaken(const Task& task, const RelationshipRef& ref) {
  return std::ranges::find(task.overtaken, ref) != task.overtaken.end();
}

bool any_overtaken(const Task& task) {
  return std::any_of(task.relationships.begin(), task.relationships.end(),
                     [&](const RelationshipRef& ref) { return overtaken(task, ref); });
}

void World::take(const SharedInventory& taken) {
  take(taken, Alignments(inventory(), *taken, distinct_));
}

void World::take(SharedInventory taken, const Alignments& aligned) {
  // The alignments borrow it.
  const SharedInventory before = std::exchange(inventory_, std::move(taken));
  seen = true;
  aligned.groups.update(distinct_.groups);
  aligned.relationships.update(distinct_.relationships);
  aligned.jobs.update(distinct_.jobs);
  // Most looks show the same objects in the same order, or one more, so that the index stays right.
  if (!aligned.elements.same()) index_elements(aligned.elements);
}

void World::index_elements(const Alignment<ElementView>& aligned) {
  const auto& elements = inventory().elements;
  if (elements.size() <= kFewElements) {
    elements_.clear();
    aligned.update(distinct_.elements);
    return;
  }
  const auto ref_at = [&](std::uint32_t place) -> const ElementRef& { return elements[place].ref; };
  constexpr std::size_t kFew = 4;
  const auto [begin, end_before, end_now] = aligned.changed();
  if (!elements_.empty() && end_now - begin <= kFew) {
    // What stayed keeps its order; what comes after the change has moved.
    std::erase_if(elements_, [&, from = begin, end = end_before](std::uint32_t place) {
      return place >= from && place < end;
    });
    for (std::uint32_t& place : elements_) {
      if (place >= end_before) place += static_cast<std::uint32_t>(end_now - end_before);
    }
    for (std::size_t i = begin; i < end_now; ++i) {
      const auto after = std::ranges::upper_bound(elements_, elements[i].ref, {}, ref_at);
      elements_.insert(after, static_cast<std::uint32_t>(i));
    }
  } else {
    elements_.resize(elements.size());
    std::iota(elements_.begin(), elements_.end(), 0U);
    std::ranges::stable_sort(elements_, {}, ref_at);
  }
  distinct_.elements = std::ranges::adjacent_find(elements_, {}, ref_at) == elements_.end();
}

bool World::is_member(const RelationshipView& pair, const RelationshipView& group) const {
  const Ends ends(inventory(), group);
  return ends.known() && ends.hold(pair);
}

void World::note_write(const ElementRef& ref) {
  for (const RelationshipView* relationship : target_of(ref)) {
    if (Relation* const found = relations.find(relationship->ref)) found->target_written = true;
  }
}

const ElementView* World::element(const ElementRef& ref) const {
  if (elements_.empty()) return inventory().find(ref);
  const auto& elements = inventory().elements;
  const auto ref_at = [&](std::uint32_t place) -> const ElementRef& { return elements[place].ref; };
  const auto found = std::ranges::lower_bound(elements_, ref, {}, ref_at);
  return found == elements_.end() || elements[*found].ref != ref ? nullptr : &elements[*found];
}

Sure World::exists(const ElementRef& ref) const {
  if (!seen) return Sure::Maybe;
  if (element(ref) == nullptr) return Sure::No;
  const bool leaving = std::ranges::any_of(tasks, [&](const Task& task) {
    return running(task) && task.method == Method::ReturnToStoragePool &&
           names(task.request(), ref);
  });
  if (leaving) return Sure::Maybe;
  for (const Task& task : tasks) {
    const bool returns = operation_of(task.request()) == Operation::ReturnToResourcePool;
    if (!running(task) || !returns) continue;
    for (const RelationshipView* relationship : target_of(ref)) {
      if (names(task.request(), relationship->ref)) return Sure::Maybe;
    }
  }
  return Sure::Yes;
}

Sure World::exists(const PoolRef& ref) const {
  // A provider that shows no pool at all may have some that cannot be enumerated.
  if (!seen || inventory().pools.empty()) return Sure::Maybe;
  return inventory().find(ref) != nullptr ? Sure::Yes : Sure::No;
}

Sure World::exists(const GroupRef& ref) const {
  if (!seen) return Sure::Maybe;
  return inventory().find(ref) != nullptr ? Sure::Yes : Sure::No;
}

Sure World::exists(const RelationshipRef& ref) const {
  if (!seen) return Sure::Maybe;
  const Relation* known = relation(ref);
  if (known == nullptr) return Sure::No;
  if (!known->states.known()) return Sure::Yes;
  return now(*known).places().contains(machine::kNowhere) ? Sure::Maybe : Sure::Yes;
}

Views World::source_of(const ElementRef& ref) const {
  return ending_in(inventory().relationships, &RelationshipView::source_element, ref);
}

Views World::target_of(const ElementRef& ref) const {
  return ending_in(inventory().relationships, &RelationshipView::target_element, ref);
}

Sure World::is_target(const ElementRef& ref) const {
  if (!seen) return Sure::Maybe;
  Sure answer = worked_on(ref) ? Sure::Maybe : Sure::No;
  for (const RelationshipView* relationship : target_of(ref)) {
    if (exists(relationship->ref) == Sure::Yes) return Sure::Yes;
    answer = Sure::Maybe;
  }
  return answer;
}

Sure World::is_source(const ElementRef& ref) const {
  if (!seen) return Sure::Maybe;
  Sure answer = worked_on(ref) ? Sure::Maybe : Sure::No;
  for (const RelationshipView* relationship : source_of(ref)) {
    if (exists(relationship->ref) == Sure::Yes) return Sure::Yes;
    answer = Sure::Maybe;
  }
  return answer;
}

bool World::worked_on(const ElementRef& ref) const {
  return std::ranges::any_of(
      tasks, [&](const Task& task) { return running(task) && names(task.request(), ref); });
}

bool World::worked_on(const RelationshipRef& ref) const {
  return std::ranges::any_of(
      tasks, [&](const Task& task) { return running(task) && works_on(task, ref); });
}

void World::note_concerned() {
  for (Relation& relation : relations) relation.concerned = false;
  const auto note = [&](const RelationshipRef& ref) {
    if (Relation* const found = relations.find(ref)) found->concerned = true;
  };
  for (const Task& task : tasks) {
    for_each_named(task.request(), note);
    for (const RelationshipView* view : task.operated) note(view->ref);
    for (const RelationshipRef& made : task.relationships) note(made);
  }
}

bool World::name_taken(const std::string& name) const {
  return std::ranges::any_of(inventory().elements, [&](const ElementView& element) {
    return element.element_name == name;
  });
}

bool World::in_trouble() const {
  return faults_everywhere > 0 ||
         std::ranges::any_of(relations, [](const Relation& one) { return one.faults > 0; });
}

bool World::being_made(const RelationshipRef& ref) const {
  return std::ranges::any_of(
      tasks, [&](const Task& task) { return running(task) && task.relationships.contains(ref); });
}

bool World::has_members(const RelationshipView& group) const {
  if (group.relationship_class != RelationshipClass::GroupSynchronized) return false;
  const Ends ends(inventory(), group);
  return ends.known() &&
         std::ranges::any_of(relations, [&](const Relation& one) { return ends.hold(*one.view); });
}

const Relation* World::relation(const RelationshipRef& ref) const { return relations.find(ref); }

bool World::detaches_automatically(const RelationshipView& view) const {
  return clones_detach_ || view.copy_type == CopyType::UnSyncUnAssoc;
}

Trouble World::trouble_of(const Relation& relation) const {
  Trouble trouble = relation.trouble;
  trouble.faults = trouble.faults || relation.faults > 0 || faults_everywhere > 0;
  // What befalls a member befalls its group.
  if (relation.view->relationship_class == RelationshipClass::GroupSynchronized && in_trouble()) {
    trouble.faults = true;
    trouble.repairs = true;
  }
  trouble.automatic_detach = relation.temporary || detaches_automatically(*relation.view);
  return trouble;
}

StateSet World::now(const Relation& relation) const {
  StateSet states = relation.states;
  Trouble trouble = trouble_of(relation);
  trouble.target_writes = relation.target_written;
  states.drift(trouble);
  for (const Task& task : tasks) {
    if (!running(task) || !works_on(task, relation.view->ref)) continue;
    const auto operation = operation_of(task.request());
    const auto event = operation ? event_of(*operation) : std::nullopt;
    if (!event) continue;
    states.operate(*event);
    states.drift(trouble);
  }
  return states;
}

}  // namespace lockstep::model
