// SCSI Command PDUs: from the header to the response. RFC 7143 sections 11.3, 11.4 and 11.7.
#include "target_impl/iscsi/session.hpp"

#include <algorithm>
#include <cstring>

namespace lockstep::iscsi {
namespace {

constexpr std::uint8_t kBidirectionalLength = 2;  // AHS type

// The read half of a bidirectional command has its length in an additional header segment.
// RFC 7143 section 11.2.2.
std::size_t bidirectional_length(std::span<const std::byte> additional) {
  while (additional.size() >= 4) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(additional.data());
    const std::size_t length = load_be16(at);
    if (at[2] == kBidirectionalLength && length >= 5 && additional.size() >= 8) {
      return load_be32(at + 4);
    }
    const std::size_t whole = padded(length + 3);
    if (whole > additional.size()) {
      return 0;
    }
    additional = additional.subspan(whole);
  }
  return 0;
}

struct Residual {
  std::uint32_t count = 0;
  bool over = false;
  bool under = false;
};

Residual residual_of(std::uint64_t wanted, std::uint64_t expected) {
  Residual residual;
  const std::uint64_t difference = wanted > expected ? wanted - expected : expected - wanted;
  residual.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(difference, UINT32_MAX));
  residual.over = wanted > expected;
  residual.under = wanted < expected;
  return residual;
}

}  // namespace

std::optional<RejectReason> Session::check_command(const Pdu& pdu) {
  const Header& header = pdu.header;
  const SessionParameters& agreed = setup_.parameters;
  if (tasks_.find_by_tag(task_tag(header)) != nullptr || find_late(task_tag(header)) != nullptr) {
    return RejectReason::TaskInProgress;
  }
  if (task_tag(header) == kReservedTag) {
    return RejectReason::InvalidPduField;
  }
  const bool writes = has_flag(header, kCommandWrite);
  const std::size_t expected = get32(header, field::kExpectedLength);
  if (!pdu.data.empty()) {
    if (!writes || !agreed.immediate_data) {
      return RejectReason::ProtocolError;
    }
    if (pdu.data.size() > agreed.first_burst || pdu.data.size() > expected) {
      return RejectReason::ProtocolError;
    }
  }
  if (!has_flag(header, kFinal) && (!writes || agreed.initial_r2t)) {
    return RejectReason::ProtocolError;
  }
  return std::nullopt;
}

void Session::handle_command(const Pdu& pdu) {
  const Header& header = pdu.header;
  if (const auto reason = check_command(pdu)) {
    command_done(header);
    remember_ended(task_tag(header));
    reject(header, *reason);
    return;
  }
  const std::size_t length = get32(header, field::kExpectedLength);
  std::size_t expected_in = has_flag(header, kCommandRead) ? length : 0;
  std::size_t expected_out = 0;
  if (has_flag(header, kCommandWrite)) {
    expected_out = length;
    if (expected_in > 0) {
      expected_in = bidirectional_length(pdu.additional);
    }
  }
  if (has_flag(header, kFinal) && pdu.data.size() == expected_out) {
    if (expected_in > 0 && !has_room(std::min(expected_in, portal_.limits().task_bytes))) {
      refuse_full(header, expected_in, expected_out, 0);
      return;
    }
    const bool in_place = pdu.data.data() == incoming_.data();
    execute(header, {pdu.data, in_place ? incoming_.landing() : nullptr, pdu.lent}, expected_in,
            expected_out, 0);
    return;
  }
  collect(pdu, expected_in, expected_out);
}

void Session::collect(const Pdu& pdu, std::size_t expected_in, std::size_t expected_out) {
  Task* task = tasks_.add();
  if (task == nullptr) {
    command_done(pdu.header);
    remember_ended(task_tag(pdu.header));
    reject(pdu.header, RejectReason::ImmediateCommandReject);
    return;
  }
  task->command = pdu.header;
  task->expected_in = expected_in;
  task->expected_out = expected_out;
  task->wanted = std::min(expected_out, portal_.limits().task_bytes);
  task->unsolicited_open = !has_flag(pdu.header, kFinal);
  task->unsolicited_limit = std::min<std::size_t>(setup_.parameters.first_burst, task->wanted);
  if (incoming_) {
    task->buffer = std::move(incoming_);
  } else {
    // What comes unasked must fit now; what is asked for can wait.
    const std::size_t least =
        std::max(task->unsolicited_open ? task->unsolicited_limit : 0, pdu.data.size());
    const bool whole = fits(task->wanted);
    if (!whole && least > 0 && !fits(least)) {
      refuse_full(pdu.header, expected_in, expected_out, 0);
      remember_ended(task_tag(pdu.header));
      tasks_.remove(*task);
      return;
    }
    task->buffer = take_buffer(pdu.header, whole ? std::max(task->wanted, pdu.data.size()) : least);
  }
  if (!pdu.data.empty() && pdu.data.data() != task->buffer.data()) {
    std::memcpy(task->buffer.data(), pdu.data.data(), pdu.data.size());
  }
  task->received = std::min(pdu.data.size(), task->wanted);
  task->accounted = task->buffer.occupied_bytes();
  collected_ += task->accounted;
  proceed(*task);
}

// SAM-5 5.3.1: the task has not been taken into the task set; the initiator tries again later.
void Session::refuse_full(const Header& command, std::size_t expected_in, std::size_t expected_out,
                          std::uint32_t r2t_count) {
  scsi::Response response;
  response.status = scsi::Status::TaskSetFull;
  command_done(command);
  data_in_.discard();
  respond(command, response, expected_in, expected_out, r2t_count);
}

// Of a command that brings all its data along and does nothing but write them.
bool Session::reads_once(const Header& header) const noexcept {
  return is_opcode(header, Opcode::ScsiCommand) && has_flag(header, kFinal) &&
         has_flag(header, kCommandWrite) &&
         get32(header, field::kExpectedLength) == data_length(header) && setup_.executor &&
         setup_.executor->reads_once(
             std::span<const std::uint8_t, 16>(header.data() + field::kCdb, 16));
}

void Session::execute(const Header& header, const SentData& data_out, std::size_t expected_in,
                      std::size_t expected_out, std::uint32_t r2t_count) {
  scsi::Command command;
  std::copy_n(header.begin() + field::kCdb, command.cdb.size(), command.cdb.begin());
  command.data_out = data_out.bytes;
  command.expected_data_out = static_cast<std::uint32_t>(expected_out);
  command.landing = data_out.landing;
  command.data_out_is_lent = data_out.lent;
  scsi::Response response;
  data_in_.begin(expected_in);
  setup_.executor->execute(nexus_, decode_lun(header), command, data_in_, response);
  if (auto late = data_in_.take_late()) {
    late->command = header;
    late->expected_in = expected_in;
    late->expected_out = expected_out;
    late->r2t_count = r2t_count;
    late->at = late_.size();
    late_.push_back(std::move(late));
    late_tags_.push_back(task_tag(header));
    return;
  }
  command_done(header);
  respond(header, response, expected_in, expected_out, r2t_count);
}

void Session::answer_late() {
  if (late_answers_ == nullptr) {
    return;
  }
  late_answers_->take(ended_late_);
  for (const auto& command : ended_late_) {
    const LateCommand& late = *command;
    forget_late(late);
    data_in_.discard();
    command_done(late.command);
    respond(late.command, late.response(), late.expected_in, late.expected_out, late.r2t_count);
  }
  ended_late_.clear();
}

LateCommand* Session::find_late(std::uint32_t tag) noexcept {
  const auto found = std::find(late_tags_.begin(), late_tags_.end(), tag);
  return found == late_tags_.end()
             ? nullptr
             : late_[static_cast<std::size_t>(found - late_tags_.begin())].get();
}

// The last takes its place.
void Session::forget_late(const LateCommand& late) {
  const std::size_t at = late.at;
  late_.back()->at = at;
  late_tags_[at] = late_tags_.back();
  late_tags_.pop_back();
  std::swap(late_[at], late_.back());
  late_.pop_back();
}

// What it started goes on; only the answer is not sent.
void Session::drop_late(LateCommand& late) {
  late_answers_->abandon(late);
  command_done(late.command);
  forget_late(late);
}

void Session::respond(const Header& command, const scsi::Response& response,
                      std::size_t expected_in, std::size_t expected_out, std::uint32_t r2t_count) {
  const bool good = response.status == scsi::Status::Good;
  const bool writes = has_flag(command, kCommandWrite);
  const Residual in = residual_of(good ? data_in_.claimed() : 0, expected_in);
  const Residual out = residual_of(response.data_out_wanted, expected_out);
  const Residual& main = writes ? out : in;

  FinalStatus final_status;
  final_status.flags = main.over ? kOverflow : (main.under ? kUnderflow : std::uint8_t{0});
  final_status.status = static_cast<std::uint8_t>(response.status);
  final_status.residual = main.count;

  std::uint32_t data_in_count = 0;
  if (good && data_in_.sendable() > 0) {
    data_in_count = data_in_.send(command, writes ? nullptr : &final_status);
    if (!writes) {
      return;
    }
  }
  data_in_.discard();

  Header header = make_header(Opcode::ScsiResponse, task_tag(command));
  header[field::kFlags] = static_cast<std::uint8_t>(kFinal | final_status.flags);
  header[field::kStatus] = final_status.status;
  set32(header, field::kExpDataSn, data_in_count + r2t_count);
  set32(header, field::kResidual, final_status.residual);
  if (writes && has_flag(command, kCommandRead)) {
    const std::uint8_t flag =
        in.over ? kReadOverflow : (in.under ? kReadUnderflow : std::uint8_t{0});
    header[field::kFlags] = static_cast<std::uint8_t>(header[field::kFlags] | flag);
    set32(header, field::kReadResidual, in.count);
  }
  if (response.status != scsi::Status::CheckCondition) {
    writer_.put(header, {}, StatSn::Take);
    return;
  }
  std::array<std::uint8_t, 2 + scsi::kMaxSenseBytes> data{};
  store_be16(data.data(), response.sense_bytes);
  std::copy_n(response.sense.begin(), response.sense_bytes, data.begin() + 2);
  writer_.put(header, std::as_bytes(std::span(data).first(2U + response.sense_bytes)),
              StatSn::Take);
}

}  // namespace lockstep::iscsi
