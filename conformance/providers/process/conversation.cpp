#include "conformance/providers/process/conversation.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLastWords = 300;

// The last lines of a text, in one line.
std::string ending_of(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return {};
  const std::size_t begin = end > kLastWords ? end - kLastWords : 0;
  std::string words = text.substr(begin, end + 1 - begin);
  std::replace(words.begin(), words.end(), '\n', ' ');
  return words;
}

std::string milliseconds_text(std::chrono::milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

}  // namespace

std::string without_passwords(std::string line) {
  constexpr const char* kMember = "\"password\"";
  constexpr const char* kRemoved = "(removed)";
  for (std::size_t at = line.find(kMember); at != std::string::npos; at = line.find(kMember, at)) {
    at = line.find_first_not_of(" \t:", at + std::string(kMember).size());
    if (at == std::string::npos || line[at] != '"') continue;
    std::size_t end = ++at;
    while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2U : 1U;
    line.replace(at, std::min(end, line.size()) - at, kRemoved);
  }
  return line;
}

Conversation::Conversation(const ProcessOptions& options)
    : options_(options),
      name_("adapter " + options.arguments.front()),
      exchanges_(secrets_of_environment()),
      errors_(secrets_of_environment()) {}

Status Conversation::keep_evidence(const std::filesystem::path& folder) {
  for (auto [evidence, name] :
       {std::pair{&exchanges_, "exchanges.log"}, std::pair{&errors_, "adapter-stderr.log"}}) {
    if (!evidence->write_to(folder / name)) {
      return config_error("cannot write " + (folder / name).string() + ": choose another folder");
    }
  }
  return ok();
}

std::chrono::milliseconds Conversation::deadline_of(const lines::Call& call) const {
  if (std::holds_alternative<lines::HelloCall>(call)) return options_.start_deadline;
  if (std::holds_alternative<lines::InvokeCall>(call)) return options_.method_deadline;
  return options_.look_deadline;
}

void Conversation::take_errors() {
  const std::string text = child_->take_errors();
  if (text.empty()) return;
  errors_.add(text);
  last_words_ = ending_of(errors_.without_secrets(text));
}

Error Conversation::lose(Origin origin, const lines::Call& call, const std::string& expected,
                         const std::string& found) {
  take_errors();
  child_.reset();
  ++lost_;
  ++lost_in_a_row_;
  std::string message = name_ + ", " + lines::text_of(call) + ": expected " + expected +
                        ", found " + exchanges_.without_secrets(without_passwords(found));
  if (!last_words_.empty()) message += "; its standard error ends: " + last_words_;
  last_words_.clear();
  last_loss_ = message;
  exchanges_.add("--- " + message + "\n\n");
  return Error{origin, message};
}

Error Conversation::lose_silent(Child::Trouble trouble, const lines::Call& call) {
  constexpr std::chrono::milliseconds kToEnd{500};
  switch (trouble) {
    case Child::Trouble::TooLate: {
      static_cast<void>(child_->end(std::chrono::milliseconds(0)));
      const std::string within = milliseconds_text(deadline_of(call));
      return lose(Origin::Transport, call, "an answer within its deadline of " + within,
                  "none: it hangs, and was ended");
    }
    case Child::Trouble::TooLong:
      static_cast<void>(child_->end(std::chrono::milliseconds(0)));
      return lose(Origin::Provider, call,
                  "a line of at most " + std::to_string(options_.most_answer_bytes) + " bytes",
                  "a longer one");
    case Child::Trouble::Ended:
      break;
  }
  const std::string cut_off = child_->unread();
  const bool by_itself = child_->ended_by(Clock::now() + kToEnd);
  const std::string how = child_->end(std::chrono::milliseconds(0));
  return lose(Origin::Transport, call, "an answer",
              (by_itself ? "that it ended with " + how
                         : std::string("that it closed its standard output")) +
                  (cut_off.empty() ? ""
                                   : " after " + std::to_string(cut_off.size()) +
                                         " bytes of an unfinished line"));
}

Status Conversation::ready() {
  if (child_) return ok();
  if (lost_in_a_row_ >= options_.most_lost_in_a_row || lost_ >= options_.most_lost) {
    const unsigned many = lost_in_a_row_ >= options_.most_lost_in_a_row ? lost_in_a_row_ : lost_;
    return transport_error(name_ + ": given up after it was lost " + std::to_string(many) +
                           " times" + (many == lost_in_a_row_ ? " in a row" : "") +
                           "; the last time: " + last_loss_);
  }
  LOCKSTEP_TRY(child_, Child::start(options_.arguments));
  lines::HelloCall hello;
  hello.harness = "lockstep";
  LOCKSTEP_TRY(auto told, exchange(hello));
  auto& answered = std::get<lines::Hello>(told);
  if (answered.protocol != lines::kProtocol) {
    return lose(Origin::Provider, hello, "protocol version " + std::to_string(lines::kProtocol),
                std::to_string(answered.protocol));
  }
  if (!hello_) hello_ = std::move(answered);
  return ok();
}

Result<lines::Hello> Conversation::hello() {
  const std::lock_guard lock(mutex_);
  LOCKSTEP_TRY(ready());
  return *hello_;
}

Result<lines::Told> Conversation::ask(const lines::Call& call) {
  const std::lock_guard lock(mutex_);
  LOCKSTEP_TRY(ready());
  LOCKSTEP_TRY(auto told, exchange(call));
  if (std::holds_alternative<lines::InvokeCall>(call)) lost_in_a_row_ = 0;
  return told;
}

Result<lines::Told> Conversation::exchange(const lines::Call& call) {
  const lines::NumberedCall numbered{++last_id_, call};
  LOCKSTEP_TRY(const auto request, lines::write_call(numbered));
  if (const std::string early = child_->unread(); !early.empty()) {
    static_cast<void>(child_->end(std::chrono::milliseconds(0)));
    return lose(Origin::Provider, call, "no line before it was asked",
                std::to_string(early.size()) + " bytes: \"" + early.substr(0, 60) + "\"");
  }
  const auto started = Clock::now();
  const Deadline deadline = started + deadline_of(call);
  const auto sent = child_->send(request, deadline);
  auto line = sent ? child_->receive(deadline, options_.most_answer_bytes)
                   : Child::Told<std::string>(sent.error());
  take_errors();
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started).count();
  const std::string id = std::to_string(numbered.id);
  exchanges_.add_exchange(id, "\"id\":" + id, lines::text_of(call), without_passwords(request),
                          "answer after " + std::to_string(took) + " us",
                          line ? without_passwords(line.value()) : "none");
  if (!line) return lose_silent(line.error(), call);
  return read(numbered, line.value());
}

Result<lines::Told> Conversation::read(const lines::NumberedCall& call, const std::string& line) {
  auto answer = lines::read_answer(line, call);
  if (!answer) {
    static_cast<void>(child_->end(std::chrono::milliseconds(0)));
    return lose(Origin::Provider, call.call, "an answer that follows the protocol",
                "one that does not: " + answer.error().message);
  }
  if (const auto* failure = std::get_if<lines::Failure>(&answer.value())) {
    return provider_error(
        name_ + ", " + lines::text_of(call.call) +
        ": expected a result, found the error: " + exchanges_.without_secrets(failure->message));
  }
  return std::get<lines::Told>(std::move(answer.value()));
}

}  // namespace lockstep::conformance
