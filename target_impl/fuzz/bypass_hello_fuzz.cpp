// Both words of the rendezvous: what a visitor says to the server, and the file that a server hands
// to its client.
#include "target_impl/fuzz/input.hpp"
#include "target_impl/transport/bypass/rendezvous_message.hpp"
#include "target_impl/transport/bypass/segment.hpp"

#include <algorithm>
#include <cstdint>
#include <fcntl.h>
#include <span>
#include <sys/mman.h>

namespace {

namespace bypass = lockstep::transport::bypass;

using lockstep::fuzz::expect;
using lockstep::fuzz::Input;

// What is understood is understood in one way only.
void read_hello(std::span<const std::byte> said) {
  if (const auto asked = bypass::read_hello(said)) {
    const bypass::Hello again = bypass::write_hello(*asked);
    expect(std::equal(again.begin(), again.end(), said.begin(), said.end()),
           "a hello that is understood says just that");
  }
}

// A file of any size with any seals: refused, or one whose size cannot change any more.
void map_file(std::uint32_t size, unsigned seals) {
  constexpr std::uint32_t kMostBytes = 1 << 20;
  lockstep::transport::FileDescriptor file(::memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const auto bytes = static_cast<off_t>(size % kMostBytes);
  if (!file || ::ftruncate(file.get(), bytes) != 0) return;
  if (::fcntl(file.get(), F_ADD_SEALS, static_cast<int>(seals & 0x1FU)) != 0) return;
  const int copy = ::dup(file.get());
  const auto mapped = bypass::Segment::map(lockstep::transport::FileDescriptor(copy));
  if (!mapped) return;
  expect(::ftruncate(file.get(), 0) != 0, "memory that is used cannot be taken away");
  expect(mapped.value().bytes() == static_cast<std::size_t>(bytes), "all of the file is mapped");
  expect(mapped.value().to_server().size() == mapped.value().to_client().size(),
         "both directions have a ring of the same size");
  // All of it is there to be read and written.
  for (const auto ring : {mapped.value().to_server(), mapped.value().to_client()}) {
    ring.front() = std::byte{1};
    ring.back() = ring.front();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto said = std::as_bytes(std::span(data, size));
  read_hello(said);
  Input input(data, size);
  const unsigned kind = input.byte();
  const std::uint32_t odd = input.number(4);
  // Sizes that are right, too: the state and two rings of a power of two.
  const std::uint32_t right = 4096 + (8192U << (odd % 7));
  map_file((kind & 0x80U) != 0 ? right : odd, kind);
  return 0;
}
