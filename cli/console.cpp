#include "cli/console.hpp"

#include "cli/exit_codes.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lockstep::cli {
namespace {

constexpr std::chrono::seconds kPlainInterval{30};
constexpr std::chrono::milliseconds kTerminalInterval{100};

const char* escape_of(Colour colour) noexcept {
  switch (colour) {
    case Colour::Green:
      return "\x1b[32m";
    case Colour::Yellow:
      return "\x1b[33m";
    case Colour::Red:
      return "\x1b[31m";
    case Colour::Dim:
      return "\x1b[2m";
    case Colour::Bold:
      return "\x1b[1m";
    case Colour::None:
      break;
  }
  return "";
}

std::size_t terminal_columns() noexcept {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10) return size.ws_col;
  return 80;
}

}  // namespace

std::string coloured(Colour colour, const std::string& text) {
  static const bool wanted = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  if (!wanted || colour == Colour::None) return text;
  return escape_of(colour) + text + "\x1b[0m";
}

void print(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

void print_error(const std::string& text) { fmt::print(stderr, "lockstep: {}\n", text); }

int exit_code_of(const Error& error) noexcept {
  switch (error.origin) {
    case Origin::Usage:
    case Origin::Config:
      return kUsage;
    case Origin::Transport:
    case Origin::Target:
    case Origin::Provider:
      return kUnreachable;
    case Origin::Internal:
      break;
  }
  return kOurBug;
}

int fail(const Error& error) {
  print_error(error.message);
  return exit_code_of(error);
}

ProgressLine::ProgressLine(bool quiet)
    : quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      last_(std::chrono::steady_clock::now()) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(const std::string& text) {
  if (quiet_) return;
  const auto now = std::chrono::steady_clock::now();
  if (terminal_) {
    if (shown_ && now - last_ < kTerminalInterval) return;
    fmt::print(stderr, "\r\x1b[K{}", text.substr(0, terminal_columns() - 1));
    std::fflush(stderr);
    shown_ = true;
  } else {
    if (now - last_ < kPlainInterval) return;
    fmt::print(stderr, "{}\n", text);
  }
  last_ = now;
}

void ProgressLine::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_ = false;
}

std::string seconds_text(std::chrono::microseconds duration) {
  return fmt::format("{:.1f} s", static_cast<double>(duration.count()) / 1e6);
}

}  // namespace lockstep::cli
