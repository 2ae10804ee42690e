#include "cli/cimxml_target.hpp"

#include "cli/console.hpp"
#include "conformance/providers/cimxml/credentials.hpp"

#include <fmt/format.h>

namespace lockstep::cli {

Result<std::unique_ptr<cimxml::Server>> serve_cimxml(ReferenceProvider& reference,
                                                     const ReferenceOptions& served,
                                                     const TargetOptions& asked) {
  if (!asked.cimxml_port) return std::unique_ptr<cimxml::Server>();
  LOCKSTEP_TRY(const auto credentials, conformance::cimxml_credentials_from_environment());
  const ReferenceWellKnown& known = reference_well_known();
  cimxml::ServerOptions options;
  options.address = served.address;
  options.port = *asked.cimxml_port;
  if (asked.cimxml_tls) {
    options.tls = tls::ServerOptions{{asked.tls_certificate, asked.tls_key}, asked.tls_client_ca};
  }
  options.user = credentials.user;
  options.password = credentials.password;
  options.access_point = known.local_access_point.path;
  options.setting_goal = known.target_setting_goal.path;
  options.replica_peer = known.local_peer.path;
  for (const PeerOptions& peer : served.peers)
    options.other_peers.push_back(reference_peer(peer.name).path);
  options.portal = reference.portal();
  options.target_name = reference.target_name();
  options.lun_of = [&reference](const ElementRef& element) { return reference.lun_of(element); };
  LOCKSTEP_TRY(auto server, cimxml::Server::start(reference, options));
  print(fmt::format("{}://{}:{}/{}  iscsi://{}/{}", asked.cimxml_tls ? "https" : "cimxml",
                    served.address, server->port(), cimxml::kTargetNamespace, reference.portal(),
                    reference.target_name()));
  return server;
}

}  // namespace lockstep::cli
