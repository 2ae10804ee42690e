// The initiator's side of a login, request by request. RFC 7143 sections 6.3, 11.12, 11.13 and 13;
// one-way CHAP (12.1).
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/initiator/batching/pdu_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep::initiator::batching {

struct Account {
  std::string user;
  std::string password;
};

struct LoginRequest {
  std::string initiator_name;
  std::string target_name;
  std::uint64_t isid = 0;  // 24 random bits above 16 bits of a count
  std::optional<Account> account;
};

// What the login settled.
struct Agreed {
  std::uint32_t target_max_receive = 8192;
  std::uint32_t first_burst = 65'536;
  bool immediate_data = true;

  // How much of a command's data-out goes with the command; the target asks for the rest.
  [[nodiscard]] std::size_t immediate_bytes(std::size_t data_bytes) const noexcept;
};

class Login {
 public:
  Login(PduStream& stream, LoginRequest request) : stream_(stream), request_(std::move(request)) {}

  // Queues the first request.
  void begin();
  // Of a PDU that has come. True: the session is in its full feature phase. Refused credentials:
  // Origin::Config; any other refusal, and whatever this side cannot do: Origin::Target.
  [[nodiscard]] Result<bool> take(const iscsi::Pdu& pdu);

  [[nodiscard]] const Agreed& agreed() const noexcept { return agreed_; }

 private:
  enum class Stage : std::uint8_t { Security = 0, Operational = 1, FullFeature = 3 };
  void put(std::string_view text, bool moves_on);
  [[nodiscard]] Status read(std::string_view text);
  [[nodiscard]] Status read_pair(std::string_view key, std::string_view value);
  [[nodiscard]] Status go_on();
  [[nodiscard]] Status respond_to_challenge();

  PduStream& stream_;
  const LoginRequest request_;
  Agreed agreed_;
  std::string sent_;    // the text of the last request, until it has gone
  std::string answer_;  // of several PDUs
  Stage stage_ = Stage::Security;
  bool has_responded_ = false;  // to a challenge
  bool asked_for_challenge_ = false;
  unsigned rounds_ = 0;
  std::uint16_t tsih_ = 0;
  // Of the last answer; CHAP.
  std::string method_;
  std::string algorithm_;
  std::string identifier_;
  std::string challenge_;
};

}  // namespace lockstep::initiator::batching
