// The security stage of a login. Only AuthMethod=None is known: whoever may connect may log in.
// A method with secrets takes its keys here and says when it is satisfied. RFC 7143 section 12.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lockstep::iscsi {

class Security {
 public:
  enum class Verdict : std::uint8_t { Answered, NotMine, Failed };

  // Whether a login may begin in the operational stage.
  [[nodiscard]] bool may_be_skipped() const noexcept { return true; }
  [[nodiscard]] Verdict take(std::string_view key, std::string_view value, std::string& answer);
  // Whether the initiator has proved what it must, so that the stage may be left.
  [[nodiscard]] bool is_satisfied() const noexcept { return true; }
};

}  // namespace lockstep::iscsi
