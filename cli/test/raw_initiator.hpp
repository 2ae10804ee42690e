// An initiator of a few bytes: logs in and shows the PDUs that the target sends.
#pragma once

#include "target_impl/transport/test/client_socket.hpp"

#include <cstdint>
#include <string>

namespace lockstep::cli {

class RawInitiator {
 public:
  explicit RawInitiator(std::uint16_t port) : socket_(port) {}

  // Straight to full feature phase, without authentication.
  [[nodiscard]] bool log_in(const std::string& target) {
    std::string text = "InitiatorName=iqn.2026-11.net.lockstep:raw";
    text += '\0';
    text += "TargetName=" + target;
    text += '\0';
    std::string header(48, '\0');
    header[0] = 0x43;                     // Login Request, immediate
    header[1] = static_cast<char>(0x87);  // transit from operational negotiation to full feature
    header[6] = static_cast<char>(text.size() >> 8);
    header[7] = static_cast<char>(text.size());
    header[8] = static_cast<char>(0x80);  // a random ISID
    text.resize((text.size() + 3) / 4 * 4, '\0');
    const bool sent = socket_.send(header + text);
    const std::string answer = next_pdu();
    return sent && answer.size() >= 48 && (answer[0] & 0x3f) == 0x23 && answer[36] == 0;
  }
  // Header and data of the next one; shorter than a header when the stream ends.
  [[nodiscard]] std::string next_pdu() {
    std::string pdu = socket_.receive(48);
    if (pdu.size() == 48) {
      const auto byte = [&pdu](std::size_t at) {
        return std::size_t{static_cast<unsigned char>(pdu[at])};
      };
      const std::size_t bytes = byte(5) << 16 | byte(6) << 8 | byte(7);
      pdu += socket_.receive((bytes + 3) / 4 * 4);
    }
    return pdu;
  }

 private:
  transport::test::ClientSocket socket_;
};

// What GET /metrics on that port of loopback answers.
[[nodiscard]] inline std::string scrape(std::uint16_t port) {
  transport::test::ClientSocket socket(port);
  constexpr std::size_t kMostBytes = std::size_t{1} << 20;
  return socket.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
             ? socket.receive(kMostBytes)
             : std::string();
}

}  // namespace lockstep::cli
