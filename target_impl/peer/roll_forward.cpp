#include "target_impl/peer/roll_forward.hpp"

#include "target_impl/peer/pieces.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>

namespace lockstep::peer {
namespace {

std::string unit_text(std::uint16_t lun) { return "LUN " + std::to_string(lun); }

std::string blocks_text(std::uint64_t blocks, BlockSize block_size) {
  return std::to_string(blocks) + " blocks of " + std::to_string(block_size.bytes) + " bytes";
}

constexpr const char* kLeaveOut = "; nothing was written; leave it out or bring it back";

Status check_member(Units& units, RollForward::Member& member, std::uint64_t end,
                    const RollForward& plan) {
  const std::string subject = unit_text(member.lun);
  const std::string expected =
      subject + ": expected at least " + blocks_text(end, plan.geometry.block_size);
  if (member.lun == plan.journal) {
    return target_error(subject +
                        ": expected members beside the journal, found the journal among "
                        "them; copy the logical units from their sources");
  }
  const auto found = units.geometry(member.lun);
  if (!found) return target_error(expected + ", found: " + found.error().message + kLeaveOut);
  member.geometry = found.value();
  if (member.geometry.block_size == plan.geometry.block_size &&
      member.geometry.blocks.value >= end) {
    return ok();
  }
  return target_error(expected + ", found " +
                      blocks_text(member.geometry.blocks.value, member.geometry.block_size) +
                      kLeaveOut);
}

}  // namespace

std::uint64_t RollForward::blocks() const noexcept {
  return std::accumulate(members.begin(), members.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Member& one) { return sum + one.blocks; });
}

Result<RollForward> plan_roll_forward(Units& units, std::uint16_t journal,
                                      const std::set<std::uint16_t>& left_out) {
  RollForward plan;
  plan.journal = journal;
  LOCKSTEP_TRY(plan.geometry, units.geometry(journal));
  if (plan.geometry.block_size.bytes > store::kExtentBytes) {
    return target_error(unit_text(journal) + ": expected blocks of at most " +
                        std::to_string(store::kExtentBytes) + " bytes, found " +
                        std::to_string(plan.geometry.block_size.bytes));
  }
  std::vector<std::byte> header(plan.geometry.block_size.bytes);
  LOCKSTEP_TRY(units.read(journal, Lba{0}, header));
  if (!is_journal(header)) {
    return target_error(unit_text(journal) +
                        ": expected the journal of a group, found something else; the address of "
                        "the target without a LUN says which there are");
  }
  const auto read = [&](Lba first, std::span<std::byte> out) {
    return static_cast<bool>(units.read(journal, first, out));
  };
  LOCKSTEP_TRY(plan.entries, read_journal(read, plan.geometry));
  plan.in_force = !plan.entries.empty();
  std::erase_if(plan.entries,
                [&](const JournalEntry& entry) { return left_out.contains(entry.lun); });

  struct Extended {
    RollForward::Member member;
    std::uint64_t end = 0;
  };
  std::map<std::uint16_t, Extended> members;
  for (const JournalEntry& entry : plan.entries) {
    Extended& wanted = members[entry.lun];
    wanted.member.lun = entry.lun;
    if (entry.range.count.value == 0) continue;
    ++wanted.member.entries;
    wanted.member.blocks += entry.range.count.value;
    wanted.end = std::max(wanted.end, entry.range.first.value + entry.range.count.value);
  }
  for (auto& [lun, wanted] : members) {
    if (wanted.member.blocks != 0) {
      LOCKSTEP_TRY(check_member(units, wanted.member, wanted.end, plan));
    }
    plan.members.push_back(wanted.member);
  }
  return plan;
}

Result<Rolled> roll_forward(Units& units, const RollForward& plan,
                            const std::function<bool(std::uint64_t)>& go_on) {
  const BlockSize block_size = plan.geometry.block_size;
  const std::uint64_t step = kPieceBytes / block_size.bytes;
  std::vector<std::byte> bytes;
  std::uint64_t done = 0;
  for (const JournalEntry& entry : plan.entries) {
    for (std::uint64_t at = 0; at < entry.range.count.value; at += step) {
      const std::uint64_t blocks = std::min(step, entry.range.count.value - at);
      bytes.resize(blocks * block_size.bytes);
      LOCKSTEP_TRY(units.read(plan.journal, Lba{entry.at.value + at}, bytes));
      LOCKSTEP_TRY(units.write(entry.lun, Lba{entry.range.first.value + at}, block_size, bytes));
      done += blocks;
      if (!go_on(done)) return Rolled::Stopped;
    }
  }
  for (const RollForward::Member& member : plan.members) {
    if (member.blocks == 0) continue;
    LOCKSTEP_TRY(units.flush(member.lun));
  }
  LOCKSTEP_TRY(units.write(plan.journal, Lba{0}, block_size, closed_header(block_size)));
  LOCKSTEP_TRY(units.flush(plan.journal));
  return Rolled::Whole;
}

}  // namespace lockstep::peer
