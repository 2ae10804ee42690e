// Methods of the services, the jobs and the volumes.
#include "target_impl/cimxml/object_manager.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace lockstep::cimxml {
namespace {

using wire::CimError;
using wire::Reply;

struct Offer {
  const char* class_name;
  Space space;
  std::vector<Method> methods;
};

const std::vector<Offer>& offers() {
  static const std::vector<Offer> all{
      {"CIM_ReplicationService",
       Space::Target,
       {Method::CreateElementReplica, Method::CreateListReplica,
        Method::CreateGroupReplicaFromElements, Method::ModifyReplicaSynchronization,
        Method::ModifyListSynchronization, Method::CreateGroup, Method::DeleteGroup,
        Method::AddMembers, Method::RemoveMembers}},
      {"CIM_StorageConfigurationService",
       Space::Target,
       {Method::AttachReplica, Method::CreateVolume, Method::ReturnToStoragePool}},
      {"CIM_ConcreteJob", Space::Target, {Method::RequestJobStateChange}},
      {"MSFT_SMStorageVolume", Space::Storage, {Method::CreateReplica}},
  };
  return all;
}

Reply returned(std::uint32_t code) {
  Reply reply;
  reply.return_value = wire::number_value("uint32", code);
  return reply;
}

Answer refusal_of(ReturnCode code) {
  Answer answer;
  answer.code = code;
  return answer;
}

bool names_a_job_or_volume(Method method) {
  return method == Method::RequestJobStateChange || method == Method::CreateReplica;
}

// JOB-06: no timeout is kept here, and saying so is what the code is for.
constexpr std::uint32_t kTimeoutNotSupported = 4098;

Reply get_error(const Asked& asked) {
  Model model = asked.look();
  const std::string ref = model.paths().reference_of(asked.call.target, name_of(asked.space));
  const JobView* job = model.inventory().find(JobRef{ref});
  if (job == nullptr) throw CimError{status::kNotFound, "no job " + ref};
  Reply reply = returned(0);
  if (job->error_code == 0) return reply;
  const auto error =
      wire::write_embedded({"CIM_Error",
                            {{"Message", wire::text_value(job->error_text.value_or("failed"))},
                             {"CIMStatusCode", wire::number_value("uint32", status::kFailed)}}});
  if (!error) throw CimError{status::kFailed, error.error().message};
  wire::Value value = wire::text_value(error.value());
  value.embedded = "instance";
  reply.out.push_back({"Error", std::move(value)});
  return reply;
}

Reply inject_fault(const Asked& asked) {
  FaultPort* port = asked.provider.fault_port();
  if (port == nullptr) throw CimError{status::kMethodNotFound, "no faults here"};
  const Model model = asked.look();
  ServedReferences references(model.paths(), asked.space, name_of(asked.space));
  wire::FieldReader reader(asked.call.parameters, references, asked.call.name);
  std::optional<std::uint64_t> kind;
  std::optional<std::string> relationship;
  reader.number("Kind", {"uint16", std::numeric_limits<std::uint8_t>::max()}, kind);
  reader.reference("Relationship", "CIM_Synchronized", relationship);
  if (reader.failure() || !reader.unknown().empty()) {
    throw CimError{status::kInvalidParameter, "expected Kind and Relationship"};
  }
  if (!kind) return returned(static_cast<std::uint32_t>(ReturnCode::InvalidParameter));
  Fault fault{static_cast<FaultKind>(*kind), std::nullopt};
  if (relationship) fault.relationship = RelationshipRef{*relationship};
  const Status injected = port->inject(fault);
  if (injected) return returned(0);
  const bool usage = injected.error().origin == Origin::Usage;
  return returned(
      static_cast<std::uint32_t>(usage ? ReturnCode::InvalidParameter : ReturnCode::Failed));
}

void check_instance(const Asked& asked, Model& model) {
  if (!asked.call.target.names_instance()) {
    throw CimError{status::kInvalidParameter,
                   asked.call.name + ": expected an instance, found the class"};
  }
  if (!model.find(asked.space, asked.call.target)) {
    throw CimError{status::kNotFound, "no instance " + wire::to_text(asked.call.target)};
  }
}

}  // namespace

Reply invoke_method(const Asked& asked, Method method, bool must_exist) {
  Request request = wire::empty_request(method);
  {
    Model before = asked.look();
    if (must_exist) check_instance(asked, before);
    const std::string sent_to = name_of(asked.space);
    ServedReferences references(before.paths(), asked.space, sent_to);
    wire::FieldReader reader(asked.call.parameters, references, asked.call.name);
    wire::in_parameters(reader, request);
    const std::string self = before.paths().reference_of(asked.call.target, sent_to);
    if (auto* create = std::get_if<CreateReplicaRequest>(&request)) create->source.path = self;
    if (auto* change = std::get_if<RequestJobStateChangeRequest>(&request)) {
      change->job.path = self;
      std::optional<std::uint64_t> timeout;
      reader.interval("TimeoutPeriod", timeout);
      if (timeout) return returned(kTimeoutNotSupported);
    }
    if (reader.failure()) throw CimError{status::kInvalidParameter, reader.failure()->message};
    if (!reader.unknown().empty()) {
      throw CimError{status::kInvalidParameter,
                     "no parameter " + reader.unknown().front() + " in " + asked.call.name};
    }
  }
  auto answer = asked.provider.invoke(request);
  if (!answer) throw CimError{status::kFailed, answer.error().message};
  if (answer.value().cim_status) {
    throw CimError{static_cast<std::uint32_t>(*answer.value().cim_status),
                   "the provider refused the call"};
  }
  // What the method made is in the world only now; a refusal has made nothing.
  const Answer& given = answer.value();
  if (!given.accepted() && given == refusal_of(given.code)) {
    return returned(static_cast<std::uint32_t>(given.code));
  }
  const Model after = asked.look();
  ServedReferences references(after.paths(), asked.space, name_of(asked.space));
  wire::FieldWriter writer(references);
  wire::out_parameters(writer, method, answer.value());
  Reply reply = returned(static_cast<std::uint32_t>(answer.value().code));
  // A parameter that is left out is NULL; some clients cannot read one without a value.
  reply.out = std::move(writer.written());
  std::erase_if(reply.out, [](const wire::Named& parameter) { return !parameter.value; });
  return reply;
}

Answered extrinsic(const Asked& asked) {
  Answered answered;
  const std::string& class_name = asked.call.target.class_name;
  const wire::ClassDeclaration* declared = find_class(asked.space, class_name);
  if (declared == nullptr) throw CimError{status::kInvalidClass, "no class " + class_name};
  for (const Offer& offer : offers()) {
    if (offer.space != asked.space || !is_a(asked.space, class_name, offer.class_name)) continue;
    for (const Method method : offer.methods) {
      if (!wire::same_name(wire::wire_name(method), asked.call.name)) continue;
      // A job or volume that does not exist is the provider's to refuse, with a code of its own.
      answered.reply = invoke_method(asked, method, !names_a_job_or_volume(method));
      return answered;
    }
  }
  const bool offered = std::any_of(
      declared->methods.begin(), declared->methods.end(),
      [&](const auto& method) { return wire::same_name(method.name, asked.call.name); });
  if (!offered) {
    throw CimError{status::kMethodNotFound, "no method " + asked.call.name + " in " + class_name};
  }
  if (wire::same_name(asked.call.name, "GetError")) {
    answered.reply = get_error(asked);
    return answered;
  }
  Model model = asked.look();
  check_instance(asked, model);
  answered.reply = wire::same_name(asked.call.name, "InjectFault") ? inject_fault(asked)
                                                                   : capability_method(asked);
  return answered;
}

}  // namespace lockstep::cimxml
