#include "conformance/providers/factory.hpp"

#include "conformance/providers/cimxml/cimxml_provider.hpp"
#include "conformance/providers/faulty/faulty.hpp"
#include "conformance/providers/null_provider.hpp"
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

}  // namespace

Result<std::unique_ptr<Provider>> make_provider(const std::string& spec,
                                                const ReferenceOptions& options) {
  if (spec == "null") return make_null();
  if (spec == "reference") {
    LOCKSTEP_TRY(auto reference, make_reference(options));
    return std::unique_ptr<Provider>(std::move(reference));
  }
  if (spec.rfind(kCimXmlScheme, 0) == 0) {
    CimXmlOptions remote;
    LOCKSTEP_TRY(remote.url, parse_cimxml_url(spec));
    LOCKSTEP_TRY(remote.credentials, cimxml_credentials_from_environment());
    LOCKSTEP_TRY(auto provider, make_cimxml(remote));
    return std::unique_ptr<Provider>(std::move(provider));
  }
  const auto known = known_specs();
  const bool listed = std::find(known.begin(), known.end(), spec) != known.end();
  const std::string prefix = kFaultyPrefix;
  if (listed && spec.substr(0, prefix.size()) == prefix) {
    return make_faulty_reference(spec.substr(prefix.size()), options);
  }
  return unknown(spec);
}

Status keep_evidence(Provider& provider, const std::filesystem::path& folder) {
  auto* remote = dynamic_cast<CimXmlProvider*>(&provider);
  return remote == nullptr ? Status(ok()) : remote->keep_evidence(folder / "exchanges.log");
}

}  // namespace lockstep::conformance
