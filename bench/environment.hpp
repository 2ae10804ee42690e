// What the benchmarks run against: a target of this process, reached over TCP on loopback. Started
// by the first benchmark that needs it and kept for the others. Internal; not thread-safe.
#pragma once

#include "model/vocab/error.hpp"
#include "model/vocab/units.hpp"
#include "target_impl/copy/copy_engine.hpp"
#include "target_impl/daemon/target_server.hpp"
#include "target_impl/initiator/initiator.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/store/volume.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace lockstep::bench {

inline constexpr BlockSize kBlockSize{512};

// The content of the source volume's blocks: each tells its own address.
void fill_block(std::span<std::byte> block, Lba lba);
[[nodiscard]] bool is_block(std::span<const std::byte> block, Lba lba);

class Environment {
 public:
  // Above any L3 cache of this class of machines, below what a small machine has free.
  static constexpr std::uint64_t kVolumeBytes = 128ULL << 20;
  static constexpr std::uint16_t kSourceLun = 0;   // filled; never written by a benchmark
  static constexpr std::uint16_t kScratchLun = 1;  // for writes
  static constexpr std::uint16_t kTargetLun = 2;   // for copies
  static constexpr std::uint16_t kCowLun = 3;      // for writes after snapshots

  [[nodiscard]] static Result<std::unique_ptr<Environment>> start();

  [[nodiscard]] Result<std::unique_ptr<initiator::Session>> connect() const;
  [[nodiscard]] copy::Endpoint endpoint(std::uint16_t lun) const;
  [[nodiscard]] store::Volume& volume(std::uint16_t lun) const { return *volumes_[lun]; }
  [[nodiscard]] const std::shared_ptr<store::Pool>& pool() const { return pool_; }

 private:
  Environment() = default;
  std::shared_ptr<store::Pool> pool_;
  std::vector<std::shared_ptr<store::Volume>> volumes_;
  std::unique_ptr<target::TargetServer> server_;
};

}  // namespace lockstep::bench
