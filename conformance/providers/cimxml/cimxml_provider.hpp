// Any SMI-S provider that speaks CIM-XML, as a Provider.
#pragma once

#include "conformance/providers/cimxml/credentials.hpp"
#include "conformance/providers/cimxml/url.hpp"
#include "conformance/providers/reached.hpp"
#include "conformance/suite/runner.hpp"
#include "model/port/provider.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace lockstep::conformance {

struct CimXmlOptions {
  CimXmlUrl url;
  CimXmlCredentials credentials;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds read_timeout{30'000};
  std::chrono::milliseconds method_timeout{60'000};
  std::size_t most_answer_bytes = 64 * 1024 * 1024;
};

// Thread-safe like every Provider.
class CimXmlProvider : public Provider, public OutsideProvider, public Reached {
 public:
  // Every exchange from now on, and what is remembered of those before, goes into that file;
  // secrets are removed.
  [[nodiscard]] virtual Status keep_evidence(const std::filesystem::path& file) = 0;
  [[nodiscard]] virtual std::string recent_evidence() const = 0;
};

// Connects and finds the services. No server, no such namespace or no service in it: an Error that
// says so.
[[nodiscard]] Result<std::unique_ptr<CimXmlProvider>> make_cimxml(const CimXmlOptions& options);

}  // namespace lockstep::conformance
