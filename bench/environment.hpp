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

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::bench {

inline constexpr BlockSize kBlockSize{512};

// The content of the source volume's blocks: each tells its own address.
void fill_block(std::span<std::byte> block, Lba lba);
[[nodiscard]] bool is_block(std::span<const std::byte> block, Lba lba);

// What a benchmark leaves behind beside its counters; of its last repetition.
struct Detail {
  std::map<std::string, double> percentiles_us;  // of single requests, by percent
  std::vector<double> progress;                  // bytes moved in each Progress::kInterval
};

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
  [[nodiscard]] std::string portal() const { return server_->portal(); }
  [[nodiscard]] const std::string& target_name() const noexcept;
  // That the target's thread has made so far, for its transports.
  [[nodiscard]] std::uint64_t target_system_calls() const noexcept {
    return server_->system_calls();
  }
  // Sessions that are logged in and do nothing: exactly so many from now on.
  [[nodiscard]] Status keep_idle_sessions(std::size_t count);

  // Of one repetition, where a benchmark does not leave that to Google Benchmark.
  std::chrono::milliseconds duration{300};
  Detail detail;

 private:
  Environment() = default;
  std::shared_ptr<store::Pool> pool_;
  std::vector<std::shared_ptr<store::Volume>> volumes_;
  std::unique_ptr<target::TargetServer> server_;
  std::vector<std::unique_ptr<initiator::Session>> idle_;
};

}  // namespace lockstep::bench
