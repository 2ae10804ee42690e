#include "target_impl/daemon/iscsi_server.hpp"

#include "target_impl/daemon/server_connection.hpp"

#include <chrono>
#include <utility>

namespace lockstep::target {
Result<std::unique_ptr<IscsiServer>> IscsiServer::start(const TargetServerOptions& options,
                                                        const iscsi::TargetParameters& parameters,
                                                        const iscsi::ConnectionLimits& limits) {
  std::unique_ptr<IscsiServer> server(new IscsiServer(options, parameters, limits));
  LOCKSTEP_TRY(server->loop_, transport::EventLoop::create());
  IscsiServer* self = server.get();
  LOCKSTEP_TRY(server->listener_,
               transport::TcpListener::open(
                   *server->loop_, options.address, options.port,
                   [self](transport::FileDescriptor socket) { self->accept(std::move(socket)); }));
  server->address_ = server->listener_->address();
  server->port_ = server->listener_->port();
  if (options.ping_interval_ms > 0) {
    server->loop_->after(std::chrono::milliseconds(options.ping_interval_ms),
                         [self] { self->ping_idle(); });
  }
  server->thread_ = std::thread([self] { self->loop_->run(); });
  return server;
}

IscsiServer::IscsiServer(const TargetServerOptions& options,
                         const iscsi::TargetParameters& parameters,
                         const iscsi::ConnectionLimits& limits)
    : options_(options), portal_(parameters, limits) {}

IscsiServer::~IscsiServer() {
  if (!thread_.joinable()) {
    return;
  }
  loop_->post([this] { close_all(); });
  loop_->stop();
  thread_.join();
}

void IscsiServer::serve(std::shared_ptr<iscsi::CommandExecutor> executor) {
  const auto old = portal_.find(executor->target_name());
  portal_.add(std::move(executor));
  if (old) {
    loop_->post([this, old] { end_sessions(old); });
  }
}

void IscsiServer::withdraw(const std::string& target_name) {
  const auto old = portal_.find(target_name);
  portal_.remove(target_name);
  if (old) {
    loop_->post([this, old] { end_sessions(old); });
  }
}

void IscsiServer::accept(transport::FileDescriptor socket) {
  // One more than allowed is closed at once: its initiator learns it before it logs in.
  if (connections_.size() >= options_.max_connections) {
    return;
  }
  const std::uint64_t id = ++last_connection_;
  auto connection = std::make_unique<ServerConnection>(*this, id, std::move(socket));
  if (!connection->stream().start()) {
    return;
  }
  connections_.emplace(id, std::move(connection));
  loop_->after(std::chrono::milliseconds(options_.login_timeout_ms),
               [this, id] { check_login(id); });
}

void IscsiServer::check_login(std::uint64_t id) {
  const auto found = connections_.find(id);
  if (found != connections_.end() && !found->second->protocol().logged_in()) {
    found->second->stream().close_now();
  }
}

// Silence after a ping is not held against an initiator: one that is busy elsewhere answers late,
// and a dead one is found by TCP.
void IscsiServer::ping_idle() {
  for (auto& [id, connection] : connections_) {
    iscsi::Session* session = connection->protocol().session();
    if (connection->was_idle() && session != nullptr) {
      session->ping();
    }
  }
  loop_->after(std::chrono::milliseconds(options_.ping_interval_ms), [this] { ping_idle(); });
}

void IscsiServer::attend_later(std::uint64_t id) {
  loop_->defer([this, id] {
    const auto found = connections_.find(id);
    if (found != connections_.end()) {
      found->second->stream().attend();
    }
  });
}

void IscsiServer::remove_later(std::uint64_t id) {
  loop_->defer([this, id] { connections_.erase(id); });
}

void IscsiServer::end_sessions(const std::shared_ptr<iscsi::CommandExecutor>& executor) {
  for (iscsi::Session* session : portal_.sessions()) {
    if (portal_.exists(session) && session->executor() == executor.get()) {
      session->end_with_notice(iscsi::AsyncEvent::SessionWillDrop);
    }
  }
}

void IscsiServer::close_all() {
  listener_.reset();
  for (auto& [id, connection] : connections_) {
    iscsi::Session* session = connection->protocol().session();
    if (session != nullptr) {
      session->end_with_notice(iscsi::AsyncEvent::LogoutRequested);
    }
    connection->stream().close_now();
  }
  connections_.clear();
}

}  // namespace lockstep::target
