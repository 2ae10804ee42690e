#include "model/wire/elements.hpp"
#include "model/wire/message.hpp"

#include <charconv>
#include <utility>

namespace lockstep::wire {
namespace {

bool is_version(const std::string& text, char major) {
  return text.size() >= 3 && text[0] == major && text[1] == '.';
}

struct Envelope {
  std::string message_id;
  pugi::xml_node inner;  // METHODCALL, IMETHODRESPONSE, ...
};

// CIM, MESSAGE and SIMPLEREQ or SIMPLERSP, down to the one element that matters.
ReadResult<Envelope> open_envelope(const pugi::xml_document& document, std::string_view simple) {
  const pugi::xml_node root = document.document_element();
  if (local_name(root) != "CIM") return invalid("expected <CIM>, found " + element_text(root));
  // Only a version that is given and is another one counts against the sender.
  const std::string version = attribute(root, "CIMVERSION");
  const std::string dtd = attribute(root, "DTDVERSION");
  if ((!version.empty() && !is_version(version, '2')) || (!dtd.empty() && !is_version(dtd, '2'))) {
    return ReadFailure{Unreadable::UnsupportedVersion,
                       "expected CIMVERSION and DTDVERSION 2.x, found " + version + " and " + dtd};
  }
  const pugi::xml_node message = child(root, "MESSAGE");
  if (!message) return invalid("a <CIM> without <MESSAGE>");
  const std::string protocol = attribute(message, "PROTOCOLVERSION");
  if (!protocol.empty() && !is_version(protocol, '1')) {
    return ReadFailure{Unreadable::UnsupportedVersion,
                       "expected PROTOCOLVERSION 1.x, found " + protocol};
  }
  const pugi::xml_node body = child(message, simple);
  if (!body) {
    return invalid("a <MESSAGE> without <" + std::string(simple) + ">");
  }
  const auto inner = child_elements(body);
  if (inner.size() != 1) {
    return invalid("expected one element inside <" + std::string(simple) + ">, found " +
                   std::to_string(inner.size()));
  }
  return Envelope{attribute(message, "ID"), inner.front()};
}

ReadResult<Parameters> read_parameters(const pugi::xml_node& node, std::string_view element) {
  Parameters parameters;
  for (const pugi::xml_node& inner : child_elements(node)) {
    if (local_name(inner) != element) continue;
    Named parameter;
    LOCKSTEP_TRY(parameter.name, read_name(inner));
    for (const Named& earlier : parameters) {
      if (same_name(earlier.name, parameter.name)) {
        return invalid("the parameter " + parameter.name + " twice");
      }
    }
    LOCKSTEP_TRY(parameter.value, read_value_of(inner));
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

ReadResult<CimError> read_error(const pugi::xml_node& node) {
  CimError error;
  const std::string code = attribute(node, "CODE");
  const auto [end, failed] = std::from_chars(code.data(), code.data() + code.size(), error.code);
  if (code.empty() || failed != std::errc{} || end != code.data() + code.size()) {
    return invalid("an <ERROR> without a number as CODE");
  }
  error.description = attribute(node, "DESCRIPTION");
  return error;
}

ReadResult<void> read_returned(const pugi::xml_node& node, Reply& reply) {
  for (const pugi::xml_node& inner : child_elements(node)) {
    const std::string_view kind = local_name(inner);
    if (is_path(kind)) {
      LOCKSTEP_TRY(auto path, read_path(inner));
      reply.paths.push_back(std::move(path));
    } else if (kind == "CLASS") {
      LOCKSTEP_TRY(auto declared, read_class(inner));
      reply.classes.push_back(std::move(declared));
    } else if (kind == "INSTANCE" || kind == "VALUE.NAMEDINSTANCE" ||
               kind == "VALUE.OBJECTWITHPATH" || kind == "VALUE.INSTANCEWITHPATH" ||
               kind == "VALUE.OBJECT" || kind == "VALUE.OBJECTWITHLOCALPATH") {
      LOCKSTEP_TRY(auto found, read_path_instance(inner));
      reply.instances.push_back(std::move(found));
    } else {
      return invalid(element_text(inner) + " inside <IRETURNVALUE>");
    }
  }
  return BOOST_OUTCOME_V2_NAMESPACE::success();
}

}  // namespace

ReadResult<Call> read_call(std::string_view xml, const ReadLimits& limits) {
  LOCKSTEP_TRY(const auto document, parse_document(xml, limits));
  LOCKSTEP_TRY(const auto envelope, open_envelope(*document, "SIMPLEREQ"));
  Call call;
  call.message_id = envelope.message_id;
  const std::string_view kind = local_name(envelope.inner);
  call.intrinsic = kind == "IMETHODCALL";
  if (!call.intrinsic && kind != "METHODCALL") {
    return invalid("a call made of " + element_text(envelope.inner));
  }
  LOCKSTEP_TRY(call.name, read_name(envelope.inner));
  if (call.intrinsic) {
    const pugi::xml_node name_space = child(envelope.inner, "LOCALNAMESPACEPATH");
    if (!name_space) return invalid("an <IMETHODCALL> without <LOCALNAMESPACEPATH>");
    LOCKSTEP_TRY(call.target.name_space, read_namespace_path(name_space));
    LOCKSTEP_TRY(call.parameters, read_parameters(envelope.inner, "IPARAMVALUE"));
    return call;
  }
  for (const pugi::xml_node& inner : child_elements(envelope.inner)) {
    if (is_path(local_name(inner))) {
      LOCKSTEP_TRY(call.target, read_path(inner));
      break;
    }
  }
  if (call.target.class_name.empty()) return invalid("a <METHODCALL> without an object");
  LOCKSTEP_TRY(call.parameters, read_parameters(envelope.inner, "PARAMVALUE"));
  return call;
}

ReadResult<Reply> read_reply(std::string_view xml, const ReadLimits& limits) {
  LOCKSTEP_TRY(const auto document, parse_document(xml, limits));
  LOCKSTEP_TRY(const auto envelope, open_envelope(*document, "SIMPLERSP"));
  Reply reply;
  reply.message_id = envelope.message_id;
  const pugi::xml_node& body = envelope.inner;
  reply.intrinsic = local_name(body) == "IMETHODRESPONSE";
  if (!reply.intrinsic && local_name(body) != "METHODRESPONSE") {
    return invalid("an answer made of " + element_text(body));
  }
  LOCKSTEP_TRY(reply.name, read_name(body));
  if (const pugi::xml_node error = child(body, "ERROR")) {
    LOCKSTEP_TRY(reply.error, read_error(error));
    return reply;
  }
  LOCKSTEP_TRY(reply.out, read_parameters(body, "PARAMVALUE"));
  if (const pugi::xml_node value = child(body, "RETURNVALUE")) {
    LOCKSTEP_TRY(reply.return_value, read_value_of(value));
  }
  if (const pugi::xml_node returned = child(body, "IRETURNVALUE")) {
    LOCKSTEP_TRY(read_returned(returned, reply));
  }
  return reply;
}

ReadResult<Instance> read_embedded(std::string_view xml) {
  LOCKSTEP_TRY(const auto document, parse_document(xml, ReadLimits{.elements = 10'000}));
  LOCKSTEP_TRY(auto found, read_path_instance(document->document_element()));
  return std::move(found.instance);
}

}  // namespace lockstep::wire
