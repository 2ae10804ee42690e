// After-effects of CreateElementReplica, CreateListReplica and CreateReplica.
#include "model/core/allowed_create.hpp"
#include "model/core/effects.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <span>

namespace lockstep::model {
namespace {

bool made_here(const Task& task, const ElementRef& ref) { return task.elements.contains(ref); }

const ElementView* given_view(const Task& task, const ElementRef& ref) {
  const auto found = std::ranges::find_if(
      task.given_targets, [&](const ElementView* view) { return view->ref == ref; });
  return found == task.given_targets.end() ? nullptr : *found;
}

template <class E>
std::string shown_text(const std::optional<E>& value) {
  return value ? to_text(*value) : "NULL";
}

std::string shown_text(const std::optional<bool>& value) {
  return value.value_or(false) ? "true" : "false";
}

template <class Value>
void check_setting(Look& look, const Task& task, std::string_view clause, std::string_view name,
                   const std::optional<Value>& asked, const std::optional<Value>& shown) {
  if (!asked || asked == shown) return;
  const auto subject = [&] { return subject_of(task.request()) + ", " + std::string(name); };
  if (shown) {
    look.report.breach(clause, subject(), "the value that was asked for", shown_text(shown));
  } else {
    // It may be a property that the service does not support.
    look.report.warn(clause, subject(), "the value that was asked for", "NULL");
  }
}

void check_settings(Look& look, const Task& task, const CreateInfo& info,
                    const RelationshipView& view) {
  if (info.settings == nullptr) return;
  const auto clause = effect_clauses(info.method).settings;
  const ReplicationSettingData& asked = *info.settings;
  check_setting(look, task, clause, "CopyPriority", asked.copy_priority, view.copy_priority);
  if (asked.copy_recovery_mode != CopyRecoveryMode::ImplementationDecides) {
    check_setting(look, task, clause, "CopyRecoveryMode", asked.copy_recovery_mode,
                  view.copy_recovery_mode);
  }
  check_setting(look, task, clause, "FailedCopyStopsHostIO", asked.failed_copy_stops_host_io,
                view.failed_copy_stops_host_io);
  check_setting(look, task, clause, "ReadOnly", asked.read_only, view.read_only);
  const bool free_choice =
      asked.desired_copy_methodology == CopyMethodology::ImplementationDecides ||
      asked.desired_copy_methodology == CopyMethodology::NotSpecified;
  if (!free_choice) {
    check_setting(look, task, clause, "CopyMethodology", asked.desired_copy_methodology,
                  view.copy_methodology);
  }
}

void check_mode(Look& look, const Task& task, const CreateInfo& info,
                const RelationshipView& view) {
  const auto clause = effect_clauses(info.method).mode;
  const auto shown = [&] { return shown_text(view.mode); };
  const auto subject = [&] { return subject_of(task.request()) + ", " + subject_of(view); };
  if (!info.mode) {
    const bool legal =
        !view.mode || *view.mode == Mode::Unknown ||
        classify(info.method, SchemaLevel::Cim241, *view.mode) != ValueClass::Reserved;
    if (!legal) look.report.breach(clause, subject(), "a Mode of 0, 2, 3 or 4", shown());
    return;
  }
  if (view.mode == info.mode || number_of(*info.mode) >= kFirstVendorValue) return;
  const bool unsaid = !view.mode || *view.mode == Mode::Unknown;
  const bool mirror = info.sync_type == SyncType::Mirror;
  // Mode has no meaning of its own for the other kinds; and for 4 no page says what is shown
  // (D-03).
  if ((unsaid && !mirror) || info.mode == Mode::Adaptive) {
    look.report.warn(clause, subject(), "Mode " + to_text(*info.mode), shown());
  } else {
    look.report.breach(clause, subject(), "Mode " + to_text(*info.mode), shown());
  }
}

// The out parameters that must name what was made, once the answer is 0.
void check_target_out(Look& look, const Task& task, const CreateInfo& info) {
  const auto clause = effect_clauses(info.method).target_out;
  const auto subject = [&] { return subject_of(task.request()); };
  const Answer& answer = task.answer();
  if (info.method == Method::CreateListReplica) {
    const auto& outs = answer.target_elements;
    if (!outs || outs->size() != info.sources.size()) {
      look.report.breach(
          clause, subject(),
          "one TargetElements entry per source, " + std::to_string(info.sources.size()),
          outs ? std::to_string(outs->size()) : "NULL");
      return;
    }
    for (const auto& out : *outs) {
      if (!out || look.now.find(*out) == nullptr) {
        look.report.breach(clause, subject(), "TargetElements entries that resolve",
                           text_of(out) + ", not found");
      }
    }
    return;
  }
  if (!answer.target_element) {
    look.report.breach(clause, subject(), "a target element", "NULL");
  } else if (look.now.find(*answer.target_element) == nullptr) {
    look.report.breach(clause, subject(), "a target element that exists",
                       text_of(answer.target_element) + ", not found");
  } else if (info.targets.size() == 1 && *answer.target_element != info.targets.front()) {
    look.report.breach(effect_clauses(info.method).target_kept, subject(),
                       "the supplied target " + info.targets.front().path,
                       text_of(answer.target_element));
  }
}

void check_relationship_out(Look& look, const Task& task, const CreateInfo& info) {
  if (info.method == Method::CreateReplica) {
    if (!task.answer().target_replica_peer || task.answer().target_replica_peer->path.empty()) {
      look.report.breach("MCR-27", subject_of(task.request()), "a TargetReplicaPeer", "NULL");
    }
    return;
  }
  const auto clause = effect_clauses(info.method).relationship_out;
  const auto subject = [&] { return subject_of(task.request()); };
  const bool gone_is_legal = may_be_gone(look, info);
  std::span<const std::optional<RelationshipRef>> outs{&task.answer().synchronization, 1};
  if (info.method == Method::CreateListReplica) {
    const auto& list = task.answer().synchronizations;
    outs = list ? std::span(*list) : decltype(outs)();
    if (outs.size() != info.sources.size() && !gone_is_legal) {
      look.report.breach(
          clause, subject(),
          "one Synchronizations entry per source, " + std::to_string(info.sources.size()),
          std::to_string(outs.size()));
    }
  }
  for (std::size_t i = 0; i < outs.size(); ++i) {
    const RelationshipView* view = outs[i] ? look.now.find(*outs[i]) : nullptr;
    if (view == nullptr) {
      if (gone_is_legal) continue;
      look.report.breach(clause, subject(), "a relationship that exists",
                         outs[i] ? outs[i]->path + ", not found" : "NULL");
    } else if (i < info.sources.size() && view->source_element != info.sources[i]) {
      look.report.breach(clause, subject(), "a relationship of source " + info.sources[i].path,
                         view->ref.path + " of source " + text_of(view->source_element));
    }
  }
}

// Which target belongs to source i, as far as the answer or the relationships tell; else nullptr.
const ElementRef* target_of(const Task& task, const CreateInfo& info, std::size_t i,
                            const Views& pairs) {
  const auto given = [](const std::optional<ElementRef>& ref) { return ref ? &*ref : nullptr; };
  if (i < info.targets.size()) return &info.targets[i];
  if (task.answer().completed()) {
    const auto& list = task.answer().target_elements;
    if (info.method == Method::CreateListReplica && list && i < list->size()) {
      return given((*list)[i]);
    }
    if (info.method != Method::CreateListReplica && task.answer().target_element) {
      return given(task.answer().target_element);
    }
  }
  for (const RelationshipView* pair : pairs) {
    if (pair->source_element == info.sources[i]) return given(pair->target_element);
  }
  return nullptr;
}

// CLR-47: the job of a list that goes on after errors may end well without the entries at fault,
// those that are now or those that may have been at the call.
bool may_be_left_out(const Look& look, const Task& task, std::size_t i) {
  const auto* list = std::get_if<CreateListReplicaRequest>(&task.request());
  if (list == nullptr || !continues_after_errors(*list)) return false;
  const auto& suspects = task.suspects;
  return std::ranges::find(suspects, i) != suspects.end() ||
         is_entry_at_fault(look.world, *list, i) == Sure::Yes;
}

// The relationship joins the source and the replica (CER-33); one per source.
void check_ends(Look& look, const Task& task, const CreateInfo& info, const Views& pairs) {
  const auto clause = effect_clauses(info.method).ends;
  const auto subject = [&] { return subject_of(task.request()); };
  // Lists of different lengths, accepted because the request relaxed them (CLR-26): which entries
  // stay unpaired is not stated.
  if (!info.targets.empty() && info.targets.size() != info.sources.size()) return;
  for (std::size_t i = 0; i < info.sources.size(); ++i) {
    const auto target = target_of(task, info, i, pairs);
    const bool joined = std::ranges::any_of(pairs, [&](const RelationshipView* pair) {
      return pair->source_element == info.sources[i] &&
             (target == nullptr || pair->target_element == *target);
    });
    if (joined) continue;
    const bool unseen = std::ranges::none_of(pairs, [&](const RelationshipView* pair) {
      return pair->source_element == info.sources[i] ||
             (target != nullptr && pair->target_element == *target);
    });
    if (unseen && may_be_gone(look, info)) continue;
    if (may_be_left_out(look, task, i)) continue;
    std::string seen = "none";
    for (const RelationshipView* pair : pairs) {
      seen = text_of(pair->source_element) + " -> " + text_of(pair->target_element);
    }
    look.report.breach(clause, subject(),
                       "a relationship " + info.sources[i].path + " -> " +
                           (target != nullptr ? target->path : "the new replica"),
                       seen);
  }
}

void check_objective(Look& look, const Task& task, const CreateInfo& info,
                     const RelationshipView& view) {
  if (info.method != Method::CreateReplica || info.mode != Mode::Synchronous) return;
  if (view.recovery_point_objective && *view.recovery_point_objective != 0) {
    look.report.breach("MCR-21", subject_of(task.request()) + ", " + subject_of(view),
                       "RecoveryPointObjective 0 for a synchronous copy",
                       std::to_string(*view.recovery_point_objective));
  }
}

}  // namespace

std::string text_of(const std::optional<ElementRef>& ref) { return ref ? ref->path : "NULL"; }

Views made_pairs(const Look& look, const Task& task) {
  Views pairs;
  for (const RelationshipRef& ref : task.relationships) {
    const RelationshipView* view = look.now.find(ref);
    if (view != nullptr && view->relationship_class == RelationshipClass::StorageSynchronized) {
      pairs.push_back(view);
    }
  }
  return pairs;
}

const RelationshipView* made_group(const Look& look, const Task& task) {
  for (const RelationshipRef& ref : task.relationships) {
    const RelationshipView* view = look.now.find(ref);
    if (view != nullptr && view->relationship_class == RelationshipClass::GroupSynchronized) {
      return view;
    }
  }
  return nullptr;
}

bool may_be_gone(const Look& look, const CreateInfo& info) {
  const bool clone =
      info.sync_type == SyncType::Clone || info.sync_type == SyncType::TokenizedClone;
  const Capabilities& capabilities = look.world.capabilities;
  const bool vendor = info.sync_type && number_of(*info.sync_type) >= kFirstVendorValue;
  return vendor ||
         (clone && (capabilities.has(Feature::SynchronizedCloneDetachesAutomatically) ||
                    capabilities.has(GroupFeature::SynchronizedCloneDetachesAutomatically)));
}

void check_shown_kind(Look& look, const Task& task, const CreateInfo& info,
                      const RelationshipView& view) {
  const auto& clauses = effect_clauses(info.method);
  const bool vendor = info.sync_type && number_of(*info.sync_type) >= kFirstVendorValue;
  // No page says what CreateReplica's associations show for 9 (D-03).
  const bool open = info.method == Method::CreateReplica &&
                    info.sync_type == SyncType::TokenizedClone && view.sync_type == SyncType::Clone;
  if (info.sync_type && !vendor && !open && view.sync_type != info.sync_type) {
    look.report.breach(clauses.sync_type, subject_of(task.request()) + ", " + subject_of(view),
                       "SyncType " + to_text(*info.sync_type), shown_text(view.sync_type));
  }
  check_mode(look, task, info, view);
  check_settings(look, task, info, view);
}

void check_target(Look& look, const Task& task, const CreateInfo& info, const ElementRef& target,
                  std::size_t position) {
  const ElementView* view = look.now.find(target);
  if (view == nullptr) return;
  const auto& clauses = effect_clauses(info.method);
  const auto subject = [&] { return subject_of(task.request()) + ", " + subject_of(target); };
  if (const ElementView* before = given_view(task, target)) {
    if (view->pool != before->pool) {
      look.report.breach(clauses.pool_ignored, subject(), "the pool it had",
                         view->pool ? view->pool->path : "NULL");
    }
    if (view->setting != before->setting) {
      look.report.breach(clauses.goal_ignored, subject(), "the setting it had",
                         view->setting ? view->setting->path : "NULL");
    }
    const auto asked = position < info.names.size() ? info.names[position] : std::nullopt;
    if (view->element_name != before->element_name && view->element_name != asked) {
      look.report.breach(info.method == Method::CreateListReplica ? "CLR-23" : "CER-26", subject(),
                         "its old name or the one that was asked for",
                         view->element_name.value_or("NULL"));
    }
    return;
  }
  if (info.pool && view->pool != *info.pool) {
    if (view->pool) {
      look.report.breach(clauses.pool, subject(), "pool " + info.pool->path, view->pool->path);
    } else {
      look.report.warn(clauses.pool, subject(), "pool " + info.pool->path, "NULL");
    }
  }
  if (info.goal && view->setting && view->setting != *info.goal) {
    look.report.breach(clauses.goal, subject(), "setting " + info.goal->path, view->setting->path);
  }
  // A target that was picked rather than made keeps its name.
  if (!made_here(task, target) || info.method == Method::CreateReplica) return;
  const auto asked = position < info.names.size() ? info.names[position] : std::nullopt;
  if (asked && !asked->empty() && view->element_name != asked) {
    look.report.breach(clauses.name, subject(), "ElementName \"" + *asked + "\"",
                       view->element_name ? "\"" + *view->element_name + "\"" : "NULL");
  }
  if (!asked && info.method == Method::CreateListReplica &&
      (!view->element_name || view->element_name->empty())) {
    const std::string_view clause = info.names.empty() ? "CLR-16" : "CLR-18";
    look.report.breach(clause, subject(), "a name given by the system", "none");
  }
}

void check_create_effects(Look& look, Task& task) {
  const auto& info = task.info();
  if (!info) return;
  if (task.answer().completed()) {
    check_target_out(look, task, *info);
    check_relationship_out(look, task, *info);
  }
  const auto pairs = made_pairs(look, task);
  const bool untouched = !any_overtaken(task);
  if (untouched) check_ends(look, task, *info, pairs);
  for (const RelationshipView* pair : pairs) {
    if (overtaken(task, pair->ref)) continue;
    check_shown_kind(look, task, *info, *pair);
    check_objective(look, task, *info, *pair);
  }
  for (std::size_t i = 0; i < info->sources.size(); ++i) {
    if (const auto target = target_of(task, *info, i, pairs)) {
      check_target(look, task, *info, *target, i);
    }
  }
}

}  // namespace lockstep::model
