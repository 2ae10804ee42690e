// The login phase of one connection, from the first request to full feature phase. RFC 7143
// sections 6.3, 11.12 and 11.13; status codes of 11.13.5.
#pragma once

#include "target_impl/iscsi/negotiation.hpp"
#include "target_impl/iscsi/pdu.hpp"
#include "target_impl/iscsi/pdu_writer.hpp"
#include "target_impl/iscsi/portal.hpp"
#include "target_impl/iscsi/security.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace lockstep::iscsi {

enum class LoginStatus : std::uint16_t {
  Success = 0x0000,
  InitiatorError = 0x0200,
  AuthenticationFailure = 0x0201,
  AuthorizationFailure = 0x0202,
  NotFound = 0x0203,
  UnsupportedVersion = 0x0205,
  TooManyConnections = 0x0206,
  MissingParameter = 0x0207,
  SessionTypeNotSupported = 0x0209,
  SessionDoesNotExist = 0x020A,
  InvalidDuringLogin = 0x020B,
  OutOfResources = 0x0302,
};
[[nodiscard]] const char* login_status_text(LoginStatus status) noexcept;

class Login {
 public:
  Login(Portal& portal, PduWriter& writer, std::uint16_t portal_group);

  enum class Progress : std::uint8_t {
    Continues,
    Done,    // the final response is queued; the session begins
    Failed,  // close once the output is sent
  };
  [[nodiscard]] Progress handle(const Pdu& pdu);

  // After Failed. Success: what came was no login at all.
  [[nodiscard]] LoginStatus refused_with() const noexcept { return refused_with_; }
  // As far as it got.
  [[nodiscard]] const SessionIdentity& identity() const noexcept { return identity_; }
  [[nodiscard]] const SessionParameters& parameters() const noexcept { return parameters_; }
  // Without an executor in a discovery session.
  [[nodiscard]] const ServedTarget& target() const noexcept { return target_; }

 private:
  enum class Stage : std::uint8_t { Security = 0, Operational = 1, FullFeature = 3 };

  [[nodiscard]] std::optional<LoginStatus> begin(const Header& header);
  [[nodiscard]] std::optional<LoginStatus> check_flags(const Header& header) const;
  [[nodiscard]] std::optional<LoginStatus> take_text();
  [[nodiscard]] std::optional<LoginStatus> take_key(std::string_view key, std::string_view value);
  [[nodiscard]] std::optional<LoginStatus> take_declaration(std::string_view key,
                                                            std::string_view value, bool& taken);
  [[nodiscard]] std::optional<LoginStatus> check_names();
  [[nodiscard]] std::optional<LoginStatus> find_target();
  [[nodiscard]] std::optional<LoginStatus> finish();
  void declare();
  void respond(const Header& request, bool transit);
  [[nodiscard]] Progress fail(const Header& request, LoginStatus status);

  Portal& portal_;
  PduWriter& writer_;
  SessionParameters parameters_;
  Negotiation negotiation_;
  Security security_;
  SessionIdentity identity_;
  ServedTarget target_;

  bool begun_ = false;
  bool names_checked_ = false;
  bool length_declared_ = false;
  Stage stage_ = Stage::Security;
  std::optional<std::string> initiator_name_;
  std::optional<std::string> target_name_;
  std::optional<std::string> session_type_;
  std::string request_text_;
  std::string answer_text_;
  unsigned requests_ = 0;
  LoginStatus refused_with_ = LoginStatus::Success;
};

}  // namespace lockstep::iscsi
