// The initiator's end of one iSCSI connection, for load: requests are gathered and leave together,
// answers are taken as many at a time as have come. One thread, blocking, no digests, no
// authentication, error recovery level 0.
//
// libiscsi needs several system calls for each request on its one thread, so beyond a point it
// measures itself; with this, it is the target that is measured.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/initiator/batching/login.hpp"
#include "target_impl/initiator/batching/pdu_stream.hpp"
#include "target_impl/transport/bypass/channel.hpp"
#include "target_impl/transport/bypass/client_wait.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace lockstep::bench::load {

struct Address {
  std::string portal;  // "127.0.0.1:3260"
  std::string target_name;
  std::uint8_t lun = 0;
  // Shared memory instead of TCP, where the target offers it.
  bool bypass = false;
};

class Wire {
 public:
  // Connects and logs in. Silence of more than ten seconds, then and later: Origin::Transport. A
  // refused login: Origin::Target.
  [[nodiscard]] static Result<std::unique_ptr<Wire>> connect(const Address& address);
  ~Wire();  // tries to log out
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  [[nodiscard]] bool uses_bypass() const noexcept { return channel_ != nullptr; }
  [[nodiscard]] const initiator::batching::Agreed& agreed() const noexcept { return agreed_; }
  // Whether the window lets another command out.
  [[nodiscard]] bool has_window() const noexcept { return stream_.has_window(); }
  // Numbers the command and queues it; `data` must stay as it is until flush() returns.
  void command(const iscsi::Header& header, std::span<const std::byte> data) {
    stream_.command(header, data);
  }
  // Queues what has no command number: Data-Out.
  void put(const iscsi::Header& header, std::span<const std::byte> data) {
    stream_.put(header, data);
  }
  [[nodiscard]] Status flush();

  // Waits until something has come.
  [[nodiscard]] Status receive();
  // The next PDU of what has come; false: none is complete. `placer` says where large data goes.
  [[nodiscard]] Result<bool> next(iscsi::Pdu& pdu, iscsi::PayloadPlacer& placer);

 private:
  explicit Wire(transport::FileDescriptor socket);
  [[nodiscard]] Status log_in(const Address& address);
  [[nodiscard]] Status wait_for(std::uint32_t what);

  transport::FileDescriptor socket_;
  std::unique_ptr<transport::bypass::Channel> channel_;  // null: TCP
  transport::bypass::ClientWait wait_;
  initiator::batching::PduStream stream_;
  initiator::batching::Agreed agreed_;
};

}  // namespace lockstep::bench::load
