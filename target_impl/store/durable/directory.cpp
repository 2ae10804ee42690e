#include "target_impl/store/durable/directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <string_view>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace lockstep::store::detail {

namespace {

constexpr std::string_view kMagic = "lockstep-store ";
constexpr std::array<std::string_view, 5> kOwnFiles{"lock", "extents", "map.lmdb", "format.new",
                                                    "format"};

[[nodiscard]] std::string system_text() { return std::strerror(errno); }

[[nodiscard]] std::string text_of(const Identity& identity) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : identity) {
    text.push_back(kDigits[static_cast<unsigned>(byte) >> 4]);
    text.push_back(kDigits[static_cast<unsigned>(byte) & 15]);
  }
  return text;
}

[[nodiscard]] std::optional<Identity> parse_identity(std::string_view text) {
  Identity identity{};
  if (text.size() != 2 * identity.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i != identity.size(); ++i) {
    unsigned value = 0;
    const char* end = text.data() + 2 * i + 2;
    const auto [stopped, error] = std::from_chars(text.data() + 2 * i, end, value, 16);
    if (error != std::errc() || stopped != end) {
      return std::nullopt;
    }
    identity[i] = static_cast<std::byte>(value);
  }
  return identity;
}

// The first thing in it that is none of ours; empty when there is none.
[[nodiscard]] Result<std::string> find_foreign(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (directory == nullptr) {
    return config_error(path + ": expected a directory that can be read, found: " + system_text());
  }
  std::string foreign;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && name != "lost+found" &&
        std::find(kOwnFiles.begin(), kOwnFiles.end(), name) == kOwnFiles.end() &&
        (foreign.empty() || name < foreign)) {
      foreign = name;
    }
  }
  return foreign;
}

// Nothing when there is no such file; at most `most` bytes.
[[nodiscard]] Result<std::optional<std::string>> read_file(const std::string& path,
                                                           std::size_t most) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) {
      return std::optional<std::string>();
    }
    return config_error(path + ": expected a file that can be read, found: " + system_text());
  }
  std::string text(most, '\0');
  const ssize_t got = ::read(descriptor, text.data(), text.size());
  ::close(descriptor);
  if (got < 0) {
    return config_error(path + ": expected a file that can be read, found: " + system_text());
  }
  text.resize(static_cast<std::size_t>(got));
  return std::optional<std::string>(std::move(text));
}

[[nodiscard]] Result<Identity> parse_format(const std::string& path, std::string_view text) {
  const auto refuse = [&path](const std::string& found) {
    return config_error(path + "/format: expected \"" + std::string(kMagic) +
                        std::to_string(kFormatVersion) + " IDENTITY\", found " + found);
  };
  if (text.substr(0, kMagic.size()) != kMagic || text.back() != '\n') {
    return refuse("something else; the directory is damaged or belongs to another program");
  }
  const std::string_view rest = text.substr(kMagic.size(), text.size() - kMagic.size() - 1);
  std::uint32_t version = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), version);
  if (error != std::errc()) {
    return refuse("no version number; restore the directory from a copy");
  }
  if (version != kFormatVersion) {
    return refuse("format version " + std::to_string(version) + ", which is " +
                  (version < kFormatVersion ? "older" : "newer") +
                  "; use the lockstep that wrote it, or another directory");
  }
  const auto after = rest.substr(static_cast<std::size_t>(end - rest.data()));
  const auto identity = parse_identity(after.empty() ? after : after.substr(1));
  if (!identity) {
    return refuse("no identity; restore the directory from a copy");
  }
  return *identity;
}

[[nodiscard]] Status sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const std::string reason = system_text();
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  if (!synced) {
    return config_error(path + ": expected a directory that can be made durable, found: " + reason);
  }
  return ok();
}

}  // namespace

Directory::Directory(Directory&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      is_new_(other.is_new_),
      identity_(other.identity_) {}

Directory::~Directory() {
  if (lock_ >= 0) {
    ::close(lock_);
  }
}

Result<Directory> Directory::open(const std::string& path, bool may_create) {
  if (may_create && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return config_error(path + ": expected a directory or a place to make one, found: " +
                        system_text() + "; create its parent first");
  }
  LOCKSTEP_TRY(auto format, read_file(path + "/format", 128));
  if (!format) {
    LOCKSTEP_TRY(const std::string foreign, find_foreign(path));
    if (!foreign.empty()) {
      return config_error(path + ": expected a store or an empty directory, found \"" + foreign +
                          "\"; name another directory");
    }
    if (!may_create) {
      return config_error(path + ": expected a store, found none; check the path");
    }
  }
  const int lock = ::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return config_error(path +
                        "/lock: expected a file that can be written, found: " + system_text());
  }
  Directory directory(path, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return config_error(path + ": expected a store that nobody uses, found it open " +
                        "(in this or another process); stop that one first");
  }
  if (!format) {
    // Read again: whoever held the lock may have made it a store meanwhile.
    LOCKSTEP_TRY(format, read_file(path + "/format", 128));
  }
  directory.is_new_ = !format;
  if (!format) {
    if (::getrandom(directory.identity_.data(), directory.identity_.size(), 0) !=
        static_cast<ssize_t>(directory.identity_.size())) {
      return internal_error(path +
                            ": expected random bytes of the system, found: " + system_text());
    }
    return directory;
  }
  if (format->empty()) {
    return config_error(path + "/format: expected a line, found an empty file; restore it");
  }
  LOCKSTEP_TRY(directory.identity_, parse_format(path, *format));
  return directory;
}

Status Directory::clear() const {
  for (const std::string& left : {data_path(), map_path(), path_ + "/format.new"}) {
    if (::unlink(left.c_str()) != 0 && errno != ENOENT) {
      return config_error(left + ": expected to remove it, found: " + system_text());
    }
  }
  return ok();
}

Status Directory::finish_creation() {
  const std::string fresh = path_ + "/format.new";
  const std::string line =
      std::string(kMagic) + std::to_string(kFormatVersion) + " " + text_of(identity_) + "\n";
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      descriptor >= 0 &&
      ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
      ::fsync(descriptor) == 0;
  const std::string reason = system_text();
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  if (!written || ::rename(fresh.c_str(), (path_ + "/format").c_str()) != 0) {
    return config_error(path_ + ": expected room for a small file, found: " + reason);
  }
  LOCKSTEP_TRY(sync_directory(path_));
  is_new_ = false;
  return ok();
}

}  // namespace lockstep::store::detail
