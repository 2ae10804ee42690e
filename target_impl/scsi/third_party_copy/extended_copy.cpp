// EXTENDED COPY(LID1) (SPC-4 6.4): checks in the order that initiators rely on, then the segments
// one after the other.
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/third_party_copy/copy_manager.hpp"
#include "target_impl/scsi/third_party_copy/copy_parameters.hpp"
#include "target_impl/scsi/third_party_copy/copy_segment.hpp"
#include "target_impl/scsi/third_party_copy/cscd.hpp"
#include "target_impl/scsi/unit_access.hpp"

#include <memory>
#include <set>
#include <vector>

namespace lockstep::scsi {

namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kSegmentHeaderBytes = 4;
constexpr std::byte kIdentificationCscd{0xe4};

// LIST ID USAGE.
enum Usage : std::uint8_t { kKeep = 0, kReserved = 1, kDropHeldData = 2, kNoList = 3 };

class ParameterList {
 public:
  ParameterList(Task& task, std::span<const std::byte> bytes)
      : task_(task), bytes_(bytes), limits_(task.device.copies().limits()) {}

  [[nodiscard]] std::uint8_t list_identifier() const { return number<std::uint8_t>(0, 1); }
  [[nodiscard]] Usage usage() const {
    return static_cast<Usage>((number<unsigned>(1, 1) >> 3) & 0x03U);
  }
  [[nodiscard]] std::size_t cscd_bytes() const { return number<std::size_t>(2, 2); }
  [[nodiscard]] std::size_t segments_bytes() const { return number<std::size_t>(8, 4); }
  [[nodiscard]] const std::vector<std::size_t>& segments() const { return segments_; }
  [[nodiscard]] std::span<const std::byte> at(std::size_t offset, std::size_t bytes) const {
    return bytes_.subspan(offset, bytes);
  }

  // False: the task has failed, or there is nothing to do.
  [[nodiscard]] bool is_legal();
  // For a segment's CSCD identifier; `why` is set when there is no such logical unit.
  [[nodiscard]] Cscd find(std::uint16_t identifier, AdditionalSense& why) const;

 private:
  template <class Number>
  [[nodiscard]] Number number(std::size_t at, std::size_t bytes) const {
    return static_cast<Number>(get_big_endian(bytes_, at, bytes));
  }
  [[nodiscard]] bool refuse(AdditionalSense additional, std::size_t at,
                            std::optional<std::uint8_t> bit = std::nullopt) const {
    task_.fail(Sense{SenseKey::IllegalRequest,
                     additional,
                     FieldPointer{false, static_cast<std::uint16_t>(at), bit},
                     {}});
    return false;
  }
  [[nodiscard]] bool lengths_are_legal();
  [[nodiscard]] bool counts_are_legal();
  [[nodiscard]] bool types_are_legal() const;
  [[nodiscard]] bool cscds_are_legal();

  Task& task_;
  const std::span<const std::byte> bytes_;
  const CopyLimits& limits_;
  std::vector<std::size_t> segments_;  // where they begin in the list
  std::vector<Cscd> cscds_;
};

bool ParameterList::lengths_are_legal() {
  const std::size_t descriptors = cscd_bytes() + segments_bytes();
  if (descriptors > bytes_.size() - kHeaderBytes) {
    task_.refuse_list_length();
    return false;
  }
  if (descriptors > limits_.max_descriptor_list_bytes) {
    task_.refuse_list_length();
    return false;
  }
  return true;
}

bool ParameterList::counts_are_legal() {
  if (cscd_bytes() % kCscdBytes != 0) {
    return refuse(AdditionalSense::InvalidFieldInParameterList, 2);
  }
  if (cscd_bytes() / kCscdBytes > limits_.max_cscds) {
    return refuse(AdditionalSense::TooManyTargetDescriptors, 2);
  }
  const std::size_t end = kHeaderBytes + cscd_bytes() + segments_bytes();
  for (std::size_t at = kHeaderBytes + cscd_bytes(); at != end;) {
    if (end - at < kSegmentHeaderBytes) {
      return refuse(AdditionalSense::InvalidFieldInParameterList, 8);
    }
    const std::size_t bytes = kSegmentHeaderBytes + number<std::size_t>(at + 2, 2);
    if (bytes > end - at) {
      return refuse(AdditionalSense::InvalidFieldInParameterList, at + 2);
    }
    segments_.push_back(at);
    at += bytes;
  }
  if (segments_.size() > limits_.max_segments) {
    return refuse(AdditionalSense::TooManySegmentDescriptors, 8);
  }
  if (number<std::uint64_t>(12, 4) != 0) {
    return refuse(AdditionalSense::InlineDataLengthExceeded, 12);
  }
  return true;
}

bool ParameterList::types_are_legal() const {
  for (std::size_t at = kHeaderBytes; at != kHeaderBytes + cscd_bytes(); at += kCscdBytes) {
    if (bytes_[at] != kIdentificationCscd) {
      return refuse(AdditionalSense::UnsupportedTargetDescriptorType, at);
    }
  }
  for (const std::size_t at : segments_) {
    if (segment_bytes(number<std::uint8_t>(at, 1)) == 0) {
      return refuse(AdditionalSense::UnsupportedSegmentDescriptorType, at);
    }
  }
  for (const std::size_t at : segments_) {
    if (segment_bytes(number<std::uint8_t>(at, 1)) !=
        kSegmentHeaderBytes + number<std::size_t>(at + 2, 2)) {
      return refuse(AdditionalSense::InvalidFieldInParameterList, at + 2);
    }
  }
  return true;
}

bool ParameterList::cscds_are_legal() {
  for (std::size_t at = kHeaderBytes; at != kHeaderBytes + cscd_bytes(); at += kCscdBytes) {
    const auto descriptor = bytes_.subspan(at, kCscdBytes);
    if (const auto field = wrong_cscd_field(descriptor)) {
      return refuse(AdditionalSense::InvalidFieldInParameterList, at + *field);
    }
    const Cscd& cscd = cscds_.emplace_back(find_cscd(task_, descriptor));
    if (cscd.unit != nullptr &&
        get_big_endian(descriptor, 29, 3) != cscd.unit->volume().block_size().bytes) {
      return refuse(AdditionalSense::InvalidFieldInParameterList, at + 29);
    }
  }
  return true;
}

bool ParameterList::is_legal() {
  if (cscd_bytes() + segments_bytes() == 0) {
    return false;
  }
  if (!lengths_are_legal() || !counts_are_legal() || !types_are_legal()) {
    return false;
  }
  if (usage() == kReserved) {
    return refuse(AdditionalSense::InvalidFieldInParameterList, 1, std::uint8_t{4});
  }
  if (usage() == kNoList && list_identifier() != 0) {
    return refuse(AdditionalSense::InvalidFieldInParameterList, 0);
  }
  return cscds_are_legal();
}

Cscd ParameterList::find(std::uint16_t identifier, AdditionalSense& why) const {
  constexpr std::byte kNul{0x20};
  constexpr std::byte kDeviceType{0x1f};
  if (identifier == kOwnUnitCscd) {
    return {task_.lun, task_.device.unit(task_.lun), false};
  }
  const std::size_t offset = kHeaderBytes + identifier * kCscdBytes;
  if (identifier >= cscds_.size() || (bytes_[offset + 1] & kNul) != std::byte{0}) {
    why = AdditionalSense::UnreachableCopyTarget;
    return {};
  }
  if ((bytes_[offset + 1] & kDeviceType) != std::byte{0}) {
    why = AdditionalSense::IncorrectCopyTargetDeviceType;
    return {};
  }
  if (cscds_[identifier].unit == nullptr) {
    why = AdditionalSense::CopyTargetDeviceNotReachable;
  }
  return cscds_[identifier];
}

// Null record: the list has none. False: the task has failed.
[[nodiscard]] bool start(Task& task, const ParameterList& list,
                         std::shared_ptr<CopyRecord>& record) {
  if (list.usage() == kNoList) {
    return true;
  }
  // QEMU has several copies under one identifier on their way, and asks about none of them.
  const auto if_running = list.usage() == kDropHeldData ? CopyRecords::IfRunning::Replace
                                                        : CopyRecords::IfRunning::Refuse;
  auto started = task.device.copies().records().start(
      task.nexus.id, list.list_identifier(),
      std::make_shared<CopyRecord>(CopyCommand::ExtendedCopy, task.lun), if_running);
  if (started.record == nullptr) {
    refuse_copy(task, started.in_progress);
    return false;
  }
  record = std::move(started.record);
  return true;
}

// SPC-4 6.4.3: the number of the segment, and where in it the fault is.
[[nodiscard]] Sense sense_in_segment(Sense sense, std::size_t segment) {
  sense.command_specific = static_cast<std::uint32_t>(segment);
  if (sense.field) {
    sense.field->in_segment = true;
  } else {
    sense.field = FieldPointer{false, 0, {}, true};
  }
  return sense;
}

// `written` gets the units that have changed.
[[nodiscard]] CopyProgress run_segments(Task& task, const ParameterList& list,
                                        std::set<std::shared_ptr<LogicalUnit>>& written) {
  const CopyLimits& limits = task.device.copies().limits();
  CopyProgress progress;
  progress.state = CopyState::Completed;
  for (const std::size_t at : list.segments()) {
    const auto type = static_cast<std::uint8_t>(list.at(at, 1)[0]);
    const SegmentOutcome outcome =
        copy_segment(task, list.at(at, segment_bytes(type)), limits,
                     [&list](std::uint16_t identifier, AdditionalSense& why) {
                       return list.find(identifier, why);
                     });
    if (outcome.written != nullptr) {
      written.insert(outcome.written);
    }
    progress.transferred += outcome.bytes;
    ++progress.operations;
    if (outcome.sense) {
      progress.state = CopyState::WithErrors;
      progress.completion = outcome.conflict ? Status::ReservationConflict : Status::CheckCondition;
      progress.sense = sense_in_segment(*outcome.sense, progress.segments);
      break;
    }
    ++progress.segments;
  }
  return progress;
}

}  // namespace

void extended_copy_1(Task& task) {
  const auto bytes = copy_parameters(task, kHeaderBytes);
  if (!bytes) {
    return;
  }
  ParameterList list(task, *bytes);
  std::shared_ptr<CopyRecord> record;
  if (!list.is_legal() || !start(task, list, record)) {
    return;
  }
  std::set<std::shared_ptr<LogicalUnit>> written;
  const CopyProgress progress = run_segments(task, list, written);
  if (record != nullptr) {
    record->update([&](CopyProgress& kept) { kept = progress; });
  }
  if (progress.completion == Status::CheckCondition) {
    task.fail(*progress.sense);
  } else {
    task.response.status = progress.completion;
  }
  for (const auto& unit : written) {
    make_durable(task, *unit);
  }
}

}  // namespace lockstep::scsi
