// Task management. Commands end inside the device server, so only those that still collect data, or
// end later, can be aborted. RFC 7143 sections 11.5 and 11.6, RFC 7144 section 4.
#include "target_impl/iscsi/session.hpp"

#include <algorithm>

namespace lockstep::iscsi {
namespace {

enum class Answer : std::uint8_t {
  Complete = 0,
  TaskDoesNotExist = 1,
  LunDoesNotExist = 2,
  ReassignNotSupported = 4,
  NotSupported = 5,
  Succeeded = 7,  // of a query: yes
};

constexpr std::uint8_t kFunctionMask = 0x7F;
constexpr std::uint8_t kClearAca = 3;
constexpr std::uint8_t kReassign = 8;
// Only where iSCSIProtocolLevel=2 was agreed on.
constexpr std::uint8_t kQueryTask = 9;
constexpr std::uint8_t kQueryTaskSet = 10;
constexpr std::uint8_t kNexusReset = 11;
constexpr std::uint8_t kQueryAsynchronousEvent = 12;
constexpr std::uint32_t kLevelOfQueries = 2;

std::uint8_t to_byte(Answer answer) { return static_cast<std::uint8_t>(answer); }

}  // namespace

// A request that is held may be one of these, and goes on with whatever comes before it.
bool Session::concerns_others(const Pdu& pdu) const noexcept {
  return is_opcode(pdu.header, Opcode::TaskManagementRequest) || !held_.empty();
}

void Session::handle_task_management(const Pdu& pdu) {
  const Header& request = pdu.header;
  const std::uint8_t answer = manage(pdu);
  command_done(request);
  Header header = make_header(Opcode::TaskManagementResponse, task_tag(request));
  header[field::kResponse] = answer;
  writer_.put(header, {}, StatSn::Take);
  const auto function = static_cast<scsi::TaskManagement>(request[field::kFlags] & kFunctionMask);
  if (function != scsi::TaskManagement::TargetColdReset || answer != 0) {
    return;
  }
  // A cold reset ends every session with the target, this one after its response.
  for (Session* session : portal_.sessions()) {
    if (session != this && portal_.exists(session) && session->executor() == executor()) {
      session->end_with_notice(AsyncEvent::SessionWillDrop);
    }
  }
  end();
}

std::uint8_t Session::manage(const Pdu& pdu) {
  const Header& header = pdu.header;
  const std::uint8_t code = header[field::kFlags] & kFunctionMask;
  const std::uint16_t lun = decode_lun(header);
  if (code == kReassign) {
    return to_byte(Answer::ReassignNotSupported);
  }
  if (code == kClearAca) {
    return to_byte(Answer::NotSupported);
  }
  if (code >= kQueryTask) {
    return setup_.parameters.protocol_level < kLevelOfQueries ? to_byte(Answer::NotSupported)
                                                              : query(header, code, lun);
  }
  const auto function = static_cast<scsi::TaskManagement>(code);
  switch (function) {
    case scsi::TaskManagement::AbortTask:
      return abort_task(header);
    case scsi::TaskManagement::AbortTaskSet:
      if (!setup_.executor->manage(nexus_, lun, function)) {
        return to_byte(Answer::LunDoesNotExist);
      }
      drop_tasks(lun);
      return to_byte(Answer::Complete);
    case scsi::TaskManagement::ClearTaskSet:
    case scsi::TaskManagement::LogicalUnitReset:
      if (!setup_.executor->manage(nexus_, lun, function)) {
        return to_byte(Answer::LunDoesNotExist);
      }
      drop_tasks_everywhere(lun);
      return to_byte(Answer::Complete);
    case scsi::TaskManagement::TargetWarmReset:
    case scsi::TaskManagement::TargetColdReset:
      drop_tasks_everywhere(std::nullopt);
      (void)setup_.executor->manage(nexus_, lun, function);
      return to_byte(Answer::Complete);
    case scsi::TaskManagement::NexusReset:
      break;  // above
  }
  return to_byte(Answer::NotSupported);
}

// RFC 7144 section 4.2.
std::uint8_t Session::query(const Header& header, std::uint8_t code, std::uint16_t lun) {
  const auto answer = [](bool yes) { return to_byte(yes ? Answer::Succeeded : Answer::Complete); };
  if (code == kNexusReset) {
    drop_tasks(std::nullopt);
    (void)setup_.executor->manage(nexus_, lun, scsi::TaskManagement::NexusReset);
    return to_byte(Answer::Complete);
  }
  if (code > kQueryAsynchronousEvent) {
    return to_byte(Answer::NotSupported);
  }
  const auto attention = setup_.executor->attention_pending(nexus_, lun);
  if (!attention) {
    return to_byte(Answer::LunDoesNotExist);
  }
  if (code == kQueryAsynchronousEvent) {
    return answer(*attention);
  }
  const std::uint32_t tag = get32(header, field::kReferencedTag);
  const auto is_meant = [&](const Header& command) {
    return decode_lun(command) == lun && (code == kQueryTaskSet || task_tag(command) == tag);
  };
  const auto& active = tasks_.active();
  const bool collects = std::any_of(active.begin(), active.end(), [&](std::uint16_t slot) {
    return is_meant(tasks_.at(slot).command);
  });
  const bool ends_later = std::any_of(late_.begin(), late_.end(),
                                      [&](const auto& late) { return is_meant(late->command); });
  return answer(collects || ends_later);
}

std::uint8_t Session::abort_task(const Header& header) {
  const std::uint32_t tag = get32(header, field::kReferencedTag);
  if (Task* task = tasks_.find_by_tag(tag)) {
    drop_task(*task);
    return to_byte(Answer::Complete);
  }
  if (LateCommand* late = find_late(tag)) {
    drop_late(*late);
    return to_byte(Answer::Complete);
  }
  for (auto& [number, held] : held_) {
    if (!held.aborted && is_opcode(held.pdu.header, Opcode::ScsiCommand) &&
        task_tag(held.pdu.header) == tag) {
      held.aborted = true;
      remember_ended(tag);
      return to_byte(Answer::Complete);
    }
  }
  // Inside the window and not seen yet: it counts as received, and is ignored should it come.
  const std::uint32_t number = get32(header, field::kReferencedCmdSn);
  const CommandWindow& window = writer_.window();
  const bool to_come =
      !serial_less(number, window.expected) && !serial_less(window.maximum, number);
  if (!to_come || held_.contains(number)) {
    return to_byte(Answer::TaskDoesNotExist);
  }
  held_[number].aborted = true;
  remember_ended(tag);
  return to_byte(Answer::Complete);
}

void Session::drop_tasks(std::optional<std::uint16_t> lun) {
  for (std::size_t i = 0; i < tasks_.active().size();) {
    Task& task = tasks_.at(tasks_.active()[i]);
    if (lun && decode_lun(task.command) != *lun) {
      ++i;
    } else {
      drop_task(task);  // leaves the walk at an element not yet seen
    }
  }
  for (std::size_t i = 0; i < late_.size();) {
    if (lun && decode_lun(late_[i]->command) != *lun) {
      ++i;
    } else {
      drop_late(*late_[i]);
    }
  }
}

void Session::drop_tasks_everywhere(std::optional<std::uint16_t> lun) {
  for (Session* session : portal_.sessions()) {
    if (session->executor() == executor()) {
      session->drop_tasks(lun);
    }
  }
}

}  // namespace lockstep::iscsi
