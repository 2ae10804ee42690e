// Following the provider: what an inventory says is compared with what may be, explained by the
// requests being carried out, and taken over.
#pragma once

#include "model/core/content.hpp"
#include "model/core/coverage_notes.hpp"
#include "model/core/judge.hpp"
#include "model/core/reporter.hpp"
#include "model/core/world.hpp"

#include <boost/container/small_vector.hpp>

#include <string>
#include <vector>

namespace lockstep::model {

// One look at the provider. Everything it needs while an inventory is taken over.
struct Look {
  World& world;
  Content& content;
  CoverageNotes& coverage;
  Reporter report;
  SharedInventory shared_now;                   // taken over at the end
  Instant at;                                   // not before what is seen had come to be
  Instant previous_at;                          // of the look before
  const Inventory& now = *shared_now;           // what is seen
  const Inventory& before = world.inventory();  // what was seen at the look before
  const Alignments aligned{before, now, world.distinct()};
  // Which relationships of now show what they showed; set on the way.
  using Flags = boost::container::small_vector<bool, 16>;
  Flags shown_again = Flags(now.relationships.size(), false);
  // All groups and relationships are as they were; narrowed on the way.
  bool stands = aligned.groups.same() && aligned.relationships.same();
};

// Takes the first inventory as given.
void adopt_inventory(World& world, Content& content, const SharedInventory& taken);

// The return code, and whether Job is NULL as it must be (GEN-01..GEN-07). `seen` tells whether a
// job named with code 0 has ended already.
void check_answer(Reporter& report, const World& world, const Request& request,
                  const Answer& answer, const Inventory& seen);
// Makes the task that follows from an answer; nothing for a refusal that left nothing to follow.
// Borrows request and answer until follow() has judged the look after them.
void start_task(World& world, const Request& request, const Answer& answer, const Window& window);
// A create that a job carries out, or that timed out, may write its supplied targets before its
// relationship shows.
void expect_overwriting(Content& content, const Task& task);

// Judges and takes over a look. `refused`: the request that was refused right before, or nullptr.
struct Refusal {
  const Request* request = nullptr;
  const Answer* answer = nullptr;
  Window window;
};
void follow(Look& look, const Refusal& refused);

// --- the steps of follow(), one file each ---
// Where each relationship that is known stands in the list now.
void place_relations(Look& look);
// Jobs as such (JOB-*, GEN-11), and how far the tasks have got.
void check_jobs(Look& look);
void advance_tasks(Look& look);
// Relationships, elements and groups that appeared or are gone, and who explains them.
void explain_changes(Look& look, const Refusal& refused);
void explain_relationships(Look& look, const Refusal& refused);  // its part
// CopyStates against the state sets; RequestedCopyState, ProgressStatus, percentages.
void check_states(Look& look, const Refusal& refused);
void check_properties(Look& look);
// Group against members (G-01, G-02), consistency properties.
void check_groups(Look& look);
// Takes the views over; the last step that needs what was seen before.
void settle_relations(Look& look);
// Everything a completed request promised.
void check_effects(Look& look, Task& task);

// --- after-effects, by family of methods ---
void check_create_effects(Look& look, Task& task);
void check_refused_list(Look& look, const Task& task);
void check_group_create_effects(Look& look, Task& task);
void check_attach_effects(Look& look, Task& task);
void check_modify_effects(Look& look, Task& task);
void check_collection_effects(Look& look, Task& task);  // CreateGroup, DeleteGroup, members
void check_volume_effects(Look& look, Task& task);

// "CreateElementReplica(SyncType=7 Snapshot, source v1)", "relationship r1".
[[nodiscard]] std::string subject_of(const Request& request);
[[nodiscard]] std::string subject_of(const RelationshipView& view);
[[nodiscard]] std::string subject_of(const ElementRef& ref);
[[nodiscard]] std::string subject_of(const GroupRef& ref);
[[nodiscard]] std::string subject_of(const JobRef& ref);

// The relationship of a new CopyState to its trigger, for coverage.
void cover(Look& look, const StateSet& from, PlaceSet was, Place to,
           std::optional<Event> preferred);

}  // namespace lockstep::model
