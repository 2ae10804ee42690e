#include "conformance/providers/cimxml/operations.hpp"

#include "conformance/providers/cimxml/pull.hpp"

#include <limits>
#include <utility>

namespace lockstep::conformance {
namespace {

wire::Value class_value(const char* name) {
  wire::ObjectPath path;
  path.class_name = name;
  return wire::reference_value(std::move(path));
}

// An IPARAMVALUE carries the bare INSTANCENAME; the namespace stands in the call.
wire::Value object_value(wire::ObjectPath path) {
  path.host.clear();
  path.name_space.clear();
  return wire::reference_value(std::move(path));
}

}  // namespace

bool means_absent(const Refusal& refusal) noexcept {
  switch (refusal.code) {
    case 3:  // INVALID_NAMESPACE
    case 4:
    case 5:
    case 6:
    case 7:
      return true;
    default:
      return false;
  }
}

Result<Told<wire::Reply>> CimOperations::ask(const std::string& name_space, const char* operation,
                                             wire::Parameters parameters) {
  wire::Call call;
  call.intrinsic = true;
  call.name = operation;
  call.target.name_space = name_space;
  call.parameters = std::move(parameters);
  LOCKSTEP_TRY(auto reply, call_or_pull(std::move(call)));
  Told<wire::Reply> told;
  if (reply.error) told.refusal = Refusal{reply.error->code, reply.error->description};
  told.value = std::move(reply);
  return told;
}

Result<wire::Reply> CimOperations::call_or_pull(wire::Call call) {
  // What was too large once is not asked for as a whole again.
  std::string key = call.target.name_space + " " + call.name;
  for (const wire::Named& parameter : call.parameters) {
    if (!parameter.value || parameter.value->items.empty()) continue;
    const auto* path = std::get_if<wire::ObjectPath>(&parameter.value->items.front());
    if (path != nullptr) key += " " + path->class_name;
  }
  if (is_pulled(key)) {
    LOCKSTEP_TRY(auto pulled, pull_all(client_, call));
    if (pulled) return std::move(*pulled);
  }
  bool too_large = false;
  auto reply = client_.call(call, &too_large);
  constexpr std::uint32_t kServerLimitsExceeded = 27;
  if (!too_large &&
      !(reply && reply.value().error && reply.value().error->code == kServerLimitsExceeded)) {
    return reply;
  }
  LOCKSTEP_TRY(auto pulled, pull_all(client_, call));
  if (!pulled) return reply;
  const std::lock_guard lock(mutex_);
  pulled_.insert(std::move(key));
  return std::move(*pulled);
}

bool CimOperations::is_pulled(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return pulled_.contains(key);
}

Result<Told<Instances>> CimOperations::instances(const std::string& name_space,
                                                 const char* operation,
                                                 wire::Parameters parameters) {
  LOCKSTEP_TRY(auto told, ask(name_space, operation, std::move(parameters)));
  Told<Instances> found{std::move(told.value.instances), std::move(told.refusal)};
  for (wire::PathInstance& one : found.value) {
    if (one.path.class_name.empty()) {
      return provider_error("CIM-XML server " + client_.server() + ", " + operation +
                            ": expected a path with every instance, found an instance of " +
                            one.instance.class_name + " without");
    }
    if (one.path.name_space.empty()) one.path.name_space = name_space;
  }
  return found;
}

Result<Told<ObjectPaths>> CimOperations::paths(const std::string& name_space, const char* operation,
                                               wire::Parameters parameters) {
  LOCKSTEP_TRY(auto told, ask(name_space, operation, std::move(parameters)));
  Told<ObjectPaths> found{std::move(told.value.paths), std::move(told.refusal)};
  for (wire::ObjectPath& path : found.value) {
    if (path.name_space.empty()) path.name_space = name_space;
  }
  return found;
}

Result<Told<Instances>> CimOperations::enumerate(const std::string& name_space,
                                                 const char* class_name) {
  return instances(name_space, "EnumerateInstances",
                   {{"ClassName", class_value(class_name)},
                    {"DeepInheritance", wire::boolean_value(true)},
                    {"LocalOnly", wire::boolean_value(false)}});
}

Result<Told<ObjectPaths>> CimOperations::enumerate_names(const std::string& name_space,
                                                         const char* class_name) {
  return paths(name_space, "EnumerateInstanceNames", {{"ClassName", class_value(class_name)}});
}

Result<Told<Instances>> CimOperations::associators(const wire::ObjectPath& object,
                                                   const char* association,
                                                   const char* result_class) {
  return instances(object.name_space, "Associators",
                   {{"ObjectName", object_value(object)},
                    {"AssocClass", class_value(association)},
                    {"ResultClass", class_value(result_class)}});
}

Result<Told<ObjectPaths>> CimOperations::associator_names(const wire::ObjectPath& object,
                                                          const char* association,
                                                          const char* result_class) {
  return paths(object.name_space, "AssociatorNames",
               {{"ObjectName", object_value(object)},
                {"AssocClass", class_value(association)},
                {"ResultClass", class_value(result_class)}});
}

Result<Told<Instances>> CimOperations::references(const wire::ObjectPath& object,
                                                  const char* result_class) {
  return instances(
      object.name_space, "References",
      {{"ObjectName", object_value(object)}, {"ResultClass", class_value(result_class)}});
}

Result<Instances> CimOperations::all(const std::string& name_space, const char* class_name) {
  LOCKSTEP_TRY(auto told, enumerate(name_space, class_name));
  if (!told.refusal) return std::move(told.value);
  if (means_absent(*told.refusal)) return Instances{};
  return provider_error("CIM-XML server " + client_.server() + ", instances of " + class_name +
                        ": expected a list, found CIM status " +
                        std::to_string(told.refusal->code) + " " + told.refusal->description);
}

Result<Told<CimOperations::Outcome>> CimOperations::invoke(const wire::ObjectPath& target,
                                                           const char* method,
                                                           wire::Parameters parameters) {
  wire::Call call;
  call.name = method;
  call.target = target;
  call.parameters = std::move(parameters);
  LOCKSTEP_TRY(auto reply, client_.call(std::move(call)));
  Told<Outcome> told;
  if (reply.error) {
    told.refusal = Refusal{reply.error->code, reply.error->description};
    return told;
  }
  const std::string subject = "CIM-XML server " + client_.server() + ", return value of " + method;
  if (!reply.return_value || reply.return_value->array) {
    return provider_error(subject + ": expected one number, found none");
  }
  LOCKSTEP_TRY(const auto code,
               wire::read_number(reply.return_value->items.front(),
                                 std::numeric_limits<std::uint32_t>::max(), subject));
  told.value = {static_cast<std::uint32_t>(code), std::move(reply.out)};
  return told;
}

}  // namespace lockstep::conformance
