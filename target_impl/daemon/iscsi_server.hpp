// The portals on the network: listeners, their connections, and the threads that serve them. Knows
// command executors, not device servers, so that the protocol can be tested alone.
//
// Each thread has an event loop and the connections that were given to it, and serves every LUN.
// What concerns connections of several threads (accepting, logging in, resets, the end of a
// connection) is done while the others stand still (transport/stand_still.hpp).
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/iscsi/login.hpp"
#include "target_impl/iscsi/portal.hpp"
#include "target_impl/transport/bypass/rendezvous.hpp"
#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/stand_still.hpp"
#include "target_impl/transport/tcp_listener.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
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

  // Thread-safe; neither waits for a loop. Sessions with what was there before end soon after.
  void serve(std::shared_ptr<iscsi::CommandExecutor> executor, iscsi::TargetAccess access = {});
  void withdraw(const std::string& target_name);

  // Waits for the loops.
  [[nodiscard]] Usage usage();
  // The first thread's.
  [[nodiscard]] transport::EventLoop& loop() const noexcept { return *first().loop; }
  [[nodiscard]] std::uint64_t system_calls() const noexcept;
  [[nodiscard]] const std::vector<iscsi::PortalAddress>& portals() const noexcept {
    return first().portal->addresses();
  }

 private:
  friend class ServerConnection;
  using Call = std::function<void()>;
  // One thread, and what belongs to it.
  struct Worker {
    Worker();
    ~Worker();
    std::size_t number = 0;
    std::unique_ptr<iscsi::Portal> portal;
    std::unique_ptr<transport::EventLoop> loop;
    std::map<std::uint64_t, std::unique_ptr<ServerConnection>> connections;
    std::thread thread;

    [[nodiscard]] ServerConnection* find(std::uint64_t id) const;
  };

  explicit IscsiServer(const TargetServerOptions& options);

  // Accepts, and hears of what comes from outside.
  [[nodiscard]] Worker& first() const noexcept { return *workers_.front(); }
  [[nodiscard]] bool has_several() const noexcept { return workers_.size() > 1; }
  [[nodiscard]] Status add_worker();
  [[nodiscard]] Status listen();
  // Calls while no thread but this one, which is the worker's, does anything.
  void alone(Worker& worker, const Call& call);
  // The same on the first thread, soon. Thread-safe.
  void alone_soon(Call call);

  // Those with connections of any worker as their subject are for a thread that is alone.
  void accept(transport::FileDescriptor socket, std::uint16_t portal_group);
  [[nodiscard]] std::size_t connection_count() const noexcept;
  bool close_oldest_login();
  // To the connection with these ends on `listener`.
  bool offer_bypass(transport::TcpListener& listener, const transport::Endpoints& ends,
                    transport::bypass::Channel& channel);
  void end_sessions(const std::shared_ptr<iscsi::CommandExecutor>& executor);
  void close_all();

  // For the worker's own thread.
  void note_refusal(const std::string& peer, const iscsi::Login& login);
  void check_login(Worker& worker, std::uint64_t id);
  void ping_idle(Worker& worker);
  void handle_alone_later(Worker& worker, std::uint64_t id);
  void answer_late(Worker& worker, std::uint64_t id);
  void remove_later(Worker& worker, std::uint64_t id);
  // For any thread.
  void attend_later(Worker& worker, std::uint64_t id);

  const TargetServerOptions options_;
  transport::StandStill others_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<transport::TcpListener>> listeners_;
  std::vector<std::unique_ptr<transport::bypass::Rendezvous>> rendezvous_;
  std::uint64_t last_connection_ = 0;
};

}  // namespace lockstep::target
