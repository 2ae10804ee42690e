// Where an SMI-S provider is, and how it is reached: cimxml://host[:port][/namespace][?...], over
// TLS https:// or cimxml+https:// with the same behind it. Behind the question mark, joined by "&":
// portal=iscsi://host:port/iqn, again for more; data-access=FILE, tls-ca=FILE, tls-certificate=FILE
// and tls-key=FILE, percent-encoded; tls-verify=off.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/transport/tls/tls.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::conformance {

// Its scheme is one of those.
[[nodiscard]] bool is_cimxml_url(const std::string& spec);

struct CimXmlUrl {
  std::string host;
  std::uint16_t port = 5988;  // of https 5989
  std::optional<tls::ClientOptions> tls;
  std::string name_space;            // empty: found by way of the interop namespace
  std::vector<std::string> portals;  // iSCSI targets under which the volumes are LUNs
  std::string data_access_file;      // rules; empty: none
};

// Malformed, or with a user or password in it: Origin::Usage, naming the part at fault.
[[nodiscard]] Result<CimXmlUrl> parse_cimxml_url(const std::string& url);

// Without TLS nullptr. Files that cannot be used: Origin::Config.
[[nodiscard]] Result<std::unique_ptr<tls::Context>> tls_context(const CimXmlUrl& url);

// Who vouches for the server, in words for a report; empty without TLS.
[[nodiscard]] std::string trust_text(const CimXmlUrl& url);

}  // namespace lockstep::conformance
