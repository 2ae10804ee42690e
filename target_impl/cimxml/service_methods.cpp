#include "target_impl/cimxml/service_methods.hpp"

#include "model/wire/field_visitors.hpp"

#include <initializer_list>
#include <utility>

namespace lockstep::cimxml {
namespace {

using wire::MethodDeclaration;
using wire::ParameterDeclaration;

MethodDeclaration declared(Method method) {
  wire::FieldDeclarer declarer;
  Request request = wire::empty_request(method);
  wire::in_parameters(declarer, request);
  declarer.direction(false);
  Answer answer;
  wire::out_parameters(declarer, method, answer);
  return {wire::wire_name(method), std::move(declarer.declared())};
}

ParameterDeclaration number(const char* name, bool in, bool array = false,
                            const char* type = "uint16") {
  ParameterDeclaration made;
  made.name = name;
  made.type = type;
  made.array = array;
  made.in = in;
  made.out = !in;
  return made;
}

// Most capability methods: a ReplicationType in, a list of numbers out.
MethodDeclaration of_type(const char* name, const char* list) {
  return {name, {number("ReplicationType", true), number(list, false, true)}};
}

}  // namespace

std::vector<MethodDeclaration> replication_service_methods() {
  std::vector<MethodDeclaration> methods;
  for (const Method method :
       {Method::CreateElementReplica, Method::CreateListReplica,
        Method::CreateGroupReplicaFromElements, Method::ModifyReplicaSynchronization,
        Method::ModifyListSynchronization, Method::CreateGroup, Method::DeleteGroup,
        Method::AddMembers, Method::RemoveMembers}) {
    methods.push_back(declared(method));
  }
  return methods;
}

std::vector<MethodDeclaration> configuration_service_methods() {
  return {declared(Method::AttachReplica), declared(Method::CreateVolume),
          declared(Method::ReturnToStoragePool)};
}

std::vector<MethodDeclaration> capability_methods() {
  std::vector<MethodDeclaration> methods{
      of_type("GetSupportedFeatures", "Features"),
      of_type("GetSupportedGroupFeatures", "GroupFeatures"),
      of_type("GetSupportedOperations", "SupportedOperations"),
      of_type("GetSupportedCopyStates", "SupportedCopyStates"),
      of_type("GetSupportedConsistency", "SupportedConsistency"),
      of_type("GetSupportedWaitForCopyStates", "SupportedCopyStates"),
      {"GetDefaultConsistency",
       {number("ReplicationType", true), number("DefaultConsistency", false)}},
      {"GetDefaultGroupPersistency", {number("DefaultGroupPersistency", false)}},
      {"ConvertSyncTypeToReplicationType",
       {number("SyncType", true), number("Mode", true), number("LocalOrRemote", true),
        number("SupportedReplicationTypes", false)}},
      {"ConvertReplicationTypeToSyncType",
       {number("ReplicationType", true), number("SyncType", false), number("Mode", false),
        number("LocalOrRemote", false)}}};
  methods[3].parameters.push_back(number("HostAccessible", false, true, "boolean"));
  methods[5].parameters.insert(methods[5].parameters.begin() + 1, number("MethodName", true));
  return methods;
}

std::vector<MethodDeclaration> job_methods() {
  MethodDeclaration change = declared(Method::RequestJobStateChange);
  change.parameters.push_back(number("TimeoutPeriod", true, false, "datetime"));
  return {std::move(change), {"GetError", {number("Error", false, false, "string")}}};
}

std::vector<MethodDeclaration> storage_volume_methods() {
  return {declared(Method::CreateReplica)};
}

std::vector<MethodDeclaration> fault_service_methods() {
  ParameterDeclaration relationship = number("Relationship", true, false, "reference");
  relationship.reference_class = "CIM_Synchronized";
  return {{"InjectFault", {number("Kind", true), std::move(relationship)}}};
}

}  // namespace lockstep::cimxml
