#include "target_impl/scsi/command_table.hpp"

namespace lockstep::scsi {

namespace {

constexpr std::optional<std::uint8_t> kNoAction{};
constexpr std::uint8_t kFf = 0xff;
// GROUP NUMBER, and DPO with FUA.
constexpr std::uint8_t kGroup = 0x1f;
constexpr std::uint8_t kDpoFua = 0x18;

// clang-format off
constexpr CommandEntry kCommands[] = {
  {0x00, kNoAction, Need::Ready,       Sharing::Always,  test_unit_ready,                6, {0x00}},
  {0x03, kNoAction, Need::Nothing,     Sharing::Always,  request_sense,                  6, {0x03, 0x01, 0, 0, kFf}},
  {0x08, kNoAction, Need::Ready,       Sharing::Reads,   read_blocks,                    6, {0x08, 0x1f, kFf, kFf, kFf}},
  {0x0a, kNoAction, Need::Write,       Sharing::Changes, write_blocks,                   6, {0x0a, 0x1f, kFf, kFf, kFf}},
  {0x12, kNoAction, Need::Nothing,     Sharing::Always,  inquiry,                        6, {0x12, 0x01, kFf, kFf, kFf}},
  {0x15, kNoAction, Need::Settled,     Sharing::Changes, mode_select_6,                  6, {0x15, 0x10, 0, 0, kFf}},
  {0x16, kNoAction, Need::LogicalUnit, Sharing::Decides, reserve_6,                      6, {0x16}},
  {0x17, kNoAction, Need::LogicalUnit, Sharing::Decides, release_6,                      6, {0x17}},
  {0x1a, kNoAction, Need::Settled,     Sharing::Reads,   mode_sense_6,                   6, {0x1a, 0x08, kFf, kFf, kFf}},
  {0x1b, kNoAction, Need::Settled,     Sharing::Decides, start_stop_unit,                6, {0x1b, 0x01, 0, 0x0f, 0xf7}},
  {0x1e, kNoAction, Need::Settled,     Sharing::Decides, prevent_allow_medium_removal,   6, {0x1e, 0, 0, 0, 0x03}},
  {0x25, kNoAction, Need::Medium,      Sharing::Always,  read_capacity_10,              10, {0x25}},
  {0x28, kNoAction, Need::Ready,       Sharing::Reads,   read_blocks,                   10, {0x28, kDpoFua, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x2a, kNoAction, Need::Write,       Sharing::Changes, write_blocks,                  10, {0x2a, kDpoFua, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x2e, kNoAction, Need::Write,       Sharing::Changes, write_and_verify,              10, {0x2e, 0x12, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x2f, kNoAction, Need::Ready,       Sharing::Reads,   verify,                        10, {0x2f, 0x16, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x34, kNoAction, Need::Ready,       Sharing::Reads,   pre_fetch,                     10, {0x34, 0x02, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x35, kNoAction, Need::Ready,       Sharing::Changes, synchronize_cache,             10, {0x35, 0x02, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x37, kNoAction, Need::Ready,       Sharing::Reads,   read_defect_data_10,           10, {0x37, 0, 0x1f, 0, 0, 0, 0, kFf, kFf}},
  {0x41, kNoAction, Need::Write,       Sharing::Changes, write_same,                    10, {0x41, 0x08, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}, 60},
  {0x42, kNoAction, Need::Write,       Sharing::Changes, unmap,                         10, {0x42, 0, 0, 0, 0, 0, kGroup, kFf, kFf}, 60},
  {0x48, 0x01,      Need::WriteAlone,  Sharing::Changes, sanitize,                      10, {0x48, 0xbf, 0, 0, 0, 0, 0, kFf, kFf}, 3600},
  {0x48, 0x02,      Need::WriteAlone,  Sharing::Changes, sanitize,                      10, {0x48, 0xbf, 0, 0, 0, 0, 0, kFf, kFf}, 3600},
  {0x48, 0x03,      Need::WriteAlone,  Sharing::Changes, sanitize,                      10, {0x48, 0xbf, 0, 0, 0, 0, 0, kFf, kFf}, 3600},
  {0x48, 0x1f,      Need::LogicalUnit, Sharing::Changes, exit_failure_mode,             10, {0x48, 0x1f, 0, 0, 0, 0, 0, kFf, kFf}},
  {0x55, kNoAction, Need::Settled,     Sharing::Changes, mode_select_10,                10, {0x55, 0x10, 0, 0, 0, 0, 0, kFf, kFf}},
  {0x5a, kNoAction, Need::Settled,     Sharing::Reads,   mode_sense_10,                 10, {0x5a, 0x18, kFf, kFf, 0, 0, 0, kFf, kFf}},
  {0x5e, 0x00,      Need::LogicalUnit, Sharing::Always,  persistent_reserve_in,         10, {0x5e, 0x1f, 0, 0, 0, 0, 0, kFf, kFf}},
  {0x5e, 0x01,      Need::LogicalUnit, Sharing::Always,  persistent_reserve_in,         10, {0x5e, 0x1f, 0, 0, 0, 0, 0, kFf, kFf}},
  {0x5e, 0x02,      Need::LogicalUnit, Sharing::Always,  persistent_reserve_in,         10, {0x5e, 0x1f, 0, 0, 0, 0, 0, kFf, kFf}},
  {0x5e, 0x03,      Need::LogicalUnit, Sharing::Always,  persistent_reserve_in,         10, {0x5e, 0x1f, 0, 0, 0, 0, 0, kFf, kFf}},
  {0x5f, 0x00,      Need::LogicalUnit, Sharing::Decides, persistent_reserve_out,        10, {0x5f, 0x1f, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x5f, 0x01,      Need::LogicalUnit, Sharing::Decides, persistent_reserve_out,        10, {0x5f, 0x1f, kFf, 0, 0, kFf, kFf, kFf, kFf}},
  {0x5f, 0x02,      Need::LogicalUnit, Sharing::Decides, persistent_reserve_out,        10, {0x5f, 0x1f, kFf, 0, 0, kFf, kFf, kFf, kFf}},
  {0x5f, 0x03,      Need::LogicalUnit, Sharing::Decides, persistent_reserve_out,        10, {0x5f, 0x1f, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x5f, 0x04,      Need::LogicalUnit, Sharing::Decides, persistent_reserve_out,        10, {0x5f, 0x1f, kFf, 0, 0, kFf, kFf, kFf, kFf}},
  {0x5f, 0x05,      Need::LogicalUnit, Sharing::Decides, persistent_reserve_out,        10, {0x5f, 0x1f, kFf, 0, 0, kFf, kFf, kFf, kFf}},
  {0x5f, 0x06,      Need::LogicalUnit, Sharing::Decides, persistent_reserve_out,        10, {0x5f, 0x1f, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x5f, 0x07,      Need::LogicalUnit, Sharing::Decides, persistent_reserve_out,        10, {0x5f, 0x1f, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x83, 0x00,      Need::Settled,     Sharing::Changes, extended_copy_1,               16, {0x83, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, kFf, kFf, kFf, kFf}, 60},
  {0x83, 0x10,      Need::Ready,       Sharing::Reads,   populate_token,                16, {0x83, 0x1f, 0, 0, 0, 0, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x83, 0x11,      Need::Write,       Sharing::Changes, write_using_token,             16, {0x83, 0x1f, 0, 0, 0, 0, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}, 60},
  {0x83, 0x1c,      Need::LogicalUnit, Sharing::Changes, copy_operation_abort,          16, {0x83, 0x1f, kFf, kFf, kFf, kFf}},
  {0x84, 0x00,      Need::LogicalUnit, Sharing::Reads,   receive_copy_status_1,         16, {0x84, 0x1f, kFf, 0, 0, 0, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x84, 0x03,      Need::LogicalUnit, Sharing::Reads,   receive_copy_operating_parameters, 16, {0x84, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x84, 0x04,      Need::LogicalUnit, Sharing::Reads,   receive_copy_failure_details,  16, {0x84, 0x1f, kFf, 0, 0, 0, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x84, 0x05,      Need::LogicalUnit, Sharing::Reads,   receive_copy_status_4,         16, {0x84, 0x1f, kFf, kFf, kFf, kFf, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x84, 0x07,      Need::LogicalUnit, Sharing::Reads,   receive_rod_token_information, 16, {0x84, 0x1f, kFf, kFf, kFf, kFf, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x88, kNoAction, Need::Ready,       Sharing::Reads,   read_blocks,                   16, {0x88, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x89, kNoAction, Need::Write,       Sharing::Changes, compare_and_write,             16, {0x89, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, 0, 0, 0, kFf, kGroup}},
  {0x8a, kNoAction, Need::Write,       Sharing::Changes, write_blocks,                  16, {0x8a, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x8b, kNoAction, Need::Write,       Sharing::Changes, or_write,                      16, {0x8b, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x8e, kNoAction, Need::Write,       Sharing::Changes, write_and_verify,              16, {0x8e, 0x12, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x8f, kNoAction, Need::Ready,       Sharing::Reads,   verify,                        16, {0x8f, 0x16, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x90, kNoAction, Need::Ready,       Sharing::Reads,   pre_fetch,                     16, {0x90, 0x02, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x91, kNoAction, Need::Ready,       Sharing::Changes, synchronize_cache,             16, {0x91, 0x02, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x93, kNoAction, Need::Write,       Sharing::Changes, write_same,                    16, {0x93, 0x09, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}, 60},
  {0x9c, kNoAction, Need::Write,       Sharing::Changes, write_atomic,                  16, {0x9c, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, 0, 0, kFf, kFf, kGroup}},
  {0x9e, 0x10,      Need::Medium,      Sharing::Always,  read_capacity_16,              16, {0x9e, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x9e, 0x12,      Need::Ready,       Sharing::Reads,   get_lba_status,                16, {0x9e, 0x1f, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf}},
  {0xa0, kNoAction, Need::Nothing,     Sharing::Always,  report_luns,                   12, {0xa0, 0, kFf, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0xa3, 0x0a,      Need::LogicalUnit, Sharing::Always,  report_target_port_groups,     12, {0xa3, 0xff, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0xa3, 0x0c,      Need::LogicalUnit, Sharing::Always,  report_supported_commands,     12, {0xa3, 0x1f, 0x87, kFf, kFf, kFf, kFf, kFf, kFf, kFf}},
  {0xa3, 0x0d,      Need::LogicalUnit, Sharing::Always,  report_supported_task_management, 12, {0xa3, 0x1f, 0x80, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0xa8, kNoAction, Need::Ready,       Sharing::Reads,   read_blocks,                   12, {0xa8, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0xaa, kNoAction, Need::Write,       Sharing::Changes, write_blocks,                  12, {0xaa, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0xae, kNoAction, Need::Write,       Sharing::Changes, write_and_verify,              12, {0xae, 0x12, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0xaf, kNoAction, Need::Ready,       Sharing::Reads,   verify,                        12, {0xaf, 0x16, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0xb7, kNoAction, Need::Ready,       Sharing::Reads,   read_defect_data_12,           12, {0xb7, 0x1f, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
};
// clang-format on

constexpr std::size_t kCount = std::size(kCommands);

// The first entry of each operation code; kCount for those that are not known.
constexpr std::array<std::uint8_t, 256> index_by_code() {
  std::array<std::uint8_t, 256> index{};
  for (auto& entry : index) {
    entry = static_cast<std::uint8_t>(kCount);
  }
  for (std::size_t i = kCount; i != 0; --i) {
    index[kCommands[i - 1].operation_code] = static_cast<std::uint8_t>(i - 1);
  }
  return index;
}

constexpr auto kIndexByCode = index_by_code();
static_assert(kCount < 256);

}  // namespace

std::span<const CommandEntry> all_commands() noexcept { return kCommands; }

bool knows_operation_code(std::uint8_t operation_code) noexcept {
  return kIndexByCode[operation_code] != kCount;
}

const CommandEntry* find_command(std::span<const std::uint8_t, 16> cdb) noexcept {
  for (std::size_t i = kIndexByCode[cdb[0]]; i < kCount && kCommands[i].operation_code == cdb[0];
       ++i) {
    if (!kCommands[i].service_action || *kCommands[i].service_action == (cdb[1] & 0x1f)) {
      return &kCommands[i];
    }
  }
  return nullptr;
}

}  // namespace lockstep::scsi
