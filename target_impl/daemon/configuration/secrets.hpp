// CHAP secrets, from files that only their owner may read or from environment variables; never from
// the configuration itself.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/iscsi/access.hpp"

#include <string>

namespace lockstep::target {

struct FoundSecret {
  iscsi::Secret secret;
  std::string expected;  // not empty: there is no secret, this was expected
  std::string found;     // and this found
};

// A regular file of at most 255 bytes, owned by the user that runs this process or by root, that
// nobody else may read or write. One newline at its end does not belong to the secret. Below
// $CREDENTIALS_DIRECTORY, which systemd guards, the group may read it.
[[nodiscard]] FoundSecret secret_from_file(const std::string& path);
[[nodiscard]] FoundSecret secret_from_environment(const std::string& variable);

}  // namespace lockstep::target
