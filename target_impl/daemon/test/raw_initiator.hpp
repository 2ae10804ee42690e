// An initiator over a real socket that says exactly what a test wants said. Every wait is bounded.
#pragma once

#include "target_impl/iscsi/access.hpp"
#include "target_impl/iscsi/test/peer.hpp"
#include "target_impl/transport/test/client_socket.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::target::test {

using iscsi::test::Answer;
using iscsi::test::Request;

inline constexpr std::uint16_t kNoAnswer = 0xFFFF;

struct Credentials {
  iscsi::ChapAccount account;
  std::optional<iscsi::Secret> of_target;  // asks the target to prove itself, and checks it
  std::string algorithm = "5";
  bool in_base64 = false;
};

class RawInitiator {
 public:
  explicit RawInitiator(std::uint16_t port, int receive_buffer_bytes = 0)
      : socket_(port, receive_buffer_bytes) {}

  // The bytes of the request, with lengths, padding and digests.
  [[nodiscard]] std::string encode(Request request) const;
  bool send(const Request& request) {
    ++sent_pdus;
    return socket_.send(encode(request));
  }
  // The next PDU but for pings, which are answered and counted; nothing at the end of the stream,
  // or after ten seconds.
  [[nodiscard]] std::optional<Answer> receive();
  // Sends and takes the next PDU. An empty answer (all zero) if there is none.
  Answer exchange(const Request& request);
  // Fills in CmdSN and counts it.
  [[nodiscard]] Request numbered(Request request);

  // Login statuses, or kNoAnswer. `keys` are text pairs beside the names; an empty target asks for
  // a discovery session.
  std::uint16_t log_in(const std::string& target, const std::string& keys = "");
  std::uint16_t log_in_by_chap(const std::string& target, const Credentials& credentials,
                               const std::string& keys = "");
  // TEST UNIT READY until nothing is to be reported any more.
  bool clear_attentions();
  // READ(10) of `blocks` blocks at `block`, all of its Data-In; empty if it failed.
  std::string read(std::uint32_t block, std::uint16_t blocks);

  [[nodiscard]] transport::test::ClientSocket& socket() noexcept { return socket_; }

  std::string initiator_name = "iqn.2026-11.test:raw";
  std::uint8_t isid = 1;
  std::uint32_t next_cmd_sn = 1;
  std::uint32_t next_tag = 1000;  // of the requests made in here
  Answer last;                    // the last login response
  int pings = 0;
  std::size_t sent_pdus = 0;  // by send()
  std::size_t received_pdus = 0;

 private:
  [[nodiscard]] std::string names(const std::string& target) const;
  std::uint16_t step(const std::string& text, std::uint8_t flags);
  void use_digests();
  [[nodiscard]] std::optional<Answer> receive_any();

  transport::test::ClientSocket socket_;
  bool header_digest_ = false;
  bool data_digest_ = false;
};

// The pairs of a text answer.
[[nodiscard]] std::map<std::string, std::string> pairs_of(const Answer& answer);

}  // namespace lockstep::target::test
