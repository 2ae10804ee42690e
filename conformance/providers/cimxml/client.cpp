#include "conformance/providers/cimxml/client.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::conformance {
namespace {

constexpr std::size_t kMostIdle = 8;

std::string object_header(const wire::Call& call) {
  if (call.intrinsic) return wire::percent_encode(call.target.name_space);
  wire::ObjectPath path = call.target;
  path.host.clear();
  return wire::percent_encode(wire::to_text(path));
}

std::string token_of(const CimXmlCredentials& credentials) {
  return credentials.user.empty()
             ? std::string()
             : wire::base64_encode(credentials.user + ":" + credentials.password);
}

// What is shown of a call: parameters that may hold secrets are left out.
std::string shown(wire::Call call) {
  for (wire::Named& parameter : call.parameters) {
    const bool secret =
        wire::same_name(parameter.name, "password") || wire::same_name(parameter.name, "username");
    if (secret && parameter.value) parameter.value = wire::text_value("(removed)");
  }
  const auto xml = wire::write_call(call);
  return xml ? xml.value() : xml.error().message;
}

}  // namespace

CimClient::CimClient(CimClientOptions options)
    : options_(std::move(options)),
      evidence_({token_of(options_.credentials), options_.credentials.password}) {}

std::string CimClient::server() const {
  return options_.host + ":" + std::to_string(options_.port);
}

std::unique_ptr<HttpConnection> CimClient::take_idle() {
  const std::lock_guard lock(mutex_);
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->usable_again()) return connection;
  }
  return nullptr;
}

void CimClient::keep(std::unique_ptr<HttpConnection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(connection));
}

Result<wire::HttpMessage> CimClient::exchange(const std::string& request, bool may_repeat,
                                              Deadline deadline, bool* too_large) {
  for (;;) {
    auto connection = take_idle();
    const bool used_before = connection != nullptr;
    if (!connection) {
      const Deadline connected =
          std::min(deadline, std::chrono::steady_clock::now() + options_.connect_timeout);
      LOCKSTEP_TRY(connection, HttpConnection::connect(options_.host, options_.port, connected,
                                                       {.body_bytes = options_.most_answer_bytes},
                                                       options_.tls));
    }
    auto response = connection->exchange(request, deadline);
    if (response) {
      if (response.value().keeps_alive()) keep(std::move(connection));
      return response;
    }
    if (too_large != nullptr) *too_large = connection->answer_too_large();
    // A server may close an idle connection just as a request is on its way. Asking again is
    // harmless for what only reads; a method might be carried out twice.
    const bool again = used_before && may_repeat && response.error().origin == Origin::Transport &&
                       std::chrono::steady_clock::now() < deadline;
    if (!again) return response;
  }
}

std::string CimClient::request_text(const wire::Call& call, std::string body) const {
  wire::HttpMessage request;
  request.method = "POST";
  request.path = "/cimom";
  request.headers = {{"Host", server()},
                     {"Content-Type", "application/xml; charset=\"utf-8\""},
                     {"CIMOperation", "MethodCall"},
                     {"CIMMethod", wire::percent_encode(call.name)},
                     {"CIMObject", object_header(call)},
                     {"CIMProtocolVersion", "1.0"},
                     {"Accept", "application/xml, text/xml"}};
  if (!options_.credentials.user.empty()) {
    request.headers.emplace_back("Authorization", "Basic " + token_of(options_.credentials));
  }
  request.body = std::move(body);
  return wire::write_request(request);
}

Result<wire::Reply> CimClient::call(wire::Call call, bool* too_large) {
  if (too_large != nullptr) *too_large = false;
  call.message_id = std::to_string(++last_id_);
  LOCKSTEP_TRY(auto body, wire::write_call(call));
  const auto started = std::chrono::steady_clock::now();
  const Deadline deadline =
      started + (call.intrinsic ? options_.read_timeout : options_.method_timeout);
  const std::string request = request_text(call, std::move(body));
  auto response = exchange(request, call.intrinsic, deadline, too_large);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - started);
  const std::string head = call.name + " of " + wire::to_text(call.target);
  const std::string id_text = "MESSAGE ID=\"" + call.message_id + "\"";
  const std::string after = "answer after " + std::to_string(took.count()) + " us: ";
  if (!response) {
    evidence_.add_exchange(call.message_id, id_text, head, shown(call),
                           after + response.error().message, "");
    return response.error();
  }
  const wire::HttpMessage& message = response.value();
  evidence_.add_exchange(call.message_id, id_text, head, shown(call),
                         after + std::to_string(message.status) + " " + message.reason,
                         message.body);
  auto reply = read(call, message);
  if (!reply) return Error{reply.error().origin, evidence_.without_secrets(reply.error().message)};
  return reply;
}

Error CimClient::breach(const wire::Call& call, const std::string& found) const {
  return provider_error("CIM-XML server " + server() + ", " + call.name +
                        ": expected an answer that follows DSP0200 and DSP0201, found " + found);
}

Error CimClient::http_error(const wire::HttpMessage& response) const {
  std::string found = "HTTP status " + std::to_string(response.status) + " " + response.reason;
  for (const char* name : {"CIMError", "PGErrorDetail", "CIMErrorDetail"}) {
    if (const auto detail = response.cim_header(name)) {
      found += std::string(", ") + name + " " + wire::percent_decode(*detail).value_or(*detail);
    }
  }
  const std::string subject = "CIM-XML server " + server() + ": expected HTTP status 200, found ";
  if (response.status == 401 || response.status == 403) {
    return config_error(subject + found +
                        "; set LOCKSTEP_CIMXML_USER and LOCKSTEP_CIMXML_PASSWORD to credentials "
                        "that it accepts");
  }
  if (response.status == 503) return transport_error(subject + found + "; try again later");
  return provider_error(subject + found);
}

Result<wire::Reply> CimClient::read(const wire::Call& call,
                                    const wire::HttpMessage& response) const {
  if (response.status != 200) return http_error(response);
  const auto type = response.header("Content-Type");
  if (type && wire::lower_case(*type).find("xml") == std::string::npos) {
    return breach(call, "the content type " + *type);
  }
  const auto operation = response.cim_header("CIMOperation");
  if (operation && !wire::same_name(*operation, "MethodResponse")) {
    return breach(call, "the header CIMOperation: " + *operation);
  }
  auto reply = wire::read_reply(response.body);
  if (!reply) return breach(call, reply.error().reason);
  const wire::Reply& found = reply.value();
  if (found.message_id != call.message_id) {
    return breach(call, "the answer to message \"" + found.message_id + "\" instead of \"" +
                            call.message_id + "\"");
  }
  if (found.intrinsic != call.intrinsic || !wire::same_name(found.name, call.name)) {
    return breach(call, "the answer to " + found.name);
  }
  return std::move(reply).value();
}

}  // namespace lockstep::conformance
