// How requests and objects are named in findings.
#include "model/core/follow.hpp"
#include "model/vocab/names.hpp"

namespace lockstep::model {
namespace {

template <class E>
void add_number(std::string& text, std::string_view name, const std::optional<E>& value) {
  if (!value) return;
  if (text.back() != '(') text += ", ";
  text += std::string(name) + "=" + std::to_string(number_of(*value));
  if (const auto known = name_of(*value)) text += " " + std::string(*known);
}

template <class Reference>
void add_ref(std::string& text, std::string_view name, const std::optional<Reference>& value) {
  if (!value) return;
  if (text.back() != '(') text += ", ";
  text += std::string(name) + " " + value->path;
}

void add_count(std::string& text, std::string_view name, std::size_t count) {
  if (text.back() != '(') text += ", ";
  text += std::to_string(count) + " " + std::string(name);
}

}  // namespace

std::string subject_of(const Request& request) {
  std::string text = to_text(method_of(request)) + "(";
  std::visit(
      [&](const auto& one) {
        if constexpr (requires { one.sync_type; }) add_number(text, "SyncType", one.sync_type);
        if constexpr (requires { one.copy_type; }) add_number(text, "CopyType", one.copy_type);
        if constexpr (requires { one.mode; }) add_number(text, "Mode", one.mode);
        if constexpr (requires { one.operation; }) add_number(text, "Operation", one.operation);
        if constexpr (requires { one.source_element; }) add_ref(text, "source", one.source_element);
        if constexpr (requires { one.target_element; }) add_ref(text, "target", one.target_element);
        if constexpr (requires { one.source_elements; }) {
          if (one.source_elements) add_count(text, "sources", one.source_elements->size());
        }
        if constexpr (requires { one.synchronization; }) {
          add_ref(text, "relationship", one.synchronization);
        }
        if constexpr (requires { one.synchronizations; }) {
          if (one.synchronizations) add_count(text, "relationships", one.synchronizations->size());
        }
        if constexpr (requires { one.group; }) add_ref(text, "group", one.group);
        if constexpr (requires { one.wait_for_copy_state; }) {
          add_number(text, "WaitForCopyState", one.wait_for_copy_state);
        }
      },
      request);
  if (const auto* create = std::get_if<CreateReplicaRequest>(&request)) {
    add_ref(text, "source", std::optional(create->source));
  }
  if (const auto* back = std::get_if<ReturnToStoragePoolRequest>(&request)) {
    add_ref(text, "element", std::optional(back->element));
  }
  if (const auto* change = std::get_if<RequestJobStateChangeRequest>(&request)) {
    add_ref(text, "job", std::optional(change->job));
  }
  return text + ")";
}

std::string subject_of(const RelationshipView& view) {
  const bool group = view.relationship_class == RelationshipClass::GroupSynchronized;
  return (group ? "group relationship " : "relationship ") + view.ref.path;
}
std::string subject_of(const ElementRef& ref) { return "volume " + ref.path; }
std::string subject_of(const GroupRef& ref) { return "group " + ref.path; }
std::string subject_of(const JobRef& ref) { return "job " + ref.path; }

}  // namespace lockstep::model
