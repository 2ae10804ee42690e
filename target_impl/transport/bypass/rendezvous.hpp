// How the two ends of a TCP connection on one host come to share memory.
//
// The server of a TCP port listens on an abstract UNIX socket named by that port. A client that has
// connected over TCP, and has sent nothing yet, connects there as well and says which of the
// server's connections it means. Each looks whether the other belongs to the same user. The server
// answers with a segment, and the UNIX socket becomes the bell of the channel. The first byte that
// the client sends decides: through the ring, and the TCP connection only tells from then on when
// the other end is gone; or through TCP, and all is as if nothing had been offered. Whatever fails
// leaves both on TCP.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/transport/bypass/channel.hpp"
#include "target_impl/transport/bypass/segment.hpp"
#include "target_impl/transport/endpoints.hpp"
#include "target_impl/transport/event_loop.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>

namespace lockstep::transport::bypass {

// On the loop's thread; the loop must outlive it.
class Rendezvous final : public EventHandler {
 public:
  // Takes the server's end for the TCP connection with these ends, as the server sees them. False:
  // there is none that has received nothing yet.
  using Offer = std::function<bool(const Endpoints& connection, Channel channel)>;
  // `port`: of TCP. Origin::Transport: the name is taken; initiators then stay on TCP.
  [[nodiscard]] static Result<std::unique_ptr<Rendezvous>> open(EventLoop& loop, std::uint16_t port,
                                                                Offer offer);
  ~Rendezvous() override;
  Rendezvous(const Rendezvous&) = delete;
  Rendezvous& operator=(const Rendezvous&) = delete;

  void on_events(std::uint32_t events) override;

 private:
  class Visitor;
  Rendezvous(EventLoop& loop, FileDescriptor socket, Offer offer);
  // Ends a visit; `visitor` is destroyed later.
  void leave(Visitor& visitor);
  void answer(FileDescriptor socket, std::span<const std::byte> hello);

  EventLoop& loop_;
  FileDescriptor socket_;
  Offer offer_;
  // Deferred calls hold it weakly: they may come after this has gone.
  using Visitors = std::map<std::uint64_t, std::unique_ptr<Visitor>>;
  const std::shared_ptr<Visitors> visitors_;
  std::uint64_t last_visitor_ = 0;
};

// What a channel is made of.
struct Shared {
  Segment segment;
  FileDescriptor bell;
};

enum class From : std::uint8_t { AnyProcess, AnotherProcess };

// From the server of a TCP socket that is connected and on which nothing has been sent. Waits no
// longer than `patience`. An error says why there is none, and TCP is as good as before.
[[nodiscard]] Result<Shared> ask_for_segment(int tcp_socket, std::chrono::milliseconds patience,
                                             Wake wake = Wake::ByBell,
                                             From from = From::AnyProcess);
// The same, as the client's end of a channel whose bell wakes it.
[[nodiscard]] Result<std::unique_ptr<Channel>> ask_for_channel(int tcp_socket,
                                                               std::chrono::milliseconds patience);

}  // namespace lockstep::transport::bypass
