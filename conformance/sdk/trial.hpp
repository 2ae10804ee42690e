// One child under examination: what a rule asks of it, and how it complains. Internal.
#pragma once

#include "conformance/providers/process/child.hpp"
#include "conformance/sdk/contract.hpp"
#include "model/wire/lines/messages.hpp"

#include <memory>
#include <string>
#include <vector>

namespace lockstep::conformance {

// Thrown by a rule that is broken, or that has nothing to examine; caught where rules are tried.
struct Broken {
  std::string expected;
  std::string found;
};
struct NothingToExamine {
  std::string why;
};

class Trial {
 public:
  explicit Trial(const ContractOptions& options) : options_(options) {}

  void start();
  // With hello, as every other conversation begins.
  lines::Hello begin();

  // A line as it is, and the line that comes back.
  std::string exchange(const std::string& line, const std::string& what);
  void send(const std::string& text, const std::string& what);
  std::string receive(const std::string& what);

  // A call that must be answered by a result.
  lines::Told ask(const lines::Call& call);
  template <class T>
  T ask_for(const lines::Call& call) {
    return std::get<T>(ask(call));
  }
  // A method that may be refused in any way that the protocol has.
  struct MethodOutcome {
    bool error = false;  // an error instead of a result
    Answer answer;
    [[nodiscard]] std::string text() const;
  };
  MethodOutcome invoke(const Request& request);
  // The same of a line that no Request can stand for. `method` says how to read the answer.
  MethodOutcome invoke_raw(Method method, const std::string& parameters);
  // A method that no page has.
  MethodOutcome invoke_unknown(const std::string& name);
  // A line that must be answered by an error. `with_id` is the line's own id, or none.
  void expect_error(const std::string& line, std::optional<std::uint64_t> id,
                    const std::string& what);
  // Still there, and on the right line.
  void expect_alive(const std::string& after);
  // Nothing more has been written.
  void expect_silence();
  // Closes the input; the child must end by itself, with exit code 0.
  void expect_end();

  [[nodiscard]] std::uint64_t next_id() noexcept { return ++last_id_; }

 private:
  [[nodiscard]] Deadline deadline() const;
  [[noreturn]] void give_up(Child::Trouble trouble, const std::string& what);
  MethodOutcome read_method(const std::string& line, const lines::NumberedCall& call);

  const ContractOptions& options_;
  std::unique_ptr<Child> child_;
  std::uint64_t last_id_ = 0;
};

}  // namespace lockstep::conformance
