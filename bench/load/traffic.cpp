#include "bench/load/traffic.hpp"

#include "bench/load/measurement.hpp"
#include "target_impl/iscsi/bytes.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace lockstep::bench::load {

using iscsi::Header;
using iscsi::Opcode;
using Clock = std::chrono::steady_clock;
namespace field = iscsi::field;

namespace {

constexpr std::uint32_t kMostDepth = 1024;

// xorshift64: repeatable, and cheap beside a command.
class Numbers {
 public:
  std::uint64_t operator()() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  std::uint64_t state_ = 0x9E3779B97F4A7C15ULL;
};

// Where a command's data stands, in both directions. Commands are found by their tag, which is
// the place in the table.
struct Slot {
  std::vector<std::byte> data;
  Clock::time_point begun;
  std::uint64_t offset = 0;
  std::size_t received = 0;
};

// The LUN had something to say and did nothing yet: the list of LUNs has changed, for instance.
bool is_unit_attention(const iscsi::Pdu& response) noexcept {
  constexpr std::uint8_t kCheckCondition = 2;
  constexpr std::uint8_t kUnitAttention = 6;
  constexpr std::size_t kSenseLengthBytes = 2;
  if (response.header[field::kStatus] != kCheckCondition) return false;
  if (response.data.size() < kSenseLengthBytes + 3) return false;
  const auto* sense =
      reinterpret_cast<const std::uint8_t*>(response.data.data()) + kSenseLengthBytes;
  const bool descriptors = (sense[0] & 0x7F) >= 0x72;
  return (sense[descriptors ? 1 : 2] & 0x0F) == kUnitAttention;
}

void store_be64(std::uint8_t* at, std::uint64_t value) {
  iscsi::store_be32(at, static_cast<std::uint32_t>(value >> 32));
  iscsi::store_be32(at + 4, static_cast<std::uint32_t>(value));
}

}  // namespace

struct Traffic::Inside final : iscsi::PayloadPlacer {
  std::byte* place(const Header& header, std::size_t bytes) override;
  [[nodiscard]] bool has_place(const Header& header, std::size_t bytes) const noexcept;

  [[nodiscard]] Status open(const Address& address);
  [[nodiscard]] Status read_capacity();
  // One command without data-out; its data-in, or nothing when it ended with another status.
  [[nodiscard]] Result<std::vector<std::byte>> ask(const std::array<std::uint8_t, 16>& cdb,
                                                   std::uint32_t bytes);
  [[nodiscard]] Header command_header(std::uint32_t tag, std::uint8_t direction,
                                      std::uint32_t bytes) const noexcept;

  [[nodiscard]] Status begin(const Work& wanted);
  void start(std::uint32_t tag);
  // The slot's command, for the first time or once more.
  void send(std::uint32_t tag);
  void start_what_waits();
  void send_requested(const Header& request);
  // Handles what has come; commands that ended are appended to `ended`.
  [[nodiscard]] Status take_answers();
  [[nodiscard]] std::uint64_t next_offset() noexcept;

  std::unique_ptr<Wire> wire;
  std::uint8_t lun = 0;
  std::uint32_t lun_block_bytes = 512;
  std::uint64_t volume_bytes = 0;

  Work work;
  Numbers numbers;
  std::uint64_t next_sequential = 0;
  std::vector<Slot> slots;
  std::vector<std::uint32_t> waiting;  // for the command window
  std::vector<std::uint32_t> ended;
  std::uint32_t in_flight = 0;
  std::vector<std::byte> nowhere;
};

Traffic::Traffic() : inside_(std::make_unique<Inside>()) {}
Traffic::~Traffic() = default;

std::uint64_t Traffic::volume_bytes() const noexcept { return inside_->volume_bytes; }

bool Traffic::uses_bypass() const noexcept { return inside_->wire->uses_bypass(); }

Result<std::unique_ptr<Traffic>> Traffic::open(const Address& address) {
  std::unique_ptr<Traffic> traffic(new Traffic);
  LOCKSTEP_TRY(traffic->inside_->open(address));
  return traffic;
}

Status Traffic::Inside::open(const Address& address) {
  lun = address.lun;
  LOCKSTEP_TRY(wire, Wire::connect(address));
  return read_capacity();
}

bool Traffic::Inside::has_place(const Header& header, std::size_t bytes) const noexcept {
  const std::uint32_t tag = iscsi::task_tag(header);
  const std::size_t offset = iscsi::get32(header, field::kBufferOffset);
  return iscsi::is_opcode(header, Opcode::DataIn) && tag < slots.size() &&
         offset <= slots[tag].data.size() && bytes <= slots[tag].data.size() - offset;
}

std::byte* Traffic::Inside::place(const Header& header, std::size_t bytes) {
  if (has_place(header, bytes)) {
    return slots[iscsi::task_tag(header)].data.data() + iscsi::get32(header, field::kBufferOffset);
  }
  nowhere.resize(bytes);
  return nowhere.data();
}

Header Traffic::Inside::command_header(std::uint32_t tag, std::uint8_t direction,
                                       std::uint32_t bytes) const noexcept {
  constexpr std::uint8_t kSimple = 1;
  Header header = iscsi::make_header(Opcode::ScsiCommand, tag);
  header[field::kFlags] = static_cast<std::uint8_t>(iscsi::kFinal | direction | kSimple);
  header[field::kLun + 1] = lun;
  iscsi::set32(header, field::kExpectedLength, bytes);
  return header;
}

Result<std::vector<std::byte>> Traffic::Inside::ask(const std::array<std::uint8_t, 16>& cdb,
                                                    std::uint32_t bytes) {
  Header header = command_header(0, bytes > 0 ? iscsi::kCommandRead : std::uint8_t{0}, bytes);
  std::copy(cdb.begin(), cdb.end(), header.begin() + field::kCdb);
  wire->command(header, {});
  LOCKSTEP_TRY(wire->flush());
  std::vector<std::byte> data;
  while (true) {
    iscsi::Pdu pdu;
    LOCKSTEP_TRY(const bool complete, wire->next(pdu, *this));
    if (!complete) {
      LOCKSTEP_TRY(wire->receive());
      continue;
    }
    const bool is_data = iscsi::is_opcode(pdu.header, Opcode::DataIn);
    if (is_data) data.assign(pdu.data.begin(), pdu.data.end());
    if (is_data && !iscsi::has_flag(pdu.header, iscsi::kStatusInDataIn)) continue;
    if (!is_data && !iscsi::is_opcode(pdu.header, Opcode::ScsiResponse)) continue;
    if (pdu.header[field::kStatus] != 0) data.clear();
    return data;
  }
}

Status Traffic::Inside::read_capacity() {
  constexpr std::size_t kAnswerBytes = 32;
  // Each refusal reports one unit attention of perhaps several.
  for (int attempt = 0; attempt < 8; ++attempt) {
    LOCKSTEP_TRY(const auto data,
                 ask({0x9E, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, kAnswerBytes}, kAnswerBytes));
    if (data.size() < 12) continue;
    const auto* at = reinterpret_cast<const std::uint8_t*>(data.data());
    const std::uint64_t last =
        (std::uint64_t{iscsi::load_be32(at)} << 32) | iscsi::load_be32(at + 4);
    lun_block_bytes = iscsi::load_be32(at + 8);
    volume_bytes = (last + 1) * lun_block_bytes;
    return ok();
  }
  return target_error("load: READ CAPACITY(16): expected an answer, found only refusals");
}

std::uint64_t Traffic::Inside::next_offset() noexcept {
  const std::uint64_t bytes =
      work.most_bytes == 0 ? volume_bytes : std::min(volume_bytes, work.most_bytes);
  const std::uint64_t places = bytes / work.block_bytes;
  const std::uint64_t place = work.random ? numbers() % places : next_sequential++ % places;
  return place * work.block_bytes;
}

void Traffic::Inside::start(std::uint32_t tag) {
  slots[tag].offset = next_offset();
  slots[tag].begun = Clock::now();
  send(tag);
}

void Traffic::Inside::send(std::uint32_t tag) {
  Slot& slot = slots[tag];
  const auto direction = work.writes ? iscsi::kCommandWrite : iscsi::kCommandRead;
  Header header = command_header(tag, direction, work.block_bytes);
  std::uint8_t* cdb = header.data() + field::kCdb;
  cdb[0] = work.writes ? 0x8A : 0x88;  // WRITE(16), READ(16)
  store_be64(cdb + 2, slot.offset / lun_block_bytes);
  iscsi::store_be32(cdb + 10, work.block_bytes / lun_block_bytes);
  slot.received = 0;
  const std::size_t immediate =
      work.writes ? wire->agreed().immediate_bytes(work.block_bytes) : std::size_t{0};
  wire->command(header, std::span(slot.data).first(immediate));
  ++in_flight;
}

void Traffic::Inside::start_what_waits() {
  std::size_t started = 0;
  while (started < waiting.size() && wire->has_window()) start(waiting[started++]);
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(started));
}

void Traffic::Inside::send_requested(const Header& request) {
  const std::uint32_t tag = iscsi::task_tag(request);
  std::size_t offset = iscsi::get32(request, field::kBufferOffset);
  std::size_t left = iscsi::get32(request, field::kDesiredLength);
  if (tag >= slots.size() || offset > slots[tag].data.size() ||
      left > slots[tag].data.size() - offset) {
    return;  // the command then never ends, and silence ends the run
  }
  for (std::uint32_t number = 0; left > 0; ++number) {
    const std::size_t bytes = std::min<std::size_t>(left, wire->agreed().target_max_receive);
    Header header = iscsi::make_header(Opcode::DataOut, tag);
    header[field::kFlags] = bytes == left ? iscsi::kFinal : std::uint8_t{0};
    std::copy_n(request.begin() + field::kLun, 8, header.begin() + field::kLun);
    std::copy_n(request.begin() + field::kTransferTag, 4, header.begin() + field::kTransferTag);
    iscsi::set32(header, field::kDataSn, number);
    iscsi::set32(header, field::kBufferOffset, static_cast<std::uint32_t>(offset));
    wire->put(header, std::span(slots[tag].data).subspan(offset, bytes));
    offset += bytes;
    left -= bytes;
  }
}

Status Traffic::Inside::take_answers() {
  iscsi::Pdu pdu;
  while (true) {
    LOCKSTEP_TRY(const bool complete, wire->next(pdu, *this));
    if (!complete) return ok();
    const Header& header = pdu.header;
    const std::uint32_t tag = iscsi::task_tag(header);
    bool ends = false;
    switch (static_cast<Opcode>(iscsi::opcode_of(header))) {
      case Opcode::ReadyToTransfer:
        send_requested(header);
        break;
      case Opcode::DataIn: {
        if (!has_place(header, pdu.data.size())) {
          return target_error("load: a Data-In lies outside its command");
        }
        Slot& slot = slots[tag];
        std::byte* at = slot.data.data() + iscsi::get32(header, field::kBufferOffset);
        if (pdu.data.data() != at) std::memcpy(at, pdu.data.data(), pdu.data.size());
        slot.received += pdu.data.size();
        ends = iscsi::has_flag(header, iscsi::kStatusInDataIn);
        break;
      }
      case Opcode::ScsiResponse:
        ends = true;
        break;
      default:
        break;
    }
    if (!ends) continue;
    if (tag < slots.size() && iscsi::is_opcode(header, Opcode::ScsiResponse) &&
        is_unit_attention(pdu)) {
      --in_flight;
      send(tag);
      continue;
    }
    if (tag >= slots.size() || header[field::kStatus] != 0 ||
        (!work.writes && slots[tag].received != work.block_bytes)) {
      return target_error("load: expected GOOD and all of the data, found status " +
                          std::to_string(header[field::kStatus]));
    }
    --in_flight;
    ended.push_back(tag);
  }
}

Status Traffic::Inside::begin(const Work& wanted) {
  if (wanted.depth == 0 || wanted.depth > kMostDepth || wanted.block_bytes == 0 ||
      wanted.block_bytes % lun_block_bytes != 0 || wanted.block_bytes > volume_bytes ||
      (wanted.most_bytes != 0 && wanted.block_bytes > wanted.most_bytes)) {
    return usage_error(
        "load: expected whole blocks, fewer than the volume has, at a depth of 1 to 1024");
  }
  work = wanted;
  slots.resize(work.depth);
  waiting.clear();
  for (std::uint32_t tag = 0; tag < work.depth; ++tag) {
    auto& data = slots[tag].data;
    data.resize(work.block_bytes);
    for (std::size_t at = 0; work.writes && at + 8 <= data.size(); at += 8) {
      const std::uint64_t word = numbers();
      std::memcpy(data.data() + at, &word, sizeof word);
    }
    waiting.push_back(tag);
  }
  start_what_waits();
  return wire->flush();
}

Result<Sample> Traffic::run(const Work& work) {
  Inside& in = *inside_;
  LOCKSTEP_TRY(in.begin(work));
  Measurement measurement(work);
  while (in.in_flight > 0) {
    LOCKSTEP_TRY(in.wire->receive());
    LOCKSTEP_TRY(in.take_answers());
    const auto now = Clock::now();
    if (measurement.has_begun()) {
      for (const std::uint32_t tag : in.ended) measurement.add(in.slots[tag].begun, now);
    } else {
      measurement.begin_if_due(now);
    }
    if (measurement.is_over(now)) {
      in.waiting.clear();
    } else {
      in.waiting.insert(in.waiting.end(), in.ended.begin(), in.ended.end());
      in.start_what_waits();
    }
    in.ended.clear();
    LOCKSTEP_TRY(in.wire->flush());
  }
  return measurement.finish();
}

std::vector<LastCommand> Traffic::last_commands() const {
  std::vector<LastCommand> commands;
  for (const Slot& slot : inside_->slots) commands.push_back({slot.offset, slot.data});
  return commands;
}

Status Traffic::fill() {
  Inside& in = *inside_;
  Work work;
  work.writes = true;
  work.block_bytes =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(in.volume_bytes, 256 * 1024));
  work.depth = 8;
  in.next_sequential = 0;
  LOCKSTEP_TRY(in.begin(work));
  const std::uint64_t places = in.volume_bytes / work.block_bytes;
  while (in.in_flight > 0) {
    LOCKSTEP_TRY(in.wire->receive());
    LOCKSTEP_TRY(in.take_answers());
    for (const std::uint32_t tag : std::exchange(in.ended, {})) {
      if (in.next_sequential < places) in.waiting.push_back(tag);
      if (in.next_sequential < places) in.start_what_waits();
    }
    LOCKSTEP_TRY(in.wire->flush());
  }
  in.waiting.clear();
  return ok();
}

}  // namespace lockstep::bench::load
