// The way to an SMI-S provider, one step after the other, to say at which it ends.
#pragma once

#include "conformance/providers/cimxml/credentials.hpp"
#include "conformance/providers/cimxml/url.hpp"
#include "model/vocab/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lockstep::conformance {

struct ExaminedStep {
  std::string what;   // "endpoint", "namespace", "services"
  std::string found;  // when the step could be taken
  std::optional<Error> error;
};

// Ends with the first step that fails. Changes nothing on the provider.
[[nodiscard]] std::vector<ExaminedStep> examine_cimxml(const CimXmlUrl& url,
                                                       const CimXmlCredentials& credentials);

}  // namespace lockstep::conformance
