#include "target_impl/daemon/target_server.hpp"

#include "target_impl/daemon/device_executor.hpp"
#include "target_impl/daemon/iscsi_server.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace lockstep::target {

struct TargetServer::Inside {
  [[nodiscard]] std::shared_ptr<iscsi::CommandExecutor> executor_of(
      std::shared_ptr<scsi::DeviceServer> device) const {
    auto executor = std::make_shared<DeviceExecutor>(std::move(device));
    if (observation.counters == nullptr && observation.log == nullptr) {
      return executor;
    }
    return std::make_shared<ObservedExecutor>(std::move(executor), observation);
  }

  Observation observation;
  std::unique_ptr<IscsiServer> server;
};

TargetServer::TargetServer() : inside_(std::make_unique<Inside>()) {}
TargetServer::~TargetServer() = default;

Result<std::unique_ptr<TargetServer>> TargetServer::start(const TargetServerOptions& options) {
  std::unique_ptr<TargetServer> server(new TargetServer);
  server->inside_->observation = options.observation;
  LOCKSTEP_TRY(server->inside_->server, IscsiServer::start(options));
  return server;
}

namespace {

// Those through which the access rules let the target be reached.
std::vector<std::uint16_t> port_groups(const IscsiServer& server,
                                       const iscsi::TargetAccess& access) {
  std::vector<std::uint16_t> tags;
  for (const iscsi::PortalAddress& portal : server.portals()) {
    const auto& allowed = access.portal_groups;
    if (allowed.empty() ||
        std::find(allowed.begin(), allowed.end(), portal.portal_group) != allowed.end()) {
      tags.push_back(portal.portal_group);
    }
  }
  return tags;
}

}  // namespace

void TargetServer::serve(std::shared_ptr<scsi::DeviceServer> device) {
  device->set_port_groups(port_groups(*inside_->server, {}));
  inside_->server->serve(inside_->executor_of(std::move(device)));
}

Status TargetServer::serve(std::shared_ptr<scsi::DeviceServer> device, iscsi::TargetAccess access) {
  LOCKSTEP_TRY(iscsi::check_access(access, "target " + device->target_name()));
  device->set_port_groups(port_groups(*inside_->server, access));
  inside_->server->serve(inside_->executor_of(std::move(device)), std::move(access));
  return ok();
}

void TargetServer::withdraw(const std::string& target_name) {
  inside_->server->withdraw(target_name);
}

Usage TargetServer::usage() const { return inside_->server->usage(); }

std::uint64_t TargetServer::system_calls() const noexcept {
  return inside_->server->system_calls();
}

transport::EventLoop& TargetServer::loop() const noexcept { return inside_->server->loop(); }

const std::vector<iscsi::PortalAddress>& TargetServer::portals() const noexcept {
  return inside_->server->portals();
}

std::string TargetServer::address() const { return portals().front().address; }

std::uint16_t TargetServer::port() const noexcept { return portals().front().port; }

std::string TargetServer::portal() const { return iscsi::endpoint_text(portals().front()); }

std::string TargetServer::url(const std::string& target_name, std::uint16_t lun) const {
  return "iscsi://" + portal() + "/" + target_name + "/" + std::to_string(lun);
}

}  // namespace lockstep::target
