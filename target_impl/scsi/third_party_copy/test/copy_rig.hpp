// Target devices with several logical units and a table of tokens whose clock the test turns,
// driven by raw CDBs; and builders for the parameter lists of copies, each with a way to spoil any
// byte.
#pragma once

#include "target_impl/scsi/device_server.hpp"
#include "target_impl/scsi/logical_unit.hpp"
#include "target_impl/scsi/test/rig.hpp"
#include "target_impl/scsi/third_party_copy/rod_tokens.hpp"
#include "target_impl/store/volume.hpp"

#include <bitset>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lockstep::scsi::test {

// Puts a big-endian number; the list grows as needed.
void put_at(Bytes& list, std::size_t at, std::size_t bytes, std::uint64_t value);
// Content that differs from block to block and from seed to seed.
[[nodiscard]] Bytes pattern(std::size_t bytes, unsigned seed);

// The verdict, and what the sense data points at: "5/2600 list 14", "5/2400 cdb 2",
// "a/0000 segment 1 byte 12".
[[nodiscard]] std::string fault(const Answer& answer);

struct Range {
  std::uint64_t first;
  std::uint64_t count;
};

// POPULATE TOKEN.
struct TokenWish {
  std::vector<Range> ranges;
  std::uint64_t inactivity_s = 0;
  std::uint64_t rod_type = 0;  // 0: RTV is not set
  bool immediate = false;
};
[[nodiscard]] Bytes populate_list(const TokenWish& wish);

// WRITE USING TOKEN.
struct TokenUse {
  Bytes token;
  std::vector<Range> ranges;
  std::uint64_t offset = 0;
  bool immediate = false;
  bool delete_token = false;
};
[[nodiscard]] Bytes write_list(const TokenUse& use);

// EXTENDED COPY(LID1).
struct Segment {
  std::uint8_t type = 0x02;
  std::uint16_t source = 0;
  std::uint16_t destination = 1;
  std::uint64_t count = 0;  // blocks (02h) or bytes (0Ah)
  std::uint64_t source_lba = 0;
  std::uint64_t destination_lba = 0;
  std::uint16_t source_offset = 0;
  std::uint16_t destination_offset = 0;
  bool by_destination = false;
  bool keep_rest = false;
};
[[nodiscard]] Bytes segment_bytes_of(const Segment& segment);
struct CopyList {
  std::uint8_t list_identifier = 1;
  std::uint8_t usage = 0;
  std::vector<Bytes> cscds;
  std::vector<Bytes> segments;
  std::uint32_t inline_bytes = 0;
};
[[nodiscard]] Bytes extended_copy_list(const CopyList& list);

class CopyRig {
 public:
  static constexpr std::uint64_t kBlocks = 4096;      // of LUN 0 and LUN 1, 512 bytes each
  static constexpr std::uint64_t kLargeBlocks = 512;  // of LUN 2, 4096 bytes each

  explicit CopyRig(const CopyLimits& limits = {}, std::uint64_t pool_bytes = 64ULL << 20);

  // The logical unit's designator as a CSCD.
  [[nodiscard]] static Bytes cscd(std::uint16_t lun, bool pads = false);
  [[nodiscard]] static Nexus nexus(std::uint64_t id);

  Answer run_on(DeviceServer& device, std::uint64_t nexus_id, std::uint16_t lun, Cdb cdb,
                const Bytes& out = {});
  Answer run(std::uint16_t lun, Cdb cdb, const Bytes& out = {}) {
    return run_on(device, 1, lun, cdb, out);
  }

  Answer extended_copy(const Bytes& list, std::uint16_t lun = 0);
  // With CSCDs 0, 1 and 2 for LUNs 0, 1 and 2.
  Answer copy(const std::vector<Segment>& segments, std::uint8_t usage = 0);
  Answer populate(const Bytes& list, std::uint16_t lun = 0, std::uint32_t list_identifier = 1);
  Answer write_token(const Bytes& list, std::uint16_t lun = 1, std::uint32_t list_identifier = 2);
  // RECEIVE ROD TOKEN INFORMATION.
  Answer token_information(std::uint16_t lun, std::uint32_t list_identifier);
  // The token of a POPULATE TOKEN that is expected to succeed.
  Bytes token_for(const TokenWish& wish, std::uint16_t lun = 0);

  [[nodiscard]] Bytes content(std::uint16_t lun, std::uint64_t first, std::uint64_t blocks);
  void put(std::uint16_t lun, std::uint64_t first, const Bytes& data);
  [[nodiscard]] LogicalUnit& unit(std::uint16_t lun) { return *units.at(lun); }
  [[nodiscard]] std::uint64_t used() const { return store::used_of(*pool).value; }

  void turn_clock(std::chrono::seconds by) { now += by; }

  std::bitset<kMaxLuns> hidden;  // from nexus 1
  RodTokens::Instant now{std::chrono::hours(1)};
  std::shared_ptr<store::Pool> pool;
  std::shared_ptr<RodTokens> tokens;
  DeviceServer device;
  DeviceServer other_device;  // shares the tokens; LUN 0 has kBlocks of 512 bytes
  std::vector<std::shared_ptr<LogicalUnit>> units;
  std::shared_ptr<LogicalUnit> other_unit;
};

}  // namespace lockstep::scsi::test
