// The iSCSI target as a whole: portals on TCP, an event loop on a thread of its own, and the target
// devices that it serves.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/scsi/device_server.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::target {

struct TargetServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free port
  std::uint32_t max_connections = 256;
  std::uint32_t login_timeout_ms = 15'000;
  // Initiators that have been silent this long are asked for a sign of life, once until they
  // answer. 0: never.
  std::uint32_t ping_interval_ms = 30'000;
};

class TargetServer {
 public:
  // Listens and serves until destroyed. Port in use, bad address: Origin::Config, naming both.
  [[nodiscard]] static Result<std::unique_ptr<TargetServer>> start(
      const TargetServerOptions& options);
  // Sessions are told (asynchronous logout request), sockets closed, the thread joined.
  ~TargetServer();

  // Thread-safe. A name that is served already is replaced. Neither call waits for commands: the
  // sessions of what was served before are told and end soon after. Commands run on the server's
  // own thread, so nothing that a command waits for may itself wait for this server.
  void serve(std::shared_ptr<scsi::DeviceServer> device);
  void withdraw(const std::string& target_name);

  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::uint16_t port() const noexcept;
  // "127.0.0.1:41234"
  [[nodiscard]] std::string portal() const;
  // "iscsi://127.0.0.1:41234/iqn.../3"
  [[nodiscard]] std::string url(const std::string& target_name, std::uint16_t lun) const;

 private:
  TargetServer();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace lockstep::target
