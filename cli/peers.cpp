#include "cli/peers.hpp"

#include "conformance/providers/cimxml/credentials.hpp"
#include "target_impl/initiator/target_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lockstep::cli {
namespace {

constexpr const char* kNameLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

Result<PeerOptions> peer_of(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  PeerOptions peer;
  peer.name = argument.substr(0, equals);
  if (equals == std::string::npos || peer.name.empty() ||
      peer.name.find_first_not_of(kNameLetters) != std::string::npos) {
    return usage_error(fmt::format(
        "--peer: expected NAME=iscsi://HOST[:PORT]/TARGET with a name of letters, digits, '.', '_' "
        "and '-', found '{}'",
        equals == std::string::npos ? "no '='" : peer.name));
  }
  auto url = initiator::parse_target_url(argument.substr(equals + 1));
  if (!url) return usage_error("--peer: " + url.error().message);
  peer.portal = url.value().portal;
  peer.target_name = url.value().target_name;
  return peer;
}

}  // namespace

Result<std::vector<PeerOptions>> peers_of(const std::vector<std::string>& arguments) {
  std::vector<PeerOptions> peers;
  if (arguments.empty()) return peers;
  LOCKSTEP_TRY(const auto credentials, conformance::credentials_from_environment("LOCKSTEP_PEER"));
  for (const std::string& argument : arguments) {
    LOCKSTEP_TRY(auto peer, peer_of(argument));
    const bool known = std::any_of(peers.begin(), peers.end(), [&](const PeerOptions& other) {
      return other.name == peer.name;
    });
    if (known) {
      return usage_error(
          fmt::format("--peer: expected a name for each, found '{}' twice", peer.name));
    }
    if (!credentials.user.empty()) {
      peer.user = credentials.user;
      peer.password = credentials.password;
    }
    peers.push_back(std::move(peer));
  }
  return peers;
}

}  // namespace lockstep::cli
