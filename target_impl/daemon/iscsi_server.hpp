// The portals on the network: listeners, their connections, and the thread that serves them all.
// Knows command executors, not device servers, so that the protocol can be tested alone.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/iscsi/login.hpp"
#include "target_impl/iscsi/portal.hpp"
#include "target_impl/transport/bypass/rendezvous.hpp"
#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/tcp_listener.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace lockstep::target {

class ServerConnection;

class IscsiServer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<IscsiServer>> start(
      const TargetServerOptions& options);
  ~IscsiServer();
  IscsiServer(const IscsiServer&) = delete;
  IscsiServer& operator=(const IscsiServer&) = delete;

  // Thread-safe; neither waits for the loop. Sessions with what was there before end soon after.
  void serve(std::shared_ptr<iscsi::CommandExecutor> executor, iscsi::TargetAccess access = {});
  void withdraw(const std::string& target_name);

  // Waits for the loop.
  [[nodiscard]] Usage usage();
  [[nodiscard]] std::uint64_t system_calls() const noexcept { return loop_->system_calls(); }
  [[nodiscard]] const std::vector<iscsi::PortalAddress>& portals() const noexcept {
    return portal_.addresses();
  }

 private:
  friend class ServerConnection;
  explicit IscsiServer(const TargetServerOptions& options);

  [[nodiscard]] Status listen();
  void accept(transport::FileDescriptor socket, std::uint16_t portal_group);
  bool close_oldest_login();
  void note_refusal(const std::string& peer, const iscsi::Login& login);
  // To the connection with these ends on `listener`.
  bool offer_bypass(transport::TcpListener& listener, const transport::Endpoints& ends,
                    transport::bypass::Channel channel);
  void check_login(std::uint64_t id);
  void ping_idle();
  void attend_later(std::uint64_t id);
  void answer_late(std::uint64_t id);
  void remove_later(std::uint64_t id);
  void end_sessions(const std::shared_ptr<iscsi::CommandExecutor>& executor);
  void close_all();

  const TargetServerOptions options_;
  iscsi::Portal portal_;
  std::unique_ptr<transport::EventLoop> loop_;
  std::vector<std::unique_ptr<transport::TcpListener>> listeners_;
  std::vector<std::unique_ptr<transport::bypass::Rendezvous>> rendezvous_;
  std::map<std::uint64_t, std::unique_ptr<ServerConnection>> connections_;
  std::uint64_t last_connection_ = 0;
  std::thread thread_;
};

}  // namespace lockstep::target
