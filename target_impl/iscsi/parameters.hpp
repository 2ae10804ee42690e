// What two sides have agreed on, and what this target is ready to agree to. RFC 7143 section 13;
// the initial values of SessionParameters are the standard's defaults.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lockstep::iscsi {

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
};

// What this target offers. Writes up to 256 KiB then travel with their command: no round trip.
struct TargetParameters {
  std::uint32_t max_receive = 262'144;
  std::uint32_t max_burst = 16'776'192;
  std::uint32_t first_burst = 262'144;
  std::uint32_t max_outstanding_r2t = 8;
  bool initial_r2t = false;
  bool immediate_data = true;
  std::uint16_t portal_group = 1;
};

// Bounds on what one connection may occupy.
struct ConnectionLimits {
  // Data-out of one command that is collected; more than MAXIMUM TRANSFER LENGTH allows anyway.
  std::size_t task_bytes = std::size_t{32} << 20;
  // Data-out that is being collected for all commands of the connection together.
  std::size_t collected_bytes = std::size_t{64} << 20;
  // Commands that may be unfinished at a time (MaxCmdSN).
  std::uint32_t command_window = 128;
  // Above this much unsent output no further request is carried out.
  std::size_t unsent_bytes = std::size_t{4} << 20;
  // After this much new output the transport should send before more is produced.
  std::size_t batch_bytes = std::size_t{256} << 10;
};

inline constexpr std::uint32_t kDefaultMaxReceive = 8192;  // also the limit during login
inline constexpr std::uint32_t kMinSegment = 512;
inline constexpr std::uint32_t kMaxSegment = (1U << 24) - 1;

}  // namespace lockstep::iscsi
