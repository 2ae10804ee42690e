#include "target_impl/peer/recovery.hpp"

#include "target_impl/peer/peer_system.hpp"
#include "target_impl/peer/pieces.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace lockstep::peer {
namespace {

using initiator::Session;
using Is = UnitHolder::Is;

// By the upper half of its key a recovery that was stopped is known again.
constexpr std::uint64_t kRecoveryMark = 0x6c6b'7263;
constexpr unsigned kMarkShift = 32;

std::uint64_t make_recovery_key() {
  return kRecoveryMark << kMarkShift | (make_claimant().key & 0xFFFF'FFFF);
}

bool is_of_recovery(const std::optional<Holder>& holder) {
  return holder && holder->key >> kMarkShift == kRecoveryMark;
}

class SessionUnits final : public Units {
 public:
  explicit SessionUnits(Session& session) : session_(session) {}
  Result<VolumeGeometry> geometry(std::uint16_t lun) override { return session_.capacity(lun); }
  Status read(std::uint16_t lun, Lba first, std::span<std::byte> out) override {
    if (blocks_of_ != lun) {
      LOCKSTEP_TRY(const auto found, session_.capacity(lun));
      block_bytes_ = found.block_size.bytes;
      blocks_of_ = lun;
    }
    for (std::size_t at = 0; at < out.size(); at += kPieceBytes) {
      const auto piece = out.subspan(at, std::min<std::size_t>(kPieceBytes, out.size() - at));
      LOCKSTEP_TRY(read_blocks(session_, lun, first + BlockCount{at / block_bytes_},
                               BlockCount{piece.size() / block_bytes_}, piece));
    }
    return ok();
  }
  Status write(std::uint16_t lun, Lba first, BlockSize block_size,
               std::span<const std::byte> bytes) override {
    return write_blocks(session_, lun, first, block_size, bytes);
  }
  Status flush(std::uint16_t lun) override {
    LOCKSTEP_TRY(const auto medium, look_at_medium(session_, lun));
    return medium.write_cache ? synchronize(session_, lun) : ok();
  }

 private:
  Session& session_;
  std::optional<std::uint16_t> blocks_of_;
  std::uint32_t block_bytes_ = 0;
};

Is who(const std::optional<Holder>& unit, const std::optional<Holder>& journal) {
  if (!unit) return Is::Nobody;
  const bool same = journal && journal->key == unit->key;
  return same || is_of_recovery(unit) ? Is::TheService : Is::Another;
}

}  // namespace

Recovery::Recovery(Session& session, RollForward plan, std::set<std::uint16_t> left_out)
    : session_(&session),
      plan_(std::move(plan)),
      left_out_(std::move(left_out)),
      key_(make_recovery_key()) {}

Result<Recovery> Recovery::look(Session& session, std::uint16_t journal,
                                const std::set<std::uint16_t>& left_out) {
  SessionUnits units(session);
  LOCKSTEP_TRY(auto plan, plan_roll_forward(units, journal, left_out));
  Recovery recovery(session, std::move(plan), left_out);
  LOCKSTEP_TRY(recovery.find_holders());
  return recovery;
}

Status Recovery::find_holders() {
  LOCKSTEP_TRY(auto journal, holder_of(*session_, plan_.journal));
  if (!plan_.in_force && is_of_recovery(journal)) return find_leftovers(*journal);
  if (!plan_.in_force) return ok();
  for (const RollForward::Member& member : plan_.members) {
    LOCKSTEP_TRY(auto holder, holder_of(*session_, member.lun));
    const Is is = who(holder, journal);
    if (member.blocks == 0 && is != Is::TheService) continue;
    holders_.push_back({member.lun, is, std::move(holder)});
  }
  const Is is = journal ? Is::TheService : Is::Nobody;
  holders_.push_back({plan_.journal, is, std::move(journal)});
  return ok();
}

Status Recovery::find_leftovers(const Holder& recovery) {
  LOCKSTEP_TRY(const auto luns, initiator::report_luns(*session_));
  for (const std::uint16_t lun : luns) {
    if (lun == plan_.journal) continue;
    auto holder = holder_of(*session_, lun);
    if (!holder || !holder.value() || holder.value()->key != recovery.key) continue;
    holders_.push_back({lun, Is::TheService, std::move(holder).value()});
  }
  holders_.push_back({plan_.journal, Is::TheService, recovery});
  return ok();
}

Status Recovery::take(const UnitHolder& unit) {
  const KeepsOut keeps_out = unit.lun == plan_.journal ? KeepsOut::Writers : KeepsOut::Readers;
  LOCKSTEP_TRY(register_key(*session_, unit.lun, key_));
  LOCKSTEP_TRY(const auto reserved,
               unit.holder ? preempt(*session_, unit.lun, key_, unit.holder->key, keeps_out)
                           : reserve(*session_, unit.lun, key_, keeps_out));
  LOCKSTEP_TRY(const auto holder, holder_of(*session_, unit.lun));
  if (reserved == Reserved::Ours && holder && holder->key == key_) return ok();
  return target_error("LUN " + std::to_string(unit.lun) +
                      ": expected to take its reservation over, another initiator has just taken "
                      "it; nothing was written, run again");
}

Status Recovery::take_over() {
  for (const UnitHolder& unit : holders_) {
    LOCKSTEP_TRY(take(unit));
  }
  SessionUnits units(*session_);
  LOCKSTEP_TRY(const auto plan, plan_roll_forward(units, plan_.journal, left_out_));
  if (plan == plan_) return ok();
  return target_error("LUN " + std::to_string(plan_.journal) +
                      ": expected what was in force before it was taken over, found something "
                      "else: the service lives; stop it and run again, nothing was written");
}

Result<Rolled> Recovery::roll_forward(const std::function<bool(std::uint64_t)>& go_on) {
  SessionUnits units(*session_);
  return peer::roll_forward(units, plan_, go_on);
}

Status Recovery::give_back() {
  for (const UnitHolder& unit : holders_) {
    LOCKSTEP_TRY(register_key(*session_, unit.lun, 0));
  }
  return ok();
}

Result<std::vector<std::uint16_t>> find_journals(Session& session) {
  LOCKSTEP_TRY(const auto luns, initiator::report_luns(session));
  std::vector<std::uint16_t> journals;
  for (const std::uint16_t lun : luns) {
    const auto geometry = session.capacity(lun);
    if (!geometry || geometry.value().block_size.bytes > store::kExtentBytes) continue;
    std::vector<std::byte> header(geometry.value().block_size.bytes);
    const Status read = read_blocks(session, lun, Lba{0}, BlockCount{1}, header);
    if (read && is_journal(header)) journals.push_back(lun);
  }
  return journals;
}

}  // namespace lockstep::peer
