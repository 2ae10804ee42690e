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
  {0x00, kNoAction, Need::Ready,       test_unit_ready,    6, {0x00}},
  {0x03, kNoAction, Need::Nothing,     request_sense,      6, {0x03, 0x01, 0, 0, kFf}},
  {0x08, kNoAction, Need::Ready,       read_blocks,        6, {0x08, 0x1f, kFf, kFf, kFf}},
  {0x0a, kNoAction, Need::Write,       write_blocks,       6, {0x0a, 0x1f, kFf, kFf, kFf}},
  {0x12, kNoAction, Need::Nothing,     inquiry,            6, {0x12, 0x01, kFf, kFf, kFf}},
  {0x1a, kNoAction, Need::LogicalUnit, mode_sense_6,       6, {0x1a, 0x08, kFf, kFf, kFf}},
  {0x1b, kNoAction, Need::LogicalUnit, start_stop_unit,    6, {0x1b, 0x01, 0, 0x0f, 0xf7}},
  {0x25, kNoAction, Need::LogicalUnit, read_capacity_10,  10, {0x25}},
  {0x28, kNoAction, Need::Ready,       read_blocks,       10, {0x28, kDpoFua, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x2a, kNoAction, Need::Write,       write_blocks,      10, {0x2a, kDpoFua, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x2e, kNoAction, Need::Write,       write_and_verify,  10, {0x2e, 0x12, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x2f, kNoAction, Need::Ready,       verify,            10, {0x2f, 0x16, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x35, kNoAction, Need::Ready,       synchronize_cache, 10, {0x35, 0x02, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x41, kNoAction, Need::Write,       write_same,        10, {0x41, 0x08, kFf, kFf, kFf, kFf, kGroup, kFf, kFf}},
  {0x42, kNoAction, Need::Write,       unmap,             10, {0x42, 0, 0, 0, 0, 0, kGroup, kFf, kFf}},
  {0x5a, kNoAction, Need::LogicalUnit, mode_sense_10,     10, {0x5a, 0x18, kFf, kFf, 0, 0, 0, kFf, kFf}},
  {0x88, kNoAction, Need::Ready,       read_blocks,       16, {0x88, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x89, kNoAction, Need::Write,       compare_and_write, 16, {0x89, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, 0, 0, 0, kFf, kGroup}},
  {0x8a, kNoAction, Need::Write,       write_blocks,      16, {0x8a, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x8e, kNoAction, Need::Write,       write_and_verify,  16, {0x8e, 0x12, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x8f, kNoAction, Need::Ready,       verify,            16, {0x8f, 0x16, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x91, kNoAction, Need::Ready,       synchronize_cache, 16, {0x91, 0x02, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x93, kNoAction, Need::Write,       write_same,        16, {0x93, 0x09, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0x9e, 0x10,      Need::LogicalUnit, read_capacity_16,  16, {0x9e, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0x9e, 0x12,      Need::Ready,       get_lba_status,    16, {0x9e, 0x1f, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf}},
  {0xa0, kNoAction, Need::Nothing,     report_luns,       12, {0xa0, 0, kFf, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0xa3, 0x0a,      Need::LogicalUnit, report_target_port_groups, 12, {0xa3, 0xff, 0, 0, 0, 0, kFf, kFf, kFf, kFf}},
  {0xa3, 0x0c,      Need::LogicalUnit, report_supported_commands, 12, {0xa3, 0x1f, 0x87, kFf, kFf, kFf, kFf, kFf, kFf, kFf}},
  {0xa8, kNoAction, Need::Ready,       read_blocks,       12, {0xa8, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0xaa, kNoAction, Need::Write,       write_blocks,      12, {0xaa, kDpoFua, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0xae, kNoAction, Need::Write,       write_and_verify,  12, {0xae, 0x12, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
  {0xaf, kNoAction, Need::Ready,       verify,            12, {0xaf, 0x16, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kFf, kGroup}},
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
