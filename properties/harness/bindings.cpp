#include "properties/harness/bindings.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

namespace lockstep::properties {

void Bindings::bind(Handle handle, const std::string& path) {
  if (!path.empty()) paths_.emplace(handle, path);
}

std::optional<std::string> Bindings::path_of(Handle handle) const {
  const auto found = paths_.find(handle);
  if (found == paths_.end()) return std::nullopt;
  return found->second;
}

std::optional<ElementRef> Bindings::element(Handle handle) const {
  const auto path = path_of(handle);
  return path ? std::optional(ElementRef{*path}) : std::nullopt;
}
std::optional<RelationshipRef> Bindings::relationship(Handle handle) const {
  const auto path = path_of(handle);
  return path ? std::optional(RelationshipRef{*path}) : std::nullopt;
}
std::optional<GroupRef> Bindings::group(Handle handle) const {
  const auto path = path_of(handle);
  return path ? std::optional(GroupRef{*path}) : std::nullopt;
}
std::optional<JobRef> Bindings::job(Handle handle) const {
  const auto path = path_of(handle);
  return path ? std::optional(JobRef{*path}) : std::nullopt;
}

bool Bindings::all_bound(const std::vector<Handle>& handles) const {
  return std::all_of(handles.begin(), handles.end(),
                     [&](Handle handle) { return paths_.contains(handle); });
}

bool Bindings::taken(HandleKind kind, const std::string& path) const {
  return std::any_of(paths_.begin(), paths_.end(), [&](const auto& entry) {
    return entry.first.kind == kind && entry.second == path;
  });
}

void Bindings::bind_from_answer(const Replicate& op, const Answer& answer) {
  if (answer.synchronization) {
    if (op.made_group_relationship) {
      bind(*op.made_group_relationship, answer.synchronization->path);
    } else if (!op.made_relationships.empty()) {
      bind(op.made_relationships.front(), answer.synchronization->path);
    }
  }
  if (answer.synchronizations) {
    const std::size_t count =
        std::min(answer.synchronizations->size(), op.made_relationships.size());
    for (std::size_t i = 0; i < count; ++i) {
      const auto& entry = (*answer.synchronizations)[i];
      if (entry) bind(op.made_relationships[i], entry->path);
    }
  }
  if (answer.target_element && op.made_volumes.size() == 1) {
    bind(op.made_volumes.front(), answer.target_element->path);
  }
  if (answer.target_elements) {
    const std::size_t count = std::min(answer.target_elements->size(), op.made_volumes.size());
    for (std::size_t i = 0; i < count; ++i) {
      const auto& entry = (*answer.target_elements)[i];
      if (entry) bind(op.made_volumes[i], entry->path);
    }
  }
  if (answer.target_group && op.made_target_group) {
    bind(*op.made_target_group, answer.target_group->path);
  }
}

void Bindings::open_pairs(const Replicate& op, const std::set<RelationshipRef>& old) {
  for (std::size_t i = 0; i < op.sources.size(); ++i) {
    Open open;
    if (i < op.made_relationships.size()) open.relationship = op.made_relationships[i];
    if (i < op.made_volumes.size()) open.target_volume = op.made_volumes[i];
    open.source = element(op.sources[i]);
    if (op.targets && i < op.targets->size()) open.target = element((*op.targets)[i]);
    open.old = old;
    open_.push_back(open);
  }
}

void Bindings::learn_replicate(const Replicate& op, const Answer& answer, const Inventory& before) {
  if (!answer.accepted()) return;
  bind_from_answer(op, answer);
  std::set<RelationshipRef> old;
  for (const RelationshipView& view : before.relationships) old.insert(view.ref);
  open_pairs(op, old);
  if (op.made_group_relationship) {
    Open open;
    open.group = true;
    open.relationship = op.made_group_relationship;
    open.source_group = op.made_source_group;
    open.target_group = op.made_target_group;
    open.old = old;
    open_.push_back(open);
  }
  if (answer.job && op.made_job) bind(*op.made_job, answer.job->path);
}

void Bindings::learn(const Command& command, const Answer& answer, const Inventory& before,
                     const Inventory& after) {
  if (const auto* create = std::get_if<CreateVolume>(&command)) {
    if (answer.accepted() && answer.target_element) bind(create->made, answer.target_element->path);
  } else if (const auto* group = std::get_if<MakeGroup>(&command)) {
    if (answer.accepted() && answer.group) bind(group->made, answer.group->path);
  } else if (const auto* modify = std::get_if<Modify>(&command)) {
    if (answer.job && modify->made_job) bind(*modify->made_job, answer.job->path);
    // MRS-25: after ReverseRoles the relationship may have a new path.
    if (answer.updated_synchronization && modify->relationships.size() == 1) {
      paths_[modify->relationships.front()] = answer.updated_synchronization->path;
    }
  } else if (const auto* replicate = std::get_if<Replicate>(&command)) {
    learn_replicate(*replicate, answer, before);
  }
  look_again(after);
}

bool Bindings::close(Open& open, const Inventory& inventory) {
  for (const RelationshipView& view : inventory.relationships) {
    const bool is_group = view.relationship_class == RelationshipClass::GroupSynchronized;
    if (is_group != open.group) continue;
    const auto known = open.relationship ? path_of(*open.relationship) : std::nullopt;
    if (known && *known != view.ref.path) continue;
    if (!known && (open.old.contains(view.ref) || taken(HandleKind::Relationship, view.ref.path))) {
      continue;
    }
    if (!open.group) {
      if (open.source && view.source_element != open.source) continue;
      if (open.target && view.target_element != open.target) continue;
      if (open.target_volume && view.target_element) {
        bind(*open.target_volume, view.target_element->path);
      }
    }
    if (open.relationship) bind(*open.relationship, view.ref.path);
    if (open.source_group && view.source_group) bind(*open.source_group, view.source_group->path);
    if (open.target_group && view.target_group) bind(*open.target_group, view.target_group->path);
    return true;
  }
  return false;
}

void Bindings::look_again(const Inventory& inventory) {
  std::erase_if(open_, [&](Open& open) { return close(open, inventory); });
}

std::string Bindings::symbolic(const std::string& text) const {
  // Longest first, so that no reference is taken for the beginning of another.
  std::vector<std::pair<std::string_view, Handle>> names;
  std::array<bool, 256> begins{};  // whether some reference begins with that letter
  for (const auto& [handle, path] : paths_) {
    names.emplace_back(path, handle);
    begins[static_cast<unsigned char>(path.empty() ? '\0' : path.front())] = true;
  }
  std::stable_sort(names.begin(), names.end(), [](const auto& left, const auto& right) {
    return left.first.size() > right.first.size();
  });
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    bool replaced = false;
    if (!begins[static_cast<unsigned char>(text[at])]) {
      result += text[at++];
      continue;
    }
    for (const auto& [path, handle] : names) {
      if (text.compare(at, path.size(), path) != 0) continue;
      const std::size_t next = at + path.size();
      const bool whole =
          next >= text.size() || std::isalnum(static_cast<unsigned char>(text[next])) == 0;
      if (!whole) continue;
      result += to_text(handle);
      at = next;
      replaced = true;
      break;
    }
    if (!replaced) result += text[at++];
  }
  return result;
}

}  // namespace lockstep::properties
