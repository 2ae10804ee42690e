// What the judge knows of the provider: its capabilities, the last inventory, the relationships it
// follows and the requests still being carried out.
#pragma once

#include "model/core/alignment.hpp"
#include "model/core/judge.hpp"
#include "model/core/relations.hpp"
#include "model/core/state_set.hpp"
#include "model/core/task.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace lockstep::model {

// How certain a fact is: what a job may have done since the last look is only Maybe.
enum class Sure : std::uint8_t { No, Maybe, Yes };

class World {
 public:
  explicit World(std::shared_ptr<const Capabilities> given)
      : shared_capabilities(std::move(given)),
        capabilities(*shared_capabilities),
        clones_detach_(capabilities.has(Feature::SynchronizedCloneDetachesAutomatically) ||
                       capabilities.has(GroupFeature::SynchronizedCloneDetachesAutomatically)) {}

  const std::shared_ptr<const Capabilities> shared_capabilities;
  const Capabilities& capabilities;
  bool seen = false;  // an inventory has been taken at all
  Relations relations;
  std::vector<Task> tasks;
  // Creates that have been judged while another was open: which of them made what may turn out yet.
  std::vector<Task> judged_creates;
  int faults_everywhere = 0;
  bool restarted = false;  // since the last look: running jobs may be lost (T-059)
  bool stood = false;      // the last look showed all groups and relationships as the one before
  // Of the last look: nothing was found in properties or groups, whoever was at work on them.
  bool properties_fit = false;
  bool groups_fit = false;

  // The last that was taken; empty before.
  [[nodiscard]] const Inventory& inventory() const noexcept { return *inventory_; }
  [[nodiscard]] const SharedInventory& shared_inventory() const noexcept { return inventory_; }
  [[nodiscard]] Distinct distinct() const noexcept { return distinct_; }
  // Takes the inventory over and brings the indexes up to date; relations and tasks are the
  // caller's business. `aligned`: with the one before.
  void take(SharedInventory taken, const Alignments& aligned);
  void take(const SharedInventory& taken);

  // The pairs of elements that a group relationship stands for.
  [[nodiscard]] bool is_member(const RelationshipView& pair, const RelationshipView& group) const;

  // A host is writing to the element.
  void note_write(const ElementRef& ref);

  [[nodiscard]] const ElementView* element(const ElementRef& ref) const;
  // Whether the element exists now.
  [[nodiscard]] Sure exists(const ElementRef& ref) const;
  [[nodiscard]] Sure exists(const PoolRef& ref) const;
  [[nodiscard]] Sure exists(const GroupRef& ref) const;
  [[nodiscard]] Sure exists(const RelationshipRef& ref) const;
  [[nodiscard]] Sure is_target(const ElementRef& ref) const;
  [[nodiscard]] Sure is_source(const ElementRef& ref) const;
  // The relationships, as last seen, that the element is one end of.
  [[nodiscard]] Views source_of(const ElementRef& ref) const;
  [[nodiscard]] Views target_of(const ElementRef& ref) const;
  // Some request that names the element is still being carried out.
  [[nodiscard]] bool worked_on(const ElementRef& ref) const;
  [[nodiscard]] bool worked_on(const RelationshipRef& ref) const;
  // Notes for each relationship whether a task works on it or has made it.
  void note_concerned();
  [[nodiscard]] bool name_taken(const std::string& name) const;
  [[nodiscard]] bool in_trouble() const;
  // The relationship is made by a request that is still being carried out.
  [[nodiscard]] bool being_made(const RelationshipRef& ref) const;
  // The group relationship has pairs that are seen.
  [[nodiscard]] bool has_members(const RelationshipView& group) const;

  [[nodiscard]] const Relation* relation(const RelationshipRef& ref) const;
  // Where the relationship may be right now: as last seen, plus what happens by itself, plus what
  // running operations do. Skewed only if the harness itself wrote to the target.
  [[nodiscard]] StateSet now(const Relation& relation) const;
  [[nodiscard]] Trouble trouble_of(const Relation& relation) const;
  [[nodiscard]] bool detaches_automatically(const RelationshipView& view) const;

 private:
  void index_elements(const Alignment<ElementView>& aligned);

  const bool clones_detach_;
  SharedInventory inventory_ = std::make_shared<const Inventory>();
  Distinct distinct_;
  // Places in the inventory, in the order of their refs; of few, none.
  std::vector<std::uint32_t> elements_;
  static constexpr std::size_t kFewElements = 16;
};

// Calls `visit` with each relationship that a request names.
template <class Visit>
void for_each_named(const Request& request, Visit visit) {
  if (const auto* one = std::get_if<ModifyReplicaSynchronizationRequest>(&request)) {
    if (one->synchronization) visit(*one->synchronization);
    if (one->sync_pair) visit(*one->sync_pair);
  } else if (const auto* list = std::get_if<ModifyListSynchronizationRequest>(&request)) {
    if (!list->synchronizations) return;
    for (const RelationshipRef& ref : *list->synchronizations) visit(ref);
  }
}
// Elements, relationships that a request names; for "is it busy".
[[nodiscard]] bool names(const Request& request, const ElementRef& ref);
[[nodiscard]] bool names(const Request& request, const RelationshipRef& ref);
// Also the members of a group relationship that an operation was asked for.
[[nodiscard]] bool works_on(const Task& task, const RelationshipRef& ref);
// Another operation was asked for on the relationship since the task's answer.
[[nodiscard]] bool overtaken(const Task& task, const RelationshipRef& ref);
// The same for one that the task has made.
[[nodiscard]] bool any_overtaken(const Task& task);
// The operation of MRS or MLS.
[[nodiscard]] std::optional<Operation> operation_of(const Request& request);

}  // namespace lockstep::model
