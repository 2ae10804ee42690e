#include "target_impl/daemon/iscsi_server.hpp"

#include "target_impl/daemon/server_connection.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

namespace lockstep::target {
namespace {

Status check_portals(const std::vector<iscsi::PortalAddress>& portals) {
  if (portals.empty()) {
    return config_error("portals: expected at least one address to listen on, found none");
  }
  for (const iscsi::PortalAddress& portal : portals) {
    // The tag is the relative target port identifier too, which is never zero (SPC-4 7.8.6.8).
    if (portal.portal_group == 0) {
      return config_error("portal " + iscsi::endpoint_text(portal) +
                          ": expected a portal group tag of 1 to 65535, found 0");
    }
  }
  return ok();
}

}  // namespace

Result<std::unique_ptr<IscsiServer>> IscsiServer::start(const TargetServerOptions& options) {
  LOCKSTEP_TRY(check_portals(options.portals));
  LOCKSTEP_TRY(iscsi::check_access(options.discovery, "discovery"));
  LOCKSTEP_TRY(iscsi::check_parameters(options.parameters));
  LOCKSTEP_TRY(iscsi::check_limits(options.limits));
  std::unique_ptr<IscsiServer> server(new IscsiServer(options));
  LOCKSTEP_TRY(server->loop_, transport::EventLoop::create());
  server->loop_->spin_at_most(std::chrono::microseconds(options.spin_us));
  IscsiServer* self = server.get();
  LOCKSTEP_TRY(server->listen());
  if (options.ping_interval_ms > 0) {
    server->loop_->after(std::chrono::milliseconds(options.ping_interval_ms),
                         [self] { self->ping_idle(); });
  }
  server->thread_ = std::thread([self] { self->loop_->run(); });
  return server;
}

IscsiServer::IscsiServer(const TargetServerOptions& options)
    : options_(options), portal_(options.parameters, options.limits, options.discovery) {}

Status IscsiServer::listen() {
  std::vector<iscsi::PortalAddress> addresses;
  for (const iscsi::PortalAddress& wanted : options_.portals) {
    const std::uint16_t group = wanted.portal_group;
    LOCKSTEP_TRY(auto listener,
                 transport::TcpListener::open(*loop_, wanted.address, wanted.port,
                                              [this, group](transport::FileDescriptor socket) {
                                                accept(std::move(socket), group);
                                              }));
    addresses.push_back({listener->address(), listener->port(), group});
    if (options_.bypass) {
      // Where it cannot be had, all initiators use TCP.
      auto rendezvous = transport::bypass::Rendezvous::open(
          *loop_, listener->port(),
          [this, at = listener.get()](const transport::Endpoints& ends,
                                      transport::bypass::Channel channel) {
            return offer_bypass(*at, ends, std::move(channel));
          });
      if (rendezvous) {
        rendezvous_.push_back(std::move(rendezvous.value()));
      }
    }
    listeners_.push_back(std::move(listener));
  }
  portal_.set_addresses(std::move(addresses));
  return ok();
}

IscsiServer::~IscsiServer() {
  if (!thread_.joinable()) {
    return;
  }
  loop_->post([this] { close_all(); });
  loop_->stop();
  thread_.join();
}

void IscsiServer::serve(std::shared_ptr<iscsi::CommandExecutor> executor,
                        iscsi::TargetAccess access) {
  const auto old = portal_.find(executor->target_name()).executor;
  portal_.add(std::move(executor), std::move(access));
  if (old) {
    loop_->post([this, old] { end_sessions(old); });
  }
}

void IscsiServer::withdraw(const std::string& target_name) {
  const auto old = portal_.find(target_name).executor;
  portal_.remove(target_name);
  if (old) {
    loop_->post([this, old] { end_sessions(old); });
  }
}

void IscsiServer::accept(transport::FileDescriptor socket, std::uint16_t portal_group) {
  // One more than allowed is closed at once: its initiator learns it before it logs in. One that
  // has not logged in makes place for it, or a crowd of silent ones would keep everyone out.
  if (connections_.size() >= options_.limits.connections && !close_oldest_login()) {
    return;
  }
  if (!portal_.has_room(iscsi::Connection::kLeastBytes, 0)) {
    return;
  }
  const std::uint64_t id = ++last_connection_;
  auto connection = std::make_unique<ServerConnection>(*this, id, std::move(socket), portal_group);
  if (!connection->stream().start()) {
    return;
  }
  connections_.emplace(id, std::move(connection));
  loop_->after(std::chrono::milliseconds(options_.limits.login_ms),
               [this, id] { check_login(id); });
}

bool IscsiServer::offer_bypass(transport::TcpListener& listener, const transport::Endpoints& ends,
                               transport::bypass::Channel channel) {
  // The connection may still wait to be accepted.
  listener.accept_waiting();
  const auto found = std::find_if(connections_.begin(), connections_.end(), [&](const auto& entry) {
    return entry.second->stream().ends() == ends;
  });
  return found != connections_.end() && found->second->offer_bypass(std::move(channel));
}

bool IscsiServer::close_oldest_login() {
  const auto oldest = std::find_if(connections_.begin(), connections_.end(), [](const auto& entry) {
    return !entry.second->protocol().logged_in();
  });
  if (oldest == connections_.end()) {
    return false;
  }
  connections_.erase(oldest);
  return true;
}

Usage IscsiServer::usage() {
  std::promise<Usage> promise;
  loop_->post([this, &promise] {
    Usage usage;
    usage.connections = static_cast<std::uint32_t>(connections_.size());
    usage.sessions = static_cast<std::uint32_t>(portal_.sessions().size());
    usage.memory_bytes = portal_.memory_in_use();
    usage.most_memory_bytes = portal_.pool().most_lent_bytes();
    promise.set_value(usage);
  });
  return promise.get_future().get();
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

void IscsiServer::answer_late(std::uint64_t id) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second->protocol().session() == nullptr) {
    return;
  }
  found->second->protocol().session()->answer_late();
  found->second->stream().attend();
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
  rendezvous_.clear();
  listeners_.clear();
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
