// What a person sees while lockstep works: colour and a rewritten progress line on a terminal,
// plain lines otherwise. Everything printed by the program goes through here or through main.
#pragma once

#include "model/vocab/error.hpp"

#include <chrono>
#include <string>

namespace lockstep::cli {

enum class Colour : unsigned char { None, Green, Yellow, Red, Dim, Bold };

// Plain text unless standard output is a terminal and NO_COLOR is unset.
[[nodiscard]] std::string coloured(Colour colour, const std::string& text);

void print(const std::string& text);        // standard output, with a newline
void print_error(const std::string& text);  // standard error, "lockstep: " in front
// The exit code that goes with an error's origin.
[[nodiscard]] int exit_code_of(const Error& error) noexcept;
// Prints the error and returns its exit code.
[[nodiscard]] int fail(const Error& error);

// One line on standard error: rewritten on a terminal, at most one every 30 s elsewhere.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();  // clears the line
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(const std::string& text);
  void clear();

 private:
  bool quiet_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_;
};

// "1 234", "12.3 s"
[[nodiscard]] std::string seconds_text(std::chrono::microseconds duration);

}  // namespace lockstep::cli
