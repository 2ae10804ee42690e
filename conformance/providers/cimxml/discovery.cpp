#include "conformance/providers/cimxml/discovery.hpp"

#include <utility>

namespace lockstep::conformance {
namespace {

constexpr const char* kStorageNamespace = "root/microsoft/windows/storage/sm";

std::string server_text(CimOperations& operations) {
  return "CIM-XML server " + operations.client().server();
}

Result<std::optional<wire::ObjectPath>> hosted(CimOperations& operations,
                                               const wire::ObjectPath& system,
                                               const char* service_class) {
  LOCKSTEP_TRY(auto told, operations.associator_names(system, "CIM_HostedService", service_class));
  if (told.refusal || told.value.empty()) return std::optional<wire::ObjectPath>();
  return std::optional(told.value.front());
}

Result<Instances> capabilities_of(CimOperations& operations, const wire::ObjectPath& service,
                                  const char* class_name) {
  LOCKSTEP_TRY(auto told, operations.associators(service, "CIM_ElementCapabilities", class_name));
  return told.refusal ? Instances{} : std::move(told.value);
}

Status find_capabilities(CimOperations& operations, Services& services) {
  if (services.replication) {
    LOCKSTEP_TRY(auto found, capabilities_of(operations, *services.replication,
                                             "CIM_ReplicationServiceCapabilities"));
    if (!found.empty()) services.replication_capabilities = std::move(found.front());
  }
  if (services.configuration) {
    LOCKSTEP_TRY(services.copy_capabilities, capabilities_of(operations, *services.configuration,
                                                             "CIM_StorageReplicationCapabilities"));
    LOCKSTEP_TRY(services.configuration_capabilities,
                 capabilities_of(operations, *services.configuration,
                                 "CIM_StorageConfigurationCapabilities"));
  }
  LOCKSTEP_TRY(auto storage,
               operations.enumerate(kStorageNamespace, "MSFT_SMReplicationCapabilities"));
  if (!storage.refusal && !storage.value.empty()) {
    services.storage_namespace = kStorageNamespace;
    services.storage_capabilities = std::move(storage.value.front());
  }
  return ok();
}

}  // namespace

Result<std::string> find_namespace(CimOperations& operations) {
  for (const char* interop : {"interop", "root/interop", "root/PG_Interop", "root/PG_InterOp"}) {
    LOCKSTEP_TRY(auto profiles, operations.enumerate(interop, "CIM_RegisteredProfile"));
    if (profiles.refusal) continue;
    for (const wire::PathInstance& profile : profiles.value) {
      const wire::Item* organization =
          wire::find_item(profile.instance.properties, "RegisteredOrganization");
      constexpr std::uint64_t kSnia = 11;
      if (organization != nullptr) {
        const auto number = wire::read_number(*organization, 0xFFFF, "organization");
        if (number && number.value() != kSnia) continue;
      }
      LOCKSTEP_TRY(auto systems,
                   operations.associator_names(profile.path, "CIM_ElementConformsToProfile",
                                               "CIM_ComputerSystem"));
      if (!systems.refusal && !systems.value.empty()) return systems.value.front().name_space;
    }
  }
  return provider_error(server_text(operations) +
                        ": expected an interop namespace with a registered profile that leads to a "
                        "ComputerSystem, found none; name the namespace in the address");
}

Result<Services> find_services(CimOperations& operations, const std::string& name_space) {
  Services services;
  services.name_space = name_space;
  if (name_space.empty()) {
    LOCKSTEP_TRY(services.name_space, find_namespace(operations));
  }
  LOCKSTEP_TRY(auto systems, operations.enumerate(services.name_space, "CIM_ComputerSystem"));
  if (systems.refusal) {
    return provider_error(server_text(operations) + ", namespace " + services.name_space +
                          ": expected ComputerSystems, found CIM status " +
                          std::to_string(systems.refusal->code) + " " +
                          systems.refusal->description);
  }
  for (wire::PathInstance& system : systems.value) {
    LOCKSTEP_TRY(services.replication, hosted(operations, system.path, "CIM_ReplicationService"));
    LOCKSTEP_TRY(services.configuration,
                 hosted(operations, system.path, "CIM_StorageConfigurationService"));
    if (!services.replication && !services.configuration) continue;
    LOCKSTEP_TRY(auto faults,
                 operations.associators(system.path, "CIM_HostedService", "LOCKSTEP_FaultService"));
    if (!faults.refusal && !faults.value.empty()) services.faults = std::move(faults.value.front());
    services.system = std::move(system);
    LOCKSTEP_TRY(find_capabilities(operations, services));
    return services;
  }
  return provider_error(server_text(operations) + ", namespace " + services.name_space +
                        ": expected a ComputerSystem that hosts a ReplicationService or a "
                        "StorageConfigurationService, found none among " +
                        std::to_string(systems.value.size()));
}

}  // namespace lockstep::conformance
