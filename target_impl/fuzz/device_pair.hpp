// Two devices that are given the same commands: they must answer alike, byte for byte. Data-in is
// filled with a different pattern for each beforehand, so memory that a command claims and leaves
// unwritten, which would tell an initiator what was there, shows as a difference.
#pragma once

#include "target_impl/fuzz/input.hpp"
#include "target_impl/scsi/device_server.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace lockstep::fuzz {

struct Answer {
  scsi::Response response;
  std::vector<std::byte> data;
};

class DevicePair {
 public:
  DevicePair();

  void start_nexus(std::uint64_t id);
  void lose_nexus(std::uint64_t id);
  void manage(std::uint64_t nexus, std::uint16_t lun, scsi::TaskManagement function);
  // Runs on both and compares. `comparable`: false where answers differ by design (random tokens,
  // clocks).
  Answer run(std::uint64_t nexus, std::uint16_t lun, const scsi::Command& command,
             bool comparable = true);
  // The volumes of both hold the same.
  void compare_volumes() const;

 private:
  std::array<std::shared_ptr<scsi::DeviceServer>, 2> devices_;
};

// Reads a data-out: two bytes of length, one byte of pattern length, the pattern, repeated.
[[nodiscard]] std::vector<std::byte> read_data_out(Input& input, std::size_t most_bytes);

}  // namespace lockstep::fuzz
