// Reading and writing records.jsonl.
#pragma once

#include "model/vocab/error.hpp"
#include "reports/record/record.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace lockstep::report {

// One line, without the newline; JSON with a "type" member: run, case, coverage, benchmark,
// summary.
[[nodiscard]] std::string to_json_line(const Line& line);
// Tolerates unknown members; anything else that is wrong: Origin::Config, naming line and member.
[[nodiscard]] Result<Line> parse_json_line(std::string_view text);

// Appends lines; each is flushed before the call returns, so that a crash loses nothing.
// Thread-safe.
class RecordWriter {
 public:
  // Makes `folder` (and its parents); not writable: Origin::Config, naming it.
  [[nodiscard]] static Result<std::unique_ptr<RecordWriter>> create(
      const std::filesystem::path& folder);
  // Goes on with the records in `folder`, of a run that was cut off: half a line at the end is cut
  // away. No such records, or a run that has come to its end: Origin::Config.
  [[nodiscard]] static Result<std::unique_ptr<RecordWriter>> resume(
      const std::filesystem::path& folder);
  ~RecordWriter();
  [[nodiscard]] Status append(const Line& line);
  [[nodiscard]] const std::filesystem::path& folder() const noexcept;

 private:
  RecordWriter();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// `path` is a run's folder or its records.jsonl. A cut-off last line is dropped, any other bad line
// is an error naming its number.
[[nodiscard]] Result<Run> read_run(const std::filesystem::path& path);

}  // namespace lockstep::report
