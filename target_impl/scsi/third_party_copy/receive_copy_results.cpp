// The inquiries of EXTENDED COPY(LID1): RECEIVE COPY STATUS(LID1), RECEIVE COPY OPERATING
// PARAMETERS and RECEIVE COPY FAILURE DETAILS(LID1) (SPC-4 6.20, 6.18, 6.16).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/third_party_copy/copy_manager.hpp"
#include "target_impl/scsi/third_party_copy/third_party_page.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace lockstep::scsi {

namespace {

// Null: the task has failed.
[[nodiscard]] std::shared_ptr<CopyRecord> extended_copy_of(Task& task) {
  auto record =
      task.device.copies().records().find(task.nexus.id, static_cast<std::uint32_t>(task.cdb(2)));
  if (record == nullptr || record->command() != CopyCommand::ExtendedCopy) {
    task.refuse_cdb(2);
    return nullptr;
  }
  return record;
}

// TRANSFER COUNT and its unit: bytes, or the smallest power of 1024 that fits.
void put_count(std::span<std::byte> data, std::uint64_t bytes) {
  std::uint8_t unit = 0;
  for (; bytes > 0xffffffff; bytes /= 1024) {
    ++unit;
  }
  data[7] = static_cast<std::byte>(unit);
  put_big_endian(data, 8, 4, bytes);
}

}  // namespace

void receive_copy_status_1(Task& task) {
  enum : std::uint8_t { kInProgress = 0, kCompleted = 1, kWithErrors = 2 };
  constexpr unsigned kHeldDataDiscarded = 0x80;
  const auto record = extended_copy_of(task);
  if (record == nullptr) {
    return;
  }
  CopyProgress progress;
  record->update([&progress](CopyProgress& kept) {
    progress = kept;
    kept.status_read = !is_running(kept.state);
  });
  if (progress.status_read) {
    task.refuse_cdb(2);
    return;
  }
  std::array<std::byte, 12> data{};
  const std::span<std::byte> out(data);
  const unsigned status = is_running(progress.state)               ? kInProgress
                          : progress.state == CopyState::Completed ? kCompleted
                                                                   : kWithErrors;
  put_big_endian(out, 0, 4, data.size() - 4);
  data[4] = static_cast<std::byte>(kHeldDataDiscarded | status);
  put_big_endian(out, 5, 2, progress.segments);
  put_count(out, progress.transferred);
  task.reply(data, task.cdb(10, 4));
}

void receive_copy_operating_parameters(Task& task) {
  const CopyLimits& limits = task.device.copies().limits();
  constexpr std::byte kSnlid{0x01};
  const auto codes = implemented_descriptors();
  std::vector<std::byte> data(44 + codes.size());
  const std::span<std::byte> out(data);
  put_big_endian(out, 0, 4, data.size() - 4);
  data[4] = kSnlid;
  put_big_endian(out, 8, 2, limits.max_cscds);
  put_big_endian(out, 10, 2, limits.max_segments);
  put_big_endian(out, 12, 4, limits.max_descriptor_list_bytes);
  put_big_endian(out, 16, 4, limits.max_segment_bytes);
  put_big_endian(out, 34, 2, limits.max_concurrent_copies);
  put_big_endian(out, 36, 1, std::min<std::uint64_t>(limits.max_concurrent_copies, 0xff));
  put_big_endian(out, 37, 1, limits.granularity_log2);
  put_big_endian(out, 43, 1, codes.size());
  std::ranges::copy(std::as_bytes(codes), data.begin() + 44);
  task.reply(data, task.cdb(10, 4));
}

void receive_copy_failure_details(Task& task) {
  constexpr std::size_t kSenseAt = 60;
  const auto record = extended_copy_of(task);
  if (record == nullptr) {
    return;
  }
  const CopyProgress progress = record->get();
  std::vector<std::byte> data(4);
  if (!is_running(progress.state) && progress.completion != Status::Good) {
    data.resize(kSenseAt);
    data[56] = static_cast<std::byte>(progress.completion);
    if (progress.completion == Status::CheckCondition) {
      put_big_endian(std::span<std::byte>(data), 58, 2, kSenseBytes);
      const auto sense = fixed_format(*progress.sense);
      const auto bytes = std::as_bytes(std::span(sense));
      data.insert(data.end(), bytes.begin(), bytes.end());
    }
    put_big_endian(std::span<std::byte>(data), 0, 4, data.size() - 4);
  }
  task.reply(data, task.cdb(10, 4));
}

}  // namespace lockstep::scsi
