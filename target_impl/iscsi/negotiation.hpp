// Negotiation of the operational text keys: each offered key gets its answer, once. RFC 7143
// sections 6.2 and 13. Pure: no I/O, no state beyond the keys seen.
#pragma once

#include "target_impl/iscsi/parameters.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lockstep::iscsi {

enum class KeyVerdict : std::uint8_t {
  Answered,  // `answer` holds the value to send back
  Silent,    // a declaration; nothing is sent back
  Unknown,   // not an operational key of the standard
  Repeated,  // was negotiated before: a protocol error
};

class Negotiation {
 public:
  Negotiation(const TargetParameters& offered, SessionParameters& agreed)
      : offered_(offered), agreed_(agreed) {}

  // During login. An illegal value is answered Reject and leaves the default.
  [[nodiscard]] KeyVerdict take(std::string_view key, std::string_view value, std::string& answer);
  // In full feature phase only the segment length may be declared anew; the rest is rejected.
  [[nodiscard]] KeyVerdict take_in_full_feature(std::string_view key, std::string_view value,
                                                std::string& answer);
  // Once login is over: limits that depend on each other.
  void settle();

 private:
  const TargetParameters& offered_;
  SessionParameters& agreed_;
  std::vector<std::string> seen_;
};

}  // namespace lockstep::iscsi
