// The data file on a file system.
#include "target_impl/store/durable/metadata.hpp"
#include "target_impl/store/durable/storage.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace lockstep::store::detail {

namespace {

class DataFile final : public Storage {
 public:
  explicit DataFile(int descriptor) noexcept : descriptor_(descriptor) {}
  ~DataFile() override { ::close(descriptor_); }
  DataFile(const DataFile&) = delete;
  DataFile& operator=(const DataFile&) = delete;

  int read(std::uint64_t offset, std::span<std::byte> out) noexcept override {
    while (!out.empty()) {
      const ssize_t got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got <= 0) {
        return got == 0 ? EIO : errno;
      }
      offset += static_cast<std::uint64_t>(got);
      out = out.subspan(static_cast<std::size_t>(got));
    }
    return 0;
  }

  int write(std::uint64_t offset,
            std::span<const std::span<const std::byte>> pieces) noexcept override {
    std::size_t done_of_first = 0;
    while (!pieces.empty()) {
      std::array<iovec, 16> vectors{};
      std::size_t count = 0;
      for (; count != vectors.size() && count != pieces.size(); ++count) {
        const auto piece = pieces[count].subspan(count == 0 ? done_of_first : 0);
        // The interface of the system takes a mutable pointer and only reads from it.
        vectors[count] = {const_cast<std::byte*>(piece.data()), piece.size()};
      }
      const ssize_t put = ::pwritev(descriptor_, vectors.data(), static_cast<int>(count),
                                    static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) {
        continue;
      }
      if (put <= 0) {
        return put == 0 ? ENOSPC : errno;
      }
      offset += static_cast<std::uint64_t>(put);
      done_of_first += static_cast<std::size_t>(put);
      while (!pieces.empty() && done_of_first >= pieces.front().size()) {
        done_of_first -= pieces.front().size();
        pieces = pieces.subspan(1);
      }
    }
    return 0;
  }

  int sync() noexcept override { return ::fdatasync(descriptor_) == 0 ? 0 : errno; }

  int allocate(std::uint64_t offset, std::uint64_t bytes) noexcept override {
    if (::fallocate(descriptor_, 0, static_cast<off_t>(offset), static_cast<off_t>(bytes)) == 0) {
      return 0;
    }
    if (errno != EOPNOTSUPP) {
      return errno;
    }
    // Without reservations a full disk shows when a commit writes.
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) {
      return errno;
    }
    const auto end = static_cast<off_t>(offset + bytes);
    return status.st_size >= end || ::ftruncate(descriptor_, end) == 0 ? 0 : errno;
  }

  void punch(std::uint64_t offset, std::uint64_t bytes) noexcept override {
    (void)::fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                      static_cast<off_t>(offset), static_cast<off_t>(bytes));
  }

  int publish(Transaction& transaction) noexcept override { return transaction.commit(); }

 private:
  const int descriptor_;
};

}  // namespace

Result<std::unique_ptr<Storage>> open_data_file(const std::string& path, std::uint64_t& bytes) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    const int reason = descriptor < 0 || errno != 0 ? errno : EINVAL;
    if (descriptor >= 0) {
      ::close(descriptor);
    }
    return config_error(path + ": expected a file that can be read and written, found: " +
                        std::strerror(reason) + "; check owner and permissions");
  }
  bytes = static_cast<std::uint64_t>(status.st_size);
  return std::unique_ptr<Storage>(std::make_unique<DataFile>(descriptor));
}

}  // namespace lockstep::store::detail
