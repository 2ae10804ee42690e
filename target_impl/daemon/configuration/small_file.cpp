#include "target_impl/daemon/configuration/small_file.hpp"

#include <cerrno>
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

}  // namespace lockstep::target
