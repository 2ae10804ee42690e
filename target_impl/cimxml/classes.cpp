#include "target_impl/cimxml/classes.hpp"

#include "model/wire/field_visitors.hpp"
#include "target_impl/cimxml/cimxml_server.hpp"
#include "target_impl/cimxml/service_methods.hpp"

#include <algorithm>
#include <initializer_list>

namespace lockstep::cimxml {
namespace {

using wire::ClassDeclaration;
using wire::PropertyDeclaration;

// "type Name", "type[] Name", "key type Name", "ref Class Name", "key ref Class Name".
PropertyDeclaration property(std::string_view text) {
  PropertyDeclaration made;
  const auto word = [&text] {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view found = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return found;
  };
  std::string_view next = word();
  if (next == "key") {
    made.key = true;
    next = word();
  }
  if (next == "ref") {
    made.type = "reference";
    made.reference_class = word();
  } else {
    made.array = next.ends_with("[]");
    made.type = made.array ? next.substr(0, next.size() - 2) : next;
  }
  made.name = text;
  return made;
}

class Table {
 public:
  Table& add(const char* name, const char* superclass,
             std::initializer_list<const char*> properties = {}) {
    ClassDeclaration declared;
    if (*superclass != 0) declared = of(superclass);
    declared.name = name;
    declared.superclass = superclass;
    for (const char* text : properties) {
      declared.properties.push_back(property(text));
      const PropertyDeclaration& last = declared.properties.back();
      if (last.key && last.type == "reference") declared.association = true;
    }
    rows_.push_back(std::move(declared));
    return *this;
  }
  // The properties that a view has.
  template <class View>
  Table& with(View view) {
    wire::FieldDeclarer declarer;
    wire::properties(declarer, view);
    auto& properties = rows_.back().properties;
    for (const wire::ParameterDeclaration& found : declarer.declared()) {
      const bool known = std::any_of(properties.begin(), properties.end(),
                                     [&](const auto& one) { return one.name == found.name; });
      if (!known) properties.push_back({found.name, found.type, found.array, false, ""});
    }
    return *this;
  }
  Table& with_methods(std::vector<wire::MethodDeclaration> methods) {
    for (auto& method : methods) rows_.back().methods.push_back(std::move(method));
    return *this;
  }
  [[nodiscard]] std::vector<ClassDeclaration> rows() { return std::move(rows_); }

 private:
  [[nodiscard]] const ClassDeclaration& of(std::string_view name) const {
    return *std::find_if(rows_.begin(), rows_.end(),
                         [&](const ClassDeclaration& row) { return row.name == name; });
  }
  std::vector<ClassDeclaration> rows_;
};

RelationshipView relationship(RelationshipClass kind) {
  RelationshipView view;
  view.relationship_class = kind;
  return view;
}

void add_common(Table& table) {
  table.add("CIM_ManagedElement", "", {"string ElementName"})
      .add("CIM_LogicalElement", "CIM_ManagedElement", {"uint16[] OperationalStatus"})
      .add("CIM_ComputerSystem", "CIM_LogicalElement",
           {"key string CreationClassName", "key string Name", "uint16[] Dedicated"})
      .add("CIM_Service", "CIM_LogicalElement",
           {"key string SystemCreationClassName", "key string SystemName",
            "key string CreationClassName", "key string Name", "uint16 EnabledState"})
      .add("CIM_ServiceAccessPoint", "CIM_LogicalElement", {"key string Name"})
      .add("CIM_SettingData", "CIM_ManagedElement", {"key string InstanceID"});
}

std::vector<ClassDeclaration> interop_classes() {
  Table table;
  add_common(table);
  table.add("CIM_ObjectManager", "CIM_Service", {"string GatherStatisticalData"})
      .add("LOCKSTEP_ObjectManager", "CIM_ObjectManager")
      .add("CIM_Namespace", "CIM_ManagedElement",
           {"key string SystemCreationClassName", "key string SystemName",
            "key string ObjectManagerCreationClassName", "key string ObjectManagerName",
            "key string CreationClassName", "key string Name"})
      .add("LOCKSTEP_Namespace", "CIM_Namespace")
      .add("CIM_RegisteredProfile", "CIM_ManagedElement",
           {"key string InstanceID", "uint16 RegisteredOrganization", "string RegisteredName",
            "string RegisteredVersion"})
      .add("LOCKSTEP_RegisteredProfile", "CIM_RegisteredProfile")
      .add("CIM_ElementConformsToProfile", "",
           {"key ref CIM_RegisteredProfile ConformantStandard",
            "key ref CIM_ManagedElement ManagedElement"});
  return table.rows();
}

void add_services(Table& table) {
  table.add("MSISCSITARGET_ComputerSystem", "CIM_ComputerSystem")
      .add("CIM_ReplicationService", "CIM_Service")
      .with_methods(replication_service_methods())
      .add("MSISCSITARGET_ReplicationService", "CIM_ReplicationService")
      .add("CIM_StorageConfigurationService", "CIM_Service")
      .with_methods(configuration_service_methods())
      .add("MSISCSITARGET_StorageConfigurationService", "CIM_StorageConfigurationService")
      .add("LOCKSTEP_FaultService", "CIM_Service", {"uint16[] SupportedFaults"})
      .with_methods(fault_service_methods())
      .add("CIM_Capabilities", "CIM_ManagedElement",
           {"key string InstanceID", "uint16[] SupportedAsynchronousActions",
            "uint16[] SupportedSynchronousActions"})
      .add("CIM_ReplicationServiceCapabilities", "CIM_Capabilities",
           {"uint16[] SupportedReplicationTypes", "uint16[] SupportedStorageObjects"})
      .with_methods(capability_methods())
      .add("MSISCSITARGET_ReplicationServiceCapabilities", "CIM_ReplicationServiceCapabilities")
      .add("CIM_StorageReplicationCapabilities", "CIM_Capabilities",
           {"uint16 SupportedSynchronizationType"})
      .add("MSISCSITARGET_StorageReplicationCapabilities", "CIM_StorageReplicationCapabilities")
      .add("CIM_StorageConfigurationCapabilities", "CIM_Capabilities",
           {"uint16[] SupportedStorageElementTypes"})
      .add("MSISCSITARGET_StorageConfigurationCapabilities",
           "CIM_StorageConfigurationCapabilities");
}

void add_storage(Table& table) {
  table.add("CIM_ResourcePool", "CIM_LogicalElement", {"key string InstanceID", "string PoolID"})
      .add("CIM_StoragePool", "CIM_ResourcePool", {"boolean Primordial"})
      .with(PoolView{})
      .add("MSISCSITARGET_ConcreteStoragePool", "CIM_StoragePool")
      .add("CIM_LogicalDevice", "CIM_LogicalElement",
           {"key string SystemCreationClassName", "key string SystemName",
            "key string CreationClassName", "key string DeviceID", "string Name"})
      .add("CIM_StorageExtent", "CIM_LogicalDevice")
      .with(ElementView{})
      .add("CIM_StorageVolume", "CIM_StorageExtent", {"uint16 NameFormat", "uint16 NameNamespace"})
      .add("MSISCSITARGET_StorageVolume", "CIM_StorageVolume")
      .add("CIM_Collection", "CIM_ManagedElement", {"key string InstanceID"})
      .add("CIM_ReplicationGroup", "CIM_Collection")
      .with(GroupView{})
      .add("MSISCSITARGET_ReplicationGroup", "CIM_ReplicationGroup")
      .add("CIM_Job", "CIM_LogicalElement", {"key string InstanceID"})
      .add("CIM_ConcreteJob", "CIM_Job", {"string Name"})
      .with(JobView{})
      .with_methods(job_methods())
      .add("MSISCSITARGET_ConcreteJob", "CIM_ConcreteJob")
      .add("CIM_StorageSetting", "CIM_SettingData")
      .add("CIM_ProtocolController", "CIM_LogicalDevice")
      .add("CIM_SCSIProtocolController", "CIM_ProtocolController")
      .add("MSISCSITARGET_SCSIProtocolController", "CIM_SCSIProtocolController")
      .add("CIM_ProtocolEndpoint", "CIM_ServiceAccessPoint",
           {"key string SystemCreationClassName", "key string SystemName",
            "key string CreationClassName", "uint16 ProtocolIFType"})
      .add("CIM_SCSIProtocolEndpoint", "CIM_ProtocolEndpoint", {"uint16 Role"})
      .add("CIM_iSCSIProtocolEndpoint", "CIM_SCSIProtocolEndpoint", {"string Identifier"})
      .add("MSISCSITARGET_iSCSIProtocolEndpoint", "CIM_iSCSIProtocolEndpoint")
      .add("CIM_TCPProtocolEndpoint", "CIM_ProtocolEndpoint",
           {"uint32 PortNumber", "string IPv4Address"})
      .add("MSISCSITARGET_TCPProtocolEndpoint", "CIM_TCPProtocolEndpoint");
}

void add_associations(Table& table) {
  table.add("CIM_Dependency", "", {})
      .add("CIM_HostedService", "CIM_Dependency",
           {"key ref CIM_ComputerSystem Antecedent", "key ref CIM_Service Dependent"})
      .add("CIM_HostedAccessPoint", "CIM_Dependency",
           {"key ref CIM_ComputerSystem Antecedent", "key ref CIM_ServiceAccessPoint Dependent"})
      .add("CIM_HostedCollection", "CIM_Dependency",
           {"key ref CIM_ComputerSystem Antecedent", "key ref CIM_Collection Dependent"})
      .add("CIM_ElementCapabilities", "",
           {"key ref CIM_ManagedElement ManagedElement", "key ref CIM_Capabilities Capabilities"})
      .add("CIM_SystemDevice", "",
           {"key ref CIM_ComputerSystem GroupComponent", "key ref CIM_LogicalDevice PartComponent"})
      .add("CIM_HostedStoragePool", "",
           {"key ref CIM_ComputerSystem GroupComponent", "key ref CIM_StoragePool PartComponent"})
      .add("CIM_AllocatedFromStoragePool", "CIM_Dependency",
           {"key ref CIM_StoragePool Antecedent", "key ref CIM_LogicalElement Dependent",
            "uint64 SpaceConsumed"})
      .add("CIM_OrderedMemberOfCollection", "",
           {"key ref CIM_Collection Collection", "key ref CIM_ManagedElement Member",
            "uint64 AssignedSequence"})
      .add("CIM_ElementSettingData", "",
           {"key ref CIM_ManagedElement ManagedElement", "key ref CIM_SettingData SettingData"})
      .add("CIM_OwningJobElement", "",
           {"key ref CIM_ManagedElement OwningElement", "key ref CIM_Job OwnedElement"})
      .add("CIM_AffectedJobElement", "",
           {"key ref CIM_ManagedElement AffectedElement", "key ref CIM_Job AffectingElement",
            "uint16[] ElementEffects"})
      .add("CIM_ProtocolControllerForUnit", "CIM_Dependency",
           {"key ref CIM_ProtocolController Antecedent", "key ref CIM_LogicalDevice Dependent",
            "string DeviceNumber"})
      .add("CIM_SAPAvailableForElement", "",
           {"key ref CIM_ServiceAccessPoint AvailableSAP",
            "key ref CIM_ManagedElement ManagedElement"})
      .add("CIM_Synchronized", "",
           {"key ref CIM_ManagedElement SystemElement", "key ref CIM_ManagedElement SyncedElement"})
      .add("CIM_StorageSynchronized", "CIM_Synchronized")
      .with(relationship(RelationshipClass::StorageSynchronized))
      .add("MSISCSITARGET_StorageSynchronized", "CIM_StorageSynchronized")
      .add("CIM_GroupSynchronized", "CIM_Synchronized")
      .with(relationship(RelationshipClass::GroupSynchronized))
      .add("MSISCSITARGET_GroupSynchronized", "CIM_GroupSynchronized");
}

std::vector<ClassDeclaration> target_classes() {
  Table table;
  add_common(table);
  add_services(table);
  add_storage(table);
  add_associations(table);
  return table.rows();
}

std::vector<ClassDeclaration> storage_classes() {
  Table table;
  table
      .add("MSFT_SMStorageObject", "",
           {"key string ObjectId", "string UniqueId", "string PassThroughClass",
            "string PassThroughIds", "string PassThroughNamespace", "string FriendlyName"})
      .add("MSFT_SMSystem", "MSFT_SMStorageObject")
      .add("MSFT_SMPool", "MSFT_SMStorageObject", {"uint64 Size", "uint64 AllocatedSize"})
      .add("MSFT_SMStorageVolume", "MSFT_SMStorageObject", {"uint64 Size"})
      .with_methods(storage_volume_methods())
      .add("MSFT_SMReplicationGroup", "MSFT_SMStorageObject")
      .add("MSFT_SMJob", "MSFT_SMStorageObject")
      .with(JobView{})
      .add("MSFT_SMReplicationCapabilities", "MSFT_SMStorageObject",
           {"uint16[] SupportedReplicationTypes", "uint16[] SupportedAsynchronousActions",
            "uint16[] SupportedSynchronousActions", "uint32 DefaultRecoveryPointObjective",
            "boolean SupportsReplicationGroup"})
      .add("MSFT_SMReplicaPeer", "",
           {"key string PeerObjectId", "string PeerObjectName", "uint16 PeerObjectType",
            "string PeerSystemName"})
      .add("MSFT_SMStorageVolumeToReplicaPeer", "",
           {"key ref MSFT_SMStorageVolume StorageVolume", "key ref MSFT_SMReplicaPeer ReplicaPeer",
            "uint32 RecoveryPointObjective"})
      .with(relationship(RelationshipClass::StorageSynchronized));
  return table.rows();
}

}  // namespace

std::optional<Space> find_space(std::string_view name) {
  while (name.starts_with('/')) name.remove_prefix(1);
  if (wire::same_name(name, kTargetNamespace)) return Space::Target;
  if (wire::same_name(name, kStorageNamespace)) return Space::Storage;
  for (const char* alias : {kInteropNamespace, "root/interop", "root/pg_interop"}) {
    if (wire::same_name(name, alias)) return Space::Interop;
  }
  return std::nullopt;
}

const char* name_of(Space space) noexcept {
  switch (space) {
    case Space::Target:
      return kTargetNamespace;
    case Space::Storage:
      return kStorageNamespace;
    case Space::Interop:
      break;
  }
  return kInteropNamespace;
}

const std::vector<ClassDeclaration>& classes_of(Space space) {
  static const std::vector<ClassDeclaration> interop = interop_classes();
  static const std::vector<ClassDeclaration> target = target_classes();
  static const std::vector<ClassDeclaration> storage = storage_classes();
  return space == Space::Interop ? interop : space == Space::Target ? target : storage;
}

const ClassDeclaration* find_class(Space space, std::string_view name) {
  for (const ClassDeclaration& row : classes_of(space)) {
    if (wire::same_name(row.name, name)) return &row;
  }
  return nullptr;
}

bool is_a(Space space, std::string_view name, std::string_view ancestor) {
  for (const ClassDeclaration* row = find_class(space, name); row != nullptr;
       row = find_class(space, row->superclass)) {
    if (wire::same_name(row->name, ancestor)) return true;
  }
  return false;
}

}  // namespace lockstep::cimxml
