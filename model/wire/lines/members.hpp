// The members of every object of the protocol, named once for whoever writes, reads or declares
// them. What CIM itself names comes from fields.hpp. Internal.
#pragma once

#include "model/wire/field_types.hpp"
#include "model/wire/lines/messages.hpp"

#include <set>
#include <vector>

namespace lockstep::lines {

// Reference kinds are declared by the class that CIM has for them.
template <class Io, class Kind>
void ref(Io& io, const char* member, Ref<Kind>& value, const char* class_name) {
  io.required(member);
  std::optional<Ref<Kind>> held = value;
  wire::Visit{io}(member, held, class_name);
  if (held) value = *held;
}
template <class Kind>
void refs(wire::Fields& io, const char* member, std::vector<Ref<Kind>>& values,
          const char* class_name) {
  std::optional<std::vector<Ref<Kind>>> held = values;
  wire::Visit{io}(member, held, class_name);
  values = held.value_or(std::vector<Ref<Kind>>{});
}
// Sets of CIM's numbers.
template <class E>
void numbers(wire::Fields& io, const char* member, std::set<E>& values) {
  std::vector<E> held(values.begin(), values.end());
  wire::Visit{io}(member, held);
  values = std::set<E>(held.begin(), held.end());
}

// --- hello

template <class Io>
void members(Io& io, HelloCall& call) {
  wire::Visit visit(io);
  io.required("protocol");
  visit("protocol", call.protocol);
  visit("harness", call.harness);
}

template <class Io>
void members(Io& io, ProviderIdentity& identity) {
  wire::Visit visit(io);
  visit("organisation", identity.organisation);
  visit("product", identity.product);
  visit("version", identity.version);
  visit("contact", identity.contact);
}

template <class Io>
void members(Io& io, Known& known) {
  wire::Visit visit(io);
  visit("local_access_point", known.local_access_point, "CIM_ServiceAccessPoint");
  visit("target_setting_goal", known.target_setting_goal, "CIM_SettingData");
  visit("local_peer", known.local_peer, "MSFT_SMReplicaPeer");
  visit("username", known.username);
  visit("password", known.password);
}

template <class Io>
void members(Io& io, Hello& hello) {
  wire::Visit visit(io);
  io.required("protocol");
  visit("protocol", hello.protocol);
  io.required("identity");
  io.object("identity", hello.identity);
  wire::OptionalTexts portals;
  if (!hello.portals.empty()) portals.emplace(hello.portals.begin(), hello.portals.end());
  io.texts("portals", portals);
  hello.portals.clear();
  if (portals) {
    for (auto& portal : *portals) hello.portals.push_back(portal.value_or(""));
  }
  visit("volume_urls", hello.volume_urls);
  io.names("faults", hello.faults);
  io.object("known", hello.known);
}

// --- capabilities: maps go as lists of their entries

struct OfKind {
  ReplicationType replication_type{};
  std::vector<std::uint16_t> values;
};
struct OfMethodAndKind {
  Method method = Method::CreateElementReplica;
  ReplicationType replication_type{};
  std::vector<std::uint16_t> values;
};
struct CapabilityLists {
  Capabilities rest;  // but for its kinds and maps
  std::vector<ReplicationType> replication_types;
  std::vector<OfKind> operations;
  std::vector<OfKind> copy_states;
  std::vector<OfMethodAndKind> wait_for_copy_states;
};

template <class Io>
void members(Io& io, OfKind& entry) {
  wire::Visit visit(io);
  io.required("replication_type");
  visit("replication_type", entry.replication_type);
  io.required("values");
  visit("values", entry.values);
}

template <class Io>
void members(Io& io, OfMethodAndKind& entry) {
  wire::Visit visit(io);
  io.required("method");
  io.name("method", entry.method);
  io.required("replication_type");
  visit("replication_type", entry.replication_type);
  io.required("values");
  visit("values", entry.values);
}

template <class Io>
void members(Io& io, CapabilityLists& lists) {
  wire::Visit visit(io);
  Capabilities& rest = lists.rest;
  io.required("level");
  io.name("level", rest.level);
  io.required("methods");
  io.names("methods", rest.methods);
  io.names("synchronous_actions", rest.synchronous_actions);
  io.names("asynchronous_actions", rest.asynchronous_actions);
  io.required("replication_types");
  visit("replication_types", lists.replication_types);
  numbers(io, "copy_types", rest.copy_types);
  io.objects("operations", lists.operations);
  io.objects("copy_states", lists.copy_states);
  io.objects("wait_for_copy_states", lists.wait_for_copy_states);
  numbers(io, "features", rest.features);
  numbers(io, "group_features", rest.group_features);
  visit("default_consistency", rest.default_consistency);
  visit("sequential_consistency_supported", rest.sequential_consistency_supported);
  visit("default_group_persistent", rest.default_group_persistent);
  visit("default_recovery_point_objective", rest.default_recovery_point_objective);
}

// --- inventory

struct ElementEntry {
  ElementView view;
  std::optional<std::string> url;
};
struct SeenLists {
  std::vector<PoolView> pools;
  std::vector<ElementEntry> elements;
  std::vector<GroupView> groups;
  std::vector<RelationshipView> relationships;
  std::vector<JobView> jobs;
};

template <class Io>
void members(Io& io, PoolView& view) {
  ref(io, "ref", view.ref, "CIM_StoragePool");
  wire::properties(io, view);
}

template <class Io>
void members(Io& io, ElementEntry& entry) {
  ElementView& view = entry.view;
  wire::Visit visit(io);
  ref(io, "ref", view.ref, "CIM_LogicalElement");
  io.name("class", view.element_class);
  visit("pool", view.pool, "CIM_StoragePool");
  visit("setting", view.setting, "CIM_SettingData");
  visit("device_id", view.device_id);
  visit("url", entry.url);
  wire::properties(io, view);
}

template <class Io>
void members(Io& io, GroupView& view) {
  ref(io, "ref", view.ref, "CIM_ReplicationGroup");
  refs(io, "members", view.members, "CIM_LogicalElement");
  wire::properties(io, view);
}

template <class Io>
void members(Io& io, RelationshipView& view) {
  wire::Visit visit(io);
  ref(io, "ref", view.ref, "CIM_Synchronized");
  io.required("class");
  io.name("class", view.relationship_class);
  if (view.relationship_class == RelationshipClass::StorageSynchronized) {
    visit("source_element", view.source_element, "CIM_LogicalElement");
    visit("target_element", view.target_element, "CIM_LogicalElement");
  } else {
    visit("source_group", view.source_group, "CIM_ReplicationGroup");
    visit("target_group", view.target_group, "CIM_ReplicationGroup");
  }
  wire::properties(io, view);
}

template <class Io>
void members(Io& io, JobView& view) {
  ref(io, "ref", view.ref, "CIM_ConcreteJob");
  refs(io, "affected_elements", view.affected_elements, "CIM_LogicalElement");
  refs(io, "affected_relationships", view.affected_relationships, "CIM_Synchronized");
  refs(io, "affected_groups", view.affected_groups, "CIM_ReplicationGroup");
  wire::properties(io, view);
}

template <class Io>
void members(Io& io, SeenLists& seen) {
  io.objects("pools", seen.pools);
  io.objects("elements", seen.elements);
  io.objects("groups", seen.groups);
  io.objects("relationships", seen.relationships);
  io.objects("jobs", seen.jobs);
}

// --- methods

// The object that a method is invoked on, where it is not a service; nullptr otherwise.
[[nodiscard]] inline std::string* object_of(Request& request) noexcept {
  if (auto* create = std::get_if<CreateReplicaRequest>(&request)) return &create->source.path;
  if (auto* change = std::get_if<RequestJobStateChangeRequest>(&request)) return &change->job.path;
  return nullptr;
}

struct InParameters {
  Request& request;
};
struct OutParameters {
  Method method;
  Answer& answer;
};
struct MethodAnswer {
  Method method = Method::CreateElementReplica;
  Answer answer;
};

template <class Io>
void members(Io& io, InParameters& in) {
  wire::in_parameters(io, in.request);
}

template <class Io>
void members(Io& io, InvokeCall& call) {
  Method method = method_of(call.request);
  io.required("method");
  io.name("method", method);
  if (method != method_of(call.request)) call.request = wire::empty_request(method);
  if (std::string* object = object_of(call.request)) {
    io.required("object");
    wire::Visit{io}("object", *object);
  }
  InParameters in{call.request};
  io.object("parameters", in);
}

template <class Io>
void members(Io& io, OutParameters& out) {
  wire::out_parameters(io, out.method, out.answer);
}

template <class Io>
void members(Io& io, MethodAnswer& told) {
  wire::Visit visit(io);
  std::optional<ReturnCode> code;
  if (!told.answer.cim_status) code = told.answer.code;
  visit("return_value", code);
  told.answer.code = code.value_or(ReturnCode::Success);
  visit("cim_status", told.answer.cim_status);
  OutParameters out{told.method, told.answer};
  io.object("out", out);
}

// --- faults

template <class Io>
void members(Io& io, InjectCall& call) {
  io.required("fault");
  io.name("fault", call.fault.kind);
  wire::Visit visit(io);
  visit("relationship", call.fault.relationship, "CIM_Synchronized");
}

}  // namespace lockstep::lines
