// REPORT SUPPORTED OPERATION CODES (SPC-4 6.35), read from the command table.
#include "target_impl/scsi/command_table.hpp"
#include "target_impl/scsi/task.hpp"

#include <algorithm>
#include <vector>

namespace lockstep::scsi {

namespace {

// SPC-4 6.35.4: how long a command usually takes (rounded up to seconds) and how long to wait.
void append_timeouts(std::vector<std::byte>& data, const CommandEntry& entry) {
  constexpr std::size_t kBytes = 12;
  const std::size_t at = data.size();
  data.resize(at + kBytes);
  const std::span<std::byte> out(data);
  put_big_endian(out, at, 2, kBytes - 2);
  put_big_endian(out, at + 4, 4, 1);
  put_big_endian(out, at + 8, 4, entry.timeout_seconds);
}

[[nodiscard]] std::vector<std::byte> every_command(bool timeouts) {
  constexpr std::byte kTimeouts{0x02};
  constexpr std::byte kHasServiceAction{0x01};
  std::vector<std::byte> data(4);
  for (const CommandEntry& entry : all_commands()) {
    const std::size_t at = data.size();
    data.resize(at + 8);
    data[at] = static_cast<std::byte>(entry.operation_code);
    data[at + 3] = static_cast<std::byte>(entry.service_action.value_or(0));
    data[at + 5] = (timeouts ? kTimeouts : std::byte{0}) |
                   (entry.service_action ? kHasServiceAction : std::byte{0});
    data[at + 7] = static_cast<std::byte>(entry.cdb_bytes);
    if (timeouts) {
      append_timeouts(data, entry);
    }
  }
  put_big_endian(std::span<std::byte>(data), 0, 4, data.size() - 4);
  return data;
}

[[nodiscard]] std::vector<std::byte> one_command(const CommandEntry* entry, bool timeouts) {
  constexpr std::byte kNotSupported{0x01};
  constexpr std::byte kAsTheStandardSays{0x03};
  constexpr std::byte kTimeouts{0x80};
  std::vector<std::byte> data(4);
  if (entry == nullptr) {
    data[1] = kNotSupported;
    return data;
  }
  data[1] = kAsTheStandardSays | (timeouts ? kTimeouts : std::byte{0});
  put_big_endian(std::span<std::byte>(data), 2, 2, entry->cdb_bytes);
  const auto usage = std::as_bytes(std::span(entry->usage)).first(entry->cdb_bytes);
  data.insert(data.end(), usage.begin(), usage.end());
  if (timeouts) {
    append_timeouts(data, *entry);
  }
  return data;
}

}  // namespace

void report_supported_commands(Task& task) {
  enum : std::uint8_t { kAll = 0, kCode = 1, kCodeAndAction = 2, kCodeOrAction = 3 };
  const auto options = static_cast<std::uint8_t>(task.cdb(2) & 0x07);
  const bool timeouts = task.cdb_has(2, 0x80);
  const std::uint64_t allocation = task.cdb(6, 4);
  if (options == kAll) {
    task.reply(every_command(timeouts), allocation);
    return;
  }
  if (options > kCodeOrAction) {
    task.refuse_cdb(2, std::uint8_t{2});
    return;
  }
  const auto code = static_cast<std::uint8_t>(task.cdb(3));
  const std::uint64_t action = task.cdb(4, 2);
  const auto commands = all_commands();
  const auto same_code = [code](const CommandEntry& e) { return e.operation_code == code; };
  const auto first = std::find_if(commands.begin(), commands.end(), same_code);
  const bool has_actions = first != commands.end() && first->service_action.has_value();
  if (first != commands.end() &&
      ((options == kCode && has_actions) || (options == kCodeAndAction && !has_actions))) {
    task.refuse_cdb(2, std::uint8_t{2});
    return;
  }
  const auto found = std::find_if(first, commands.end(), [&](const CommandEntry& entry) {
    return same_code(entry) && (entry.service_action ? *entry.service_action == action
                                                     : options != kCodeOrAction || action == 0);
  });
  task.reply(one_command(found == commands.end() ? nullptr : &*found, timeouts), allocation);
}

}  // namespace lockstep::scsi
