#include "target_impl/peer/scsi_commands.hpp"

#include "target_impl/scsi/big_endian.hpp"
#include "target_impl/scsi/transport_id.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace lockstep::peer {
namespace {

using initiator::Completion;
using initiator::Session;
using scsi::get_big_endian;
using scsi::put_big_endian;

constexpr std::uint8_t kPersistentReserveIn = 0x5E;
constexpr std::uint8_t kPersistentReserveOut = 0x5F;
constexpr std::uint8_t kModeSense6 = 0x1A;
constexpr std::uint8_t kReserve = 0x01;
constexpr std::uint8_t kRelease = 0x02;
constexpr std::uint8_t kPreempt = 0x04;
constexpr std::uint8_t kPreemptAndAbort = 0x05;
constexpr std::uint8_t kRegisterAndIgnoreExistingKey = 0x06;
constexpr std::uint8_t kWriteExclusive = 0x01;
constexpr std::uint8_t kExclusiveAccess = 0x03;
constexpr std::uint8_t kReservationConflict = 0x18;

// `queue` is given what the command is to call at its end.
template <class Queue>
Result<Completion> ask(Session& session, std::uint16_t lun, Queue queue) {
  std::optional<Completion> answered;
  queue([&answered](const Completion& c) { answered = c; });
  while (!answered) {
    const Status turn = session.run_once(std::chrono::minutes{1});
    if (!turn && !answered) return turn.error();
  }
  if (answered->outcome == initiator::Outcome::Answered) return *answered;
  return transport_error("LUN " + std::to_string(lun) + ": no answer; the connection was lost");
}

Result<Completion> ask(Session& session, std::uint16_t lun, std::span<const std::uint8_t> cdb,
                       std::span<std::byte> in, std::span<const std::byte> out) {
  return ask(session, lun,
             [&](initiator::Done done) { session.command(lun, cdb, in, out, std::move(done)); });
}

Status check(const Completion& answered, std::uint16_t lun, const char* what) {
  if (answered.answer.good()) return ok();
  return target_error("LUN " + std::to_string(lun) + ": " + what + " was refused with " +
                      initiator::answer_text(answered.answer));
}

constexpr std::byte kAptpl{0x01};

Result<Completion> reserve_out(Session& session, std::uint16_t lun, std::uint8_t action,
                               std::uint64_t key, std::uint64_t action_key,
                               std::byte flags = std::byte{0}, std::uint8_t type = 0) {
  std::array<std::byte, 24> list{};
  list[20] = flags;
  std::array<std::uint8_t, 10> cdb{kPersistentReserveOut, action, type};
  put_big_endian(std::span<std::uint8_t>(cdb), 5, 4, list.size());
  put_big_endian(std::span<std::byte>(list), 0, 8, key);
  put_big_endian(std::span<std::byte>(list), 8, 8, action_key);
  return ask(session, lun, cdb, {}, list);
}

std::uint8_t type_of(KeepsOut keeps_out) {
  return keeps_out == KeepsOut::Readers ? kExclusiveAccess : kWriteExclusive;
}

}  // namespace

Result<std::vector<std::uint64_t>> registrations(Session& session, std::uint16_t lun) {
  constexpr std::size_t kHeaderBytes = 8;
  constexpr std::size_t kKeyBytes = 8;
  constexpr std::size_t kMostKeys = 64;
  std::array<std::byte, kHeaderBytes + kMostKeys * kKeyBytes> in{};
  std::array<std::uint8_t, 10> cdb{kPersistentReserveIn};
  put_big_endian(std::span<std::uint8_t>(cdb), 7, 2, in.size());
  LOCKSTEP_TRY(const auto answered, ask(session, lun, cdb, in, {}));
  LOCKSTEP_TRY(check(answered, lun, "PERSISTENT RESERVE IN (READ KEYS)"));
  const std::span<const std::byte> list(in);
  const std::size_t count = get_big_endian(list, 4, 4) / kKeyBytes;
  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i != std::min(count, kMostKeys); ++i) {
    keys.push_back(get_big_endian(list, kHeaderBytes + i * kKeyBytes, kKeyBytes));
  }
  return keys;
}

Status register_key(Session& session, std::uint16_t lun, std::uint64_t key) {
  LOCKSTEP_TRY(auto answered,
               reserve_out(session, lun, kRegisterAndIgnoreExistingKey, 0, key, kAptpl));
  if (!answered.answer.good()) {
    LOCKSTEP_TRY(answered, reserve_out(session, lun, kRegisterAndIgnoreExistingKey, 0, key));
  }
  return check(answered, lun, "PERSISTENT RESERVE OUT (REGISTER)");
}

Result<Reserved> reserve(Session& session, std::uint16_t lun, std::uint64_t key,
                         KeepsOut keeps_out) {
  LOCKSTEP_TRY(const auto answered,
               reserve_out(session, lun, kReserve, key, 0, std::byte{0}, type_of(keeps_out)));
  if (answered.answer.scsi_status == kReservationConflict) return Reserved::ByAnother;
  LOCKSTEP_TRY(check(answered, lun, "PERSISTENT RESERVE OUT (RESERVE)"));
  return Reserved::Ours;
}

Status release(Session& session, std::uint16_t lun, std::uint64_t key, KeepsOut keeps_out) {
  LOCKSTEP_TRY(const auto answered,
               reserve_out(session, lun, kRelease, key, 0, std::byte{0}, type_of(keeps_out)));
  return check(answered, lun, "PERSISTENT RESERVE OUT (RELEASE)");
}

namespace {

constexpr std::size_t kHolderHeaderBytes = 8;

// READ FULL STATUS; empty: the target does not know it, or the holder is not among the first.
Result<std::string> holder_port(Session& session, std::uint16_t lun, std::uint64_t key) {
  constexpr std::uint8_t kReadFullStatus = 0x03;
  constexpr std::size_t kDescriptorBytes = 24;
  constexpr std::byte kHolds{0x01};
  std::vector<std::byte> in(8192);
  std::array<std::uint8_t, 10> cdb{kPersistentReserveIn, kReadFullStatus};
  put_big_endian(std::span<std::uint8_t>(cdb), 7, 2, in.size());
  LOCKSTEP_TRY(const auto answered, ask(session, lun, cdb, in, {}));
  if (!answered.answer.good() || answered.bytes_in > in.size()) return std::string();
  std::span<const std::byte> rest = std::span(in).first(answered.bytes_in);
  rest = rest.subspan(std::min(rest.size(), kHolderHeaderBytes));
  while (rest.size() > kDescriptorBytes) {
    const std::size_t more = get_big_endian(rest, 20, 4);
    if (more > rest.size() - kDescriptorBytes) break;
    if (get_big_endian(rest, 0, 8) == key && (rest[12] & kHolds) != std::byte{0}) {
      const auto id = scsi::parse_transport_id(rest.subspan(kDescriptorBytes, more));
      return id ? id->initiator_port : std::string();
    }
    rest = rest.subspan(kDescriptorBytes + more);
  }
  return std::string();
}

}  // namespace

Result<std::optional<Holder>> holder_of(Session& session, std::uint16_t lun) {
  constexpr std::uint8_t kReadReservation = 0x01;
  std::array<std::byte, 24> in{};
  std::array<std::uint8_t, 10> cdb{kPersistentReserveIn, kReadReservation};
  put_big_endian(std::span<std::uint8_t>(cdb), 7, 2, in.size());
  LOCKSTEP_TRY(const auto answered, ask(session, lun, cdb, in, {}));
  LOCKSTEP_TRY(check(answered, lun, "PERSISTENT RESERVE IN (READ RESERVATION)"));
  const std::span<const std::byte> list(in);
  if (get_big_endian(list, 4, 4) == 0) return std::optional<Holder>();
  Holder holder;
  holder.key = get_big_endian(list, kHolderHeaderBytes, 8);
  LOCKSTEP_TRY(holder.initiator_port, holder_port(session, lun, holder.key));
  return std::optional(std::move(holder));
}

Result<Reserved> preempt(Session& session, std::uint16_t lun, std::uint64_t key,
                         std::uint64_t victim, KeepsOut keeps_out) {
  const std::uint8_t type = type_of(keeps_out);
  LOCKSTEP_TRY(auto answered,
               reserve_out(session, lun, kPreemptAndAbort, key, victim, std::byte{0}, type));
  // Not every target can abort; a reservation keeps out what comes later all the same.
  if (!answered.answer.good() && answered.answer.scsi_status != kReservationConflict) {
    LOCKSTEP_TRY(answered, reserve_out(session, lun, kPreempt, key, victim, std::byte{0}, type));
  }
  if (answered.answer.scsi_status == kReservationConflict) return Reserved::ByAnother;
  LOCKSTEP_TRY(check(answered, lun, "PERSISTENT RESERVE OUT (PREEMPT)"));
  return Reserved::Ours;
}

namespace {

Result<bool> has_write_cache(Session& session, std::uint16_t lun) {
  constexpr std::uint8_t kNoBlockDescriptors = 0x08;
  constexpr std::uint8_t kCachingPage = 0x08;
  constexpr std::byte kWriteCacheEnabled{0x04};
  constexpr std::size_t kHeaderBytes = 4;
  std::array<std::byte, 64> in{};
  const std::array<std::uint8_t, 6> cdb{
      kModeSense6, kNoBlockDescriptors, kCachingPage, 0, static_cast<std::uint8_t>(in.size()), 0};
  LOCKSTEP_TRY(const auto answered, ask(session, lun, cdb, in, {}));
  if (!answered.answer.good() || answered.bytes_in < kHeaderBytes + 3) return false;
  return (in[kHeaderBytes + 2] & kWriteCacheEnabled) != std::byte{0};
}

Result<bool> unmaps_to_zeros(Session& session, std::uint16_t lun) {
  constexpr std::uint8_t kServiceActionIn16 = 0x9E;
  constexpr std::uint8_t kReadCapacity16 = 0x10;
  constexpr std::byte kManagedAndZeros{0xC0};
  std::array<std::byte, 32> in{};
  std::array<std::uint8_t, 16> cdb{kServiceActionIn16, kReadCapacity16};
  cdb[13] = static_cast<std::uint8_t>(in.size());
  LOCKSTEP_TRY(const auto answered, ask(session, lun, cdb, in, {}));
  return answered.answer.good() && (in[14] & kManagedAndZeros) == kManagedAndZeros;
}

}  // namespace

Result<Medium> look_at_medium(Session& session, std::uint16_t lun) {
  Medium medium;
  LOCKSTEP_TRY(medium.write_cache, has_write_cache(session, lun));
  LOCKSTEP_TRY(medium.unmaps, unmaps_to_zeros(session, lun));
  return medium;
}

Status read_blocks(Session& session, std::uint16_t lun, Lba first, BlockCount count,
                   std::span<std::byte> out) {
  constexpr std::uint8_t kRead16 = 0x88;
  std::array<std::uint8_t, 16> cdb{kRead16};
  put_big_endian(std::span<std::uint8_t>(cdb), 2, 8, first.value);
  put_big_endian(std::span<std::uint8_t>(cdb), 10, 4, count.value);
  LOCKSTEP_TRY(const auto answered, ask(session, lun, cdb, out, {}));
  return check(answered, lun, "READ(16)");
}

Status write_blocks(Session& session, std::uint16_t lun, Lba first, BlockSize block_size,
                    std::span<const std::byte> bytes) {
  const auto queue = [&](initiator::Done done) {
    session.write(lun, first, block_size, bytes, std::move(done));
  };
  LOCKSTEP_TRY(const auto answered, ask(session, lun, queue));
  return check(answered, lun, "WRITE");
}

Status synchronize(Session& session, std::uint16_t lun) {
  const auto queue = [&](initiator::Done done) { session.synchronize_cache(lun, std::move(done)); };
  LOCKSTEP_TRY(const auto answered, ask(session, lun, queue));
  return check(answered, lun, "SYNCHRONIZE CACHE");
}

}  // namespace lockstep::peer
