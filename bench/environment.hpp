// What the benchmarks run against: a target of this process, reached over TCP on loopback, or a LUN
// of somebody else's for loads and somebody else's replication service for replicas. Started by the
// first benchmark that needs it and kept for the others. Internal; not thread-safe.
#pragma once

#include "bench/load/wire.hpp"
#include "bench/measure.hpp"
#include "bench/subject.hpp"
#include "model/port/data_path.hpp"
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
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lockstep::bench {

inline constexpr BlockSize kBlockSize{512};

// The content of the source volume's blocks: each tells its own address.
void fill_block(std::span<std::byte> block, Lba lba);
[[nodiscard]] bool is_block(std::span<const std::byte> block, Lba lba);

// Of iscsi://host[:port]/iqn/lun. A LUN above 255, or no such URL: Origin::Usage.
[[nodiscard]] Result<load::Address> address_at(const std::string& url);

// What a benchmark leaves behind beside its counters; of its last repetition.
struct Detail {
  std::map<std::string, double> percentiles_us;  // of single requests, by percent
  std::vector<double> progress;                  // bytes moved in each interval
  std::chrono::milliseconds interval = Progress::kInterval;
};

class FarSystem;

class Environment {
 public:
  // Above any L3 cache of this class of machines, below what a small machine has free.
  static constexpr std::uint64_t kVolumeBytes = 128ULL << 20;
  static constexpr std::uint16_t kSourceLun = 0;   // filled; never written by a benchmark
  static constexpr std::uint16_t kScratchLun = 1;  // for writes
  static constexpr std::uint16_t kTargetLun = 2;   // for copies
  static constexpr std::uint16_t kCowLun = 3;      // for writes after snapshots

  // A LUN that is too small, or not there: an Error.
  [[nodiscard]] static Result<std::unique_ptr<Environment>> start(const Subject& subject = {});

  // For loads: to the target whose LUNs the next three name.
  [[nodiscard]] Result<std::unique_ptr<initiator::Session>> connect() const;
  // Where to read what fill_block() writes, and where to write, in blocks of that size. The first
  // kVolumeBytes of each are the load's.
  [[nodiscard]] Result<load::Address> source();
  [[nodiscard]] Result<load::Address> scratch();
  [[nodiscard]] BlockSize block_size() const noexcept { return block_size_; }
  // False: somebody else's LUN that is not to be written, so that its content is not known.
  [[nodiscard]] bool is_filled() const noexcept { return !lun_ || lun_->may_write; }
  // What the scratch place holds from that byte on, past the load's own connection.
  [[nodiscard]] Status read_scratch(std::uint64_t offset, std::span<std::byte> out);
  // Whether the loads go to a target of this process.
  [[nodiscard]] bool has_own_target() const noexcept { return !lun_; }

  // The service to measure: a reference of the caller's own, or somebody else's.
  [[nodiscard]] Result<std::shared_ptr<Provider>> service() const;

  // The rest is about the target of this process.
  [[nodiscard]] copy::Endpoint endpoint(std::uint16_t lun) const;
  [[nodiscard]] store::Volume& volume(std::uint16_t lun) const { return *volumes_[lun]; }
  [[nodiscard]] const std::shared_ptr<store::Pool>& pool() const { return pool_; }
  // That the target's thread has made so far, for its transports; 0 where it is not ours.
  [[nodiscard]] std::uint64_t target_system_calls() const noexcept {
    return lun_ ? 0 : server_->system_calls();
  }
  // Sessions that are logged in and do nothing: exactly so many from now on.
  [[nodiscard]] Status keep_idle_sessions(std::size_t count);

  // Of one repetition, where a benchmark does not leave that to Google Benchmark.
  std::chrono::milliseconds duration{300};
  Detail detail;
  // Null: no case asked for it.
  FarSystem* far_system = nullptr;

 private:
  // A LUN of somebody else's, source and scratch in one.
  struct OutsideLun {
    load::Address address;
    std::unique_ptr<DataPath> path;
    bool may_write = false;
    bool is_filled = false;
  };

  Environment() = default;
  [[nodiscard]] Status start_own_target();
  [[nodiscard]] Status reach(const DataLun& lun);
  [[nodiscard]] Status fill_outside_lun();
  [[nodiscard]] load::Address own_address(std::uint16_t lun) const;

  Subject subject_;
  std::optional<OutsideLun> lun_;
  BlockSize block_size_ = kBlockSize;
  std::shared_ptr<store::Pool> pool_;
  std::vector<std::shared_ptr<store::Volume>> volumes_;
  std::unique_ptr<target::TargetServer> server_;
  std::vector<std::unique_ptr<initiator::Session>> idle_;
};

}  // namespace lockstep::bench
