// Where an SMI-S provider is: cimxml://host[:port][/namespace][?portal=iscsi://host:port/iqn...].
#pragma once

#include "model/vocab/error.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lockstep::conformance {

inline constexpr const char* kCimXmlScheme = "cimxml://";

struct CimXmlUrl {
  std::string host;
  std::uint16_t port = 5988;
  std::string name_space;            // empty: found by way of the interop namespace
  std::vector<std::string> portals;  // iSCSI targets under which the volumes are LUNs
};

// Malformed, or with a user or password in it: Origin::Usage, naming the part at fault.
[[nodiscard]] Result<CimXmlUrl> parse_cimxml_url(const std::string& url);

}  // namespace lockstep::conformance
