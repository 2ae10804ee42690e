#include "target_impl/daemon/configuration/small_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace lockstep::target {

transport::FileDescriptor open_small_file(const std::string& path) {
  return transport::FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

std::optional<std::size_t> read_small_file(const transport::FileDescriptor& file,
                                           std::span<char> into) {
  std::size_t bytes = 0;
  while (bytes != into.size()) {
    const ssize_t got = ::read(file.get(), into.data() + bytes, into.size() - bytes);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return std::nullopt;
    }
    if (got == 0) {
      break;
    }
    bytes += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<std::string> read_small_text(const std::string& path, std::size_t limit_kib,
                                    const std::string& what) {
  std::string text(limit_kib * 1024, '\0');
  const auto file = open_small_file(path);
  const auto bytes = file ? read_small_file(file, text) : std::nullopt;
  if (!bytes) {
    return config_error(what + ": expected a file that can be read: " + std::strerror(errno));
  }
  if (*bytes == text.size()) {
    return config_error(what + ": expected less than " + std::to_string(limit_kib) + " KiB");
  }
  text.resize(*bytes);
  return text;
}

}  // namespace lockstep::target
