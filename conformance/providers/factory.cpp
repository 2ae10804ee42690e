#include "conformance/providers/factory.hpp"

#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "conformance/providers/faulty/faulty.hpp"
#include "conformance/providers/null_provider.hpp"
#include "conformance/providers/process/exec_spec.hpp"
#include "conformance/providers/process/process_provider.hpp"
#include "conformance/suite/select.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace lockstep::conformance {
namespace {

constexpr const char* kFaultyPrefix = "faulty:";
constexpr const char* kVariantPrefix = "reference:";

// What follows the prefix, if it is there.
std::optional<std::string> after(const std::string& spec, const std::string& prefix) {
  if (spec.rfind(prefix, 0) != 0) return std::nullopt;
  return spec.substr(prefix.size());
}

std::vector<std::string> known_specs() {
  std::vector<std::string> known{"reference", "null"};
  for (const ReferenceVariant& variant : reference_variants()) {
    known.push_back(kVariantPrefix + variant.name);
  }
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
  child.data_access_file = std::move(parsed.data_access_file);
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
  if (is_cimxml_url(spec)) return make_cimxml_client(spec);
  if (spec.starts_with(kExecScheme)) return make_child_process(spec);
  const auto known = known_specs();
  if (std::find(known.begin(), known.end(), spec) == known.end()) return unknown(spec);
  if (const auto faulty = after(spec, kFaultyPrefix)) {
    return make_faulty_reference(*faulty, options);
  }
  ReferenceOptions varied = options;
  varied.freedom = find_reference_variant(*after(spec, kVariantPrefix))->freedom;
  LOCKSTEP_TRY(auto reference, make_reference(varied));
  return std::unique_ptr<Provider>(std::move(reference));
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
