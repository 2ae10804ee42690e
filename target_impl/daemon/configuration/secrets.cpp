#include "target_impl/daemon/configuration/secrets.hpp"

#include "target_impl/daemon/configuration/small_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace lockstep::target {
namespace {

FoundSecret refused(std::string expected, std::string found) {
  return {{}, std::move(expected), std::move(found)};
}

FoundSecret checked(std::string_view text, const std::string& where) {
  if (!text.empty() && text.back() == '\n') {
    text.remove_suffix(1);
  }
  if (text.size() < iscsi::kMinSecretBytes || text.size() > iscsi::kMaxSecretBytes) {
    return refused("a secret of 12 to 255 bytes in " + where,
                   text.size() > iscsi::kMaxSecretBytes ? "more" : std::to_string(text.size()));
  }
  return {iscsi::Secret(text), {}, {}};
}

bool below_credentials(const std::string& path) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder != nullptr && path.starts_with(std::string(folder) + "/");
}

}  // namespace

FoundSecret secret_from_file(const std::string& path) {
  const transport::FileDescriptor file = open_small_file(path);
  if (!file) {
    return refused("a file with the secret at " + path, std::strerror(errno));
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return refused("a regular file at " + path, "something else");
  }
  const mode_t forbidden = below_credentials(path) ? mode_t{0027} : mode_t{0077};
  if ((status.st_mode & forbidden) != 0) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(status.st_mode & 07777));
    return refused("a file that only its owner may read at " + path,
                   std::string("mode ") + mode.data() + "; chmod 0600 it");
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return refused("a file owned by user " + std::to_string(::geteuid()) + " or root at " + path,
                   "owner " + std::to_string(status.st_uid));
  }
  std::array<char, iscsi::kMaxSecretBytes + 2> content{};
  const auto bytes = read_small_file(file, content);
  if (!bytes) {
    return refused("to read " + path, std::strerror(errno));
  }
  FoundSecret secret = checked({content.data(), *bytes}, path);
  ::explicit_bzero(content.data(), content.size());
  return secret;
}

FoundSecret secret_from_environment(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr) {
    return refused("the secret in the environment variable " + variable, "no such variable");
  }
  return checked(value, "the environment variable " + variable);
}

}  // namespace lockstep::target
