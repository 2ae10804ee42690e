// A device server with one logical unit and one nexus, driven by raw CDBs.
#pragma once

#include "target_impl/scsi/device_server.hpp"
#include "target_impl/scsi/logical_unit.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lockstep::scsi::test {

using Bytes = std::vector<std::byte>;
using Cdb = std::initializer_list<unsigned>;

inline constexpr std::uint32_t kBlock = 512;

[[nodiscard]] Bytes filled(std::size_t bytes, unsigned value);
[[nodiscard]] std::uint64_t number_at(const Bytes& data, std::size_t at, std::size_t bytes);

struct Answer {
  Response response;
  Bytes data;
  int claims = 0;

  [[nodiscard]] bool good() const { return response.status == Status::Good; }
  // "good", "conflict" or key/additional sense in hex, as in "5/2400".
  [[nodiscard]] std::string verdict() const;
};

// Takes a command's data-in into its answer.
class Collector : public DataIn {
 public:
  explicit Collector(Answer& answer) : answer_(answer) {}
  std::span<std::byte> claim(std::size_t bytes) override {
    ++answer_.claims;
    // A pattern that no answer consists of, so that bytes left unfilled show.
    answer_.data.assign(bytes, std::byte{0xc5});
    return answer_.data;
  }

 private:
  Answer& answer_;
};

class Rig {
 public:
  static constexpr std::uint64_t kBlocks = 4096;

  // The nexus's power-on attention is consumed already.
  explicit Rig(std::uint64_t blocks = kBlocks, std::uint64_t pool_bytes = 64ULL << 20,
               std::uint32_t block_bytes = kBlock);

  using Adjust = std::function<void(LogicalUnitOptions&)>;
  // A logical unit of kBlocks with other options.
  explicit Rig(const Adjust& adjust);

  // Each of its own initiator port, all through the same target port.
  [[nodiscard]] static Nexus nexus(std::uint64_t id);
  // Another session; its power-on attention is consumed already.
  void join(std::uint64_t nexus_id);
  [[nodiscard]] std::shared_ptr<LogicalUnit> new_unit(std::uint64_t blocks,
                                                      std::uint32_t block_bytes = kBlock,
                                                      const Adjust& adjust = {});

  // EDTL is the size of `out`.
  Answer run(Cdb cdb, const Bytes& out = {});
  Answer run_cdb(std::uint64_t nexus_id, std::uint16_t lun, const std::array<std::uint8_t, 16>& cdb,
                 const Bytes& out);
  Answer run_on(std::uint64_t nexus_id, std::uint16_t lun, Cdb cdb, const Bytes& out = {});
  Answer run_as(const Nexus& nexus, std::uint16_t lun, Cdb cdb, const Bytes& out = {});

  [[nodiscard]] Bytes content(std::uint64_t first, std::uint64_t blocks) const;
  void put(std::uint64_t first, const Bytes& data);

  std::shared_ptr<store::Pool> pool;
  DeviceServer server{"iqn.2026-11.net.lockstep:test"};
  std::shared_ptr<LogicalUnit> unit;

 private:
  Answer execute(const Nexus& nexus, std::uint16_t lun, const std::array<std::uint8_t, 16>& cdb,
                 const Bytes& out);
};

}  // namespace lockstep::scsi::test
