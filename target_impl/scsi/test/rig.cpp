#include "target_impl/scsi/test/rig.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <utility>

namespace lockstep::scsi::test {

Bytes filled(std::size_t bytes, unsigned value) {
  return Bytes(bytes, static_cast<std::byte>(value));
}

std::uint64_t number_at(const Bytes& data, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i != bytes; ++i) {
    value = value << 8 | static_cast<std::uint64_t>(data.at(at + i));
  }
  return value;
}

std::string Answer::verdict() const {
  if (response.status == Status::Good) {
    return "good";
  }
  if (response.status == Status::ReservationConflict) {
    return "conflict";
  }
  if (response.status != Status::CheckCondition) {
    return "status " + std::to_string(static_cast<unsigned>(response.status));
  }
  const auto& sense = response.sense;
  char text[16];
  if ((sense[0] & 0x7f) == 0x72) {
    EXPECT_EQ(sense[7], response.sense_bytes - 8);
    std::snprintf(text, sizeof text, "%x/%02x%02x", sense[1] & 0x0fU, unsigned{sense[2]},
                  unsigned{sense[3]});
    return text;
  }
  EXPECT_EQ(sense[0] & 0x7f, 0x70);
  EXPECT_EQ(sense[7], 10);
  EXPECT_EQ(response.sense_bytes, kSenseBytes);
  std::snprintf(text, sizeof text, "%x/%02x%02x", sense[2] & 0x0fU, unsigned{sense[12]},
                unsigned{sense[13]});
  return text;
}

Rig::Rig(std::uint64_t blocks, std::uint64_t pool_bytes, std::uint32_t block_bytes)
    : pool(store::make_pool(ByteCount{pool_bytes})), unit(new_unit(blocks, block_bytes)) {
  server.add(0, unit);
  server.nexus_started(nexus(1));
  EXPECT_EQ(run({0x00}).verdict(), "6/2900");
}

Rig::Rig(const Adjust& adjust)
    : pool(store::make_pool(ByteCount{64ULL << 20})), unit(new_unit(kBlocks, kBlock, adjust)) {
  server.add(0, unit);
  join(1);
}

void Rig::join(std::uint64_t nexus_id) {
  server.nexus_started(nexus(nexus_id));
  EXPECT_EQ(run_on(nexus_id, 0, {0x00}).verdict(), "6/2900");
}

Nexus Rig::nexus(std::uint64_t id) {
  char isid[16];
  std::snprintf(isid, sizeof isid, "00023d%06x", static_cast<unsigned>(id));
  return {std::string("iqn.2026-11.net.lockstep:initiator,i,0x") + isid,
          "iqn.2026-11.net.lockstep:test,t,0x0001", id};
}

std::shared_ptr<LogicalUnit> Rig::new_unit(std::uint64_t blocks, std::uint32_t block_bytes,
                                           const Adjust& adjust) {
  LogicalUnitOptions options;
  options.naa_identifier = {0x6a, 0xbc, 0xde, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01};
  options.serial_number = "serial-0001";
  if (adjust) {
    adjust(options);
  }
  return std::make_shared<LogicalUnit>(
      std::make_shared<store::Volume>(BlockCount{blocks}, BlockSize{block_bytes}, pool),
      std::move(options));
}

Answer Rig::run(Cdb cdb, const Bytes& out) { return run_on(1, 0, cdb, out); }

Answer Rig::run_on(std::uint64_t nexus_id, std::uint16_t lun, Cdb cdb, const Bytes& out) {
  return run_as(nexus(nexus_id), lun, cdb, out);
}

Answer Rig::run_as(const Nexus& nexus, std::uint16_t lun, Cdb cdb, const Bytes& out) {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t at = 0;
  for (const unsigned byte : cdb) {
    bytes.at(at++) = static_cast<std::uint8_t>(byte);
  }
  return execute(nexus, lun, bytes, out);
}

Answer Rig::run_cdb(std::uint64_t nexus_id, std::uint16_t lun,
                    const std::array<std::uint8_t, 16>& cdb, const Bytes& out) {
  return execute(nexus(nexus_id), lun, cdb, out);
}

Answer Rig::execute(const Nexus& nexus, std::uint16_t lun, const std::array<std::uint8_t, 16>& cdb,
                    const Bytes& out) {
  Command command;
  command.cdb = cdb;
  command.data_out = out;
  command.expected_data_out = static_cast<std::uint32_t>(out.size());
  Answer answer;
  Collector collector(answer);
  server.execute(nexus, lun, command, collector, answer.response);
  EXPECT_LE(answer.claims, 1);
  return answer;
}

Bytes Rig::content(std::uint64_t first, std::uint64_t blocks) const {
  Bytes out(blocks * unit->volume().block_size().bytes);
  unit->volume().read(Lba{first}, out);
  return out;
}

void Rig::put(std::uint64_t first, const Bytes& data) {
  EXPECT_EQ(unit->volume().write(Lba{first}, data), store::WriteResult::Done);
}

}  // namespace lockstep::scsi::test
