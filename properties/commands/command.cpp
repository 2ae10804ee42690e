#include "properties/commands/command.hpp"

#include "model/vocab/names.hpp"

#include <type_traits>

namespace lockstep::properties {
namespace {

// Collects "Name=value" in call order.
class Arguments {
 public:
  void add(const std::string& name, const std::string& value) {
    if (!text_.empty()) text_ += ", ";
    if (!name.empty()) text_ += name + '=';
    text_ += value;
  }
  void add(const std::string& name, const std::optional<std::string>& value) {
    if (value) add(name, '"' + *value + '"');
  }
  void add(const std::string& name, const std::optional<bool>& value) {
    if (value) add(name, std::string(*value ? "true" : "false"));
  }
  void add(const std::string& name, const std::optional<Handle>& value) {
    if (value) add(name, to_text(*value));
  }
  template <class Enum>
  void add_number(const std::string& name, const std::optional<std::uint16_t>& value) {
    if (value) add(name, lockstep::to_text(static_cast<Enum>(*value)));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string joined(const std::vector<Handle>& handles) {
  std::string text;
  for (const Handle handle : handles) text += (text.empty() ? "" : ", ") + to_text(handle);
  return text;
}

std::string listed(const std::vector<Handle>& handles) { return '[' + joined(handles) + ']'; }

std::string assigned(const Command& command) {
  const std::vector<Handle> made = handles_made(command);
  return made.empty() ? std::string() : joined(made) + " = ";
}

std::string blocks_text(Handle volume, std::uint64_t first, std::uint64_t blocks) {
  return '(' + to_text(volume) + ", lba=" + std::to_string(first) +
         ", blocks=" + std::to_string(blocks) + ')';
}

std::string meanwhile_text(const std::optional<Meanwhile>& meanwhile) {
  if (!meanwhile) return {};
  std::string text =
      " || write" + blocks_text(meanwhile->volume, meanwhile->first, meanwhile->blocks);
  if (meanwhile->times > 1) text += " x" + std::to_string(meanwhile->times);
  return text;
}

void add_ends(Arguments& arguments, const Replicate& op) {
  const bool list = op.method == Method::CreateListReplica;
  const bool group = op.method == Method::CreateGroupReplicaFromElements;
  if (list || group) {
    if (!op.sources.empty()) arguments.add("SourceElements", listed(op.sources));
  } else if (!op.sources.empty()) {
    arguments.add(op.method == Method::CreateReplica ? "" : "SourceElement",
                  to_text(op.sources.front()));
  }
  if (op.targets && list) arguments.add("TargetElements", listed(*op.targets));
  if (op.targets && !list && !op.targets->empty()) {
    arguments.add(op.method == Method::CreateReplica ? "TargetStorageVolume" : "TargetElement",
                  to_text(op.targets->front()));
  }
  arguments.add("TargetGroup", op.target_group);
}

void add_names(Arguments& arguments, const Replicate& op) {
  arguments.add(
      op.method == Method::CreateGroupReplicaFromElements ? "RelationshipName" : "ElementName",
      op.name);
  if (op.names) {
    std::string text;
    for (const std::string& name : *op.names) text += (text.empty() ? "\"" : ", \"") + name + '"';
    arguments.add("ElementNames", '[' + text + ']');
  }
  arguments.add("SourceGroupName", op.source_group_name);
}

std::string arguments_of(const Replicate& op) {
  Arguments arguments;
  arguments.add_number<SyncType>("SyncType", op.sync_type);
  arguments.add_number<Mode>("Mode", op.mode);
  add_ends(arguments, op);
  arguments.add_number<CopyType>("CopyType", op.copy_type);
  arguments.add_number<ConsistencyRequest>("Consistency", op.consistency);
  add_names(arguments, op);
  if (op.recovery_point_objective) {
    arguments.add("RecoveryPointObjective", std::to_string(*op.recovery_point_objective));
  }
  if (op.settings) {
    arguments.add(
        op.method == Method::CreateReplica ? "ReplicationSettings" : "ReplicationSettingData",
        lockstep::to_text(*op.settings));
  }
  if (op.goal) arguments.add("TargetSettingGoal", std::string("goal"));
  if (op.pool) {
    arguments.add(op.method == Method::CreateReplica ? "TargetStoragePool" : "TargetPool",
                  std::string("pool"));
  }
  arguments.add_number<CopyState>("WaitForCopyState", op.wait);
  return arguments.text();
}

std::string arguments_of(const Modify& op) {
  Arguments arguments;
  arguments.add_number<lockstep::Operation>("Operation", op.operation);
  if (op.as_list) arguments.add("Synchronization", listed(op.relationships));
  if (!op.as_list && !op.relationships.empty()) {
    arguments.add("Synchronization", to_text(op.relationships.front()));
  }
  arguments.add("Force", op.force);
  arguments.add_number<CopyState>("WaitForCopyState", op.wait);
  return arguments.text();
}

struct Body {
  std::string operator()(const CreateVolume& op) const {
    Arguments arguments;
    arguments.add("blocks", std::to_string(op.blocks));
    arguments.add("name", op.name);
    return "create_volume(" + arguments.text() + ')';
  }
  std::string operator()(const Replicate& op) const {
    return lockstep::to_text(op.method) + '(' + arguments_of(op) + ')' +
           meanwhile_text(op.meanwhile);
  }
  std::string operator()(const Modify& op) const {
    return std::string(op.as_list ? "ModifyListSynchronization("
                                  : "ModifyReplicaSynchronization(") +
           arguments_of(op) + ')' + meanwhile_text(op.meanwhile);
  }
  std::string operator()(const MakeGroup& op) const {
    Arguments arguments;
    arguments.add("Members", listed(op.members));
    arguments.add("GroupName", op.name);
    arguments.add("Persistent", op.persistent);
    arguments.add("DeleteOnEmptyElement", op.delete_on_empty_element);
    arguments.add("DeleteOnUnassociated", op.delete_on_unassociated);
    return "CreateGroup(" + arguments.text() + ')';
  }
  std::string operator()(const DropGroup& op) const {
    Arguments arguments;
    arguments.add("", to_text(op.group));
    arguments.add("RemoveElements", op.remove_elements);
    return "DeleteGroup(" + arguments.text() + ')';
  }
  std::string operator()(const ExtendGroup& op) const {
    return "AddMembers(" + to_text(op.group) + ", Members=" + listed(op.members) + ')';
  }
  std::string operator()(const ReduceGroup& op) const {
    Arguments arguments;
    arguments.add("", to_text(op.group));
    arguments.add("Members", listed(op.members));
    arguments.add("DeleteOnEmptyElement", op.delete_on_empty_element);
    return "RemoveMembers(" + arguments.text() + ')';
  }
  std::string operator()(const WriteBlocks& op) const {
    return "write" + blocks_text(op.volume, op.first, op.blocks);
  }
  std::string operator()(const UnmapBlocks& op) const {
    return "unmap" + blocks_text(op.volume, op.first, op.blocks);
  }
  std::string operator()(const ReadVolume& op) const { return "read(" + to_text(op.volume) + ')'; }
  std::string operator()(const AwaitJob& op) const { return "await(" + to_text(op.job) + ')'; }
  std::string operator()(const ChangeJob& op) const {
    return "RequestStateChange(" + to_text(op.job) + ", " + lockstep::to_text(op.requested) + ')';
  }
  std::string operator()(const Look&) const { return "look()"; }
  std::string operator()(const Disturb& op) const {
    return "fault(" + lockstep::to_text(op.kind) +
           (op.relationship ? ", " + to_text(*op.relationship) : std::string()) + ')';
  }
  std::string operator()(const DropVolume& op) const {
    return "ReturnToStoragePool(" + to_text(op.volume) + ')';
  }
};

void append(std::vector<Handle>& into, const std::vector<Handle>& handles) {
  into.insert(into.end(), handles.begin(), handles.end());
}
void append(std::vector<Handle>& into, const std::optional<Handle>& handle) {
  if (handle) into.push_back(*handle);
}
void append(std::vector<Handle>& into, const std::optional<Meanwhile>& meanwhile) {
  if (meanwhile) into.push_back(meanwhile->volume);
}

struct Used {
  std::vector<Handle> operator()(const CreateVolume&) const { return {}; }
  std::vector<Handle> operator()(const Replicate& op) const {
    std::vector<Handle> used = op.sources;
    if (op.targets) append(used, *op.targets);
    append(used, op.target_group);
    append(used, op.meanwhile);
    return used;
  }
  std::vector<Handle> operator()(const Modify& op) const {
    std::vector<Handle> used = op.relationships;
    append(used, op.meanwhile);
    return used;
  }
  std::vector<Handle> operator()(const MakeGroup& op) const { return op.members; }
  std::vector<Handle> operator()(const DropGroup& op) const { return {op.group}; }
  std::vector<Handle> operator()(const ExtendGroup& op) const {
    std::vector<Handle> used = op.members;
    used.push_back(op.group);
    return used;
  }
  std::vector<Handle> operator()(const ReduceGroup& op) const {
    std::vector<Handle> used = op.members;
    used.push_back(op.group);
    return used;
  }
  std::vector<Handle> operator()(const WriteBlocks& op) const { return {op.volume}; }
  std::vector<Handle> operator()(const UnmapBlocks& op) const { return {op.volume}; }
  std::vector<Handle> operator()(const ReadVolume& op) const { return {op.volume}; }
  std::vector<Handle> operator()(const AwaitJob& op) const { return {op.job}; }
  std::vector<Handle> operator()(const ChangeJob& op) const { return {op.job}; }
  std::vector<Handle> operator()(const Look&) const { return {}; }
  std::vector<Handle> operator()(const Disturb& op) const {
    std::vector<Handle> used;
    append(used, op.relationship);
    return used;
  }
  std::vector<Handle> operator()(const DropVolume& op) const { return {op.volume}; }
};

}  // namespace

std::string name_of(const Command& command) {
  const std::string text = std::visit(Body{}, command);
  return text.substr(0, text.find('('));
}

std::string to_text(const Command& command) {
  return assigned(command) + std::visit(Body{}, command);
}

std::vector<Handle> handles_used(const Command& command) { return std::visit(Used{}, command); }

std::vector<Handle> handles_made(const Command& command) {
  std::vector<Handle> made;
  if (const auto* volume = std::get_if<CreateVolume>(&command)) {
    made.push_back(volume->made);
  } else if (const auto* group = std::get_if<MakeGroup>(&command)) {
    made.push_back(group->made);
  } else if (const auto* modify = std::get_if<Modify>(&command)) {
    append(made, modify->made_job);
  } else if (const auto* replicate = std::get_if<Replicate>(&command)) {
    append(made, replicate->made_group_relationship);
    append(made, replicate->made_relationships);
    append(made, replicate->made_volumes);
    append(made, replicate->made_source_group);
    append(made, replicate->made_target_group);
    append(made, replicate->made_job);
  }
  return made;
}

}  // namespace lockstep::properties
