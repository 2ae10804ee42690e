// How hosts reach the volumes; and the same world again in the classes of the storage service.
#include "target_impl/cimxml/model.hpp"

#include <charconv>

namespace lockstep::cimxml {
namespace {

using wire::number_value;
using wire::Properties;
using wire::text_value;

constexpr const char* kController = "MSISCSITARGET_SCSIProtocolController";
constexpr const char* kIscsi = "MSISCSITARGET_iSCSIProtocolEndpoint";
constexpr const char* kTcp = "MSISCSITARGET_TCPProtocolEndpoint";

std::string hexadecimal(std::uint16_t number) {
  char digits[8] = {};
  const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
  return std::string(4 - static_cast<std::size_t>(end - digits), '0') + std::string(digits, end);
}

Properties passes_through(const wire::ObjectPath& target) {
  std::string ids;
  for (const wire::KeyBinding& key : target.keys) {
    ids += (ids.empty() ? "" : ",") + key.name + "=\"" + key.text + "\"";
  }
  return {{"UniqueId", text_value(target.keys.back().text)},
          {"PassThroughClass", text_value(target.class_name)},
          {"PassThroughIds", text_value(ids)},
          {"PassThroughNamespace", text_value(target.name_space)}};
}

}  // namespace

void Model::add_access() {
  const bool reachable = !options_.portal.empty() && !options_.target_name.empty();
  const auto controller = [this] {
    wire::ObjectPath path = paths_.service(kController);
    path.keys.back() = wire::string_key("DeviceID", options_.target_name);
    return path;
  };
  const auto endpoint = [this](const char* class_name, const std::string& name) {
    wire::ObjectPath path = paths_.service(class_name);
    path.keys.back().text = name;
    return path;
  };
  const auto published = [this] {
    return paths_.any(Space::Target, options_.access_point, "CIM_ServiceAccessPoint");
  };
  if (!options_.access_point.empty()) {
    add(Space::Target, "CIM_ServiceAccessPoint",
        [=, this](Made& made) { made.push_back(object(published(), {})); });
  }
  add(Space::Target, "CIM_HostedAccessPoint", [=, this](Made& made) {
    const auto host = [&](const wire::ObjectPath& point) {
      made.push_back(association(Space::Target, "CIM_HostedAccessPoint", "Antecedent",
                                 paths_.computer(), "Dependent", point));
    };
    if (!options_.access_point.empty()) host(published());
    if (!reachable) return;
    host(endpoint(kIscsi, options_.target_name));
    host(endpoint(kTcp, options_.portal));
  });
  if (!reachable) return;
  add(Space::Target, kController, [=, this](Made& made) {
    made.push_back(object(controller(), {{"ElementName", text_value(options_.target_name)}}));
  });
  add(Space::Target, kIscsi, [=, this](Made& made) {
    made.push_back(object(
        endpoint(kIscsi, options_.target_name),
        {{"Identifier", text_value(options_.target_name)}, {"Role", number_value("uint16", 3)}}));
  });
  add(Space::Target, kTcp, [=, this](Made& made) {
    const std::size_t colon = options_.portal.rfind(':');
    made.push_back(
        object(endpoint(kTcp, options_.portal),
               {{"IPv4Address", text_value(options_.portal.substr(0, colon))},
                {"PortNumber", wire::scalar("uint32", options_.portal.substr(colon + 1))}}));
  });
  add(Space::Target, "CIM_SAPAvailableForElement", [=, this](Made& made) {
    made.push_back(association(Space::Target, "CIM_SAPAvailableForElement", "AvailableSAP",
                               endpoint(kIscsi, options_.target_name), "ManagedElement",
                               controller()));
  });
  add(Space::Target, "CIM_ProtocolControllerForUnit", [=, this](Made& made) {
    for (const ElementView& element : inventory_.elements) {
      const auto unit = paths_.find(Space::Target, element.ref.path);
      if (element.element_class == ElementClass::StoragePool || !unit) continue;
      const auto lun = options_.lun_of ? options_.lun_of(element.ref) : std::nullopt;
      Properties properties;
      if (lun) properties.push_back({"DeviceNumber", text_value(hexadecimal(*lun))});
      made.push_back(association(Space::Target, "CIM_ProtocolControllerForUnit", "Antecedent",
                                 controller(), "Dependent", *unit, std::move(properties)));
    }
  });
}

void Model::add_storage_service() {
  const auto both = [this](const std::string& ref) {
    return std::pair{*paths_.find(Space::Storage, ref), *paths_.find(Space::Target, ref)};
  };
  add(Space::Storage, "MSFT_SMSystem", [this](Made& made) {
    made.push_back(object(paths_.instance(Space::Storage, "MSFT_SMSystem", "ObjectId", "lockstep"),
                          passes_through(paths_.computer())));
  });
  add(Space::Storage, "MSFT_SMPool", [=, this](Made& made) {
    for (const PoolView& pool : inventory_.pools) {
      const auto [path, target] = both(pool.ref.path);
      Properties properties = passes_through(target);
      properties.push_back({"FriendlyName", text_value(pool.name)});
      properties.push_back({"Size", number_value("uint64", pool.total.value)});
      properties.push_back(
          {"AllocatedSize", number_value("uint64", pool.total.value - pool.remaining.value)});
      made.push_back(object(path, std::move(properties)));
    }
  });
  add(Space::Storage, "MSFT_SMStorageVolume", [=, this](Made& made) {
    for (const ElementView& element : inventory_.elements) {
      if (element.element_class == ElementClass::StoragePool) continue;
      const auto [path, target] = both(element.ref.path);
      Properties properties = passes_through(target);
      properties.push_back({"FriendlyName", text_value(element.element_name.value_or(""))});
      const std::uint64_t bytes = bytes_of(element.blocks, element.block_size).value;
      properties.push_back({"Size", number_value("uint64", bytes)});
      made.push_back(object(path, std::move(properties)));
    }
  });
  add(Space::Storage, "MSFT_SMReplicationGroup", [=, this](Made& made) {
    for (const GroupView& group : inventory_.groups) {
      const auto [path, target] = both(group.ref.path);
      made.push_back(object(path, passes_through(target)));
    }
  });
  add(Space::Storage, "MSFT_SMJob", [=, this](Made& made) {
    for (const JobView& job : inventory_.jobs) {
      const auto [path, target] = both(job.ref.path);
      Properties properties = passes_through(target);
      for (wire::Named& named : properties_of(job)) properties.push_back(std::move(named));
      made.push_back(object(path, std::move(properties)));
    }
  });
  add(Space::Storage, "MSFT_SMReplicationCapabilities", [this](Made& made) {
    const auto found = capabilities();
    if (!found || !found->methods.contains(Method::CreateReplica)) return;
    const auto action = [&](const std::set<Method>& methods) {
      constexpr std::uint64_t kCreateElementReplica = 2;
      return numbers_value(methods.contains(Method::CreateReplica)
                               ? std::vector<std::uint64_t>{kCreateElementReplica}
                               : std::vector<std::uint64_t>{});
    };
    std::vector<std::uint64_t> types;
    for (const ReplicationKind& kind : found->kinds) {
      if (const auto type = to_replication_type(kind)) {
        types.push_back(static_cast<std::uint64_t>(*type));
      }
    }
    Properties properties{{"SupportedReplicationTypes", numbers_value(types)},
                          {"SupportedAsynchronousActions", action(found->asynchronous_actions)},
                          {"SupportedSynchronousActions", action(found->synchronous_actions)},
                          {"SupportsReplicationGroup", wire::boolean_value(true)}};
    if (found->default_recovery_point_objective) {
      properties.push_back({"DefaultRecoveryPointObjective",
                            number_value("uint32", *found->default_recovery_point_objective)});
    }
    made.push_back(object(paths_.instance(Space::Storage, "MSFT_SMReplicationCapabilities",
                                          "ObjectId", "lockstep:capabilities"),
                          std::move(properties)));
  });
  if (options_.replica_peer.empty()) return;
  add(Space::Storage, "MSFT_SMReplicaPeer", [this](Made& made) {
    constexpr std::uint64_t kStorageSystem = 32770;
    const auto add_peer = [&](const std::string& ref, const std::string& name) {
      made.push_back(object(paths_.any(Space::Storage, ref, "MSFT_SMReplicaPeer"),
                            {{"PeerObjectName", text_value(name)},
                             {"PeerObjectType", number_value("uint16", kStorageSystem)}}));
    };
    add_peer(options_.replica_peer, "lockstep");
    for (const std::string& peer : options_.other_peers) add_peer(peer, key_text(peer));
  });
}

}  // namespace lockstep::cimxml
