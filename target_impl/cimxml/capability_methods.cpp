// The methods of ReplicationServiceCapabilities (CAP).
#include "target_impl/cimxml/object_manager.hpp"

#include <limits>
#include <utility>

namespace lockstep::cimxml {
namespace {

using wire::CimError;
using wire::Reply;

constexpr auto kSuccess = static_cast<std::uint32_t>(ReturnCode::Success);
constexpr auto kInvalid = static_cast<std::uint32_t>(ReturnCode::InvalidParameter);

template <class Set>
wire::Value list_of(const Set& set) {
  std::vector<std::uint64_t> numbers;
  for (const auto value : set) numbers.push_back(static_cast<std::uint64_t>(value));
  return numbers_value(numbers);
}

// MethodName of GetSupportedWaitForCopyStates.
std::optional<Method> waiting_method(std::uint64_t number) {
  switch (number) {
    case 2:
      return Method::CreateElementReplica;
    case 4:
      return Method::ModifyReplicaSynchronization;
    case 5:
      return Method::ModifyListSynchronization;
    case 7:
      return Method::CreateListReplica;
    case 8:
      return Method::CreateGroupReplicaFromElements;
    default:
      return std::nullopt;
  }
}

class Capability {
 public:
  Capability(const Asked& asked, Capabilities capabilities)
      : asked_(asked), capabilities_(std::move(capabilities)) {}

  Reply answer() {
    const std::string name = wire::lower_case(asked_.call.name);
    if (name == "convertsynctypetoreplicationtype") return to_type();
    if (name == "getdefaultgrouppersistency") {
      constexpr std::uint64_t kPersistent = 2;
      constexpr std::uint64_t kNotPersistent = 3;
      put("DefaultGroupPersistency",
          single(capabilities_.default_group_persistent ? kPersistent : kNotPersistent));
      return finish(kSuccess);
    }
    const auto type = to_replication_kind(static_cast<ReplicationType>(number("ReplicationType")));
    if (name == "convertreplicationtypetosynctype") return to_sync_type(type);
    if (!type || !capabilities_.kinds.contains(*type)) return finish(kInvalid);
    return of_kind(name, *type);
  }

 private:
  static wire::Value single(std::uint64_t value) { return wire::number_value("uint16", value); }
  void put(const char* name, wire::Value value) { reply_.out.push_back({name, std::move(value)}); }
  Reply finish(std::uint32_t code) {
    reply_.return_value = wire::number_value("uint32", code);
    if (code != kSuccess) reply_.out.clear();
    return std::move(reply_);
  }
  std::uint64_t number(const char* name) {
    const wire::Value* value = wire::find_value(asked_.call.parameters, name);
    if (value == nullptr || value->items.size() != 1) return 0;
    const auto read =
        wire::read_number(value->items.front(), std::numeric_limits<std::uint16_t>::max(), name);
    if (!read) throw CimError{status::kInvalidParameter, read.error().message};
    return read.value();
  }

  Reply to_type() {
    ReplicationKind kind;
    kind.sync_type = static_cast<SyncType>(number("SyncType"));
    kind.mode = static_cast<Mode>(number("Mode"));
    kind.locality = static_cast<Locality>(number("LocalOrRemote"));
    const auto type = to_replication_type(kind);
    if (!type || !capabilities_.kinds.contains(kind)) return finish(kInvalid);
    put("SupportedReplicationTypes", single(static_cast<std::uint64_t>(*type)));
    return finish(kSuccess);
  }
  Reply to_sync_type(const std::optional<ReplicationKind>& kind) {
    if (!kind || !capabilities_.kinds.contains(*kind)) return finish(kInvalid);
    put("SyncType", single(static_cast<std::uint64_t>(kind->sync_type)));
    put("Mode", single(static_cast<std::uint64_t>(kind->mode)));
    put("LocalOrRemote", single(static_cast<std::uint64_t>(kind->locality)));
    return finish(kSuccess);
  }

  Reply of_kind(const std::string& name, const ReplicationKind& kind) {
    if (name == "getsupportedfeatures") {
      put("Features", list_of(capabilities_.features));
    } else if (name == "getsupportedgroupfeatures") {
      put("GroupFeatures", list_of(capabilities_.group_features));
    } else if (name == "getsupportedoperations") {
      put("SupportedOperations", list_of(capabilities_.operations[kind]));
    } else if (name == "getsupportedcopystates") {
      put("SupportedCopyStates", list_of(capabilities_.copy_states[kind]));
      // Both ends of a replica can always be read here.
      wire::Value accessible = wire::array_value("boolean");
      accessible.items.assign(capabilities_.copy_states[kind].size(), std::string("TRUE"));
      put("HostAccessible", std::move(accessible));
    } else if (name == "getsupportedwaitforcopystates") {
      const auto method = waiting_method(number("MethodName"));
      const auto found = method ? capabilities_.wait_for_copy_states.find({*method, kind})
                                : capabilities_.wait_for_copy_states.end();
      if (found == capabilities_.wait_for_copy_states.end()) return finish(kInvalid);
      put("SupportedCopyStates", list_of(found->second));
    } else if (name == "getsupportedconsistency") {
      put("SupportedConsistency",
          list_of(capabilities_.sequential_consistency_supported
                      ? std::set<ConsistencyType>{ConsistencyType::SequentiallyConsistent}
                      : std::set<ConsistencyType>{}));
    } else if (name == "getdefaultconsistency") {
      put("DefaultConsistency",
          single(static_cast<std::uint64_t>(capabilities_.default_consistency)));
    }
    return finish(kSuccess);
  }

  const Asked& asked_;
  Capabilities capabilities_;
  Reply reply_;
};

}  // namespace

Reply capability_method(const Asked& asked) {
  auto capabilities = asked.provider.capabilities();
  if (!capabilities) throw CimError{status::kFailed, capabilities.error().message};
  return Capability(asked, std::move(capabilities).value()).answer();
}

}  // namespace lockstep::cimxml
