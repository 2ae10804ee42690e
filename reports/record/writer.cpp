// Appends records to a run's file.
#include "reports/record/store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <system_error>
#include <unistd.h>

namespace lockstep::report {

struct RecordWriter::Inside {
  std::filesystem::path folder;
  int descriptor = -1;
  std::mutex mutex;

  ~Inside() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

namespace {

Error cannot(const std::filesystem::path& path, const std::string& reason) {
  return config_error("cannot write the run's records to " + path.string() + ": " + reason +
                      "; choose another folder with --out or make this one writable");
}

std::string reason_of(int error) { return std::generic_category().message(error); }

// All of it, or errno.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

RecordWriter::RecordWriter() : inside_(std::make_unique<Inside>()) {}
RecordWriter::~RecordWriter() = default;

Result<std::unique_ptr<RecordWriter>> RecordWriter::create(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return cannot(folder, failed.message());
  std::unique_ptr<RecordWriter> writer(new RecordWriter);
  writer->inside_->folder = folder;
  const std::filesystem::path file = folder / "records.jsonl";
  // O_EXCL: a second run must not be mixed into the records of a first.
  writer->inside_->descriptor =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
  if (writer->inside_->descriptor < 0) {
    if (errno == EEXIST) return cannot(file, "it already holds the records of a run");
    return cannot(file, reason_of(errno));
  }
  return writer;
}

Result<std::unique_ptr<RecordWriter>> RecordWriter::resume(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "records.jsonl";
  LOCKSTEP_TRY(const auto run, read_run(file));
  if (run.summary) {
    return config_error(file.string() +
                        ": expected the records of a run that was cut off, found one that came to "
                        "its end; there is nothing to go on with");
  }
  std::unique_ptr<RecordWriter> writer(new RecordWriter);
  writer->inside_->folder = folder;
  const int descriptor = ::open(file.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  writer->inside_->descriptor = descriptor;
  if (descriptor < 0) return cannot(file, reason_of(errno));
  std::string rest;  // behind the last newline
  off_t end = ::lseek(descriptor, 0, SEEK_END);
  for (char last = 0; end > 0; --end) {
    if (::pread(descriptor, &last, 1, end - 1) != 1) return cannot(file, reason_of(errno));
    if (last == '\n') break;
    rest += last;
  }
  std::reverse(rest.begin(), rest.end());
  // A line that lacks nothing but its newline counts, as it does for read_run.
  const bool whole = !rest.empty() && parse_json_line(rest);
  if (whole ? ::write(descriptor, "\n", 1) != 1 : ::ftruncate(descriptor, end) != 0) {
    return cannot(file, reason_of(errno));
  }
  return writer;
}

Status RecordWriter::append(const Line& line) {
  const std::string text = to_json_line(line) + '\n';
  const std::lock_guard lock(inside_->mutex);
  const off_t before = ::lseek(inside_->descriptor, 0, SEEK_END);
  const int error = write_all(inside_->descriptor, text);
  if (error == 0) return ok();
  // Half a line would spoil the next one.
  if (before >= 0 && ::ftruncate(inside_->descriptor, before) != 0) {
    return cannot(inside_->folder, reason_of(error) + ", and the last line is incomplete");
  }
  return cannot(inside_->folder, reason_of(error));
}

const std::filesystem::path& RecordWriter::folder() const noexcept { return inside_->folder; }

}  // namespace lockstep::report
