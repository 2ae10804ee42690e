#include "target_impl/daemon/configuration/read_accounts.hpp"
#include "target_impl/daemon/configuration/read_targets.hpp"
#include "target_impl/daemon/configuration/small_file.hpp"
#include "target_impl/daemon/configuration/table.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <sys/stat.h>
#include <utility>

namespace lockstep::target {
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{1} << 20;
constexpr std::uint64_t kMebibyte = 1ULL << 20;
constexpr const char* kDefaultTarget = "iqn.2026-11.net.lockstep:target";

Result<std::string> read_file(const std::string& path) {
  const transport::FileDescriptor file = open_small_file(path);
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    return config_error(path + ": expected a configuration file, found: " + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return config_error(path + ": expected a configuration file, found something else");
  }
  std::string text(kMostFileBytes + 1, '\0');
  const auto bytes = read_small_file(file, text);
  if (!bytes) {
    return config_error(path + ": expected to read it, found: " + std::strerror(errno));
  }
  if (*bytes > kMostFileBytes) {
    return config_error(path + ": expected a configuration file of at most 1 MiB, found more");
  }
  text.resize(*bytes);
  return text;
}

void read_limits(Table table, TargetServerOptions& server) {
  iscsi::ServerLimits& limits = server.limits;
  std::uint64_t memory = limits.memory_bytes;
  std::uint64_t session_memory = limits.each.collected_bytes;
  std::uint64_t command_data = limits.each.task_bytes;
  std::uint64_t unsent = limits.each.unsent_bytes;
  std::chrono::milliseconds login(limits.login_ms);
  table.heading("[limits]");
  table.number<std::uint32_t>("connections", limits.connections, {1, 65'536});
  table.number<std::uint32_t>("sessions", limits.sessions, {1, 65'535});
  table.number<std::uint32_t>("commands_per_session", limits.each.command_window, {1, 4096});
  table.size("memory", memory, {16 * kMebibyte, 1ULL << 40});
  table.size("memory_per_session", session_memory, {kMebibyte, 1ULL << 32});
  table.size("data_per_command", command_data, {kMebibyte, 1ULL << 30});
  table.size("unsent_per_session", unsent, {kMebibyte, 1ULL << 30});
  table.duration("login_time", login, {std::chrono::seconds(1), std::chrono::minutes(10)});
  table.finish();
  limits.memory_bytes = memory;
  limits.each.collected_bytes = session_memory;
  limits.each.task_bytes = command_data;
  limits.each.unsent_bytes = unsent;
  limits.login_ms = static_cast<std::uint32_t>(login.count());
  if (session_memory > memory) {
    table.refuse("memory_per_session", "no more than memory, " + std::to_string(memory) + " bytes",
                 std::to_string(session_memory) + " bytes");
  }
}

void read_portals(std::vector<Table> tables, TargetServerOptions& server) {
  server.portals.clear();
  std::set<std::pair<std::string, std::uint16_t>> used;
  for (Table& table : tables) {
    iscsi::PortalAddress portal;
    portal.port = 3260;
    table.heading("[[portal]]");
    table.text("address", portal.address);
    table.number<std::uint16_t>("port", portal.port, {0, 0xffff});
    table.number<std::uint16_t>("group", portal.portal_group, {1, 0xffff});
    table.finish();
    if (portal.address.empty()) {
      table.refuse("address", "an address or host name", "an empty string");
    }
    if (portal.port != 0 && !used.emplace(portal.address, portal.port).second) {
      table.refuse("port", "each address and port once",
                   iscsi::endpoint_text(portal) + " a second time");
    }
    server.portals.push_back(std::move(portal));
  }
}

void read_discovery(Table table, TargetServerOptions& server, const Accounts& accounts) {
  std::vector<std::string> names;
  std::vector<std::string> initiators;
  table.heading("[discovery]");
  table.texts("accounts", names);
  table.texts("initiators", initiators);
  table.finish();
  server.discovery.accounts = look_up(table, "accounts", names, accounts);
  server.discovery.initiators = initiator_names(table, "initiators", initiators);
}

void read_log_level(Table& root, Configuration& configuration) {
  std::string level(log_level_text(configuration.log_level));
  root.text("log_level", level);
  if (const auto found = parse_log_level(level)) {
    configuration.log_level = *found;
  } else {
    root.refuse("log_level", "error, warning, info or debug", quoted(level));
  }
}

// What the volumes need when nothing is said: all of them mapped, and as much again for snapshots.
std::uint64_t default_capacity(const std::vector<TargetConfiguration>& targets) {
  std::uint64_t bytes = 1ULL << 30;
  for (const auto& target : targets) {
    for (const auto& lun : target.luns) {
      bytes += 2 * lun.bytes;
    }
  }
  return bytes;
}

Configuration read_root(Table root) {
  Configuration configuration;
  configuration.server.threads = 0;  // as many as the machine has processors for
  std::chrono::milliseconds ping(configuration.server.ping_interval_ms);
  std::uint64_t capacity = 0;
  read_log_level(root, configuration);
  root.text("store", configuration.store);
  if (root.has("capacity")) {
    root.size("capacity", capacity, {kMebibyte, 1ULL << 60});
  } else {
    root.unset("capacity", "twice the size of all logical units and 1GiB");
  }
  root.number<std::uint16_t>("metrics_port", configuration.metrics_port, {0, 0xffff});
  root.duration("ping_interval", ping, {std::chrono::seconds(1), std::chrono::hours(1)}, true);
  root.number<std::uint32_t>("threads", configuration.server.threads, {0, 64});
  root.number<std::uint32_t>("spin_us", configuration.server.spin_us, {0, 10'000});
  root.boolean("bypass", configuration.server.bypass);
  std::vector<Table> portals = root.tables("portal");
  std::vector<Table> accounts = root.tables("account");
  std::vector<Table> targets = root.tables("target");
  Table limits = root.table("limits");
  Table discovery = root.table("discovery");
  root.require("portal", "at least one portal", "a [[portal]] table");
  root.require("target", "at least one target", "a [[target]] table");
  root.finish();
  if (configuration.store && configuration.store->empty()) {
    root.refuse("store", "a directory", "an empty string");
  }
  configuration.server.ping_interval_ms = static_cast<std::uint32_t>(ping.count());
  read_limits(std::move(limits), configuration.server);
  const Accounts known = read_accounts(std::move(accounts));
  read_discovery(std::move(discovery), configuration.server, known);
  read_portals(std::move(portals), configuration.server);
  std::vector<std::uint16_t> groups;
  for (const auto& portal : configuration.server.portals) {
    groups.push_back(portal.portal_group);
  }
  configuration.targets = read_targets(std::move(targets), known, groups);
  configuration.capacity_bytes = capacity != 0 ? capacity : default_capacity(configuration.targets);
  return configuration;
}

Status apply_to_portal(toml::table& document, const ConfigurationOverrides& overrides) {
  if (!overrides.address && !overrides.port) {
    return ok();
  }
  auto* portals = document["portal"].as_array();
  if (portals == nullptr || portals->size() != 1 || !portals->get(0)->is_table()) {
    return config_error(
        "--address, --port: expected a configuration with one [[portal]] to change, found " +
        std::to_string(portals == nullptr ? 0 : portals->size()));
  }
  toml::table& portal = *portals->get(0)->as_table();
  if (overrides.address) {
    portal.insert_or_assign("address", *overrides.address);
  }
  if (overrides.port) {
    portal.insert_or_assign("port", std::int64_t{*overrides.port});
  }
  return ok();
}

Status apply(toml::table& document, const ConfigurationOverrides& overrides) {
  if (overrides.store) {
    document.insert_or_assign("store", *overrides.store);
  }
  if (overrides.metrics_port) {
    document.insert_or_assign("metrics_port", std::int64_t{*overrides.metrics_port});
  }
  if (overrides.log_level) {
    document.insert_or_assign("log_level", *overrides.log_level);
  }
  return apply_to_portal(document, overrides);
}

Result<ReadConfiguration> read_document(const toml::table& document, const std::string& file) {
  Reading reading;
  reading.file = file;
  ReadConfiguration read;
  read.configuration = read_root(Table(reading, document, ""));
  if (reading.mistake) {
    return config_error(*reading.mistake);
  }
  read.effective = std::move(reading.effective);
  return read;
}

}  // namespace

Result<ReadConfiguration> read_configuration(const std::string& file,
                                             const ConfigurationOverrides& overrides) {
  LOCKSTEP_TRY(const std::string text, read_file(file));
  toml::table document;
  try {
    document = toml::parse(text);
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    return config_error(file + ":" + std::to_string(begin.line) + ":" +
                        std::to_string(begin.column) +
                        ": expected TOML, found: " + std::string(error.description()));
  }
  LOCKSTEP_TRY(apply(document, overrides));
  return read_document(document, file);
}

Result<ReadConfiguration> default_configuration(const ConfigurationOverrides& overrides) {
  toml::table document;
  document.insert_or_assign("portal", toml::array{toml::table{}});
  toml::array luns;
  for (const std::uint64_t bytes : overrides.lun_bytes) {
    luns.push_back(toml::table{{"number", static_cast<std::int64_t>(luns.size())},
                               {"size", std::to_string(bytes)}});
  }
  document.insert_or_assign(
      "target", toml::array{toml::table{{"name", kDefaultTarget}, {"lun", std::move(luns)}}});
  LOCKSTEP_TRY(apply(document, overrides));
  return read_document(document, "command line");
}

std::string print_configuration(const std::vector<EffectiveLine>& effective) {
  std::size_t width = 0;
  constexpr std::size_t kWidest = 60;
  for (const EffectiveLine& line : effective) {
    width = std::max(width, std::min(line.text.size(), kWidest));
  }
  std::string text;
  for (const EffectiveLine& line : effective) {
    if (line.origin.empty()) {
      text += (text.empty() ? "" : "\n") + line.text + "\n";
      continue;
    }
    std::string padded = line.text;
    padded.resize(std::max(width, padded.size()), ' ');
    text += padded + "  # " + line.origin + "\n";
  }
  return text;
}

}  // namespace lockstep::target
