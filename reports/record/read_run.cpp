// Reads a run's file, line by line and within bounds.
#include "reports/record/store.hpp"

#include <array>
#include <cstddef>
#include <fstream>
#include <system_error>

namespace lockstep::report {
namespace {

// Ample for a case with a long counterexample.
constexpr std::size_t kMaxLineBytes = 16U << 20U;
constexpr std::size_t kMaxLines = 1'000'000;

enum class LineEnd { Newline, EndOfFile, TooLong };

// Like std::getline, but never takes more than kMaxLineBytes.
LineEnd read_line(std::istream& file, std::string& line) {
  line.clear();
  for (char next = '\0'; file.get(next);) {
    if (next == '\n') return LineEnd::Newline;
    if (line.size() == kMaxLineBytes) return LineEnd::TooLong;
    line += next;
  }
  return LineEnd::EndOfFile;
}

class Reader {
 public:
  explicit Reader(std::filesystem::path file) : file_(std::move(file)) {}

  Result<Run> read() {
    std::ifstream stream(file_, std::ios::binary);
    if (!stream) {
      return config_error("cannot read " + file_.string() +
                          ": expected a run's folder or its records.jsonl");
    }
    std::string line;
    for (number_ = 1; number_ <= kMaxLines; ++number_) {
      const LineEnd end = read_line(stream, line);
      if (end == LineEnd::TooLong) return bad("longer than 16 MiB");
      if (end == LineEnd::EndOfFile) return finish(stream, line);
      LOCKSTEP_TRY(take(line));
    }
    return bad("expected at most " + std::to_string(kMaxLines) + " lines, found more");
  }

 private:
  [[nodiscard]] Error bad(const std::string& what) const {
    return config_error(file_.string() + ", line " + std::to_string(number_) + ": " + what);
  }

  Status take(std::string_view line) {
    auto parsed = parse_json_line(line);
    if (!parsed) return bad(parsed.error().message);
    const bool is_header = std::holds_alternative<RunHeader>(parsed.value());
    if (is_header == has_header_) {
      return bad(is_header ? "a second run header; a file holds one run"
                           : "expected the run header first (type 'run')");
    }
    if (run_.summary) return bad("expected nothing after the summary");
    std::visit([&](auto& record) { add(std::move(record)); }, parsed.value());
    return ok();
  }

  void add(RunHeader record) {
    run_.header = std::move(record);
    has_header_ = true;
  }
  void add(CaseRecord record) { run_.cases.push_back(std::move(record)); }
  void add(CoverageRecord record) { run_.coverage.push_back(std::move(record)); }
  void add(BenchmarkRecord record) { run_.benchmarks.push_back(std::move(record)); }
  void add(RunSummary record) { run_.summary = std::move(record); }

  // `rest` has no newline: what a run that was cut off has left of its last line.
  Result<Run> finish(const std::istream& stream, const std::string& rest) {
    if (stream.bad()) return bad("the file could not be read to its end");
    if (!rest.empty() && parse_json_line(rest)) {
      LOCKSTEP_TRY(take(rest));
    }
    if (!has_header_) {
      return config_error(file_.string() +
                          " holds no run: expected a run header, found the end of the file");
    }
    return std::move(run_);
  }

  std::filesystem::path file_;
  std::size_t number_ = 0;
  bool has_header_ = false;
  Run run_;
};

}  // namespace

Result<Run> read_run(const std::filesystem::path& path) {
  std::error_code failed;
  const bool is_folder = std::filesystem::is_directory(path, failed);
  return Reader(is_folder ? path / "records.jsonl" : path).read();
}

}  // namespace lockstep::report
