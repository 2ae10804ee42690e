// Appends records to a run's file.
#include "reports/record/store.hpp"

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
