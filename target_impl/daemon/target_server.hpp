// The iSCSI target as a whole: portals on TCP, event loops on threads of their own, and the target
// devices that it serves.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/daemon/observed_executor.hpp"
#include "target_impl/iscsi/access.hpp"
#include "target_impl/iscsi/parameters.hpp"
#include "target_impl/scsi/device_server.hpp"
#include "target_impl/transport/spin_wait.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::transport {
class EventLoop;
}

namespace lockstep::target {

struct TargetServerOptions {
  // At least one; tags are 1 to 65535.
  std::vector<iscsi::PortalAddress> portals{iscsi::PortalAddress{}};
  iscsi::TargetParameters parameters;
  iscsi::ServerLimits limits;
  // Who may ask for the list of targets. Each sees those that it may log in to.
  iscsi::TargetAccess discovery;
  // Initiators that have been silent this long are asked for a sign of life, once until they
  // answer. 0: never.
  std::uint32_t ping_interval_ms = 30'000;
  // Each serves its share of the connections and every LUN. 0: one less than the processors, at
  // least 1 and at most 16.
  std::uint32_t threads = 1;
  // How long the server's threads look for the next request before it sleeps, while requests come
  // that close together. 0: it always sleeps at once.
  std::uint32_t spin_us = transport::kUsualSpinUs;
  // Whether initiators in other processes of this host, and of the same user, may use shared memory
  // instead of TCP (transport/bypass/rendezvous.hpp).
  bool bypass = true;
  // Counts and logs what is done; both parts may be null and must outlive the server.
  Observation observation;
};

// What the connections occupy at the moment.
struct Usage {
  std::uint32_t connections = 0;
  std::uint32_t sessions = 0;
  std::size_t memory_bytes = 0;       // as ServerLimits::memory_bytes counts it
  std::size_t most_memory_bytes = 0;  // of buffers, since the start
};

class TargetServer {
 public:
  // Listens on every portal and serves until destroyed. Port in use, bad address, rules that
  // check_access() refuses: Origin::Config, naming them.
  [[nodiscard]] static Result<std::unique_ptr<TargetServer>> start(
      const TargetServerOptions& options);
  // Sessions are told (asynchronous logout request), sockets closed, the threads joined.
  ~TargetServer();

  // Thread-safe. A name that is served already is replaced. Neither call waits for commands: the
  // sessions of what was served before are told and end soon after. Commands run on the server's
  // own threads, so nothing that a command waits for may itself wait for this server.
  void serve(std::shared_ptr<scsi::DeviceServer> device);
  // With rules for who may log in; see check_access() for what is refused.
  [[nodiscard]] Status serve(std::shared_ptr<scsi::DeviceServer> device,
                             iscsi::TargetAccess access);
  void withdraw(const std::string& target_name);

  // Thread-safe; waits for the server's threads, so never from inside a command.
  [[nodiscard]] Usage usage() const;
  // Made by the server's threads so far. Thread-safe; waits for nothing.
  [[nodiscard]] std::uint64_t system_calls() const noexcept;

  // Of the first thread, which runs all commands if it is the only one. Thread-safe calls of it
  // alone; as long as the server.
  [[nodiscard]] transport::EventLoop& loop() const noexcept;

  // In the order of the options, with the ports that were found free.
  [[nodiscard]] const std::vector<iscsi::PortalAddress>& portals() const noexcept;
  // Of the first portal:
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
