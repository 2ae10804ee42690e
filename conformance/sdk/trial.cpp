#include "conformance/sdk/trial.hpp"

#include "model/vocab/names.hpp"
#include "model/wire/fields.hpp"

#include <utility>

namespace lockstep::conformance {

void Trial::start() {
  auto child = Child::start(options_.arguments);
  if (!child) throw Broken{"a program that starts", child.error().message};
  child_ = std::move(child).value();
}

Deadline Trial::deadline() const { return std::chrono::steady_clock::now() + options_.deadline; }

void Trial::give_up(Child::Trouble trouble, const std::string& what) {
  constexpr std::chrono::milliseconds kToEnd{500};
  const std::string expected = "an answer to " + what;
  if (trouble == Child::Trouble::TooLate) {
    throw Broken{expected, "none within " + std::to_string(options_.deadline.count()) + " ms"};
  }
  if (trouble == Child::Trouble::TooLong) {
    throw Broken{expected,
                 "a line of more than " + std::to_string(lines::kMostLineBytes) + " bytes"};
  }
  const bool unfinished = !child_->unread().empty();
  const bool by_itself = child_->ended_by(std::chrono::steady_clock::now() + kToEnd);
  const std::string how = child_->end(std::chrono::milliseconds(0));
  std::string errors = child_->take_errors();
  constexpr std::size_t kLastWords = 300;
  if (errors.size() > kLastWords) errors.erase(0, errors.size() - kLastWords);
  throw Broken{expected, (by_itself ? "that it ended with " + how
                                    : std::string("that it closed its standard output")) +
                             (unfinished ? ", in the middle of a line" : "") +
                             (errors.empty() ? "" : "; its standard error ends: " + errors)};
}

void Trial::send(const std::string& text, const std::string& what) {
  const auto sent = child_->send(text, deadline());
  if (!sent) give_up(sent.error(), what);
}

std::string Trial::receive(const std::string& what) {
  auto line = child_->receive(deadline(), lines::kMostLineBytes);
  if (!line) give_up(line.error(), what);
  return std::move(line).value();
}

std::string Trial::exchange(const std::string& line, const std::string& what) {
  send(line, what);
  return receive(what);
}

lines::Told Trial::ask(const lines::Call& call) {
  const lines::NumberedCall numbered{next_id(), call};
  const auto line = lines::write_call(numbered);
  if (!line) throw Broken{"a call that can be written", line.error().message};
  const std::string what = lines::text_of(call);
  const auto answer = lines::read_answer(exchange(line.value(), what), numbered);
  if (!answer) throw Broken{"an answer to " + what + " as in the schema", answer.error().message};
  if (const auto* failure = std::get_if<lines::Failure>(&answer.value())) {
    throw Broken{"a result of " + what, "the error \"" + failure->message + "\""};
  }
  return std::get<lines::Told>(answer.value());
}

lines::Hello Trial::begin() {
  start();
  lines::HelloCall hello;
  hello.harness = "lockstep adapter check";
  return ask_for<lines::Hello>(hello);
}

std::string Trial::MethodOutcome::text() const { return error ? "an error" : code_text(answer); }

Trial::MethodOutcome Trial::read_method(const std::string& line, const lines::NumberedCall& call) {
  const auto answer = lines::read_answer(line, call);
  if (!answer) {
    throw Broken{"an answer to " + lines::text_of(call.call) + " as in the schema",
                 answer.error().message};
  }
  MethodOutcome outcome;
  if (const auto* told = std::get_if<lines::Told>(&answer.value())) {
    outcome.answer = std::get<Answer>(*told);
  } else {
    outcome.error = true;
  }
  return outcome;
}

Trial::MethodOutcome Trial::invoke(const Request& request) {
  const lines::NumberedCall numbered{next_id(), lines::InvokeCall{request}};
  const auto line = lines::write_call(numbered);
  if (!line) throw Broken{"a call that can be written", line.error().message};
  return read_method(exchange(line.value(), lines::text_of(numbered.call)), numbered);
}

Trial::MethodOutcome Trial::invoke_raw(Method method, const std::string& parameters) {
  const lines::NumberedCall numbered{next_id(), lines::InvokeCall{wire::empty_request(method)}};
  const bool has_object =
      method == Method::CreateReplica || method == Method::RequestJobStateChange;
  const std::string line = "{\"id\":" + std::to_string(numbered.id) +
                           ",\"operation\":\"invoke\",\"method\":\"" + to_text(method) + "\"" +
                           (has_object ? ",\"object\":\"no such object\"" : "") +
                           ",\"parameters\":" + parameters + "}";
  return read_method(exchange(line, lines::text_of(numbered.call)), numbered);
}

Trial::MethodOutcome Trial::invoke_unknown(const std::string& name) {
  // Only codes are looked at, which every method has.
  const lines::NumberedCall read_as{next_id(), lines::InvokeCall{CreateGroupRequest{}}};
  const std::string line = "{\"id\":" + std::to_string(read_as.id) +
                           ",\"operation\":\"invoke\",\"method\":\"" + name +
                           "\",\"parameters\":{}}";
  return read_method(exchange(line, "invoke " + name), read_as);
}

void Trial::expect_error(const std::string& line, std::optional<std::uint64_t> id,
                         const std::string& what) {
  const lines::NumberedCall any{id.value_or(0), lines::InventoryCall{}};
  const std::string expected =
      "an error with id " + (id ? std::to_string(*id) : std::string("null")) + " for " + what;
  const std::string found = exchange(line, what);
  const auto answer = lines::read_answer(found, any);
  const auto* failure = answer ? std::get_if<lines::Failure>(&answer.value()) : nullptr;
  constexpr std::size_t kShown = 100;
  if (failure == nullptr || failure->id != id) throw Broken{expected, found.substr(0, kShown)};
  if (failure->message.empty()) throw Broken{expected, "an error without a message"};
}

void Trial::expect_alive(const std::string& after) {
  try {
    static_cast<void>(ask(lines::InventoryCall{}));
  } catch (const Broken& broken) {
    throw Broken{"the conversation to go on after " + after + ", and " + broken.expected,
                 broken.found};
  }
}

void Trial::expect_silence() {
  if (!child_) return;
  const std::string more = child_->unread();
  constexpr std::size_t kShown = 60;
  if (!more.empty()) {
    throw Broken{"one line for each request",
                 std::to_string(more.size()) + " bytes more: " + more.substr(0, kShown)};
  }
}

void Trial::expect_end() {
  child_->close_input();
  if (!child_->ended_by(deadline())) {
    throw Broken{"it to end by itself when its standard input is closed",
                 "it still running after " + std::to_string(options_.deadline.count()) + " ms"};
  }
  const std::string how = child_->end(std::chrono::milliseconds(0));
  if (!child_->ended_well()) throw Broken{"exit code 0 at the end", how};
}

}  // namespace lockstep::conformance
