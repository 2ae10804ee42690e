#include "conformance/suite/name_book.hpp"

#include "model/vocab/methods.hpp"
#include "model/vocab/names.hpp"

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace lockstep::conformance {
namespace {

constexpr std::size_t kLongestText = 60;

std::string quoted(const std::string& text) {
  std::string shown = "\"";
  for (const char letter : text.substr(0, kLongestText)) {
    const bool plain = letter >= ' ' && letter <= '~' && letter != '"';
    shown += plain ? letter : '?';
  }
  if (text.size() > kLongestText) shown += "... (" + std::to_string(text.size()) + " bytes)";
  return shown + "\"";
}

// Collects "Name=value" pairs.
class Parameters {
 public:
  explicit Parameters(NameBook& book) : book_(book) {}

  template <class T>
  Parameters& add(const char* name, const std::optional<T>& value) {
    if (value) join(std::string(name) + "=" + value_text(*value));
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void join(const std::string& part) { text_ += (text_.empty() ? "" : ", ") + part; }

  template <class T>
  std::string value_text(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value ? "true" : "false";
    } else if constexpr (std::is_enum_v<T>) {
      return to_text(value);
    } else if constexpr (std::is_arithmetic_v<T>) {
      return std::to_string(value);
    } else {
      return object_text(value);
    }
  }
  static std::string object_text(const std::string& value) { return quoted(value); }
  template <class Kind>
  std::string object_text(const Ref<Kind>& ref) {
    return book_.of(ref);
  }
  template <class T>
  std::string object_text(const std::optional<T>& value) {
    return value ? value_text(*value) : "NULL";
  }
  template <class T>
  std::string object_text(const std::vector<T>& values) {
    std::string list;
    for (const T& value : values) list += (list.empty() ? "" : ", ") + value_text(value);
    return "[" + list + "]";
  }
  static std::string object_text(const SettingDataParameter& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
    return "{...}";
  }
  static std::string object_text(const ReplicationSettingData&) { return "{...}"; }
  static std::string object_text(const ExtendedStatus& status) {
    return "{" + std::to_string(status.error_code) + "}";
  }

  NameBook& book_;
  std::string text_;
};

// The parameters that the three create methods of the replication service share.
template <class R>
void add_common(Parameters& out, const R& request) {
  out.add("SyncType", request.sync_type)
      .add("Mode", request.mode)
      .add("SourceAccessPoint", request.source_access_point)
      .add("TargetAccessPoint", request.target_access_point)
      .add("ReplicationSettingData", request.replication_setting_data)
      .add("TargetSettingGoal", request.target_setting_goal)
      .add("TargetPool", request.target_pool)
      .add("WaitForCopyState", request.wait_for_copy_state);
}

void add(Parameters& out, const CreateElementReplicaRequest& request) {
  out.add("ElementName", request.element_name)
      .add("SourceElement", request.source_element)
      .add("TargetElement", request.target_element);
  add_common(out, request);
}

void add(Parameters& out, const CreateListReplicaRequest& request) {
  out.add("ElementNames", request.element_names)
      .add("SourceElements", request.source_elements)
      .add("TargetElements", request.target_elements);
  add_common(out, request);
}

void add(Parameters& out, const CreateGroupReplicaFromElementsRequest& request) {
  out.add("RelationshipName", request.relationship_name)
      .add("SourceElements", request.source_elements)
      .add("SourceGroupName", request.source_group_name)
      .add("TargetGroup", request.target_group)
      .add("Consistency", request.consistency);
  add_common(out, request);
}

void add(Parameters& out, const CreateReplicaRequest& request) {
  out.add("on", std::optional(request.source))
      .add("ElementName", request.element_name)
      .add("SyncType", request.sync_type)
      .add("Mode", request.mode)
      .add("TargetStorageSystem", request.target_storage_system)
      .add("TargetStorageVolume", request.target_storage_volume)
      .add("TargetStoragePool", request.target_storage_pool)
      .add("RecoveryPointObjective", request.recovery_point_objective)
      .add("ReplicationSettings", request.replication_settings)
      .add("username", request.username);
  if (request.password) out.add("password", std::optional<std::string>("hidden"));
}

void add(Parameters& out, const AttachReplicaRequest& request) {
  out.add("SourceElement", request.source_element)
      .add("TargetElement", request.target_element)
      .add("CopyType", request.copy_type);
}

void add(Parameters& out, const ModifyReplicaSynchronizationRequest& request) {
  out.add("Operation", request.operation)
      .add("Synchronization", request.synchronization)
      .add("ReplicationSettingData", request.replication_setting_data)
      .add("SyncPair", request.sync_pair)
      .add("Force", request.force)
      .add("WaitForCopyState", request.wait_for_copy_state);
}

void add(Parameters& out, const ModifyListSynchronizationRequest& request) {
  out.add("Operation", request.operation)
      .add("Synchronizations", request.synchronizations)
      .add("ReplicationSettingData", request.replication_setting_data)
      .add("Force", request.force)
      .add("WaitForCopyState", request.wait_for_copy_state);
}

void add(Parameters& out, const CreateGroupRequest& request) {
  out.add("GroupName", request.group_name)
      .add("Members", request.members)
      .add("Persistent", request.persistent)
      .add("DeleteOnEmptyElement", request.delete_on_empty_element)
      .add("DeleteOnUnassociated", request.delete_on_unassociated);
}

void add(Parameters& out, const DeleteGroupRequest& request) {
  out.add("ReplicationGroup", request.group).add("RemoveElements", request.remove_elements);
}

void add(Parameters& out, const AddMembersRequest& request) {
  out.add("Members", request.members).add("ReplicationGroup", request.group);
}

void add(Parameters& out, const RemoveMembersRequest& request) {
  out.add("Members", request.members)
      .add("DeleteOnEmptyElement", request.delete_on_empty_element)
      .add("ReplicationGroup", request.group);
}

void add(Parameters& out, const CreateVolumeRequest& request) {
  out.add("ElementName", request.element_name)
      .add("Pool", request.pool)
      .add("Blocks", std::optional(request.blocks.value));
}

void add(Parameters& out, const ReturnToStoragePoolRequest& request) {
  out.add("Element", std::optional(request.element));
}

void add(Parameters& out, const RequestJobStateChangeRequest& request) {
  out.add("Job", std::optional(request.job))
      .add("RequestedState", std::optional(request.requested_state));
}

}  // namespace

std::string NameBook::name(const std::string& kind, const std::string& path) {
  std::string& known = names_[{kind, path}];
  if (known.empty()) known = kind + std::to_string(++last_[kind]);
  return known;
}

std::string NameBook::shorten(std::string text) const {
  // Longest first: a reference may be the beginning of another.
  std::vector<std::pair<std::string_view, std::string_view>> known;
  for (const auto& [key, name] : names_) known.emplace_back(key.second, name);
  std::ranges::sort(known,
                    [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  for (const auto& [path, name] : known) {
    if (path.empty()) continue;
    for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path, at)) {
      text.replace(at, path.size(), name);
      at += name.size();
    }
  }
  return text;
}

std::string NameBook::text(const Request& request) {
  Parameters parameters(*this);
  std::visit([&](const auto& alternative) { add(parameters, alternative); }, request);
  return to_text(method_of(request)) + "(" + parameters.text() + ")";
}

std::string NameBook::text(const Answer& answer) {
  Parameters parameters(*this);
  parameters.add("Job", answer.job)
      .add("Synchronization", answer.synchronization)
      .add("Synchronizations", answer.synchronizations)
      .add("TargetElement", answer.target_element)
      .add("TargetElements", answer.target_elements)
      .add("TargetGroup", answer.target_group)
      .add("SourceGroupName", answer.source_group_name)
      .add("ReplicationGroup", answer.group)
      .add("TargetReplicaPeer", answer.target_replica_peer)
      .add("UpdatedSynchronization", answer.updated_synchronization);
  return code_text(answer) + (parameters.text().empty() ? "" : ", " + parameters.text());
}

}  // namespace lockstep::conformance
