// CreateListReplica (CLR).
#include "target_impl/replication/jobs.hpp"
#include "target_impl/replication/methods.hpp"
#include "target_impl/replication/plan.hpp"

#include <algorithm>
#include <set>

namespace lockstep::replication {
namespace {

constexpr Method kMethod = Method::CreateListReplica;

// How many pairs the two lists make, or nothing when their lengths do not go together (CLR-26).
// Every source gets its pair (CLR-27, CLR-38): those without a target, with a new one.
std::optional<std::size_t> pair_count(const CreateListReplicaRequest& request,
                                      const Settings& settings) {
  const std::size_t sources = request.source_elements->size();
  if (!request.target_elements) return sources;
  const std::size_t targets = request.target_elements->size();
  if (sources == targets) return sources;
  const bool allowed = sources > targets
                           ? settings.unequal_lists == UnequalAction::SourceMayBeLarger
                           : settings.unequal_lists == UnequalAction::TargetMayBeLarger;
  if (!allowed || targets == 0) return std::nullopt;
  return sources;
}

Checked<Slot> checked_slot(World& world, const CreateListReplicaRequest& request, std::size_t i,
                           const std::set<Id>& targets) {
  Slot slot;
  const auto source = checked_source(world, (*request.source_elements)[i]);
  if (const auto* refusal = std::get_if<Refusal>(&source)) return *refusal;
  slot.source = std::get<const ElementRecord*>(source);
  if (request.element_names && i < request.element_names->size()) {
    slot.name = (*request.element_names)[i];
  }
  if (!request.target_elements || i >= request.target_elements->size()) {
    if (const auto refusal = check_name(world, slot)) return *refusal;
    return slot;
  }
  const auto target = checked_target(world, (*request.target_elements)[i], *slot.source);
  if (const auto* refusal = std::get_if<Refusal>(&target)) return *refusal;
  slot.target = std::get<const ElementRecord*>(target);
  if (const auto refusal = check_name(world, slot)) return *refusal;
  // CLR-49: nothing is overwritten twice, nor while it is a source itself.
  if (targets.contains(slot.target->id)) return Refusal::Invalid;
  for (const ElementRef& other : *request.source_elements) {
    if (other == slot.target->ref) return Refusal::Invalid;
  }
  return slot;
}

// The sound entries, and why others were left out, if any were.
struct Entries {
  std::vector<Slot> slots;
  std::optional<Refusal> left_out;
};

bool repeats(const World& world, const std::vector<Slot>& earlier, const Slot& slot) {
  return std::any_of(earlier.begin(), earlier.end(), [&](const Slot& other) {
    const bool same_source = !world.freedom.same_source_twice && other.source == slot.source;
    const bool same_name = !world.freedom.duplicate_names && slot.name && other.name == slot.name;
    return same_source || same_name;
  });
}

// CLR-46, CLR-47: with Continue an entry at fault is left out; with Stop it is the last to be
// looked at.
Checked<Entries> checked_entries(World& world, const CreateListReplicaRequest& request,
                                 const Settings& settings) {
  const auto count = pair_count(request, settings);
  const bool surplus =
      request.element_names && request.element_names->size() > request.source_elements->size();
  if (!count || *count == 0 || (surplus && !world.freedom.surplus_names)) return Refusal::Invalid;
  const bool goes_on = settings.on_error == OnError::Continue;
  Entries entries;
  std::set<Id> targets;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto checked = checked_slot(world, request, i, targets);
    const auto* slot = std::get_if<Slot>(&checked);
    if (slot != nullptr && !repeats(world, entries.slots, *slot)) {
      entries.slots.push_back(*slot);
      if (slot->target != nullptr) targets.insert(slot->target->id);
      continue;
    }
    const Refusal refusal = slot != nullptr ? Refusal::Invalid : std::get<Refusal>(checked);
    if (!goes_on && world.freedom.list_stop == ListStop::Nothing) return refusal;
    entries.left_out = refusal;
    if (!goes_on) break;
  }
  if (entries.slots.empty()) return *entries.left_out;
  return entries;
}

// What is said when some entries were carried out and others were not.
Answer answer_in_part(World& world, const Settings& settings, Refusal left_out, Answer result,
                      const Pairs& pairs) {
  const auto choice = world.freedom.list_continue;
  if (settings.on_error == OnError::Stop || choice == ListContinue::CallFails) {
    abandon_job(world, result.job);
    return refused(world, kMethod, settings.on_error == OnError::Stop ? left_out : Refusal::Failed);
  }
  if (choice == ListContinue::JobFails) {
    result.job = mark_incomplete(world, result.job, pairs);
  } else if (!result.job) {
    result.job = record_finished_job(world, result);
  }
  result.code = ReturnCode::JobStarted;
  return result;
}

Answer nothing_done() {
  Answer result;
  result.target_elements.emplace();
  result.synchronizations.emplace();
  return result;
}

}  // namespace

Answer answer(World& world, const CreateListReplicaRequest& request) {
  const auto planned =
      checked_plan(world, {kMethod, request.sync_type, request.mode, request.source_access_point,
                           request.target_access_point, request.replication_setting_data,
                           request.target_setting_goal, request.target_pool,
                           request.wait_for_copy_state, request.target_elements.has_value()});
  if (const auto* refusal = std::get_if<Refusal>(&planned))
    return refused(world, kMethod, *refusal);
  const Plan& plan = std::get<Plan>(planned);
  if (!request.source_elements) return refused(world, kMethod, Refusal::Invalid);

  if (request.source_elements->empty() && world.freedom.empty_lists) return nothing_done();
  const auto checked = checked_entries(world, request, plan.settings);
  if (const auto* refusal = std::get_if<Refusal>(&checked))
    return refused(world, kMethod, *refusal);
  const auto& [slots, left_out] = std::get<Entries>(checked);
  Pairs pairs;
  if (const auto refusal = form_pairs(world, plan, slots, pairs)) {
    return refused(world, kMethod, *refusal);
  }
  std::vector<std::optional<ElementRef>> targets;
  std::vector<std::optional<RelationshipRef>> relationships;
  for (const PairRecord* pair : pairs) {
    targets.emplace_back(world.elements.find(pair->target)->ref);
    relationships.emplace_back(pair->ref);
  }
  Answer result = begin(world, plan, slots, pairs);
  if (!result.accepted()) return result;
  rename_targets(world, slots);
  if (left_out) return answer_in_part(world, plan.settings, *left_out, std::move(result), pairs);
  result.target_elements = std::move(targets);
  result.synchronizations = std::move(relationships);
  return result;
}

}  // namespace lockstep::replication
