// The commands of a session, as CDBs (SBC-4, SPC-5), and the queries that wait for their answers.
#include "target_impl/initiator/basic_session.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

namespace lockstep::initiator {
namespace {

constexpr std::uint8_t kRead16 = 0x88;
constexpr std::uint8_t kWrite16 = 0x8A;
constexpr std::uint8_t kUnmap = 0x42;
constexpr std::uint8_t kSynchronizeCache16 = 0x91;
constexpr std::uint8_t kServiceActionIn16 = 0x9E;
constexpr std::uint8_t kReadCapacity16 = 0x10;
constexpr std::uint8_t kInquiry = 0x12;
constexpr std::uint8_t kReportLuns = 0xA0;

constexpr std::size_t kTransferBytesMax = (1U << 31) - 1;  // libiscsi counts in int
constexpr std::size_t kUnmapHeaderBytes = 8;
constexpr std::size_t kUnmapDescriptorBytes = 16;
constexpr std::uint64_t kUnmapDescriptorsMax =
    (0xFFFFU - kUnmapHeaderBytes) / kUnmapDescriptorBytes;
constexpr std::uint64_t kUnmapBlocksMax = std::numeric_limits<std::uint32_t>::max();

// Big-endian, at least sizeof(Value) bytes at `at`.
template <class Value, class Byte>
void put(Byte* at, Value value) {
  for (std::size_t i = sizeof(Value); i > 0; --i) {
    at[i - 1] = static_cast<Byte>(value & 0xFFU);
    value = static_cast<Value>(value >> 8);
  }
}

template <class Value>
Value get(std::span<const std::byte> data, std::size_t offset) {
  Value value = 0;
  for (const std::byte b : data.subspan(offset, sizeof(Value))) {
    value = static_cast<Value>((value << 8) | std::to_integer<Value>(b));
  }
  return value;
}

Result<Completion> ask_session(Session& session, const std::string& subject, std::uint16_t lun,
                               std::span<const std::uint8_t> cdb, std::span<std::byte> in,
                               const char* what) {
  std::optional<Completion> answered;
  session.command(lun, cdb, in, {}, [&answered](const Completion& c) { answered = c; });
  while (!answered) {
    const Status turn = session.run_once(std::chrono::minutes{1});
    if (!turn && !answered) return turn.error();
  }
  const std::string where = subject + " LUN " + std::to_string(lun) + ": " + what;
  if (answered->outcome != Outcome::Answered) {
    return transport_error(where + " got no answer; the session is over");
  }
  if (!answered->answer.good()) {
    return target_error(where + " was refused with " + answer_text(answered->answer));
  }
  return *answered;
}

}  // namespace

std::string answer_text(const DataAnswer& answer) {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto hex = [&](unsigned value, unsigned digits) {
    std::string out;
    for (unsigned i = digits; i > 0; --i) out += kHex[(value >> (4 * (i - 1))) & 0xFU];
    return out;
  };
  std::string text = "SCSI status " + hex(answer.scsi_status, 2) + "h";
  if (answer.scsi_status == SCSI_STATUS_CHECK_CONDITION) {
    text += ", sense " + hex(answer.sense_key, 1) + "/" + hex(answer.asc_ascq, 4);
  }
  return text;
}

void BasicSession::submit_transfer(std::uint8_t opcode, std::uint16_t lun, Lba first,
                                   BlockSize block_size, std::byte* data, std::size_t bytes,
                                   Done done) {
  std::array<std::uint8_t, 16> cdb{opcode};
  put(&cdb[2], first.value);
  const bool valid = block_size.bytes != 0 && bytes != 0 && bytes <= kTransferBytesMax &&
                     bytes % block_size.bytes == 0;
  if (valid) put(&cdb[10], static_cast<std::uint32_t>(bytes / block_size.bytes));
  CommandSlot& slot = prepare(lun, cdb, std::move(done));
  if (!valid) return refuse(slot);
  slot.reads = opcode == kRead16;
  slot.buffer = {data, bytes};
  submit(slot);
}

void BasicSession::read(std::uint16_t lun, Lba first, BlockSize block_size,
                        std::span<std::byte> out, Done done) {
  submit_transfer(kRead16, lun, first, block_size, out.data(), out.size(), std::move(done));
}

void BasicSession::write(std::uint16_t lun, Lba first, BlockSize block_size,
                         std::span<const std::byte> data, Done done) {
  // libiscsi's vectors are not const, but are only read for data-out.
  submit_transfer(kWrite16, lun, first, block_size, const_cast<std::byte*>(data.data()),
                  data.size(), std::move(done));
}

void BasicSession::unmap(std::uint16_t lun, Lba first, BlockCount count, Done done) {
  const std::uint64_t descriptors =
      count.value / kUnmapBlocksMax + (count.value % kUnmapBlocksMax != 0 ? 1 : 0);
  const std::size_t bytes =
      kUnmapHeaderBytes +
      kUnmapDescriptorBytes * static_cast<std::size_t>(std::min(descriptors, kUnmapDescriptorsMax));
  std::array<std::uint8_t, 10> cdb{kUnmap};
  put(&cdb[7], static_cast<std::uint16_t>(bytes));
  CommandSlot& slot = prepare(lun, cdb, std::move(done));
  if (count.value == 0 || descriptors > kUnmapDescriptorsMax) return refuse(slot);

  slot.parameters.assign(bytes, std::byte{0});
  std::byte* const list = slot.parameters.data();
  put(list, static_cast<std::uint16_t>(bytes - 2));
  put(list + 2, static_cast<std::uint16_t>(bytes - kUnmapHeaderBytes));
  std::uint64_t left = count.value;
  for (std::size_t i = 0; i < descriptors; ++i) {
    std::byte* const descriptor = list + kUnmapHeaderBytes + i * kUnmapDescriptorBytes;
    const std::uint64_t blocks = std::min(left, kUnmapBlocksMax);
    put(descriptor, first.value);
    put(descriptor + 8, static_cast<std::uint32_t>(blocks));
    first = first + BlockCount{blocks};
    left -= blocks;
  }
  slot.reads = false;
  slot.buffer = {list, bytes};
  submit(slot);
}

void BasicSession::synchronize_cache(std::uint16_t lun, Done done) {
  const std::array<std::uint8_t, 16> cdb{kSynchronizeCache16};  // 0 blocks: to the end
  submit(prepare(lun, cdb, std::move(done)));
}

void BasicSession::command(std::uint16_t lun, std::span<const std::uint8_t> cdb,
                           std::span<std::byte> in, std::span<const std::byte> out, Done done) {
  const bool valid = !cdb.empty() && cdb.size() <= 16 && (in.empty() || out.empty()) &&
                     in.size() <= kTransferBytesMax && out.size() <= kTransferBytesMax;
  CommandSlot& slot = prepare(lun, valid ? cdb : std::span<const std::uint8_t>{}, std::move(done));
  if (!valid) return refuse(slot);
  slot.reads = !in.empty();
  if (slot.reads) {
    slot.buffer = {in.data(), in.size()};
  } else {
    slot.buffer = {const_cast<std::byte*>(out.data()), out.size()};
  }
  submit(slot);
}

Result<Completion> BasicSession::ask(std::uint16_t lun, std::span<const std::uint8_t> cdb,
                                     std::span<std::byte> in, const char* what) {
  return ask_session(*this, subject(), lun, cdb, in, what);
}

Result<VolumeGeometry> BasicSession::capacity(std::uint16_t lun) {
  std::array<std::byte, 32> data{};
  std::array<std::uint8_t, 16> cdb{kServiceActionIn16, kReadCapacity16};
  put(&cdb[10], static_cast<std::uint32_t>(data.size()));
  LOCKSTEP_TRY(const auto answer, ask(lun, cdb, data, "READ CAPACITY(16)"));
  const auto last = get<std::uint64_t>(data, 0);
  const auto block_bytes = get<std::uint32_t>(data, 8);
  const bool power_of_two = block_bytes != 0 && (block_bytes & (block_bytes - 1)) == 0;
  if (answer.bytes_in < 12 || last == std::numeric_limits<std::uint64_t>::max() || !power_of_two) {
    return target_error(subject() + " LUN " + std::to_string(lun) +
                        ": READ CAPACITY(16): expected 12 bytes or more and a block size that is " +
                        "a power of two, found " + std::to_string(answer.bytes_in) +
                        " bytes, last LBA " + std::to_string(last) + ", block size " +
                        std::to_string(block_bytes));
  }
  return VolumeGeometry{BlockCount{last + 1}, BlockSize{block_bytes}};
}

Result<std::string> BasicSession::naa_identifier(std::uint16_t lun) {
  std::array<std::byte, 1024> data{};
  std::array<std::uint8_t, 6> cdb{kInquiry, 0x01, 0x83};
  put(&cdb[3], static_cast<std::uint16_t>(data.size()));
  LOCKSTEP_TRY(const auto answer, ask(lun, cdb, data, "INQUIRY of VPD page 83h"));
  const std::size_t received = static_cast<std::size_t>(answer.bytes_in);
  const std::size_t end =
      received < 4 ? 0 : std::min<std::size_t>(received, 4U + get<std::uint16_t>(data, 2));
  for (std::size_t at = 4; at + 4 <= end;) {
    const auto kind = std::to_integer<unsigned>(data[at + 1]) & 0x3FU;  // association and type
    const auto length = std::to_integer<std::size_t>(data[at + 3]);
    if (at + 4 + length > end) break;
    if (kind == 0x03) {  // NAA, of the logical unit
      constexpr char kHex[] = "0123456789abcdef";
      std::string text;
      for (const std::byte b : std::span(data).subspan(at + 4, length)) {
        text += kHex[std::to_integer<unsigned>(b) >> 4];
        text += kHex[std::to_integer<unsigned>(b) & 0x0FU];
      }
      return text;
    }
    at += 4 + length;
  }
  return target_error(subject() + " LUN " + std::to_string(lun) +
                      ": VPD page 83h: expected an NAA designator of the logical unit, found none");
}

Result<std::string> unit_serial_number(Session& session, std::uint16_t lun) {
  std::array<std::byte, 256> data{};
  std::array<std::uint8_t, 6> cdb{kInquiry, 0x01, 0x80};
  put(&cdb[3], static_cast<std::uint16_t>(data.size()));
  LOCKSTEP_TRY(const auto answer,
               ask_session(session, "target", lun, cdb, data, "INQUIRY of VPD page 80h"));
  const std::size_t received = static_cast<std::size_t>(answer.bytes_in);
  const std::size_t end =
      received < 4 ? 0 : std::min<std::size_t>(received, 4U + get<std::uint16_t>(data, 2));
  std::string text;
  for (std::size_t at = 4; at < end; ++at) text += static_cast<char>(data[at]);
  const auto first = text.find_first_not_of(std::string(" \0", 2));
  if (first == std::string::npos) {
    return target_error("LUN " + std::to_string(lun) +
                        ": VPD page 80h: expected a unit serial number, found none");
  }
  return text.substr(first, text.find_last_not_of(std::string(" \0", 2)) - first + 1);
}

Result<std::vector<std::uint16_t>> report_luns(Session& session) {
  std::vector<std::byte> data(64 * 1024);
  std::array<std::uint8_t, 12> cdb{kReportLuns};
  put(&cdb[6], static_cast<std::uint32_t>(data.size()));
  LOCKSTEP_TRY(const auto answer, ask_session(session, "target", 0, cdb, data, "REPORT LUNS"));
  std::vector<std::uint16_t> luns;
  if (answer.bytes_in < 8) return target_error("REPORT LUNS: expected 8 bytes or more");
  const std::uint64_t end =
      std::min<std::uint64_t>(answer.bytes_in, 8ULL + get<std::uint32_t>(data, 0));
  for (std::size_t at = 8; at + 8 <= end; at += 8) {
    // SAM-5, 4.7: peripheral addressing on bus 0, or flat space; nothing else is a plain number.
    const auto field = get<std::uint16_t>(data, at);
    const unsigned method = field >> 14;
    if (method == 0 && field <= 0xFF) luns.push_back(field);
    if (method == 1) luns.push_back(static_cast<std::uint16_t>(field & 0x3FFFU));
  }
  return luns;
}

}  // namespace lockstep::initiator
