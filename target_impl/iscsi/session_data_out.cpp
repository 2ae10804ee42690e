// Data-Out and R2T: collecting the data of writes. RFC 7143 sections 4.2.5.2, 11.7 and 11.8.
#include "target_impl/iscsi/session.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lockstep::iscsi {
namespace {

// SPC-5 table of additional sense codes; the sense key is ABORTED COMMAND.
constexpr std::uint16_t kNotEnoughData = 0x0C0D;   // WRITE ERROR - NOT ENOUGH UNSOLICITED DATA
constexpr std::uint16_t kUnexpectedData = 0x0C0C;  // WRITE ERROR - UNEXPECTED UNSOLICITED DATA
constexpr std::uint16_t kDataDigest = 0x4705;      // PROTOCOL SERVICE CRC ERROR
constexpr std::uint16_t kDataOffset = 0x4B05;      // DATA OFFSET ERROR
constexpr std::uint8_t kAbortedCommand = 0x0B;

scsi::Response aborted(std::uint16_t code) {
  scsi::Response response;
  response.status = scsi::Status::CheckCondition;
  response.sense[0] = 0x70;
  response.sense[2] = kAbortedCommand;
  response.sense[7] = scsi::kSenseBytes - 8;
  store_be16(response.sense.data() + 12, code);
  return response;
}

}  // namespace

// Where the data of a command are collected: on their way into the volume if that can be.
PooledBuffer Session::take_buffer(const Header& command, std::size_t bytes) {
  if (bytes >= store::Landing::kLeastBytes && setup_.executor) {
    const std::span<const std::uint8_t, 16> cdb(command.data() + field::kCdb, 16);
    auto landing = setup_.executor->land(nexus_, decode_lun(command), cdb, bytes);
    if (landing && landing.occupied_bytes() <= BufferPool::rounded(bytes)) {
      return portal_.pool().count(std::move(landing));
    }
  }
  return portal_.pool().take(bytes);
}

std::byte* Session::place(const Header& header, std::size_t bytes) {
  if (is_opcode(header, Opcode::DataOut)) {
    const Match match = match_data_out(header, bytes);
    if (match.task != nullptr && match.failure_code == 0 && !match.task->failed) {
      incoming_task_ = match.task;
      return match.task->buffer.data() + get32(header, field::kBufferOffset);
    }
  }
  if (is_opcode(header, Opcode::ScsiCommand) && has_flag(header, kCommandWrite)) {
    const std::size_t expected = get32(header, field::kExpectedLength);
    const std::size_t wanted = std::min(expected, portal_.limits().task_bytes);
    const std::size_t first = std::min<std::size_t>(wanted, setup_.parameters.first_burst);
    incoming_ = take_buffer(header, std::max(bytes, fits(wanted) ? wanted : first));
  } else {
    incoming_ = portal_.pool().take(bytes);
  }
  return incoming_.data();
}

bool Session::keeps_placed() const noexcept {
  return (incoming_task_ != nullptr ? incoming_task_->buffer : incoming_).is_landing();
}

Session::Match Session::match_data_out(const Header& header, std::size_t bytes) {
  const std::uint32_t transfer_tag = get32(header, field::kTransferTag);
  const bool unsolicited = transfer_tag == kReservedTag;
  Match match;
  match.task = unsolicited ? tasks_.find_by_tag(task_tag(header))
                           : tasks_.find_by_transfer_tag(transfer_tag);
  if (match.task == nullptr) {
    return match;
  }
  Task& task = *match.task;
  const std::size_t offset = get32(header, field::kBufferOffset);
  std::size_t limit = task.unsolicited_limit;
  if (unsolicited) {
    if (!task.unsolicited_open) {
      match.task = nullptr;
      return match;
    }
  } else {
    const bool current = task.outstanding_count > 0 &&
                         task.outstanding[0].transfer_tag == transfer_tag &&
                         task_tag(task.command) == task_tag(header);
    if (!current) {
      match.task = nullptr;
      return match;
    }
    limit = task.outstanding[0].limit;
  }
  if (get32(header, field::kDataSn) != task.next_data_sn || offset != task.received) {
    match.failure_code = kDataOffset;
  } else if (task.received + bytes > limit) {
    match.failure_code = kUnexpectedData;
  }
  return match;
}

void Session::handle_data_out(const Pdu& pdu) {
  const Header& header = pdu.header;
  const Match match = match_data_out(header, pdu.data.size());
  if (match.task == nullptr) {
    // Data for a command that ended early is what its initiator had sent before it knew.
    if (!ended_early(task_tag(header))) {
      reject(header, RejectReason::InvalidPduField);
    }
    return;
  }
  Task& task = *match.task;
  if (!pdu.data_digest_ok && !task.failed) {
    reject(header, RejectReason::DataDigestError);
    task.failed = true;
    task.failure_code = kDataDigest;
  }
  if (match.failure_code != 0 && !task.failed) {
    task.failed = true;
    task.failure_code = match.failure_code;
  }
  ++task.next_data_sn;
  if (!task.failed) {
    std::byte* at = task.buffer.data() + task.received;
    if (!pdu.data.empty() && pdu.data.data() != at) {
      std::memcpy(at, pdu.data.data(), pdu.data.size());
    }
    task.received += pdu.data.size();
  }
  if (has_flag(header, kFinal)) {
    if (task.unsolicited_open) {
      task.unsolicited_open = false;
      task.next_data_sn = 0;
    } else {
      if (!task.failed && task.received != task.outstanding[0].limit) {
        task.failed = true;
        task.failure_code = kNotEnoughData;
      }
      task.pop_request();
    }
  }
  proceed(task);
}

void Session::proceed(Task& task) {
  if (task.is_complete()) {
    complete(task);
  } else if (!task.unsolicited_open && !task.failed) {
    solicit(task);
  }
}

bool Session::fits(std::size_t bytes) const noexcept {
  return collected_ + bytes <= portal_.limits().collected_bytes && has_room(bytes);
}

// The data must be contiguous, so a task that began with room for its first burst only moves once.
Session::Room Session::make_room(Task& task) {
  if (task.buffer.capacity() >= task.wanted) {
    return Room::Made;
  }
  const std::size_t others = collected_ - task.accounted;
  if (others > 0 && others + task.wanted > portal_.limits().collected_bytes) {
    task.waits_for_room = true;
    return Room::Later;
  }
  if (!has_room(task.wanted)) {
    return Room::Never;
  }
  PooledBuffer larger = take_buffer(task.command, task.wanted);
  std::memcpy(larger.data(), task.buffer.data(), task.received);
  task.buffer = std::move(larger);
  task.accounted = task.buffer.occupied_bytes();
  collected_ = others + task.accounted;
  return Room::Made;
}

void Session::solicit(Task& task) {
  if (task.requested < task.received) {
    task.requested = task.received;
  }
  if (task.requested >= task.wanted) {
    return;
  }
  switch (make_room(task)) {
    case Room::Made:
      break;
    case Room::Later:
      return;
    case Room::Never:  // nothing has been asked for yet
      refuse_full(task.command, task.expected_in, task.expected_out, task.r2t_count);
      release(task);
      return;
  }
  const std::size_t most =
      std::min<std::size_t>(setup_.parameters.max_outstanding_r2t, kMaxOutstandingR2t);
  while (task.outstanding_count < most && task.requested < task.wanted) {
    const std::size_t bytes =
        std::min<std::size_t>(setup_.parameters.max_burst, task.wanted - task.requested);
    ReadyToTransfer& request = task.outstanding[task.outstanding_count++];
    request.transfer_tag = tasks_.new_transfer_tag(task);
    request.limit = task.requested + bytes;
    Header header = make_header(Opcode::ReadyToTransfer, task_tag(task.command));
    std::copy_n(task.command.begin() + field::kLun, 8, header.begin() + field::kLun);
    set32(header, field::kTransferTag, request.transfer_tag);
    set32(header, field::kDataSn, task.r2t_count++);
    set32(header, field::kBufferOffset, static_cast<std::uint32_t>(task.requested));
    set32(header, field::kDesiredLength, static_cast<std::uint32_t>(bytes));
    writer_.put(header, {}, StatSn::Show);
    task.requested += bytes;
  }
}

void Session::complete(Task& task) {
  if (task.failed) {
    command_done(task.command);
    data_in_.discard();
    respond(task.command, aborted(task.failure_code), task.expected_in, task.expected_out,
            task.r2t_count);
  } else {
    execute(task.command, {{task.buffer.data(), task.received}, task.buffer.landing()},
            task.expected_in, task.expected_out, task.r2t_count);
  }
  release(task);
}

void Session::release(Task& task) {
  collected_ -= task.accounted;
  if (incoming_task_ == &task) {
    // Bytes may still be on their way into this memory.
    incoming_ = std::move(task.buffer);
    incoming_task_ = nullptr;
  }
  tasks_.remove(task);
  wake_waiting();
}

void Session::drop_task(Task& task) {
  remember_ended(task_tag(task.command));
  command_done(task.command);
  release(task);
}

void Session::wake_waiting() {
  if (ended_) {
    return;
  }
  for (std::size_t i = 0; i < tasks_.active().size(); ++i) {
    Task& task = tasks_.at(tasks_.active()[i]);
    if (!task.waits_for_room) {
      continue;
    }
    task.waits_for_room = false;
    solicit(task);
    if (task.waits_for_room) {
      return;
    }
  }
}

void Session::remember_ended(std::uint32_t tag) noexcept {
  ended_tags_[ended_count_++ % ended_tags_.size()] = tag;
}

bool Session::ended_early(std::uint32_t tag) const noexcept {
  const auto known = std::span(ended_tags_).first(std::min(ended_count_, ended_tags_.size()));
  return std::find(known.begin(), known.end(), tag) != known.end();
}

}  // namespace lockstep::iscsi
