// Log lines: `time level room id message key=value …`, one event per line, on standard error.
//
// Lines are made by whoever has something to say and written by a thread of the log's own, so that
// a terminal or pipe that nobody reads never holds up the event loop. What waits is bounded; lines
// that do not fit are dropped, and how many were is said once there is room.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace lockstep::target {

enum class LogLevel : std::uint8_t { Error, Warning, Info, Debug };

[[nodiscard]] std::string_view log_level_text(LogLevel level) noexcept;
[[nodiscard]] std::optional<LogLevel> parse_log_level(std::string_view text) noexcept;

struct LogField {
  std::string_view key;    // of ours: letters, digits, '_'
  std::string_view value;  // anything: escaped and cut
};

// `value` as a log line shows it: bare when it is harmless, else in quotes with everything but
// printable ASCII as \xHH; at most 256 bytes of it.
[[nodiscard]] std::string log_value(std::string_view value);

// Thread-safe.
class Log {
 public:
  // `descriptor` is borrowed. Lines less important than `level` are not made.
  Log(int descriptor, LogLevel level);
  // Writes what waits, for at most a second.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  [[nodiscard]] bool shows(LogLevel level) const noexcept { return level <= level_; }
  // `room`: the part that speaks ("iscsi", "scsi", "store", "daemon"). `id`: what it speaks of
  // ("s12/3" for session 12 and its LUN 3; "-" for nothing in particular).
  void write(LogLevel level, std::string_view room, std::string_view id, std::string_view message,
             std::initializer_list<LogField> fields = {});

  static constexpr std::size_t kMostWaiting = 1024;

 private:
  void run();
  void put(std::string_view lines) noexcept;

  const int descriptor_;
  const LogLevel level_;
  std::mutex mutex_;
  std::condition_variable something_waits_;
  std::vector<std::string> waiting_;
  std::uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace lockstep::target
