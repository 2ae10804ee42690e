// Finds the services of an SMI-S provider by association from the system. Internal.
#pragma once

#include "conformance/providers/cimxml/operations.hpp"

#include <optional>
#include <string>

namespace lockstep::conformance {

struct Services {
  std::string name_space;
  wire::PathInstance system;
  std::optional<wire::ObjectPath> replication;
  std::optional<wire::ObjectPath> configuration;
  std::optional<wire::PathInstance> faults;
  // ReplicationServiceCapabilities; the older StorageReplicationCapabilities, one per kind of copy;
  // StorageConfigurationCapabilities.
  std::optional<wire::PathInstance> replication_capabilities;
  Instances copy_capabilities;
  Instances configuration_capabilities;
  // The namespace with MSFT_SM* classes, when there is one.
  std::string storage_namespace;
  std::optional<wire::PathInstance> storage_capabilities;
};

// The vendor's namespace, by way of the registered profiles in the interop namespace.
[[nodiscard]] Result<std::string> find_namespace(CimOperations& operations);
// `name_space` empty: by way of the registered profiles in the interop namespace. No system with a
// replication or storage configuration service: Origin::Provider.
[[nodiscard]] Result<Services> find_services(CimOperations& operations,
                                             const std::string& name_space);

}  // namespace lockstep::conformance
