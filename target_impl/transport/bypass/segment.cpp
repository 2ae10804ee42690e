#include "target_impl/transport/bypass/segment.hpp"

#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>

namespace lockstep::transport::bypass {
namespace {

// The state has the first page; the rings follow.
constexpr std::size_t kStateBytes = 4096;
static_assert(sizeof(SharedState) <= kStateBytes);
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

bool is_ring_size(std::size_t bytes) {
  return std::has_single_bit(bytes) && bytes >= Segment::kLeastRing && bytes <= Segment::kMostRing;
}

Error system_error(const char* what) {
  return transport_error(std::string("bypass: expected memory to share, found: ") + what + ": " +
                         std::strerror(errno));
}

}  // namespace

Result<Segment> Segment::create(std::size_t ring_bytes) {
  if (!is_ring_size(ring_bytes)) {
    return usage_error(
        "bypass: expected a ring of a power of two of bytes, 4 KiB to 64 MiB, found " +
        std::to_string(ring_bytes));
  }
  const std::size_t bytes = kStateBytes + 2 * ring_bytes;
  FileDescriptor file(::memfd_create("lockstep-bypass", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  // Memory now, or an error now: a page that cannot be had later would be the end of the process.
  if (!file || ::fallocate(file.get(), 0, 0, static_cast<off_t>(bytes)) != 0 ||
      ::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) {
    return system_error("making it");
  }
  return map_whole(std::move(file), bytes);
}

Result<Segment> Segment::map(FileDescriptor file) {
  struct stat status {};
  const int seals = ::fcntl(file.get(), F_GET_SEALS);
  if (seals < 0 || ::fstat(file.get(), &status) != 0) {
    return system_error("looking at what came");
  }
  const auto bytes = static_cast<std::size_t>(status.st_size);
  if ((seals & kSeals) != kSeals || bytes < kStateBytes ||
      !is_ring_size((bytes - kStateBytes) / 2) || (bytes - kStateBytes) % 2 != 0) {
    return transport_error("bypass: expected a sealed segment with two rings, found a file of " +
                           std::to_string(bytes) + " bytes with seals " + std::to_string(seals));
  }
  return map_whole(std::move(file), bytes);
}

Result<Segment> Segment::map_whole(FileDescriptor file, std::size_t bytes) {
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (at == MAP_FAILED) {
    return system_error("mapping it");
  }
  return Segment(std::move(file), {static_cast<std::byte*>(at), bytes});
}

Segment::Segment(Segment&& other) noexcept
    : file_(std::move(other.file_)), memory_(std::exchange(other.memory_, {})) {}

Segment::~Segment() {
  if (!memory_.empty()) {
    ::munmap(memory_.data(), memory_.size());
  }
}

// A fresh file is all zeros, which is what the initial state consists of.
SharedState& Segment::state() const noexcept {
  return *std::launder(reinterpret_cast<SharedState*>(memory_.data()));
}

std::span<std::byte> Segment::to_server() const noexcept {
  return memory_.subspan(kStateBytes, (memory_.size() - kStateBytes) / 2);
}

std::span<std::byte> Segment::to_client() const noexcept {
  return memory_.last((memory_.size() - kStateBytes) / 2);
}

}  // namespace lockstep::transport::bypass
