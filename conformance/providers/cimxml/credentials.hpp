// Where credentials for a CIM-XML server come from: environment or file, never the command line.
#pragma once

#include "model/vocab/error.hpp"

#include <string>

namespace lockstep::conformance {

struct CimXmlCredentials {
  std::string user;  // empty: none are given
  std::string password;
};

// LOCKSTEP_CIMXML_USER, and LOCKSTEP_CIMXML_PASSWORD or the first line of the file named by
// LOCKSTEP_CIMXML_PASSWORD_FILE. A user without a password, or a file that cannot be read:
// Origin::Config.
[[nodiscard]] Result<CimXmlCredentials> cimxml_credentials_from_environment();

// The same for any other system, with a prefix of its own in place of LOCKSTEP_CIMXML.
[[nodiscard]] Result<CimXmlCredentials> credentials_from_environment(const std::string& prefix);

}  // namespace lockstep::conformance
