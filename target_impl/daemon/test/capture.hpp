// What passes between initiators and a target, recorded on the way and written as a packet capture
// that any analyser reads. No privileges are needed: a proxy sees the bytes, and the frames around
// them are made up.
#pragma once

#include "target_impl/transport/file_descriptor.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace lockstep::target::test {

struct Chunk {
  bool from_initiator = false;
  std::string bytes;
};
// One TCP connection, in the order in which its bytes passed.
using Exchange = std::vector<Chunk>;

// Listens on a port of its own and passes everything on to another one. Stops when destroyed.
class RecordingProxy {
 public:
  explicit RecordingProxy(std::uint16_t target_port);
  ~RecordingProxy();
  RecordingProxy(const RecordingProxy&) = delete;
  RecordingProxy& operator=(const RecordingProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  // Ends the recording; connections that are still open are cut.
  [[nodiscard]] std::vector<Exchange> take();

 private:
  struct Link {
    transport::FileDescriptor initiator;
    transport::FileDescriptor target;
    std::size_t exchange = 0;
  };
  void run();
  void accept_one();
  // False: one side has closed.
  [[nodiscard]] bool pass(Link& link, bool from_initiator);
  void stop();

  const std::uint16_t target_port_;
  transport::FileDescriptor listener_;
  std::uint16_t port_ = 0;
  std::vector<Link> links_;
  std::vector<Exchange> exchanges_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// A capture file: Ethernet, IPv4 and TCP around each exchange, the target on port 3260, the
// initiators on 127.0.0.1 ports of their own, handshakes and ends included.
[[nodiscard]] std::string make_capture(const std::vector<Exchange>& exchanges);

}  // namespace lockstep::target::test
