// lockstep target: the reference target for any initiator, or a target as a configuration describes
// it.
#include "cli/cimxml_target.hpp"
#include "cli/commands.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interrupt.hpp"
#include "cli/peers.hpp"
#include "cli/reference_luns.hpp"
#include "cli/replica_metrics.hpp"
#include "target_impl/daemon/configured_target.hpp"
#include "target_impl/daemon/metrics_server.hpp"
#include "target_impl/daemon/service_notify.hpp"
#include "target_impl/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <unistd.h>

namespace lockstep::cli {
namespace {

constexpr std::uint32_t kBlockBytes = 512;
constexpr std::chrono::milliseconds kPollInterval{50};
constexpr const char* kDefaultAddress = "127.0.0.1";
constexpr std::uint16_t kDefaultPort = 3260;

std::string name_of_lun(std::size_t i) { return fmt::format("lun {}", i + 1); }

Status make_lun(ReferenceProvider& reference, const std::string& name, std::uint64_t bytes) {
  CreateVolumeRequest request;
  request.element_name = name;
  request.blocks = BlockCount{bytes / kBlockBytes};
  LOCKSTEP_TRY(const auto answer, reference.invoke(request));
  if (answer.completed()) return ok();
  return config_error(
      fmt::format("--lun: a LUN of {} bytes was refused with {}; choose a smaller one", bytes,
                  code_text(answer)));
}

// Volumes of this system alone: pools are elements too, and so are replicas on peers.
Result<std::vector<ElementView>> volumes_of(ReferenceProvider& reference) {
  LOCKSTEP_TRY(auto inventory, reference.inventory());
  std::erase_if(inventory.elements, [&](const ElementView& element) {
    return element.element_class != ElementClass::StorageVolume || !reference.lun_of(element.ref);
  });
  return std::move(inventory.elements);
}

// Those that a store does not hold yet. A store that holds volumes needs no default.
Status make_luns(ReferenceProvider& reference, const TargetOptions& options) {
  LOCKSTEP_TRY(const auto volumes, volumes_of(reference));
  if (!options.luns_given && !volumes.empty()) return ok();
  for (std::size_t i = 0; i < options.lun_bytes.size(); ++i) {
    const std::string name = name_of_lun(i);
    const auto found =
        std::find_if(volumes.begin(), volumes.end(),
                     [&](const ElementView& element) { return element.element_name == name; });
    if (found == volumes.end()) {
      LOCKSTEP_TRY(make_lun(reference, name, options.lun_bytes[i]));
      continue;
    }
    const std::uint64_t bytes = bytes_of(found->blocks, found->block_size).value;
    if (bytes != options.lun_bytes[i]) {
      return config_error(fmt::format(
          "--lun: expected \"{}\" of {} bytes, found one of {} in the store; leave --lun away to "
          "serve what is there",
          name, options.lun_bytes[i], bytes));
    }
  }
  return ok();
}

Status print_luns(ReferenceProvider& reference) {
  LOCKSTEP_TRY(const auto volumes, volumes_of(reference));
  for (const ElementView& element : volumes) {
    LOCKSTEP_TRY(const auto url, url_of(reference, element.ref));
    print(fmt::format("{}  {} bytes", url, bytes_of(element.blocks, element.block_size).value));
  }
  return ok();
}

// Until a signal, or for as long as was asked for.
void wait_for_the_end(const TargetOptions& options) {
  print("serving; stop with Ctrl-C");
  const auto started = std::chrono::steady_clock::now();
  while (!interrupted()) {
    if (options.stop_after && std::chrono::steady_clock::now() - started >= *options.stop_after)
      break;
    std::this_thread::sleep_for(kPollInterval);
  }
}

Error unknown_variant(const std::string& name) {
  std::string known;
  for (const ReferenceVariant& variant : reference_variants()) {
    known += (known.empty() ? "" : ", ") + variant.name;
  }
  return usage_error("--variant " + name + ": expected one of " + known);
}

Result<std::unique_ptr<target::MetricsServer>> serve_metrics(ReferenceProvider& reference,
                                                             std::optional<std::uint16_t> port) {
  if (!port) return std::unique_ptr<target::MetricsServer>();
  target::MetricsServerOptions options;
  options.port = *port;
  LOCKSTEP_TRY(auto server, target::MetricsServer::start(
                                options, [&] { return replica_metrics(reference.lags()); }));
  print(fmt::format("http://127.0.0.1:{}/metrics", server->port()));
  return server;
}

int serve_reference(const TargetOptions& options) {
  ReferenceOptions reference_options;
  reference_options.address = options.address.value_or(kDefaultAddress);
  reference_options.port = options.port.value_or(kDefaultPort);
  reference_options.store_directory = options.store;
  reference_options.pool_bytes = 1ULL << 30;
  for (const std::uint64_t bytes : options.lun_bytes) reference_options.pool_bytes += 2 * bytes;
  auto peers = peers_of(options.peers);
  if (!peers) return fail(peers.error());
  reference_options.peers = std::move(peers).value();
  if (options.variant) {
    const ReferenceVariant* variant = find_reference_variant(*options.variant);
    if (variant == nullptr) return fail(unknown_variant(*options.variant));
    reference_options.freedom = variant->freedom;
  }
  auto reference = make_reference(reference_options);
  if (!reference) return fail(reference.error());
  watch_for_interrupt();
  if (const auto made = make_luns(*reference.value(), options); !made) return fail(made.error());
  if (const auto printed = print_luns(*reference.value()); !printed) return fail(printed.error());
  for (const PeerOptions& peer : reference_options.peers)
    print(fmt::format("{}  iscsi://{}/{}", reference_peer(peer.name).path, peer.portal,
                      peer.target_name));
  auto cimxml = serve_cimxml(*reference.value(), reference_options, options);
  if (!cimxml) return fail(cimxml.error());
  auto metrics = serve_metrics(*reference.value(), options.metrics_port);
  if (!metrics) return fail(metrics.error());
  wait_for_the_end(options);
  metrics.value().reset();
  cimxml.value().reset();
  reference.value().reset();
  print("stopped");
  return kAsExpected;
}

Result<target::ReadConfiguration> configuration_of(const TargetOptions& options) {
  target::ConfigurationOverrides overrides;
  overrides.address = options.address;
  overrides.port = options.port;
  overrides.store = options.store;
  overrides.metrics_port = options.metrics_port;
  overrides.log_level = options.log_level;
  if (options.config) return target::read_configuration(*options.config, overrides);
  overrides.lun_bytes = options.lun_bytes;
  return target::default_configuration(overrides);
}

int serve_configured(const TargetOptions& options) {
  const auto read = configuration_of(options);
  if (!read) return fail(read.error());
  if (options.print_config) {
    fmt::print("{}", target::print_configuration(read.value().effective));
    return kAsExpected;
  }
  target::Log log(STDERR_FILENO, read.value().configuration.log_level);
  watch_for_interrupt();
  auto started = target::ConfiguredTarget::start(read.value().configuration, log);
  if (!started) return fail(started.error());
  for (const target::ServedLun& lun : started.value()->luns())
    print(fmt::format("{}  {} bytes", lun.url, lun.bytes));
  if (const auto port = started.value()->metrics_port())
    print(fmt::format("http://127.0.0.1:{}/metrics", *port));
  target::notify_service_manager("READY=1");
  wait_for_the_end(options);
  target::notify_service_manager("STOPPING=1");
  if (const auto stopped = started.value()->stop(); !stopped) return fail(stopped.error());
  print("stopped");
  return kAsExpected;
}

}  // namespace

int run(const TargetOptions& options) {
  const bool configured = options.config || (options.store && !options.cimxml_port) ||
                          (options.metrics_port && !options.cimxml_port) || options.log_level ||
                          options.print_config;
  return configured ? serve_configured(options) : serve_reference(options);
}

}  // namespace lockstep::cli
