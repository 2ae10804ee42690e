// POPULATE TOKEN (SBC-4 5.12): a token for what ranges of the logical unit hold now. Done when the
// command is answered, whether it waits (IMMED=0) or not: it takes a snapshot.
#include "target_impl/scsi/capacity.hpp"
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/third_party_copy/copy_manager.hpp"
#include "target_impl/scsi/third_party_copy/copy_parameters.hpp"

#include <algorithm>

namespace lockstep::scsi {

namespace {

constexpr std::size_t kShortestList = 16;
constexpr std::uint64_t kLeastDataLength = 0x1e;
constexpr std::size_t kRangesLengthAt = 14;

struct Wish {
  std::chrono::seconds inactivity{};
  RodType type = RodType::PointInTime;
  bool zero_will_do = true;  // no type was asked for that excludes the zero token
};

// nullopt: the task has failed.
[[nodiscard]] std::optional<Wish> wish_of(Task& task, std::span<const std::byte> list,
                                          const CopyLimits& limits) {
  constexpr std::byte kRodTypeValid{0x02};
  Wish wish;
  const std::uint64_t inactivity_s = get_big_endian(list, 4, 4);
  if (inactivity_s > limits.max_inactivity_s) {
    task.refuse_parameter(4);
    return std::nullopt;
  }
  wish.inactivity =
      std::chrono::seconds(inactivity_s == 0 ? limits.default_inactivity_s : inactivity_s);
  if ((list[2] & kRodTypeValid) == std::byte{0}) {
    return wish;
  }
  switch (static_cast<RodType>(get_big_endian(list, 8, 4))) {
    case RodType::PointInTime:
      wish.zero_will_do = false;
      return wish;
    case RodType::PersistentPointInTime:
      wish.zero_will_do = false;
      wish.type = RodType::PersistentPointInTime;
      return wish;
    case RodType::AnyPointInTime:
      wish.type = RodType::PersistentPointInTime;
      return wish;
    case RodType::Zero:
      break;
  }
  task.refuse_parameter(8);
  return std::nullopt;
}

[[nodiscard]] std::shared_ptr<const Rod> make_rod(Task& task, const BlockSpans& ranges) {
  const auto rod = std::make_shared<Rod>(task.volume());
  for (const BlockSpan& span : ranges.spans) {
    rod->append(span.first * task.block_bytes(), span.count * task.block_bytes());
  }
  return rod;
}

[[nodiscard]] TokenFields fields_of(const Task& task, RodType type, const Rod& rod) {
  TokenFields fields;
  fields.type = type;
  fields.creator_naa = task.unit().options().naa_identifier;
  fields.bytes = rod.bytes();
  fields.block_bytes = task.block_bytes();
  const auto capacity = long_capacity(task.unit());
  std::transform(capacity.begin() + 12, capacity.begin() + 16, fields.capacity.begin(),
                 [](std::byte b) { return static_cast<std::uint8_t>(b); });
  fields.target_name = task.device.target_name();
  return fields;
}

}  // namespace

void populate_token(Task& task) {
  CopyManager& copies = task.device.copies();
  const auto list = copy_parameters(task, kShortestList);
  if (!list) {
    return;
  }
  if (get_big_endian(*list, 0, 2) < kLeastDataLength) {
    task.refuse_parameter(0);
    return;
  }
  const auto wish = wish_of(task, *list, copies.limits());
  if (!wish) {
    return;
  }
  const auto ranges = block_spans(task, *list, kRangesLengthAt, copies.limits());
  if (!ranges) {
    return;
  }
  const auto list_identifier = static_cast<std::uint32_t>(task.cdb(6, 4));
  const auto [record, in_progress] =
      copies.records().start(task.nexus.id, list_identifier,
                             std::make_shared<CopyRecord>(CopyCommand::PopulateToken, task.lun),
                             CopyRecords::IfRunning::Refuse);
  if (record == nullptr) {
    refuse_copy(task, in_progress);
    return;
  }
  const auto rod = make_rod(task, *ranges);
  TokenBytes token = zero_token();
  if (!wish->zero_will_do || rod->bytes() == 0 || !rod->is_unmapped()) {
    auto made = copies.tokens().create({fields_of(task, wish->type, *rod), rod, wish->inactivity});
    if (const auto* refused = std::get_if<Sense>(&made)) {
      task.fail(*refused);
      record->update([&](CopyProgress& progress) {
        progress.state = CopyState::WithErrors;
        progress.completion = Status::CheckCondition;
        progress.sense = *refused;
      });
      return;
    }
    token = std::get<TokenBytes>(made);
  }
  record->update([&](CopyProgress& progress) {
    progress.state = CopyState::Completed;
    progress.transferred = ranges->blocks;
    ++progress.operations;
    progress.token = token;
  });
}

}  // namespace lockstep::scsi
