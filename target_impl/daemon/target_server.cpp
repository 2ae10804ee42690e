#include "target_impl/daemon/target_server.hpp"

#include "target_impl/daemon/device_executor.hpp"
#include "target_impl/daemon/iscsi_server.hpp"

#include <utility>

namespace lockstep::target {

struct TargetServer::Inside {
  std::unique_ptr<IscsiServer> server;
};

TargetServer::TargetServer() : inside_(std::make_unique<Inside>()) {}
TargetServer::~TargetServer() = default;

Result<std::unique_ptr<TargetServer>> TargetServer::start(const TargetServerOptions& options) {
  std::unique_ptr<TargetServer> server(new TargetServer);
  LOCKSTEP_TRY(server->inside_->server, IscsiServer::start(options));
  return server;
}

void TargetServer::serve(std::shared_ptr<scsi::DeviceServer> device) {
  inside_->server->serve(std::make_shared<DeviceExecutor>(std::move(device)));
}

void TargetServer::withdraw(const std::string& target_name) {
  inside_->server->withdraw(target_name);
}

std::string TargetServer::address() const { return inside_->server->address(); }

std::uint16_t TargetServer::port() const noexcept { return inside_->server->port(); }

std::string TargetServer::portal() const {
  const std::string& host = inside_->server->address();
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port());
}

std::string TargetServer::url(const std::string& target_name, std::uint16_t lun) const {
  return "iscsi://" + portal() + "/" + target_name + "/" + std::to_string(lun);
}

}  // namespace lockstep::target
