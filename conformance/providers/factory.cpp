#include "conformance/providers/factory.hpp"

#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "conformance/providers/faulty/faulty.hpp"
#include "conformance/providers/null_provider.hpp"
#include "conformance/providers/process/exec_spec.hpp"
#include "conformance/providers/process/process_provider.hpp"
#include "conformance/suite/select.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::conformance {
namespace {

constexpr const char* kFaultyPrefix = "faulty:";

std::vector<std::string> known_specs() {
  std::vector<std::string> known{"reference", "null"};
  for (const FaultyProvider& faulty : faulty_providers()) {
    known.push_back(kFaultyPrefix + faulty.name);
  }
  return known;
}

Error unknown(const std::string& spec) {
  std::string near;
  for (const std::string& name : nearest(spec, known_specs())) {
    near += (near.empty() ? "" : ", ") + name;
  }
  return usage_error("provider \"" + spec +
                     "\": expected a known provider, found none of that name; "
                     "nearest: " +
                     near);
}

Result<std::unique_ptr<Provider>> make_faulty_reference(const std::string& name,
                                                        const ReferenceOptions& options) {
  LOCKSTEP_TRY(auto reference, make_reference(options));
  std::unique_ptr<Provider> faulty = make_faulty(name, std::move(reference));
  if (!faulty) return internal_error("faulty provider \"" + name + "\" is listed but not made");
  return faulty;
}

Result<std::unique_ptr<Provider>> make_cimxml_client(const std::string& spec) {
  CimXmlOptions remote;
  LOCKSTEP_TRY(remote.url, parse_cimxml_url(spec));
  LOCKSTEP_TRY(remote.credentials, cimxml_credentials_from_environment());
  LOCKSTEP_TRY(auto provider, make_cimxml(remote));
  return std::unique_ptr<Provider>(std::move(provider));
}

Result<std::unique_ptr<Provider>> make_child_process(const std::string& spec) {
  LOCKSTEP_TRY(auto parsed, parse_exec_spec(spec));
  ProcessOptions child;
  child.arguments = std::move(parsed.arguments);
  child.portals = std::move(parsed.portals);
  if (parsed.deadline) {
    child.start_deadline = child.look_deadline = child.method_deadline = *parsed.deadline;
  }
  LOCKSTEP_TRY(auto provider, make_process(child));
  return std::unique_ptr<Provider>(std::move(provider));
}

}  // namespace

Result<std::unique_ptr<Provider>> make_provider(const std::string& spec,
                                                const ReferenceOptions& options) {
  if (spec == "null") return make_null();
  if (spec == "reference") {
    LOCKSTEP_TRY(auto reference, make_reference(options));
    return std::unique_ptr<Provider>(std::move(reference));
  }
  if (spec.starts_with(kCimXmlScheme)) return make_cimxml_client(spec);
  if (spec.starts_with(kExecScheme)) return make_child_process(spec);
  const auto known = known_specs();
  const bool listed = std::find(known.begin(), known.end(), spec) != known.end();
  const std::string prefix = kFaultyPrefix;
  if (listed && spec.substr(0, prefix.size()) == prefix) {
    return make_faulty_reference(spec.substr(prefix.size()), options);
  }
  return unknown(spec);
}

Status keep_evidence(Provider& provider, const std::filesystem::path& folder) {
  if (auto* remote = dynamic_cast<CimXmlProvider*>(&provider)) {
    return remote->keep_evidence(folder / "exchanges.log");
  }
  if (auto* child = dynamic_cast<ProcessProvider*>(&provider)) {
    return child->keep_evidence(folder);
  }
  return ok();
}

}  // namespace lockstep::conformance
