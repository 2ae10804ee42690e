// The memory of one connection between two processes: two rings and what the two ends tell each
// other.
//
// It lives in an anonymous file whose size is sealed, so that neither process can take the memory
// away from under the other.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/transport/bypass/byte_ring.hpp"
#include "target_impl/transport/file_descriptor.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace lockstep::transport::bypass {

// What one end waits for while it sleeps; bits.
inline constexpr std::uint32_t kForBytes = 1;
inline constexpr std::uint32_t kForSpace = 2;
// The server's word to a client that announced nothing, and has been rung for all the same.
inline constexpr std::uint32_t kRungUnasked = 4;

// What one end tells the other of itself.
struct alignas(kCacheLine) EndState {
  std::atomic<std::uint32_t> sleeps{0};     // what for; kForBytes, kForSpace
  std::atomic<std::uint32_t> processor{0};  // that it was last seen on, + 1
};

// Zeros: nothing has been sent, and nobody sleeps.
struct SharedState {
  RingCounters to_server;
  RingCounters to_client;
  EndState server;
  EndState client;
};

class Segment {
 public:
  // `ring_bytes`, of each direction: a power of two from kLeastRing to kMostRing.
  [[nodiscard]] static Result<Segment> create(std::size_t ring_bytes);
  // What another process has created. Anything but a sealed segment: Origin::Transport.
  [[nodiscard]] static Result<Segment> map(FileDescriptor file);
  Segment(Segment&& other) noexcept;
  Segment& operator=(Segment&&) = delete;
  ~Segment();

  [[nodiscard]] int descriptor() const noexcept { return file_.get(); }
  // The memory stays.
  void close_descriptor() noexcept { file_.reset(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return memory_.size(); }
  [[nodiscard]] SharedState& state() const noexcept;
  [[nodiscard]] std::span<std::byte> to_server() const noexcept;
  [[nodiscard]] std::span<std::byte> to_client() const noexcept;

  static constexpr std::size_t kLeastRing = 4096;
  static constexpr std::size_t kMostRing = std::size_t{64} << 20;

 private:
  Segment(FileDescriptor file, std::span<std::byte> memory) noexcept
      : file_(std::move(file)), memory_(memory) {}
  [[nodiscard]] static Result<Segment> map_whole(FileDescriptor file, std::size_t bytes);

  FileDescriptor file_;
  std::span<std::byte> memory_;
};

}  // namespace lockstep::transport::bypass
