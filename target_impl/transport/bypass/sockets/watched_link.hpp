// A link of this process among what an event loop watches: the loop looks into the shared memory by
// itself, and the target rings only while the loop sleeps.
#pragma once

#include "target_impl/transport/bypass/sockets/link_table.hpp"
#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <functional>
#include <memory>

namespace lockstep::transport::bypass {

// start() and stop() on the loop's thread; stop() before the end.
class WatchedLink final : private EventHandler, private Pollable {
 public:
  // Null: not a link, its bytes go through TCP, or there is no descriptor left. `readable` is
  // called on the loop's thread, as long as there is something to read or the connection has ended.
  // It must look at the socket with poll() or not at all.
  [[nodiscard]] static std::unique_ptr<WatchedLink> of(int socket, std::function<void()> readable);
  WatchedLink(const WatchedLink&) = delete;
  WatchedLink& operator=(const WatchedLink&) = delete;

  // False: the system refused.
  [[nodiscard]] bool start(EventLoop& loop);
  // No call follows. Does nothing unless started.
  void stop(EventLoop& loop);

 private:
  WatchedLink(FileDescriptor socket, FileDescriptor rings, std::function<void()> readable)
      : socket_(std::move(socket)), rings_(std::move(rings)), readable_(std::move(readable)) {}

  void on_events(std::uint32_t events) override;
  Other other() override;
  bool poll() override;
  bool may_sleep() override;
  void awake() override;

  // Both its own, so that nobody else gets their numbers while the loop knows them.
  const FileDescriptor socket_;  // of the link
  const FileDescriptor rings_;   // the TCP connection, as the system alone knows it
  const std::function<void()> readable_;
  bool started_ = false;
  bool sleeps_ = false;
};

}  // namespace lockstep::transport::bypass
