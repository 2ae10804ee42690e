// RECEIVE COPY STATUS(LID4) and RECEIVE ROD TOKEN INFORMATION (SPC-4 6.24, SBC-4 5.25).
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"
#include "target_impl/scsi/third_party_copy/copy_manager.hpp"

#include <algorithm>
#include <vector>

namespace lockstep::scsi {

namespace {

constexpr std::uint64_t kNothingMoreToCome = 0xfffffffe;
constexpr std::uint64_t kDelayUnknown = 0xffffffff;
constexpr std::byte kBytes{0x00};
constexpr std::byte kBlocks{0xf1};

// The part that both have: a header and the sense data of the copy.
[[nodiscard]] std::vector<std::byte> status_data(const CopyRecord& record,
                                                 const CopyProgress& progress) {
  constexpr std::size_t kHeaderBytes = 32;
  constexpr std::size_t kSenseField = (kSenseBytes + 3) / 4 * 4;
  std::vector<std::byte> data(kHeaderBytes + (progress.sense ? kSenseField : 0));
  const std::span<std::byte> out(data);
  data[4] = static_cast<std::byte>(record.command());
  data[5] = static_cast<std::byte>(progress.state);
  put_big_endian(out, 6, 2, progress.operations);
  put_big_endian(out, 8, 4, is_running(progress.state) ? kDelayUnknown : kNothingMoreToCome);
  data[12] = static_cast<std::byte>(progress.completion);
  if (progress.sense) {
    data[13] = static_cast<std::byte>(kSenseField);
    data[14] = static_cast<std::byte>(kSenseBytes);
    const auto sense = fixed_format(*progress.sense);
    std::ranges::copy(std::as_bytes(std::span(sense)), data.begin() + kHeaderBytes);
  }
  data[15] = record.command() == CopyCommand::ExtendedCopy ? kBytes : kBlocks;
  put_big_endian(out, 16, 8, progress.transferred);
  put_big_endian(out, 24, 2, progress.segments);
  return data;
}

void reply_with_length(Task& task, std::vector<std::byte>& data) {
  put_big_endian(std::span<std::byte>(data), 0, 4, data.size() - 4);
  task.reply(data, task.cdb(10, 4));
}

// Null: the task has failed.
[[nodiscard]] std::shared_ptr<CopyRecord> record_of(Task& task) {
  auto record = task.device.copies().records().find(task.nexus.id,
                                                    static_cast<std::uint32_t>(task.cdb(2, 4)));
  if (record == nullptr) {
    task.refuse_cdb(2);
  }
  return record;
}

}  // namespace

void receive_copy_status_4(Task& task) {
  if (const auto record = record_of(task)) {
    auto data = status_data(*record, record->get());
    reply_with_length(task, data);
  }
}

void receive_rod_token_information(Task& task) {
  const auto record = record_of(task);
  if (record == nullptr) {
    return;
  }
  if (record->command() == CopyCommand::ExtendedCopy) {
    task.refuse_cdb(2);
    return;
  }
  constexpr std::size_t kDescriptorBytes = 2 + kTokenBytes;
  const CopyProgress progress = record->get();
  auto data = status_data(*record, progress);
  const std::size_t at = data.size();
  data.resize(at + 4);
  if (progress.token) {
    put_big_endian(std::span<std::byte>(data), at, 4, kDescriptorBytes);
    data.resize(at + 4 + 2);
    data.insert(data.end(), progress.token->begin(), progress.token->end());
  }
  reply_with_length(task, data);
}

}  // namespace lockstep::scsi
