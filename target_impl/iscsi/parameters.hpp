// What two sides have agreed on, and what this target is ready to agree to. RFC 7143 section 13;
// the initial values of SessionParameters are the standard's defaults.
#pragma once

#include "model/vocab/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace lockstep::iscsi {

// An address on which initiators connect. RFC 7143 section 4.4.
struct PortalAddress {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;          // 0: any free port
  std::uint16_t portal_group = 1;  // its tag; portals of one tag form one SCSI target port
};

// "127.0.0.1:3260", "[::1]:3260"
[[nodiscard]] std::string endpoint_text(const PortalAddress& address);

struct SessionParameters {
  bool discovery = false;
  bool header_digest = false;
  bool data_digest = false;
  bool initial_r2t = true;
  bool immediate_data = true;
  std::uint32_t peer_max_receive = 8192;  // MaxRecvDataSegmentLength that the initiator declared
  std::uint32_t max_burst = 262'144;
  std::uint32_t first_burst = 65'536;
  std::uint32_t max_outstanding_r2t = 1;
  std::uint32_t time_to_wait = 2;
  std::uint32_t time_to_retain = 20;
  std::uint32_t protocol_level = 1;  // 2: with the functions of RFC 7144
};

// What this target offers. Writes up to 256 KiB then travel with their command: no round trip.
struct TargetParameters {
  std::uint32_t max_receive = 262'144;
  std::uint32_t max_burst = 16'776'192;
  std::uint32_t first_burst = 262'144;
  std::uint32_t max_outstanding_r2t = 8;
  bool initial_r2t = false;
  bool immediate_data = true;
};

// Bounds on what one session, with its connection, may occupy.
struct ConnectionLimits {
  // Data-out of one command that is collected; more than MAXIMUM TRANSFER LENGTH allows anyway.
  std::size_t task_bytes = std::size_t{32} << 20;
  // Data-out that is held for all commands of the session together. What does not fit is asked for
  // later, or refused with TASK SET FULL when it came unasked.
  std::size_t collected_bytes = std::size_t{64} << 20;
  // Commands that may be unfinished at a time (MaxCmdSN). More are dropped, as the standard asks.
  std::uint32_t command_window = 128;
  // Above this much unsent output no further request is carried out.
  std::size_t unsent_bytes = std::size_t{4} << 20;
  // After this much new output the transport should send before more is produced.
  std::size_t batch_bytes = std::size_t{256} << 10;
};

// Bounds on what all connections together may occupy.
struct ServerLimits {
  std::uint32_t connections = 256;  // one more is closed at once
  std::uint32_t sessions = 256;     // one more is refused with login status 0302h
  // Buffers of all connections. Connections that do not fit are closed, commands that do not fit
  // end with TASK SET FULL.
  std::size_t memory_bytes = std::size_t{1} << 30;
  std::uint32_t login_ms = 15'000;  // a connection that has not logged in by then is closed
  ConnectionLimits each;
};

// Values that the standard or this implementation does not allow: Origin::Config, naming the value.
[[nodiscard]] Status check_parameters(const TargetParameters& offered);
[[nodiscard]] Status check_limits(const ServerLimits& limits);

inline constexpr std::uint32_t kDefaultMaxReceive = 8192;  // also the limit during login
inline constexpr std::uint32_t kMinSegment = 512;
inline constexpr std::uint32_t kMaxSegment = (1U << 24) - 1;

}  // namespace lockstep::iscsi
