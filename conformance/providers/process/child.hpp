// A child process that is talked to in lines, with a deadline on everything. Internal.
//
// The child leads a process group of its own, and all of it ends with this object. A guardian, a
// shell that waits for the end of a pipe, ends the group should this process be killed.
#pragma once

#include "model/vocab/error.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace lockstep::conformance {

using Deadline = std::chrono::steady_clock::time_point;

// Not thread-safe.
class Child {
 public:
  // `arguments[0]` is the program, looked for on PATH when it has no slash. Not there or not
  // executable: Origin::Config. The child inherits the environment and the working directory.
  [[nodiscard]] static Result<std::unique_ptr<Child>> start(
      const std::vector<std::string>& arguments);
  ~Child();  // as end(), with the usual patience
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  enum class Trouble : std::uint8_t {
    Ended,    // the child has closed its output, most likely by ending
    TooLate,  // no whole line in time
    TooLong,  // a line that has more than the bytes allowed
  };
  template <class T>
  using Told =
      BOOST_OUTCOME_V2_NAMESPACE::basic_result<T, Trouble,
                                               BOOST_OUTCOME_V2_NAMESPACE::policy::terminate>;

  // A line; the newline is added.
  [[nodiscard]] Told<void> send(std::string_view line, Deadline deadline);
  // The next line, without its newline. What the child has written to standard error meanwhile is
  // kept, as far as it is not too much.
  [[nodiscard]] Told<std::string> receive(Deadline deadline, std::size_t most_bytes);
  // Bytes that have come and that no line was taken of; looks once without waiting.
  [[nodiscard]] std::string unread();
  void close_input();

  // Whether the child has ended, waiting for it until then; nothing is sent to it.
  [[nodiscard]] bool ended_by(Deadline deadline);
  // Ends the group: closes the input, waits `patience` for the child to end, then SIGTERM, then
  // SIGKILL. Says how the child ended: "exit code 3", "signal 11 (SEGV)".
  std::string end(std::chrono::milliseconds patience);
  // Of a child that ended by itself.
  [[nodiscard]] bool ended_well() const noexcept { return exit_status_ == 0; }

  // What has come on standard error since the last time.
  [[nodiscard]] std::string take_errors();

 private:
  Child() = default;
  // Before the child, which tells it its group: this process may be killed at any moment.
  Status start_guardian();
  void dismiss_guardian();
  // Waits for one of the pipes; false when the deadline has passed. `sending` waits for the input,
  // too.
  bool wait(bool sending, Deadline deadline);
  void read_output();
  void read_errors();
  void drain_errors();  // what there is, without waiting

  pid_t pid_ = -1;
  pid_t guardian_ = -1;
  int guardian_pipe_ = -1;
  int input_ = -1;   // the child's
  int output_ = -1;  // the child's; -1 once closed
  int errors_ = -1;
  bool input_ready_ = false;
  std::string received_;
  std::string error_text_;
  std::size_t error_bytes_ = 0;
  std::string how_it_ended_;
  int exit_status_ = -1;
};

}  // namespace lockstep::conformance
