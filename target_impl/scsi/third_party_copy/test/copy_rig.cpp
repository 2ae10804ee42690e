#include "target_impl/scsi/third_party_copy/test/copy_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace lockstep::scsi::test {

namespace {

std::array<std::uint8_t, 16> identifier_of(std::uint16_t lun) {
  return {0x6a, 0xbc, 0xde, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, static_cast<std::uint8_t>(lun)};
}

void append_ranges(Bytes& list, std::size_t length_at, const std::vector<Range>& ranges) {
  put_at(list, length_at, 2, 16 * ranges.size());
  for (std::size_t i = 0; i != ranges.size(); ++i) {
    const std::size_t at = length_at + 2 + 16 * i;
    put_at(list, at, 8, ranges[i].first);
    put_at(list, at + 8, 4, ranges[i].count);
    put_at(list, at + 12, 4, 0);
  }
}

unsigned byte_of(std::uint64_t value, unsigned byte) {
  return static_cast<unsigned>(value >> (8 * byte) & 0xff);
}

}  // namespace

void put_at(Bytes& list, std::size_t at, std::size_t bytes, std::uint64_t value) {
  list.resize(std::max(list.size(), at + bytes));
  for (std::size_t i = bytes; i != 0; --i, value >>= 8) {
    list[at + i - 1] = static_cast<std::byte>(value & 0xff);
  }
}

Bytes pattern(std::size_t bytes, unsigned seed) {
  Bytes out(bytes);
  for (std::size_t i = 0; i != bytes; ++i) {
    out[i] = static_cast<std::byte>((i / 512 * 7 + i + seed) % 251 + 1);
  }
  return out;
}

std::string fault(const Answer& answer) {
  if (answer.response.status == Status::ReservationConflict) {
    return "conflict";
  }
  std::string text = answer.verdict();
  const auto& sense = answer.response.sense;
  if (answer.response.status != Status::CheckCondition || (sense[15] & 0x80) == 0) {
    return text;
  }
  const std::string at = std::to_string(sense[16] << 8 | sense[17]);
  if ((sense[15] & 0x40) != 0) {
    return text + " cdb " + at;
  }
  if ((sense[15] & 0x20) != 0) {
    return text + " segment " + std::to_string(sense[10] << 8 | sense[11]) + " byte " + at;
  }
  return text + " list " + at;
}

Bytes populate_list(const TokenWish& wish) {
  Bytes list(16);
  put_at(list, 2, 1, (wish.rod_type != 0 ? 2U : 0U) | (wish.immediate ? 1U : 0U));
  put_at(list, 4, 4, wish.inactivity_s);
  put_at(list, 8, 4, wish.rod_type);
  append_ranges(list, 14, wish.ranges);
  put_at(list, 0, 2, list.size() - 2);
  return list;
}

Bytes write_list(const TokenUse& use) {
  Bytes list(16);
  put_at(list, 2, 1, (use.delete_token ? 2U : 0U) | (use.immediate ? 1U : 0U));
  put_at(list, 8, 8, use.offset);
  list.insert(list.end(), use.token.begin(), use.token.end());
  list.resize(534);
  append_ranges(list, 534, use.ranges);
  put_at(list, 0, 2, list.size() - 2);
  return list;
}

Bytes segment_bytes_of(const Segment& segment) {
  const bool in_bytes = segment.type == 0x0a;
  Bytes bytes(in_bytes ? 32 : 28);
  put_at(bytes, 0, 1, segment.type);
  put_at(bytes, 1, 1, (segment.by_destination ? 2U : 0U) | (segment.keep_rest ? 1U : 0U));
  put_at(bytes, 2, 2, bytes.size() - 4);
  put_at(bytes, 4, 2, segment.source);
  put_at(bytes, 6, 2, segment.destination);
  put_at(bytes, in_bytes ? 8 : 10, in_bytes ? 4 : 2, segment.count);
  put_at(bytes, 12, 8, segment.source_lba);
  put_at(bytes, 20, 8, segment.destination_lba);
  if (in_bytes) {
    put_at(bytes, 28, 2, segment.source_offset);
    put_at(bytes, 30, 2, segment.destination_offset);
  }
  return bytes;
}

Bytes extended_copy_list(const CopyList& from) {
  Bytes list(16);
  put_at(list, 0, 1, from.list_identifier);
  put_at(list, 1, 1, from.usage << 3);
  put_at(list, 12, 4, from.inline_bytes);
  for (const Bytes& cscd : from.cscds) {
    list.insert(list.end(), cscd.begin(), cscd.end());
  }
  put_at(list, 2, 2, list.size() - 16);
  const std::size_t before = list.size();
  for (const Bytes& segment : from.segments) {
    list.insert(list.end(), segment.begin(), segment.end());
  }
  put_at(list, 8, 4, list.size() - before);
  return list;
}

CopyRig::CopyRig(const CopyLimits& limits, std::uint64_t pool_bytes)
    : pool(store::make_pool(ByteCount{pool_bytes})),
      tokens(std::make_shared<RodTokens>(limits, [this] { return now; })),
      device("iqn.2026-11.net.lockstep:copies", tokens),
      other_device("iqn.2026-11.net.lockstep:elsewhere", tokens) {
  const auto make = [this](std::uint16_t number, std::uint64_t blocks, std::uint32_t block_bytes) {
    LogicalUnitOptions options;
    options.naa_identifier = identifier_of(number);
    options.serial_number = std::to_string(number);
    return std::make_shared<LogicalUnit>(
        std::make_shared<store::Volume>(BlockCount{blocks}, BlockSize{block_bytes}, pool),
        std::move(options));
  };
  units = {make(0, kBlocks, 512), make(1, kBlocks, 512), make(2, kLargeBlocks, 4096)};
  for (std::uint16_t lun = 0; lun != units.size(); ++lun) {
    device.add(lun, units[lun]);
  }
  other_unit = make(9, kBlocks, 512);
  other_device.add(0, other_unit);
  // The power-on attentions are not what these tests are about.
  for (const std::uint64_t id : {std::uint64_t{1}, std::uint64_t{2}}) {
    device.nexus_started(nexus(id));
    other_device.nexus_started(nexus(id));
    for (std::uint16_t lun = 0; lun != units.size(); ++lun) {
      run_on(device, id, lun, {0x00});
    }
    run_on(other_device, id, 0, {0x00});
  }
}

Bytes CopyRig::cscd(std::uint16_t lun, bool pads) {
  Bytes bytes(32);
  put_at(bytes, 0, 1, 0xe4);
  put_at(bytes, 4, 1, 1);
  put_at(bytes, 5, 1, 3);
  put_at(bytes, 7, 1, 16);
  const auto identifier = identifier_of(lun);
  for (std::size_t i = 0; i != identifier.size(); ++i) {
    put_at(bytes, 8 + i, 1, identifier[i]);
  }
  put_at(bytes, 28, 1, pads ? 4 : 0);
  put_at(bytes, 29, 3, lun == 2 ? 4096 : 512);
  return bytes;
}

Nexus CopyRig::nexus(std::uint64_t id) {
  Nexus nexus;
  nexus.initiator_port = "iqn.2026-11.net.lockstep:host,i,0x00023d00000" + std::to_string(id);
  nexus.target_port = "iqn.2026-11.net.lockstep:copies,t,0x0001";
  nexus.id = id;
  return nexus;
}

Answer CopyRig::run_on(DeviceServer& on, std::uint64_t nexus_id, std::uint16_t lun, Cdb cdb,
                       const Bytes& out) {
  Command command;
  std::size_t at = 0;
  for (const unsigned byte : cdb) {
    command.cdb.at(at++) = static_cast<std::uint8_t>(byte);
  }
  command.data_out = out;
  command.expected_data_out = static_cast<std::uint32_t>(out.size());
  Answer answer;
  Collector collector(answer);
  Nexus from = nexus(nexus_id);
  if (nexus_id == 1) {
    from.hidden_luns = hidden;
  }
  on.execute(from, lun, command, collector, answer.response);
  EXPECT_LE(answer.claims, 1);
  return answer;
}

Answer CopyRig::extended_copy(const Bytes& list, std::uint16_t lun) {
  return run(lun,
             {0x83, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte_of(list.size(), 3), byte_of(list.size(), 2),
              byte_of(list.size(), 1), byte_of(list.size(), 0)},
             list);
}

Answer CopyRig::copy(const std::vector<Segment>& segments, std::uint8_t usage) {
  CopyList list;
  list.usage = usage;
  list.list_identifier = usage == 3 ? 0 : 1;
  list.cscds = {cscd(0), cscd(1), cscd(2)};
  for (const Segment& segment : segments) {
    list.segments.push_back(segment_bytes_of(segment));
  }
  return extended_copy(extended_copy_list(list));
}

Answer CopyRig::populate(const Bytes& list, std::uint16_t lun, std::uint32_t list_identifier) {
  return run(lun,
             {0x83, 0x10, 0, 0, 0, 0, byte_of(list_identifier, 3), byte_of(list_identifier, 2),
              byte_of(list_identifier, 1), byte_of(list_identifier, 0), byte_of(list.size(), 3),
              byte_of(list.size(), 2), byte_of(list.size(), 1), byte_of(list.size(), 0)},
             list);
}

Answer CopyRig::write_token(const Bytes& list, std::uint16_t lun, std::uint32_t list_identifier) {
  return run(lun,
             {0x83, 0x11, 0, 0, 0, 0, byte_of(list_identifier, 3), byte_of(list_identifier, 2),
              byte_of(list_identifier, 1), byte_of(list_identifier, 0), byte_of(list.size(), 3),
              byte_of(list.size(), 2), byte_of(list.size(), 1), byte_of(list.size(), 0)},
             list);
}

Answer CopyRig::token_information(std::uint16_t lun, std::uint32_t list_identifier) {
  return run(lun,
             {0x84, 0x07, byte_of(list_identifier, 3), byte_of(list_identifier, 2),
              byte_of(list_identifier, 1), byte_of(list_identifier, 0), 0, 0, 0, 0, 0, 0, 4, 0});
}

Bytes CopyRig::token_for(const TokenWish& wish, std::uint16_t lun) {
  constexpr std::uint32_t kListIdentifier = 77;
  EXPECT_EQ(fault(populate(populate_list(wish), lun, kListIdentifier)), "good");
  const Bytes data = token_information(lun, kListIdentifier).data;
  EXPECT_EQ(data.size(), 550U);
  Bytes token = data;
  token.erase(token.begin(), token.begin() + static_cast<std::ptrdiff_t>(data.size() - 512));
  return token;
}

Bytes CopyRig::content(std::uint16_t lun, std::uint64_t first, std::uint64_t blocks) {
  store::Volume& volume = unit(lun).volume();
  Bytes out(blocks * volume.block_size().bytes);
  volume.read(Lba{first}, out);
  return out;
}

void CopyRig::put(std::uint16_t lun, std::uint64_t first, const Bytes& data) {
  EXPECT_EQ(unit(lun).volume().write(Lba{first}, data), store::WriteResult::Done);
}

}  // namespace lockstep::scsi::test
