// WRITE USING TOKEN (SBC-4 5.59): makes ranges of the logical unit hold what a token stands for.
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/third_party_copy/copy_manager.hpp"
#include "target_impl/scsi/third_party_copy/copy_parameters.hpp"
#include "target_impl/scsi/unit_access.hpp"

#include <limits>
#include <utility>

namespace lockstep::scsi {

namespace {

constexpr std::size_t kShortestList = 16;
constexpr std::uint64_t kLeastDataLength = 0x226;
constexpr std::size_t kOffsetAt = 8;
constexpr std::size_t kTokenAt = 16;
constexpr std::size_t kRangesLengthAt = 534;

void refuse_token(Task& task, AdditionalSense reason) {
  task.fail(Sense{SenseKey::IllegalRequest, reason, FieldPointer{false, kTokenAt, {}}, {}});
}

// Finds what the token of the list stands for, and where in it to begin. False: the task has
// failed.
[[nodiscard]] bool find_source(Task& task, std::span<const std::byte> list,
                               TokenWrite::Order& order) {
  const auto token = list.subspan<kTokenAt, kTokenBytes>();
  if (type_of(token) == RodType::Zero) {
    // Zeros have no end, so any offset will do.
    if (const AdditionalSense fault = fault_of_token(token); fault != AdditionalSense::None) {
      refuse_token(task, fault);
      return false;
    }
    return true;
  }
  auto redeemed = task.device.copies().tokens().redeem(token);
  if (const auto* reason = std::get_if<AdditionalSense>(&redeemed)) {
    refuse_token(task, *reason);
    return false;
  }
  order.use.emplace(std::move(std::get<RodTokens::Use>(redeemed)));
  const std::uint64_t offset = get_big_endian(list, kOffsetAt, 8);
  const std::uint64_t rod_bytes = order.use->rod().bytes();
  if (offset > std::numeric_limits<std::uint64_t>::max() / task.block_bytes() ||
      offset * task.block_bytes() >= rod_bytes) {
    task.refuse_parameter(kOffsetAt);
    return false;
  }
  order.offset = offset * task.block_bytes();
  return true;
}

void run_in_foreground(Task& task, TokenWrite& copy, const CopyLimits& limits) {
  while (copy.step() == TokenWrite::Step::More) {
    if (copy.moved_bytes() >= limits.max_moved_bytes) {
      copy.stop_short();
      break;
    }
  }
  const CopyProgress end = copy.record().get();
  task.response.status = end.completion;
  if (end.completion == Status::CheckCondition && end.sense) {
    task.fail(*end.sense);
  }
  make_durable(task, task.unit());
}

void run_in_background(Task& task, std::unique_ptr<TokenWrite> copy,
                       const std::shared_ptr<CopyRecord>& record, std::uint32_t list_identifier) {
  CopyManager& copies = task.device.copies();
  record->update([](CopyProgress& progress) { progress.state = CopyState::InBackground; });
  if (!copies.background().add(copy)) {
    copies.records().drop(task.nexus.id, list_identifier);
    task.response.status = Status::Busy;
  }
}

}  // namespace

void write_using_token(Task& task) {
  constexpr std::byte kImmediate{0x01};
  constexpr std::byte kDeleteToken{0x02};
  CopyManager& copies = task.device.copies();
  const auto list = copy_parameters(task, kShortestList);
  if (!list) {
    return;
  }
  if (get_big_endian(*list, 0, 2) < kLeastDataLength) {
    task.refuse_parameter(0);
    return;
  }
  if (list->size() < kRangesLengthAt + 2) {
    task.refuse_list_length();
    return;
  }
  const auto ranges = block_spans(task, *list, kRangesLengthAt, copies.limits());
  TokenWrite::Order order;
  if (!ranges || !find_source(task, *list, order)) {
    return;
  }
  order.ranges = ranges->spans;
  order.in_background = ((*list)[2] & kImmediate) != std::byte{0};
  order.delete_token = ((*list)[2] & kDeleteToken) != std::byte{0};
  const auto list_identifier = static_cast<std::uint32_t>(task.cdb(6, 4));
  const auto [record, in_progress] =
      copies.records().start(task.nexus.id, list_identifier,
                             std::make_shared<CopyRecord>(CopyCommand::WriteUsingToken, task.lun),
                             CopyRecords::IfRunning::Refuse);
  if (record == nullptr) {
    refuse_copy(task, in_progress);
    return;
  }
  auto copy = std::make_unique<TokenWrite>(task.nexus, task.lun, task.device.unit(task.lun), record,
                                           std::move(order));
  if (((*list)[2] & kImmediate) != std::byte{0}) {
    run_in_background(task, std::move(copy), record, list_identifier);
  } else {
    run_in_foreground(task, *copy, copies.limits());
  }
}

void copy_operation_abort(Task& task) {
  CopyManager& copies = task.device.copies();
  const auto record =
      copies.records().find(task.nexus.id, static_cast<std::uint32_t>(task.cdb(2, 4)));
  if (record == nullptr || !copies.background().terminate(*record)) {
    task.refuse_cdb(2);
  }
}

}  // namespace lockstep::scsi
