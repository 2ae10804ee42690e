// Options that say how an outside provider and its volumes are reached.
#include "cli/options/subcommands.hpp"
#include "model/wire/http.hpp"

#include <filesystem>

namespace lockstep::cli {

void add_reach(CLI::App* sub, ReachOptions& options) {
  constexpr const char* kGroup = "Reaching outside providers";
  sub->add_option("--portal", options.portals,
                  "iSCSI target under which an outside provider's volumes are LUNs: "
                  "iscsi://HOST:PORT/IQN; give it again for more")
      ->take_all()
      ->group(kGroup);
  const auto file = [&](const char* name, std::string& value, const char* what) {
    sub->add_option(name, value, what)->type_name("FILE")->group(kGroup);
  };
  file("--data-access", options.data_access,
       "Rules (TOML) by which the LUN of a volume is found: by identifier, serial number, name, "
       "table or command");
  file("--tls-ca", options.tls_ca,
       "Authorities that may vouch for an https:// provider, PEM (default: the system's)");
  file("--tls-certificate", options.tls_certificate,
       "Certificate to show to an https:// provider that asks for one, PEM");
  file("--tls-key", options.tls_key, "Its key, PEM, not encrypted");
  sub->add_flag("--tls-insecure", options.tls_insecure,
                "Believe whoever answers for an https:// provider; the report will say so")
      ->group(kGroup);
}

std::string address_of(std::string provider, const ReachOptions& options) {
  const auto add = [&](const std::string& what) {
    provider += (provider.find('?') == std::string::npos ? '?' : '&') + what;
  };
  const auto add_file = [&](const char* name, const std::string& file) {
    // Absolute, because the address may be used again from elsewhere.
    if (!file.empty()) add(name + wire::percent_encode(std::filesystem::absolute(file).string()));
  };
  for (const std::string& portal : options.portals) add("portal=" + portal);
  add_file("data-access=", options.data_access);
  add_file("tls-ca=", options.tls_ca);
  add_file("tls-certificate=", options.tls_certificate);
  add_file("tls-key=", options.tls_key);
  if (options.tls_insecure) add("tls-verify=off");
  return provider;
}

}  // namespace lockstep::cli
