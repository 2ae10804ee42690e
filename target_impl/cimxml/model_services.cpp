// The system, its services and what they can do; the interop namespace that leads to them.
#include "target_impl/cimxml/model.hpp"

namespace lockstep::cimxml {
namespace {

using wire::boolean_value;
using wire::number_value;
using wire::Properties;
using wire::text_value;

constexpr const char* kReplication = "MSISCSITARGET_ReplicationService";
constexpr const char* kConfiguration = "MSISCSITARGET_StorageConfigurationService";
constexpr const char* kFaults = "LOCKSTEP_FaultService";

wire::Value actions(const std::set<Method>& methods) {
  std::vector<std::uint64_t> numbers;
  for (const Method method : methods) {
    if (action_number(method) != 0) numbers.push_back(action_number(method));
  }
  return numbers_value(numbers);
}

wire::Value action_if(const std::set<Method>& methods, Method method, std::uint64_t number) {
  return numbers_value(methods.contains(method) ? std::vector<std::uint64_t>{number}
                                                : std::vector<std::uint64_t>{});
}

// SupportedSynchronizationType of the older capabilities.
std::uint64_t synchronization_type(CopyType type) {
  return type == CopyType::UnSyncUnAssoc ? 6 : static_cast<std::uint64_t>(type);
}

// Storage Element Creation and Return, among the actions of StorageConfigurationCapabilities.
wire::Value element_actions(const std::set<Method>& methods) {
  std::vector<std::uint64_t> numbers;
  if (methods.contains(Method::CreateVolume)) numbers.push_back(5);
  if (methods.contains(Method::ReturnToStoragePool)) numbers.push_back(6);
  return numbers_value(numbers);
}

wire::Value replication_types(const Capabilities& capabilities) {
  std::vector<std::uint64_t> numbers;
  for (const ReplicationKind& kind : capabilities.kinds) {
    if (const auto type = to_replication_type(kind)) {
      numbers.push_back(static_cast<std::uint64_t>(*type));
    }
  }
  return numbers_value(numbers);
}

}  // namespace

void Model::add_interop() {
  const auto manager = [this] {
    wire::ObjectPath path = paths_.service("LOCKSTEP_ObjectManager");
    path.name_space = kInteropNamespace;
    return path;
  };
  const auto profile = [this](const char* name) {
    return paths_.instance(Space::Interop, "LOCKSTEP_RegisteredProfile", "InstanceID",
                           std::string("SNIA+") + name + "+1.8.0");
  };
  constexpr std::uint64_t kSnia = 11;
  const std::vector<const char*> profiles{"Array", "Replication Services", "Copy Services"};
  add(Space::Interop, "LOCKSTEP_ObjectManager", [=, this](Made& made) {
    made.push_back(object(manager(), {{"ElementName", text_value("lockstep")},
                                      {"EnabledState", number_value("uint16", 2)}}));
  });
  add(Space::Interop, "LOCKSTEP_Namespace", [=, this](Made& made) {
    for (const Space space : {Space::Interop, Space::Target, Space::Storage}) {
      wire::ObjectPath path = manager();
      path.class_name = "LOCKSTEP_Namespace";
      path.keys[2].name = "ObjectManagerCreationClassName";
      path.keys[3].name = "ObjectManagerName";
      path.keys.push_back(wire::string_key("CreationClassName", "LOCKSTEP_Namespace"));
      path.keys.push_back(wire::string_key("Name", name_of(space)));
      made.push_back(object(path, {}));
    }
  });
  add(Space::Interop, "LOCKSTEP_RegisteredProfile", [=, this](Made& made) {
    for (const char* name : profiles) {
      made.push_back(
          object(profile(name), {{"RegisteredOrganization", number_value("uint16", kSnia)},
                                 {"RegisteredName", text_value(name)},
                                 {"RegisteredVersion", text_value("1.8.0")}}));
    }
  });
  add(Space::Interop, "CIM_ElementConformsToProfile", [=, this](Made& made) {
    for (const char* name : profiles) {
      made.push_back(association(Space::Interop, "CIM_ElementConformsToProfile",
                                 "ConformantStandard", profile(name), "ManagedElement",
                                 paths_.computer()));
    }
  });
}

void Model::add_services() {
  add(Space::Target, "MSISCSITARGET_ComputerSystem", [this](Made& made) {
    const auto identity = provider_.identity();
    const std::string name = identity
                                 ? identity.value().organisation + " " + identity.value().product +
                                       " " + identity.value().version
                                 : "lockstep";
    constexpr std::uint64_t kStorage = 3;
    constexpr std::uint64_t kBlockServer = 15;
    made.push_back(
        object(paths_.computer(), {{"ElementName", text_value(name)},
                                   {"Dedicated", numbers_value({kStorage, kBlockServer})},
                                   {"OperationalStatus", numbers_value({2})}}));
  });
  const auto hosted = [this](Made& made, const wire::ObjectPath& service) {
    made.push_back(association(Space::Target, "CIM_HostedService", "Antecedent", paths_.computer(),
                               "Dependent", service));
  };
  for (const char* name : {kReplication, kConfiguration}) {
    add(Space::Target, name, [this, name](Made& made) {
      made.push_back(object(paths_.service(name), {{"ElementName", text_value(name)},
                                                   {"EnabledState", number_value("uint16", 2)}}));
    });
  }
  add(Space::Target, "CIM_HostedService", [this, hosted](Made& made) {
    hosted(made, paths_.service(kReplication));
    hosted(made, paths_.service(kConfiguration));
    if (provider_.fault_port() != nullptr) hosted(made, paths_.service(kFaults));
  });
  if (provider_.fault_port() == nullptr) return;
  add(Space::Target, kFaults, [this](Made& made) {
    std::vector<std::uint64_t> kinds;
    for (const FaultKind kind : provider_.fault_port()->supported()) {
      kinds.push_back(static_cast<std::uint64_t>(kind));
    }
    made.push_back(object(paths_.service(kFaults), {{"EnabledState", number_value("uint16", 2)},
                                                    {"SupportedFaults", numbers_value(kinds)}}));
  });
}

void Model::add_capabilities() {
  constexpr const char* kOfReplication = "MSISCSITARGET_ReplicationServiceCapabilities";
  constexpr const char* kOfConfiguration = "MSISCSITARGET_StorageConfigurationCapabilities";
  constexpr const char* kOfCopies = "MSISCSITARGET_StorageReplicationCapabilities";
  const auto path = [this](const char* class_name, const std::string& id) {
    return paths_.instance(Space::Target, class_name, "InstanceID", "lockstep:capabilities:" + id);
  };
  add(Space::Target, kOfReplication, [=, this](Made& made) {
    const auto found = capabilities();
    if (!found) return;
    constexpr std::uint64_t kStorageVolume = 2;
    made.push_back(object(path(kOfReplication, "replication"),
                          {{"SupportedReplicationTypes", replication_types(*found)},
                           {"SupportedStorageObjects", numbers_value({kStorageVolume})},
                           {"SupportedAsynchronousActions", actions(found->asynchronous_actions)},
                           {"SupportedSynchronousActions", actions(found->synchronous_actions)}}));
  });
  add(Space::Target, kOfConfiguration, [=, this](Made& made) {
    const auto found = capabilities();
    if (!found) return;
    made.push_back(
        object(path(kOfConfiguration, "configuration"),
               {{"SupportedAsynchronousActions", element_actions(found->asynchronous_actions)},
                {"SupportedSynchronousActions", element_actions(found->synchronous_actions)},
                {"SupportedStorageElementTypes", numbers_value({2})}}));
  });
  add(Space::Target, kOfCopies, [=, this](Made& made) {
    const auto found = capabilities();
    if (!found || !found->methods.contains(Method::AttachReplica)) return;
    constexpr std::uint64_t kLocalAttachment = 6;
    for (const CopyType type : found->copy_types) {
      made.push_back(object(
          path(kOfCopies, "copy:" + std::to_string(synchronization_type(type))),
          {{"SupportedSynchronizationType", number_value("uint16", synchronization_type(type))},
           {"SupportedAsynchronousActions",
            action_if(found->asynchronous_actions, Method::AttachReplica, kLocalAttachment)},
           {"SupportedSynchronousActions",
            action_if(found->synchronous_actions, Method::AttachReplica, kLocalAttachment)}}));
    }
  });
  add(Space::Target, "CIM_ElementCapabilities", [=, this](Made& made) {
    const auto join = [&](const char* service, const char* class_name) {
      for (const wire::PathInstance& one : instances(Space::Target, class_name)) {
        made.push_back(association(Space::Target, "CIM_ElementCapabilities", "ManagedElement",
                                   paths_.service(service), "Capabilities", one.path));
      }
    };
    join(kReplication, kOfReplication);
    join(kConfiguration, kOfConfiguration);
    join(kConfiguration, kOfCopies);
  });
}

}  // namespace lockstep::cimxml
