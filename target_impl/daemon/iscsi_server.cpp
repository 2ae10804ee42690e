#include "target_impl/daemon/iscsi_server.hpp"

#include "target_impl/daemon/server_connection.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <unistd.h>
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

// One processor is left for those whose requests these are.
std::uint32_t threads_of(const TargetServerOptions& options) {
  constexpr long kMost = 16;
  if (options.threads != 0) {
    return options.threads;
  }
  return static_cast<std::uint32_t>(std::clamp(::sysconf(_SC_NPROCESSORS_ONLN) - 1, 1L, kMost));
}

// After a thread that is alone has changed what the loop waits for.
void look_again(transport::EventLoop& loop) {
  loop.post([] {});
}

}  // namespace

IscsiServer::Worker::Worker() = default;
IscsiServer::Worker::~Worker() = default;

ServerConnection* IscsiServer::Worker::find(std::uint64_t id) const {
  const auto found = connections.find(id);
  return found == connections.end() ? nullptr : found->second.get();
}

Result<std::unique_ptr<IscsiServer>> IscsiServer::start(const TargetServerOptions& options) {
  LOCKSTEP_TRY(check_portals(options.portals));
  LOCKSTEP_TRY(iscsi::check_access(options.discovery, "discovery"));
  LOCKSTEP_TRY(iscsi::check_parameters(options.parameters));
  LOCKSTEP_TRY(iscsi::check_limits(options.limits));
  std::unique_ptr<IscsiServer> server(new IscsiServer(options));
  for (std::uint32_t i = 0; i < threads_of(options); ++i) {
    LOCKSTEP_TRY(server->add_worker());
  }
  LOCKSTEP_TRY(server->listen());
  for (const auto& worker : server->workers_) {
    worker->thread = std::thread([&loop = *worker->loop] { loop.run(); });
  }
  return server;
}

IscsiServer::IscsiServer(const TargetServerOptions& options) : options_(options) {}

Status IscsiServer::add_worker() {
  auto worker = std::make_unique<Worker>();
  worker->number = workers_.size();
  worker->portal = workers_.empty() ? std::make_unique<iscsi::Portal>(
                                          options_.parameters, options_.limits, options_.discovery)
                                    : iscsi::Portal::beside(*first().portal);
  LOCKSTEP_TRY(worker->loop, transport::EventLoop::create());
  worker->loop->spin_at_most(std::chrono::microseconds(options_.spin_us));
  if (threads_of(options_) > 1) {
    worker->loop->stands_still_for(others_);
  }
  workers_.push_back(std::move(worker));
  if (options_.ping_interval_ms > 0) {
    Worker& added = *workers_.back();
    added.loop->after(std::chrono::milliseconds(options_.ping_interval_ms),
                      [this, &added] { ping_idle(added); });
  }
  return ok();
}

Status IscsiServer::listen() {
  transport::EventLoop& loop = *first().loop;
  std::vector<iscsi::PortalAddress> addresses;
  for (const iscsi::PortalAddress& wanted : options_.portals) {
    const std::uint16_t group = wanted.portal_group;
    LOCKSTEP_TRY(auto listener, transport::TcpListener::open(
                                    loop, wanted.address, wanted.port,
                                    [this, group](transport::FileDescriptor socket) {
                                      alone(first(), [&] { accept(std::move(socket), group); });
                                    }));
    addresses.push_back({listener->address(), listener->port(), group});
    if (options_.bypass) {
      // Where it cannot be had, all initiators use TCP.
      auto rendezvous = transport::bypass::Rendezvous::open(
          loop, listener->port(),
          [this, at = listener.get()](const transport::Endpoints& ends,
                                      transport::bypass::Channel channel) {
            bool taken = false;
            alone(first(), [&] { taken = offer_bypass(*at, ends, channel); });
            return taken;
          });
      if (rendezvous) {
        rendezvous_.push_back(std::move(rendezvous.value()));
      }
    }
    listeners_.push_back(std::move(listener));
  }
  first().portal->set_addresses(std::move(addresses));
  return ok();
}

IscsiServer::~IscsiServer() {
  const bool runs = !workers_.empty() && workers_.back()->thread.joinable();
  if (!runs) {
    return;
  }
  alone_soon([this] { close_all(); });
  for (const auto& worker : workers_) {
    worker->loop->stop();
  }
  for (const auto& worker : workers_) {
    worker->thread.join();
  }
}

void IscsiServer::alone(Worker& worker, const Call& call) {
  if (has_several()) {
    others_.alone(worker.number, call);
  } else {
    call();
  }
}

void IscsiServer::alone_soon(Call call) {
  first().loop->post([this, call = std::move(call)] { alone(first(), call); });
}

void IscsiServer::serve(std::shared_ptr<iscsi::CommandExecutor> executor,
                        iscsi::TargetAccess access) {
  const auto old = first().portal->find(executor->target_name()).executor;
  first().portal->add(std::move(executor), std::move(access));
  if (old) {
    alone_soon([this, old] { end_sessions(old); });
  }
}

void IscsiServer::withdraw(const std::string& target_name) {
  const auto old = first().portal->find(target_name).executor;
  first().portal->remove(target_name);
  if (old) {
    alone_soon([this, old] { end_sessions(old); });
  }
}

std::size_t IscsiServer::connection_count() const noexcept {
  std::size_t count = 0;
  for (const auto& worker : workers_) count += worker->connections.size();
  return count;
}

void IscsiServer::accept(transport::FileDescriptor socket, std::uint16_t portal_group) {
  // One more than allowed is closed at once: its initiator learns it before it logs in. One that
  // has not logged in makes place for it, or a crowd of silent ones would keep everyone out.
  if (connection_count() >= options_.limits.connections && !close_oldest_login()) {
    return;
  }
  if (!first().portal->has_room(iscsi::Connection::kLeastBytes, 0)) {
    return;
  }
  const auto idlest =
      std::min_element(workers_.begin(), workers_.end(), [](const auto& left, const auto& right) {
        return left->connections.size() < right->connections.size();
      });
  Worker& worker = **idlest;
  const std::uint64_t id = ++last_connection_;
  auto connection =
      std::make_unique<ServerConnection>(*this, worker, id, std::move(socket), portal_group);
  if (!connection->stream().start()) {
    return;
  }
  worker.connections.emplace(id, std::move(connection));
  worker.loop->after(std::chrono::milliseconds(options_.limits.login_ms),
                     [this, &worker, id] { check_login(worker, id); });
  look_again(*worker.loop);
}

bool IscsiServer::offer_bypass(transport::TcpListener& listener, const transport::Endpoints& ends,
                               transport::bypass::Channel& channel) {
  // The connection may still wait to be accepted.
  listener.accept_waiting();
  for (const auto& worker : workers_) {
    for (const auto& [id, connection] : worker->connections) {
      if (connection->stream().ends() != ends) continue;
      const bool taken = connection->offer_bypass(std::move(channel));
      look_again(*worker->loop);
      return taken;
    }
  }
  return false;
}

bool IscsiServer::close_oldest_login() {
  Worker* with_oldest = nullptr;
  std::uint64_t oldest = 0;
  for (const auto& worker : workers_) {
    for (const auto& [id, connection] : worker->connections) {
      if (connection->protocol().logged_in()) continue;
      if (with_oldest == nullptr || id < oldest) {
        with_oldest = worker.get();
        oldest = id;
      }
      break;  // the others of this worker are younger
    }
  }
  return with_oldest != nullptr && with_oldest->connections.erase(oldest) != 0;
}

// Whoever looks for the reason, or for somebody who guesses passwords, needs these.
void IscsiServer::note_refusal(const std::string& peer, const iscsi::Login& login) {
  if (options_.observation.counters != nullptr) {
    add(options_.observation.counters->mine().logins_refused, 1);
  }
  if (options_.observation.log == nullptr) {
    return;
  }
  const bool is_login = login.refused_with() != iscsi::LoginStatus::Success;
  options_.observation.log->write(
      LogLevel::Warning, "iscsi", "-", "login refused",
      {{"peer", peer},
       {"initiator", login.identity().initiator},
       {"target", login.identity().target},
       {"why", is_login ? iscsi::login_status_text(login.refused_with()) : "no login request"}});
}

Usage IscsiServer::usage() {
  std::promise<Usage> promise;
  alone_soon([this, &promise] {
    const iscsi::Portal& portal = *first().portal;
    Usage usage;
    usage.connections = static_cast<std::uint32_t>(connection_count());
    usage.sessions = static_cast<std::uint32_t>(portal.sessions().size());
    usage.memory_bytes = portal.memory_in_use();
    usage.most_memory_bytes = portal.most_lent_bytes();
    promise.set_value(usage);
  });
  return promise.get_future().get();
}

std::uint64_t IscsiServer::system_calls() const noexcept {
  std::uint64_t calls = 0;
  for (const auto& worker : workers_) calls += worker->loop->system_calls();
  return calls;
}

void IscsiServer::check_login(Worker& worker, std::uint64_t id) {
  ServerConnection* connection = worker.find(id);
  if (connection != nullptr && !connection->protocol().logged_in()) {
    connection->stream().close_now();
  }
}

// Silence after a ping is not held against an initiator: one that is busy elsewhere answers late,
// and a dead one is found by TCP.
void IscsiServer::ping_idle(Worker& worker) {
  for (auto& [id, connection] : worker.connections) {
    iscsi::Session* session = connection->protocol().session();
    if (connection->was_idle() && session != nullptr) {
      session->ping();
    }
  }
  worker.loop->after(std::chrono::milliseconds(options_.ping_interval_ms),
                     [this, &worker] { ping_idle(worker); });
}

void IscsiServer::attend_later(Worker& worker, std::uint64_t id) {
  worker.loop->post([&worker, id] {
    if (ServerConnection* connection = worker.find(id)) {
      connection->stream().attend();
    }
  });
}

void IscsiServer::handle_alone_later(Worker& worker, std::uint64_t id) {
  worker.loop->defer([this, &worker, id] {
    alone(worker, [&worker, id] {
      if (ServerConnection* connection = worker.find(id)) {
        connection->protocol().handle_alone();
      }
    });
    if (ServerConnection* connection = worker.find(id)) {
      connection->stream().attend();
    }
  });
}

void IscsiServer::answer_late(Worker& worker, std::uint64_t id) {
  ServerConnection* connection = worker.find(id);
  if (connection == nullptr || connection->protocol().session() == nullptr) {
    return;
  }
  connection->protocol().session()->answer_late();
  connection->stream().attend();
}

void IscsiServer::remove_later(Worker& worker, std::uint64_t id) {
  worker.loop->defer(
      [this, &worker, id] { alone(worker, [&worker, id] { worker.connections.erase(id); }); });
}

void IscsiServer::end_sessions(const std::shared_ptr<iscsi::CommandExecutor>& executor) {
  const iscsi::Portal& portal = *first().portal;
  for (iscsi::Session* session : portal.sessions()) {
    if (portal.exists(session) && session->executor() == executor.get()) {
      session->end_with_notice(iscsi::AsyncEvent::SessionWillDrop);
    }
  }
}

void IscsiServer::close_all() {
  rendezvous_.clear();
  listeners_.clear();
  for (const auto& worker : workers_) {
    for (auto& [id, connection] : worker->connections) {
      iscsi::Session* session = connection->protocol().session();
      if (session != nullptr) {
        session->end_with_notice(iscsi::AsyncEvent::LogoutRequested);
      }
      connection->stream().close_now();
    }
    worker->connections.clear();
  }
}

}  // namespace lockstep::target
