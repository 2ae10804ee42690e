// Errors as values: what crosses every boundary of the project instead of an exception.
//
// An Error says that a question could not be asked or that its answer could not be read. A refusal
// by a provider is no Error; it is an Answer with the provider's own code (answers.hpp).
#pragma once

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/try.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace lockstep {

// Who has to act on the error.
enum class Origin : std::uint8_t {
  Usage,      // the caller asked for something that makes no sense
  Config,     // a file, option or environment variable
  Transport,  // the connection: refused, lost, timed out
  Target,     // the iSCSI target answered what it must not
  Provider,   // the provider's answer could not be read
  Internal,   // our own bug
};

struct Error {
  Origin origin = Origin::Internal;
  // Reads: subject, what was expected, what was found, what to do next. One line, no final newline.
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

[[nodiscard]] const char* to_text(Origin origin) noexcept;

// The process ends if the value of a failed Result is taken; check first, or use LOCKSTEP_TRY.
template <class T>
using Result =
    BOOST_OUTCOME_V2_NAMESPACE::basic_result<T, Error,
                                             BOOST_OUTCOME_V2_NAMESPACE::policy::terminate>;

using Status = Result<void>;

[[nodiscard]] inline Error usage_error(std::string message) {
  return Error{Origin::Usage, std::move(message)};
}
[[nodiscard]] inline Error config_error(std::string message) {
  return Error{Origin::Config, std::move(message)};
}
[[nodiscard]] inline Error transport_error(std::string message) {
  return Error{Origin::Transport, std::move(message)};
}
[[nodiscard]] inline Error target_error(std::string message) {
  return Error{Origin::Target, std::move(message)};
}
[[nodiscard]] inline Error provider_error(std::string message) {
  return Error{Origin::Provider, std::move(message)};
}
[[nodiscard]] inline Error internal_error(std::string message) {
  return Error{Origin::Internal, std::move(message)};
}

// The success of a Status.
[[nodiscard]] inline auto ok() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

}  // namespace lockstep

// LOCKSTEP_TRY(auto value, expression) or LOCKSTEP_TRY(expression): returns the Error to the
// caller.
#define LOCKSTEP_TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
