#include "conformance/providers/cimxml/credentials.hpp"

#include <cstdlib>
#include <fstream>

namespace lockstep::conformance {

Result<CimXmlCredentials> cimxml_credentials_from_environment() {
  LOCKSTEP_TRY(auto credentials, credentials_from_environment("LOCKSTEP_CIMXML"));
  if (credentials.user.find(':') != std::string::npos) {
    return config_error(
        "LOCKSTEP_CIMXML_USER: expected a name without a colon, which Basic authentication cannot "
        "carry; use another user");
  }
  return credentials;
}

Result<CimXmlCredentials> credentials_from_environment(const std::string& prefix) {
  const std::string user_name = prefix + "_USER";
  const std::string password_name = prefix + "_PASSWORD";
  const std::string file_name = prefix + "_PASSWORD_FILE";
  CimXmlCredentials credentials;
  // Read once, before any thread that might change the environment; nothing here changes it.
  const char* user = std::getenv(user_name.c_str());          // NOLINT(concurrency-mt-unsafe)
  const char* password = std::getenv(password_name.c_str());  // NOLINT(concurrency-mt-unsafe)
  const char* file = std::getenv(file_name.c_str());          // NOLINT(concurrency-mt-unsafe)
  if (user == nullptr || *user == 0) return credentials;
  credentials.user = user;
  if (password != nullptr) {
    credentials.password = password;
    return credentials;
  }
  if (file == nullptr) {
    return config_error(user_name + ": expected a password beside it, found none; set " +
                        password_name + " or " + file_name);
  }
  std::ifstream stream(file);
  if (!stream || !std::getline(stream, credentials.password)) {
    return config_error(file_name + ": expected a readable file, found that " + file + " is none");
  }
  return credentials;
}

}  // namespace lockstep::conformance
