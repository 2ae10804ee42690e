#include "target_impl/daemon/log.hpp"

#include <climits>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <poll.h>
#include <unistd.h>

namespace lockstep::target {
namespace {

constexpr std::array<std::string_view, 4> kLevels{"error", "warning", "info", "debug"};
constexpr std::size_t kMostValueBytes = 256;
constexpr int kLastWriteMs = 1000;

std::string now_text() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t bytes = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + bytes, text.size() - bytes, ".%03dZ", static_cast<int>(ms % 1000));
  return text.data();
}

bool is_harmless(char c) noexcept {
  return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

void pad(std::string& line, std::string_view column, std::size_t width) {
  line += column;
  line.append(column.size() < width ? width - column.size() : 0, ' ');
  line += ' ';
}

std::string make_line(LogLevel level, std::string_view room, std::string_view id,
                      std::string_view message, std::initializer_list<LogField> fields) {
  std::string line = now_text() + ' ';
  pad(line, log_level_text(level), 7);
  pad(line, room, 6);
  pad(line, id, 8);
  line += message;
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    line += log_value(field.value);
  }
  line += '\n';
  return line;
}

}  // namespace

std::string_view log_level_text(LogLevel level) noexcept {
  return kLevels.at(static_cast<std::size_t>(level));
}

std::optional<LogLevel> parse_log_level(std::string_view text) noexcept {
  const auto* const found = std::find(kLevels.begin(), kLevels.end(), text);
  if (found == kLevels.end()) {
    return std::nullopt;
  }
  return static_cast<LogLevel>(found - kLevels.begin());
}

std::string log_value(std::string_view value) {
  const std::string_view shown = value.substr(0, kMostValueBytes);
  const bool cut = shown.size() < value.size();
  if (!shown.empty() && !cut && std::all_of(shown.begin(), shown.end(), is_harmless)) {
    return std::string(shown);
  }
  std::string text = "\"";
  for (const char c : shown) {
    if (is_harmless(c) || c == ' ' || c == '=') {
      text += c;
    } else {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x",
                    unsigned{static_cast<unsigned char>(c)});
      text += escaped.data();
    }
  }
  return text + (cut ? "…\"" : "\"");
}

Log::Log(int descriptor, LogLevel level)
    : descriptor_(descriptor), level_(level), thread_([this] { run(); }) {}

Log::~Log() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  something_waits_.notify_one();
  thread_.join();
}

void Log::write(LogLevel level, std::string_view room, std::string_view id,
                std::string_view message, std::initializer_list<LogField> fields) {
  if (!shows(level)) {
    return;
  }
  std::string line = make_line(level, room, id, message, fields);
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMostWaiting) {
      ++dropped_;
      return;
    }
    waiting_.push_back(std::move(line));
  }
  something_waits_.notify_one();
}

void Log::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    something_waits_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) {
      return;
    }
    std::string lines;
    for (const std::string& line : waiting_) {
      lines += line;
    }
    waiting_.clear();
    if (const std::uint64_t dropped = std::exchange(dropped_, 0)) {
      lines += make_line(LogLevel::Warning, "daemon", "-", "log lines were dropped",
                         {{"count", std::to_string(dropped)}});
    }
    lock.unlock();
    put(lines);
    lock.lock();
  }
}

// Waits as long as it takes while the log lives, a moment once it is to end.
void Log::put(std::string_view lines) noexcept {
  while (!lines.empty()) {
    pollfd writable{descriptor_, POLLOUT, 0};
    if (::poll(&writable, 1, kLastWriteMs) == 0) {
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        return;
      }
      continue;
    }
    // A pipe that is writable takes this much at once.
    const ssize_t written =
        ::write(descriptor_, lines.data(), std::min<std::size_t>(lines.size(), PIPE_BUF));
    if (written < 0 && errno != EINTR && errno != EAGAIN) {
      return;
    }
    lines.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
}

}  // namespace lockstep::target
