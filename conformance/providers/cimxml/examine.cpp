#include "conformance/providers/cimxml/examine.hpp"

#include "conformance/providers/cimxml/discovery.hpp"

namespace lockstep::conformance {
namespace {

std::string services_text(const Services& services) {
  std::string text = "system " + services.system.path.class_name;
  text +=
      services.replication ? ", " + services.replication->class_name : ", no replication service";
  text += services.configuration ? ", " + services.configuration->class_name
                                 : ", no storage configuration service";
  if (services.replication && !services.replication_capabilities) text += ", no capabilities of it";
  return text;
}

// "root/vendor, 1 systems"
Result<std::string> systems_in(CimOperations& operations, const std::string& name_space) {
  LOCKSTEP_TRY(const auto systems, operations.enumerate(name_space, "CIM_ComputerSystem"));
  const auto missing = [&](const std::string& found) {
    return provider_error("namespace " + name_space + ": expected a ComputerSystem in it, found " +
                          found + "; leave the namespace out to have it looked for");
  };
  if (systems.refusal) {
    return missing("CIM status " + std::to_string(systems.refusal->code) + " " +
                   systems.refusal->description);
  }
  if (systems.value.empty()) return missing("none");
  return name_space + ", " + std::to_string(systems.value.size()) + " systems";
}

}  // namespace

std::vector<ExaminedStep> examine_cimxml(const CimXmlUrl& url,
                                         const CimXmlCredentials& credentials) {
  std::vector<ExaminedStep> steps;
  const auto take = [&](const char* what, Result<std::string> found) {
    steps.push_back({what, found ? found.value() : std::string(),
                     found ? std::nullopt : std::optional(found.error())});
    return !steps.back().error;
  };
  const auto tls = tls_context(url);
  if (!tls) {
    steps.push_back({"TLS files", "", tls.error()});
    return steps;
  }
  CimClientOptions options;
  options.tls = tls.value().get();
  options.host = url.host;
  options.port = url.port;
  options.credentials = credentials;
  const auto connection = HttpConnection::connect(
      url.host, url.port, std::chrono::steady_clock::now() + options.connect_timeout,
      wire::HttpLimits{}, options.tls);
  const std::string server = url.host + ":" + std::to_string(url.port);
  const auto answers = [&] {
    if (!url.tls) return server + " answers";
    return server + " answers, " + connection.value()->tls_version() + ", " + trust_text(url);
  };
  const bool reached = take("endpoint", connection ? Result<std::string>(answers())
                                                   : Result<std::string>(connection.error()));
  if (!reached) return steps;
  CimClient client(options);
  CimOperations operations(client);
  std::string name_space = url.name_space;
  if (name_space.empty()) {
    const auto found = find_namespace(operations);
    if (!take("namespace", found
                               ? Result<std::string>(found.value() + ", by the registered profile")
                               : Result<std::string>(found.error()))) {
      return steps;
    }
    name_space = found.value();
  } else if (!take("namespace", systems_in(operations, name_space))) {
    return steps;
  }
  const auto services = find_services(operations, name_space);
  take("services", services ? Result<std::string>(services_text(services.value()))
                            : Result<std::string>(services.error()));
  return steps;
}

}  // namespace lockstep::conformance
