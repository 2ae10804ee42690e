#include "target_impl/daemon/configured_target.hpp"

#include "target_impl/daemon/metrics_server.hpp"
#include "target_impl/daemon/metrics_text.hpp"
#include "target_impl/daemon/stable_hash.hpp"
#include "target_impl/daemon/volume_source.hpp"
#include "target_impl/scsi/logical_unit.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace lockstep::target {
namespace {

using Clock = std::chrono::steady_clock;

// NAA type 6 (SPC-4 7.8.6.6.5): the same for as long as target, number and serial number stay. The
// company id has its locally-assigned bit set.
std::array<std::uint8_t, 16> naa_of(const TargetConfiguration& target,
                                    const LunConfiguration& lun) {
  const std::string text = target.name + "/" + std::to_string(lun.number) + "/" + lun.serial;
  const std::uint64_t high = stable_hash(text) & 0x0000'000f'ffff'ffff;
  const std::uint64_t low = stable_hash(text, 1);
  std::array<std::uint8_t, 16> naa{};
  constexpr std::uint64_t kTypeAndCompany = 0x6'020000'000000000;
  const std::uint64_t first = kTypeAndCompany | high;
  for (std::size_t i = 0; i != 8; ++i) {
    naa.at(i) = static_cast<std::uint8_t>(first >> (56 - 8 * i));
    naa.at(8 + i) = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return naa;
}

}  // namespace

struct ConfiguredTarget::Inside {
  explicit Inside(Log& sink) : log(sink) {}

  Status open(const Configuration& configuration);
  Status add(const TargetConfiguration& target);
  Result<std::shared_ptr<scsi::LogicalUnit>> make_unit(const TargetConfiguration& target,
                                                       const LunConfiguration& lun);
  Status serve_metrics(std::uint16_t port);
  [[nodiscard]] std::string scrape() const;

  Log& log;
  const Clock::time_point started = Clock::now();
  CommandCounters counters;
  std::unique_ptr<VolumeSource> volumes;
  std::unique_ptr<TargetServer> server;
  std::unique_ptr<MetricsServer> metrics;
  std::vector<ServedLun> luns;
  bool stopped = false;
};

Status ConfiguredTarget::Inside::open(const Configuration& configuration) {
  const ByteCount capacity{configuration.capacity_bytes};
  if (configuration.store) {
    LOCKSTEP_TRY(volumes, durable_volumes(*configuration.store, capacity));
    log.write(LogLevel::Info, "store", "-", "opened", {{"directory", *configuration.store}});
  } else {
    volumes = memory_volumes(capacity);
  }
  TargetServerOptions options = configuration.server;
  options.observation = {&counters, &log};
  LOCKSTEP_TRY(server, TargetServer::start(options));
  for (const iscsi::PortalAddress& portal : server->portals()) {
    log.write(
        LogLevel::Info, "iscsi", "-", "listening",
        {{"portal", iscsi::endpoint_text(portal)}, {"group", std::to_string(portal.portal_group)}});
  }
  for (const TargetConfiguration& target : configuration.targets) {
    LOCKSTEP_TRY(add(target));
  }
  if (configuration.metrics_port) {
    LOCKSTEP_TRY(serve_metrics(*configuration.metrics_port));
  }
  return ok();
}

Status ConfiguredTarget::Inside::add(const TargetConfiguration& target) {
  auto device = std::make_shared<scsi::DeviceServer>(target.name);
  for (const LunConfiguration& lun : target.luns) {
    LOCKSTEP_TRY(auto unit, make_unit(target, lun));
    device->add(lun.number, std::move(unit));
    luns.push_back({server->url(target.name, lun.number), lun.bytes});
    log.write(LogLevel::Info, "scsi", "-", "logical unit",
              {{"target", target.name},
               {"lun", std::to_string(lun.number)},
               {"bytes", std::to_string(lun.bytes)},
               {"volume", lun.volume}});
  }
  return server->serve(std::move(device), target.access);
}

Result<std::shared_ptr<scsi::LogicalUnit>> ConfiguredTarget::Inside::make_unit(
    const TargetConfiguration& target, const LunConfiguration& lun) {
  LOCKSTEP_TRY(auto volume, volumes->volume(lun.volume, BlockCount{lun.bytes / lun.block_bytes},
                                            BlockSize{lun.block_bytes}));
  scsi::LogicalUnitOptions options;
  options.naa_identifier = naa_of(target, lun);
  options.serial_number = lun.serial;
  options.vendor = lun.vendor;
  options.product = lun.product;
  options.removable = lun.removable;
  options.read_only = lun.read_only;
  options.physical_block_exponent = lun.physical_block_exponent;
  options.write_cache = lun.write_cache;
  options.sanitize_minimum = lun.sanitize_minimum;
  options.persistent_state = volumes->state(target.name + "/" + std::to_string(lun.number));
  auto unit = std::make_shared<scsi::LogicalUnit>(std::move(volume), std::move(options));
  LOCKSTEP_TRY(unit->restore());
  return unit;
}

Status ConfiguredTarget::Inside::serve_metrics(std::uint16_t port) {
  MetricsServerOptions options;
  options.port = port;
  LOCKSTEP_TRY(metrics, MetricsServer::start(options, [this] { return scrape(); }));
  log.write(LogLevel::Info, "daemon", "-", "metrics",
            {{"url", "http://127.0.0.1:" + std::to_string(metrics->port()) + "/metrics"}});
  return ok();
}

std::string ConfiguredTarget::Inside::scrape() const {
  Metrics now;
  now.commands = counters.totals();
  now.usage = server->usage();
  now.pool_used_bytes = store::used_of(*volumes->pool()).value;
  now.pool_capacity_bytes = store::capacity_of(*volumes->pool()).value;
  now.logical_units = luns.size();
  now.uptime_s = std::chrono::duration<double>(Clock::now() - started).count();
  return metrics_text(now);
}

ConfiguredTarget::ConfiguredTarget(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

ConfiguredTarget::~ConfiguredTarget() {
  if (const auto stopped = stop(); !stopped) {
    inside_->log.write(LogLevel::Error, "store", "-", "not flushed",
                       {{"why", stopped.error().message}});
  }
}

Result<std::unique_ptr<ConfiguredTarget>> ConfiguredTarget::start(
    const Configuration& configuration, Log& log) {
  auto inside = std::make_unique<Inside>(log);
  LOCKSTEP_TRY(inside->open(configuration));
  return std::unique_ptr<ConfiguredTarget>(new ConfiguredTarget(std::move(inside)));
}

Status ConfiguredTarget::stop() {
  if (std::exchange(inside_->stopped, true)) {
    return ok();
  }
  inside_->metrics.reset();  // it asks the server
  inside_->server.reset();
  return inside_->volumes->flush();
}

std::vector<ServedLun> ConfiguredTarget::luns() const { return inside_->luns; }

std::optional<std::uint16_t> ConfiguredTarget::metrics_port() const {
  return inside_->metrics ? std::optional(inside_->metrics->port()) : std::nullopt;
}

}  // namespace lockstep::target
