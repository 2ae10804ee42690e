#include "conformance/providers/cimxml/credentials.hpp"

#include <cstdlib>
#include <fstream>

namespace lockstep::conformance {
namespace {

constexpr const char* kUser = "LOCKSTEP_CIMXML_USER";
constexpr const char* kPassword = "LOCKSTEP_CIMXML_PASSWORD";
constexpr const char* kPasswordFile = "LOCKSTEP_CIMXML_PASSWORD_FILE";

}  // namespace

Result<CimXmlCredentials> cimxml_credentials_from_environment() {
  CimXmlCredentials credentials;
  // Read once, before any thread that might change the environment; nothing here changes it.
  const char* user = std::getenv(kUser);          // NOLINT(concurrency-mt-unsafe)
  const char* password = std::getenv(kPassword);  // NOLINT(concurrency-mt-unsafe)
  const char* file = std::getenv(kPasswordFile);  // NOLINT(concurrency-mt-unsafe)
  if (user == nullptr || *user == 0) return credentials;
  credentials.user = user;
  if (credentials.user.find(':') != std::string::npos) {
    return config_error(std::string(kUser) +
                        ": expected a name without a colon, which Basic authentication cannot "
                        "carry; use another user");
  }
  if (password != nullptr) {
    credentials.password = password;
    return credentials;
  }
  if (file == nullptr) {
    return config_error(std::string(kUser) + ": expected a password beside it, found none; set " +
                        kPassword + " or " + kPasswordFile);
  }
  std::ifstream stream(file);
  if (!stream || !std::getline(stream, credentials.password)) {
    return config_error(std::string(kPasswordFile) + ": expected a readable file, found that " +
                        file + " is none");
  }
  return credentials;
}

}  // namespace lockstep::conformance
