#include "target_impl/cimxml/http_service.hpp"

#include <utility>

namespace lockstep::cimxml {
namespace {

using wire::HttpMessage;

bool is_xml(const std::optional<std::string>& content_type) {
  if (!content_type) return false;
  const std::string type = wire::lower_case(*content_type);
  return type.starts_with("application/xml") || type.starts_with("text/xml");
}

// What the headers say must be what the body says.
bool headers_fit(const HttpMessage& request, const wire::Call& call) {
  const auto method = request.cim_header("CIMMethod");
  const auto object = request.cim_header("CIMObject");
  if (!method || !object) return false;
  const auto plain_method = wire::percent_decode(*method);
  auto plain_object = wire::percent_decode(*object);
  if (!plain_method || !plain_object || !wire::same_name(*plain_method, call.name)) return false;
  if (call.intrinsic) {
    while (plain_object->starts_with('/')) plain_object->erase(0, 1);
    return wire::same_name(*plain_object, call.target.name_space);
  }
  // Namespace and class; how keys are spelled in a header differs between clients.
  const std::size_t colon = plain_object->find(':');
  if (colon == std::string::npos) return false;
  std::string name_space = plain_object->substr(0, colon);
  while (name_space.starts_with('/')) name_space.erase(0, 1);
  const std::string rest = plain_object->substr(colon + 1);
  return wire::same_name(name_space, call.target.name_space) &&
         wire::same_name(rest.substr(0, rest.find('.')), call.target.class_name);
}

HttpMessage unreadable(const wire::ReadFailure& failure) {
  switch (failure.kind) {
    case wire::Unreadable::NotWellFormed:
      return http_failure(400, "Bad Request", "request-not-well-formed");
    case wire::Unreadable::NotValid:
      return http_failure(400, "Bad Request", "request-not-valid");
    case wire::Unreadable::UnsupportedVersion:
      break;
  }
  return http_failure(501, "Not Implemented", "unsupported-protocol-version");
}

}  // namespace

HttpMessage http_failure(unsigned status, const char* reason, const std::string& cim_error) {
  HttpMessage response;
  response.status = status;
  response.reason = reason;
  if (!cim_error.empty()) response.headers.emplace_back("CIMError", cim_error);
  return response;
}

bool HttpService::authorized(const HttpMessage& request) const {
  if (options_.user.empty()) return true;
  const auto header = request.header("Authorization");
  if (!header || !wire::lower_case(*header).starts_with("basic ")) return false;
  const auto given = wire::base64_decode(std::string_view(*header).substr(6));
  const std::string wanted = options_.user + ":" + options_.password;
  if (!given || given->size() != wanted.size()) return false;
  // Takes as long for a wrong first letter as for a wrong last one.
  unsigned difference = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(wanted[i]) ^
                                        static_cast<unsigned char>((*given)[i]));
  }
  return difference == 0;
}

HttpMessage HttpService::answer(const HttpMessage& request) {
  if (request.method != "POST" && request.method != "M-POST") {
    HttpMessage response = http_failure(405, "Method Not Allowed");
    response.headers.emplace_back("Allow", "POST, M-POST");
    return response;
  }
  if (!authorized(request)) {
    HttpMessage response = http_failure(401, "Unauthorized");
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"lockstep\"");
    return response;
  }
  if (!request.header("Host") || !is_xml(request.header("Content-Type"))) {
    return http_failure(400, "Bad Request");
  }
  const auto operation = request.cim_header("CIMOperation");
  if (!operation || !wire::same_name(*operation, "MethodCall")) {
    return http_failure(400, "Bad Request", "unsupported-operation");
  }
  if (request.cim_header("CIMBatch")) {
    return http_failure(501, "Not Implemented", "multiple-requests-unsupported");
  }
  const auto version = request.cim_header("CIMProtocolVersion");
  if (version && !version->starts_with("1.")) {
    return http_failure(501, "Not Implemented", "unsupported-protocol-version");
  }
  const auto call = wire::read_call(request.body);
  if (!call) return unreadable(call.error());
  if (!headers_fit(request, call.value())) {
    return http_failure(400, "Bad Request", "header-mismatch");
  }
  const Answered answered = manager_.answer(call.value(), *request.header("Host"));
  auto xml = wire::write_reply(answered.reply, answered.shape);
  if (!xml) {
    Answered failed;
    failed.reply = answered.reply;
    failed.reply.error = wire::CimError{status::kFailed, "an answer that XML cannot carry"};
    xml = wire::write_reply(failed.reply, failed.shape);
  }
  if (!xml) return http_failure(500, "Internal Server Error");
  HttpMessage response;
  response.status = 200;
  response.reason = "OK";
  response.headers = {{"Content-Type", "application/xml; charset=\"utf-8\""},
                      {"CIMOperation", "MethodResponse"}};
  response.body = std::move(xml).value();
  return response;
}

}  // namespace lockstep::cimxml
