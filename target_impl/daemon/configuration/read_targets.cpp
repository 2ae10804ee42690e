#include "target_impl/daemon/configuration/read_targets.hpp"

#include "target_impl/daemon/stable_hash.hpp"
#include "target_impl/iscsi/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

namespace lockstep::target {
namespace {

constexpr std::uint64_t kMostLunBytes = 64ULL << 40;
constexpr std::uint16_t kMostLun = 255;
constexpr std::size_t kMostVolumeName = 255;

// Names that have been used, for what must be unique over all targets.
struct Used {
  std::set<std::string> targets;
  std::set<std::string> volumes;
};

std::string serial_of(const std::string& volume) {
  const std::uint64_t hash = stable_hash(volume);
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

void check_identity(Table& table, std::string_view key, const std::string& text, std::size_t most) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
  if (text.empty() || text.size() > most || !printable) {
    table.refuse(key, "1 to " + std::to_string(most) + " printable ASCII characters", quoted(text));
  }
}

void check_size(Table& table, const LunConfiguration& lun) {
  if (lun.block_bytes != 512 && lun.block_bytes != 4096) {
    table.refuse("block_size", "512 or 4096", std::to_string(lun.block_bytes));
  } else if (table.has("size") && lun.bytes % lun.block_bytes != 0) {
    table.refuse("size", "a multiple of the block size, " + std::to_string(lun.block_bytes),
                 std::to_string(lun.bytes) + " bytes");
  }
}

LunConfiguration read_lun(Table& table, TargetConfiguration& target, Used& used) {
  LunConfiguration lun;
  std::vector<std::string> initiators;
  table.heading("[[target.lun]]");
  table.require("number", "the logical unit number", "number = 0");
  table.require("size", "the size of the logical unit", R"(size = "64GiB")");
  table.number<std::uint16_t>("number", lun.number, {0, kMostLun});
  table.size("size", lun.bytes, {512, kMostLunBytes});
  table.number<std::uint32_t>("block_size", lun.block_bytes, {0, 0xffffffff});
  lun.volume = target.name + "/" + std::to_string(lun.number);
  table.text("volume", lun.volume);
  table.boolean("removable", lun.removable);
  table.boolean("read_only", lun.read_only);
  table.boolean("write_cache", lun.write_cache);
  table.number<std::uint8_t>("physical_block_exponent", lun.physical_block_exponent, {0, 7});
  table.duration("sanitize_minimum", lun.sanitize_minimum,
                 {std::chrono::milliseconds(1), std::chrono::hours(1)}, true);
  table.text("vendor", lun.vendor);
  table.text("product", lun.product);
  lun.serial = serial_of(lun.volume);
  table.text("serial", lun.serial);
  table.texts("initiators", initiators);
  table.finish();

  check_size(table, lun);
  if (lun.volume.empty() || lun.volume.size() > kMostVolumeName) {
    table.refuse("volume", "a name of 1 to 255 bytes",
                 std::to_string(lun.volume.size()) + " bytes");
  } else if (!used.volumes.insert(lun.volume).second) {
    table.refuse("volume", "each volume once", quoted(lun.volume) + " a second time");
  }
  check_identity(table, "vendor", lun.vendor, 8);
  check_identity(table, "product", lun.product, 16);
  check_identity(table, "serial", lun.serial, 36);
  if (!initiators.empty()) {
    target.access.lun_initiators[lun.number] = initiator_names(table, "initiators", initiators);
  }
  return lun;
}

void read_luns(Table& target_table, std::vector<Table> tables, TargetConfiguration& target,
               Used& used) {
  if (tables.empty()) {
    target_table.refuse("lun", "at least one logical unit", "none; add a [[target.lun]] table");
  }
  std::set<std::uint16_t> numbers;
  for (Table& table : tables) {
    target.luns.push_back(read_lun(table, target, used));
    if (!numbers.insert(target.luns.back().number).second) {
      table.refuse("number", "each number once in a target",
                   std::to_string(target.luns.back().number) + " a second time");
    }
  }
  std::sort(target.luns.begin(), target.luns.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
}

void read_mutual(Table& table, TargetConfiguration& target,
                 const std::optional<std::string>& mutual, const Accounts& accounts) {
  if (!mutual) {
    return;
  }
  const Accounts own = look_up(table, "mutual_account", {*mutual}, accounts);
  if (own.empty()) {
    return;
  }
  if (target.access.accounts.empty()) {
    table.refuse("mutual_account", "accounts of initiators beside it", "no accounts");
  }
  // Or a peer could have us answer our own challenges. RFC 7143 section 12.1.3.
  for (const auto& account : target.access.accounts) {
    if (account.secret == own.front().secret) {
      table.refuse("mutual_account", "another secret than those of the initiators",
                   "that of account " + quoted(account.user));
    }
  }
  target.access.own = own.front();
}

void check_groups(Table& table, const std::vector<std::uint16_t>& groups,
                  const std::vector<std::uint16_t>& known) {
  for (std::size_t i = 0; i != groups.size(); ++i) {
    if (std::find(known.begin(), known.end(), groups[i]) == known.end()) {
      table.refuse("portal_groups", "the group of a [[portal]]", std::to_string(groups[i]), i);
    }
  }
}

TargetConfiguration read_target(Table& table, const Accounts& accounts,
                                const std::vector<std::uint16_t>& portal_groups, Used& used) {
  TargetConfiguration target;
  std::string name;
  std::vector<std::string> account_names;
  std::vector<std::string> initiators;
  std::optional<std::string> mutual;
  table.heading("[[target]]");
  table.require("name", "the iSCSI name of the target",
                R"(name = "iqn.2026-11.com.example:disks")");
  table.text("name", name);
  table.texts("accounts", account_names);
  table.text("mutual_account", mutual);
  table.texts("initiators", initiators);
  table.numbers("portal_groups", target.access.portal_groups, {1, 0xffff});
  std::vector<Table> luns = table.tables("lun");
  table.finish();

  const auto normalized = iscsi::normalize_name(name);
  if (!normalized) {
    table.refuse("name", "an iSCSI name such as iqn.2026-11.com.example:disks", quoted(name));
  } else if (!used.targets.insert(*normalized).second) {
    table.refuse("name", "each target once", quoted(*normalized) + " a second time");
  }
  target.name = normalized.value_or(name);
  target.access.accounts = look_up(table, "accounts", account_names, accounts);
  target.access.initiators = initiator_names(table, "initiators", initiators);
  read_mutual(table, target, mutual, accounts);
  check_groups(table, target.access.portal_groups, portal_groups);
  read_luns(table, std::move(luns), target, used);
  return target;
}

}  // namespace

std::vector<std::string> initiator_names(Table& table, std::string_view key,
                                         const std::vector<std::string>& names) {
  std::vector<std::string> normalized;
  for (std::size_t i = 0; i != names.size(); ++i) {
    if (const auto name = iscsi::normalize_name(names[i])) {
      normalized.push_back(*name);
    } else {
      table.refuse(key, "the iSCSI name of an initiator (iqn., eui. or naa.)", quoted(names[i]), i);
    }
  }
  return normalized;
}

std::vector<TargetConfiguration> read_targets(std::vector<Table> tables, const Accounts& accounts,
                                              const std::vector<std::uint16_t>& portal_groups) {
  std::vector<TargetConfiguration> targets;
  Used used;
  for (Table& table : tables) {
    targets.push_back(read_target(table, accounts, portal_groups, used));
  }
  return targets;
}

}  // namespace lockstep::target
