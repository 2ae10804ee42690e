#include "conformance/cases/support.hpp"

#include "model/vocab/methods.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <type_traits>

namespace lockstep::conformance {
namespace {

// The method that a section is about.
std::optional<Method> method_of_section(const std::string& section) {
  for (const Method method : all_values<Method>()) {
    if (section == clause_prefix(method)) return method;
  }
  return std::nullopt;
}

Level strongest(const std::vector<std::string>& clauses) {
  Level level = Level::Open;
  for (const std::string& id : clauses) {
    if (const Clause* clause = find_clause(id)) level = std::min(level, clause->level);
  }
  return level;
}

template <class T>
std::optional<std::vector<T>> unless_empty(const std::vector<T>& list) {
  if (list.empty()) return std::nullopt;
  return list;
}

template <class T>
std::optional<T> first_of(const std::vector<T>& list) {
  if (list.empty()) return std::nullopt;
  return list.front();
}

std::optional<ElementRef> entry(const std::optional<std::vector<std::optional<ElementRef>>>& list,
                                std::size_t index) {
  if (!list || index >= list->size()) return std::nullopt;
  return (*list)[index];
}

std::vector<ElementRef> sources_of(const Request& request) {
  if (const auto* element = std::get_if<CreateElementReplicaRequest>(&request)) {
    if (element->source_element) return {*element->source_element};
  } else if (const auto* list = std::get_if<CreateListReplicaRequest>(&request)) {
    return list->source_elements.value_or(std::vector<ElementRef>{});
  } else if (const auto* group = std::get_if<CreateGroupReplicaFromElementsRequest>(&request)) {
    return group->source_elements.value_or(std::vector<ElementRef>{});
  } else if (const auto* volume = std::get_if<CreateReplicaRequest>(&request)) {
    return {volume->source};
  } else if (const auto* attach = std::get_if<AttachReplicaRequest>(&request)) {
    if (attach->source_element) return {*attach->source_element};
  }
  return {};
}

}  // namespace

Case make_case(std::string id, std::vector<std::string> clauses, std::string does,
               std::string requires_text, Needs needs, std::function<void(Session&)> run) {
  Case made;
  made.id = std::move(id);
  made.level = strongest(clauses);
  made.clauses = std::move(clauses);
  made.does = std::move(does);
  made.requires_text = std::move(requires_text);
  made.needs = std::move(needs);
  if (const auto method = method_of_section(made.method())) made.needs.methods.insert(*method);
  made.run = std::move(run);
  return made;
}

std::string id_of(Method method, const std::string& name) {
  return std::string(clause_prefix(method)) + "/" + name;
}

std::string clause_of(Method method, int number) {
  return std::string(clause_prefix(method)) + (number < 10 ? "-0" : "-") + std::to_string(number);
}

Needs of_kind(SyncType kind) {
  Needs needs;
  needs.kinds = {kind};
  return needs;
}

Request request_of(const Recipe& recipe) {
  switch (recipe.method) {
    case Method::CreateListReplica: {
      CreateListReplicaRequest request;
      request.sync_type = recipe.sync_type;
      request.mode = recipe.mode;
      request.source_elements = unless_empty(recipe.sources);
      request.target_elements = unless_empty(recipe.targets);
      request.wait_for_copy_state = recipe.wait;
      return request;
    }
    case Method::CreateGroupReplicaFromElements: {
      CreateGroupReplicaFromElementsRequest request;
      request.sync_type = recipe.sync_type;
      request.mode = recipe.mode;
      request.source_elements = unless_empty(recipe.sources);
      request.wait_for_copy_state = recipe.wait;
      return request;
    }
    case Method::CreateReplica: {
      CreateReplicaRequest request;
      request.source = first_of(recipe.sources).value_or(ElementRef{});
      request.sync_type = recipe.sync_type;
      request.mode = recipe.mode;
      request.target_storage_volume = first_of(recipe.targets);
      return request;
    }
    default: {
      CreateElementReplicaRequest request;
      request.sync_type = recipe.sync_type;
      request.mode = recipe.mode;
      request.source_element = first_of(recipe.sources);
      request.target_element = first_of(recipe.targets);
      request.wait_for_copy_state = recipe.wait;
      return request;
    }
  }
}

// A setter for one member, whatever the request type.
#define LOCKSTEP_SETTER(function, type, member)                     \
  bool function(Request& request, type value) {                     \
    return std::visit(                                              \
        [&](auto& alternative) {                                    \
          if constexpr (requires { alternative.member = value; }) { \
            alternative.member = value;                             \
            return true;                                            \
          } else {                                                  \
            return false;                                           \
          }                                                         \
        },                                                          \
        request);                                                   \
  }
LOCKSTEP_SETTER(set_sync_type, std::optional<SyncType>, sync_type)
LOCKSTEP_SETTER(set_mode, std::optional<Mode>, mode)
LOCKSTEP_SETTER(set_wait, std::optional<CopyState>, wait_for_copy_state)
LOCKSTEP_SETTER(set_goal, const std::optional<SettingRef>&, target_setting_goal)
LOCKSTEP_SETTER(set_settings, const std::optional<SettingDataParameter>&, replication_setting_data)
LOCKSTEP_SETTER(set_source_access_point, const std::optional<AccessPointRef>&, source_access_point)
LOCKSTEP_SETTER(set_target_access_point, const std::optional<AccessPointRef>&, target_access_point)
#undef LOCKSTEP_SETTER

bool set_pool(Request& request, const std::optional<PoolRef>& value) {
  if (auto* volume = std::get_if<CreateReplicaRequest>(&request)) {
    volume->target_storage_pool = value;
    return true;
  }
  return std::visit(
      [&](auto& alternative) {
        if constexpr (requires { alternative.target_pool = value; }) {
          alternative.target_pool = value;
          return true;
        } else {
          return false;
        }
      },
      request);
}

std::size_t source_count(Method method) {
  const bool several =
      method == Method::CreateListReplica || method == Method::CreateGroupReplicaFromElements;
  return several ? 2 : 1;
}

Recipe fresh(Session& session, Method method, SyncType kind, BlockCount blocks) {
  Recipe recipe;
  recipe.method = method;
  recipe.sync_type = kind;
  recipe.sources = session.volumes(source_count(method), blocks);
  return recipe;
}

Made make(Session& session, const Request& request) {
  Made made;
  made.sources = sources_of(request);
  made.outcome = session.perform(request);
  const Answer& answer = made.outcome.answer;
  if (!made.outcome.accepted()) return made;
  const Inventory& after = made.outcome.after;
  for (std::size_t i = 0; i < made.sources.size(); ++i) {
    std::optional<RelationshipView> pair;
    for (const RelationshipView& view : after.relationships) {
      const bool ours = view.relationship_class == RelationshipClass::StorageSynchronized &&
                        view.source_element == made.sources[i];
      if (ours) pair = view;  // the newest stands last
    }
    if (answer.synchronizations && i < answer.synchronizations->size()) {
      const auto& named = (*answer.synchronizations)[i];
      if (const auto* view = named ? after.find(*named) : nullptr) pair = *view;
    }
    std::optional<ElementRef> target = answer.target_elements ? entry(answer.target_elements, i)
                                       : i == 0               ? answer.target_element
                                                              : std::nullopt;
    if (!target && pair) target = pair->target_element;
    made.pairs.push_back(pair);
    made.targets.push_back(target);
  }
  if (answer.synchronization) {
    if (const auto* view = after.find(*answer.synchronization)) {
      if (view->relationship_class == RelationshipClass::GroupSynchronized) {
        made.group = *view;
      } else if (made.pairs.size() == 1) {
        made.pairs.front() = *view;
      }
    }
  }
  if (!made.group && std::holds_alternative<CreateGroupReplicaFromElementsRequest>(request)) {
    for (const RelationshipView& view : after.relationships) {
      const GroupView* group = view.source_group ? after.find(*view.source_group) : nullptr;
      if (group != nullptr && group->members == made.sources) made.group = view;
    }
  }
  return made;
}

Made make_needed(Session& session, const Request& request) {
  Made made = make(session, request);
  session.need(made.outcome);
  return made;
}

Pair synchronized_pair(Session& session, SyncType kind, std::optional<Mode> mode) {
  Pair pair;
  pair.source = session.volume();
  session.fill(pair.source);
  Recipe recipe;
  recipe.sync_type = kind;
  recipe.mode = mode;
  recipe.sources = {pair.source};
  if (can_wait(session, Method::CreateElementReplica, kind, CopyState::Synchronized)) {
    recipe.wait = CopyState::Synchronized;
  }
  const Made made = make_needed(session, request_of(recipe));
  if (!made.pairs.front() || !made.targets.front()) {
    session.not_testable("the relationship ended by itself, so nothing can be done with it");
  }
  pair.target = *made.targets.front();
  pair.relationship = made.pairs.front()->ref;
  static_cast<void>(brought_up(session, pair.relationship));
  pair.source_bytes = session.read_all(pair.source);
  return pair;
}

std::optional<RelationshipView> brought_up(Session& session, const RelationshipRef& relationship) {
  const Inventory present = session.look();
  const RelationshipView* view = present.find(relationship);
  if (view == nullptr) return std::nullopt;
  const auto state = view->copy_state;
  if (state == CopyState::Inactive || state == CopyState::Prepared ||
      state == CopyState::Initialized) {
    modify(session, relationship, Operation::Activate);
  }
  return session.await_state("", relationship, {CopyState::Synchronized});
}

std::optional<RelationshipView> resynchronized(Session& session, const std::string& clause,
                                               const RelationshipRef& relationship) {
  std::set<CopyState> states{CopyState::Synchronized};
  const bool idle = session.capabilities().has(Feature::ResyncRequiresActivate);
  if (idle) states.insert(CopyState::Inactive);
  const auto view = session.await_state(clause, relationship, states);
  if (!view || view->copy_state != CopyState::Inactive) return view;
  session.need(modify(session, relationship, Operation::Activate));
  return session.await_state(clause, relationship, {CopyState::Synchronized});
}

Outcome carry_out(Session& session, const RelationshipRef& relationship, Operation operation) {
  Outcome outcome = modify(session, relationship, operation);
  if (outcome.accepted()) return outcome;
  ModifyReplicaSynchronizationRequest request;
  request.operation = operation;
  request.synchronization = relationship;
  request.force = true;
  return session.perform(request);
}

Outcome modify(Session& session, const RelationshipRef& relationship, Operation operation,
               std::optional<CopyState> wait) {
  ModifyReplicaSynchronizationRequest request;
  request.operation = operation;
  request.synchronization = relationship;
  request.wait_for_copy_state = wait;
  return session.perform(request);
}

std::set<CopyState> closure_of(SyncType kind, CopyState reached, std::optional<Mode> mode) {
  const bool lagging = kind == SyncType::Mirror && mode && *mode != Mode::Synchronous;
  switch (reached) {
    case CopyState::Initialized:
      return {CopyState::Initialized, CopyState::Unsynchronized, CopyState::Synchronized,
              CopyState::Inactive,    CopyState::Prepared,       CopyState::Skewed};
    case CopyState::Unsynchronized:
      return {CopyState::Unsynchronized, CopyState::Synchronized, CopyState::Skewed};
    case CopyState::Synchronized:
      if (lagging) {
        return {CopyState::Unsynchronized, CopyState::Synchronized, CopyState::Skewed};
      }
      return {CopyState::Synchronized, CopyState::Skewed};
    case CopyState::Prepared:
      if (kind == SyncType::Snapshot) {
        return {CopyState::Synchronized, CopyState::Prepared, CopyState::Skewed};
      }
      return {CopyState::Prepared};
    default:
      return {reached, CopyState::Skewed};
  }
}

bool can_wait(const Session& session, Method method, SyncType kind, CopyState state) {
  bool declared = false;
  for (const auto& [key, states] : session.capabilities().wait_for_copy_states) {
    if (key.first != method || key.second.sync_type != kind) continue;
    declared = true;
    if (states.contains(state)) return true;
  }
  return !declared;
}

std::optional<Mode> some_mode(const Session& session, SyncType kind) {
  for (const ReplicationKind& known : session.capabilities().kinds) {
    if (known.sync_type == kind) return known.mode;
  }
  return std::nullopt;
}

std::vector<RelationshipView> relationships_of(const Inventory& inventory,
                                               const ElementRef& element) {
  std::vector<RelationshipView> found;
  for (const RelationshipView& view : inventory.relationships) {
    if (view.source_element == element || view.target_element == element) found.push_back(view);
  }
  return found;
}

std::string state_text(const std::optional<RelationshipView>& view) {
  if (!view) return "no relationship";
  return view->copy_state ? to_text(*view->copy_state) : "no CopyState";
}

std::string states_text(const std::set<CopyState>& states) {
  std::string text;
  for (const CopyState state : states) text += (text.empty() ? "" : ", ") + to_text(state);
  return text;
}

}  // namespace lockstep::conformance
