// Options of target.
#include "cli/options/subcommands.hpp"

namespace lockstep::cli {

void add_target(Subcommands& subcommands) {
  const auto options = std::make_shared<TargetOptions>();
  const auto lun_sizes = std::make_shared<std::vector<std::string>>();
  const auto stop_after = std::make_shared<std::string>();
  auto* sub = subcommands.add(
      "target", "Serve an iSCSI target",
      "  lockstep target --lun 256MiB                     the built-in reference\n"
      "  lockstep target --cimxml 0 --variant at-once     its service, otherwise\n"
      "  lockstep target --config /etc/lockstep.toml      as the file says\n"
      "  lockstep target --store DIR --lun 64GiB          volumes that survive\n"
      "  lockstep target --cimxml 0 --peer far=iscsi://10.0.0.2/iqn.2026-11.org:spares\n"
      "                                                   mirrors lead there\n"
      "  lockstep target --cimxml 0 --store DIR           replication that survives\n"
      "  lockstep target --cimxml 0 --cimxml-tls --tls-certificate server.pem --tls-key "
      "server.key\n"
      "  iscsi-ls -s iscsi://127.0.0.1:3260               what an initiator sees\n",
      [=] {
        for (const std::string& size : *lun_sizes)
          options->lun_bytes.push_back(*parse_byte_size(size));
        options->luns_given = !lun_sizes->empty();
        if (!options->luns_given) options->lun_bytes.push_back(256ULL << 20);
        if (!stop_after->empty()) options->stop_after = parse_duration(*stop_after);
        return Command{*options};
      });
  sub->add_option("--address", options->address, "Address to listen on (default: 127.0.0.1)");
  sub->add_option("--port", options->port, "TCP port; 0 takes any free one (default: 3260)");
  auto* luns = sub->add_option("--lun", *lun_sizes,
                               "Size of a LUN; give it again for more (default: one of 256MiB)");
  luns->check(size_validator());
  auto* cimxml = sub->add_option(
      "--cimxml", options->cimxml_port,
      "Serve the replication service of the reference over CIM-XML on that TCP port, too; 0 "
      "takes any free one");
  cimxml->type_name("PORT");
  auto* tls = sub->add_flag("--cimxml-tls", options->cimxml_tls, "Serve CIM-XML over TLS only");
  tls->needs(cimxml);
  const auto file = [&](const char* name, std::string& value, const char* what) {
    auto* option = sub->add_option(name, value, what);
    option->type_name("FILE")->needs(tls);
    return option;
  };
  tls->needs(file("--tls-certificate", options->tls_certificate,
                  "Certificate of this server with what leads to its authority, PEM"));
  tls->needs(file("--tls-key", options->tls_key, "Its key, PEM, not encrypted"));
  file("--tls-client-ca", options->tls_client_ca,
       "Authorities, PEM: clients without a certificate of theirs are turned away");
  auto* peers = sub->add_option(
      "--peer", options->peers,
      "A second system to which mirrors of the reference may lead: every LUN of that target that "
      "nobody has registered for is at its disposal. LOCKSTEP_PEER_USER and LOCKSTEP_PEER_PASSWORD "
      "(or LOCKSTEP_PEER_PASSWORD_FILE) log in there by CHAP. Give it again for more");
  peers->type_name("NAME=iscsi://HOST[:PORT]/TARGET");
  auto* variant = sub->add_option(
      "--variant", options->variant,
      "Let the service choose otherwise where it may choose: see lockstep list providers");
  variant->type_name("NAME");
  sub->add_option("--for", *stop_after, "Stop by itself after that long")
      ->check(duration_validator());
  sub->add_option("--config", options->config, "Portals, targets, LUNs, accounts and limits (TOML)")
      ->excludes(luns)
      ->excludes(peers)
      ->excludes(cimxml)
      ->excludes(variant);
  sub->add_option("--store", options->store,
                  "Directory of volumes that survive the process; with --cimxml of relationships, "
                  "groups and jobs as well, those that lead to a --peer of the same name included")
      ->excludes(variant);
  sub->add_option(
      "--metrics-port", options->metrics_port,
      "Serve /metrics on this port of 127.0.0.1; 0 takes any free one. With --cimxml: how "
      "far replicas are behind");
  sub->add_option("--log-level", options->log_level, "error, warning, info or debug")
      ->excludes(cimxml);
  sub->add_flag("--print-config", options->print_config,
                "Print the effective configuration and where each value comes from, and end")
      ->excludes(cimxml);
}

}  // namespace lockstep::cli
