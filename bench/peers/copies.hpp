// Copies of a whole LUN to the one behind it, through an initiator. Internal.
#pragma once

#include "bench/peers/contender.hpp"
#include "model/vocab/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lockstep::bench::peers {

// Seconds of wall time. With qemu-img: its start and logins are part of it. Not installed:
// Origin::Config.
[[nodiscard]] Result<double> copy_with_qemu(const Contender& on, const std::string& folder);
// `bypass`: through shared memory where the target offers it, else through TCP.
[[nodiscard]] Result<double> copy_with_engine(const Contender& on, std::uint64_t bytes,
                                              bool bypass);

// Two buffers of `bytes` bytes, which one thread copies: what a copy could be at best without a
// second processor.
class MemoryCopy {
 public:
  explicit MemoryCopy(std::uint64_t bytes) : from_(bytes, std::byte{1}), to_(bytes) {}
  // Seconds.
  [[nodiscard]] double run();

 private:
  std::vector<std::byte> from_;
  std::vector<std::byte> to_;
};

// Whether the two LUNs are equal now, read block by block over iSCSI.
[[nodiscard]] Result<bool> luns_are_equal(const Contender& on, std::uint64_t bytes);

}  // namespace lockstep::bench::peers
