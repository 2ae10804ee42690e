// Group relationships against their members (G-01, G-02) and their consistency properties (G-06,
// G-07).
#include "model/core/follow.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

bool holds(const GroupView& group, const std::optional<ElementRef>& element) {
  return element && std::ranges::find(group.members, *element) != group.members.end();
}

// Calls `visit` with each pair that the group relationship stands for.
template <class Visit>
void for_each_member(const Inventory& inventory, const RelationshipView& group, Visit visit) {
  if (!group.source_group || !group.target_group) return;
  const GroupView* sources = inventory.find(*group.source_group);
  const GroupView* targets = inventory.find(*group.target_group);
  if (sources == nullptr || targets == nullptr) return;
  for (const RelationshipView& view : inventory.relationships) {
    if (view.relationship_class == RelationshipClass::GroupSynchronized) continue;
    if (holds(*sources, view.source_element) && holds(*targets, view.target_element)) visit(view);
  }
}

// The lists of an inventory need not come from one instant: while members move, the group may show
// what it was a moment ago.
PlaceSet moment_ago(const Look& look, const RelationshipView& group, bool& moved) {
  PlaceSet earlier;
  const auto note = [&](const RelationshipView& view) {
    const RelationshipView* before = look.before.find(view.ref);
    if (before == nullptr) {
      moved = true;
      // Its way here is not known.
      earlier |= PlaceSet{CopyState::Initialized, CopyState::Prepared, CopyState::Inactive,
                          CopyState::Unsynchronized, CopyState::Synchronized};
    } else if (before->copy_state != view.copy_state) {
      moved = true;
      earlier.add(before->copy_state);
    }
  };
  note(group);
  for_each_member(look.now, group, note);
  if (moved) earlier.add(CopyState::Mixed);
  return earlier;
}

// True: it fits its members, whoever is at work.
bool check_group_state(Look& look, const RelationshipView& group) {
  if (!group.copy_state) return true;
  PlaceSet shown;
  bool all_show = true;
  for_each_member(look.now, group, [&](const RelationshipView& member) {
    all_show = all_show && member.copy_state;
    if (member.copy_state) shown.add(member.copy_state);
  });
  if (!all_show || shown.empty()) return true;
  const Place expected = shown.size() == 1 ? shown.first() : CopyState::Mixed;
  if (group.copy_state == expected) return true;
  // While a request works on it the group may show 14 as its members change one by one (G-04).
  if (look.world.worked_on(group.ref)) return false;
  bool moved = false;
  const PlaceSet earlier = moment_ago(look, group, moved);
  if (moved && (earlier | shown).contains(group.copy_state)) return false;
  look.report.breach(shown.size() == 1 ? "G-01" : "G-02", subject_of(group),
                     text_of(expected) + ", as its members are " + text_of(shown),
                     to_text(*group.copy_state));
  return false;
}

void check_consistency(Look& look, const RelationshipView& group) {
  if (!group.consistency_enabled) return;
  const auto subject = [&] { return subject_of(group); };
  if (!*group.consistency_enabled) {
    if (group.consistency_state && *group.consistency_state != ConsistencyState::NotApplicable &&
        *group.consistency_state != ConsistencyState::Unknown) {
      look.report.warn("G-06", subject(), "ConsistencyState 2 while consistency is off",
                       to_text(*group.consistency_state));
    }
    return;
  }
  constexpr PlaceSet kClaims{CopyState::Synchronized, CopyState::Split, CopyState::Inactive};
  if (kClaims.contains(group.copy_state) &&
      group.consistency_state == ConsistencyState::Inconsistent) {
    look.report.warn("G-07", subject(), "ConsistencyState 3 in " + to_text(*group.copy_state),
                     to_text(*group.consistency_state));
  }
}

}  // namespace

void check_groups(Look& look) {
  if (look.stands && look.world.groups_fit) return;
  const std::size_t said = look.report.said();
  bool fit = true;
  const bool no_members =
      look.world.capabilities.has(GroupFeature::NoElementLevelStorageSynchronized);
  for (const RelationshipView& view : look.now.relationships) {
    if (view.relationship_class != RelationshipClass::GroupSynchronized) continue;
    if (!no_members && !check_group_state(look, view)) fit = false;
    check_consistency(look, view);
  }
  look.world.groups_fit = fit && look.report.said() == said;
}

}  // namespace lockstep::model
