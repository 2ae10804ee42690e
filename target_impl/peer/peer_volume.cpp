#include "target_impl/peer/peer_volume.hpp"

#include "target_impl/peer/pieces.hpp"
#include "target_impl/peer/progress.hpp"
#include "target_impl/peer/scsi_commands.hpp"
#include "target_impl/peer/write_buffers.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::peer {

namespace {

// Until the medium has been looked at.
constexpr Medium kCautious{true, false};

}  // namespace

PeerVolume::PeerVolume(Link& link, LunIdentity identity, std::uint64_t key, Claim claim,
                       KeepsOut keeps_out)
    : link_(link),
      identity_(std::move(identity)),
      key_(key),
      keeps_out_(keeps_out),
      progress_(std::make_shared<Progress>(identity_.geometry, kCautious)),
      buffers_(std::make_shared<WriteBuffers>()),
      holder_(progress_) {
  progress_->set_usable(claim == Claim::Claimed, claim == Claim::KeptOpen);
  link_.attend(*this);
}

PeerVolume::~PeerVolume() {
  link_.forget(*this);
  if (keeps_claim_) return;
  link_.when_up([identity = identity_](initiator::Session& session) {
    const auto naa = session.naa_identifier(identity.lun);
    if (!naa || naa.value() != identity.naa_identifier) return;
    // Of who has lost the claim to another nothing is left to give back.
    static_cast<void>(register_key(session, identity.lun, 0));
  });
}

void PeerVolume::look_at(initiator::Session& session) {
  if (const auto medium = look_at_medium(session, identity_.lun)) {
    progress_->set_medium(medium.value());
  }
}

// The reservation is the nexus's and outlives the connection, but not a peer that forgets it.
void PeerVolume::connected(initiator::Session& session) {
  const bool open = progress_->is_open();
  const bool usable = claim_again(session, open);
  if (session.connected()) progress_->set_usable(usable, open);
}

bool PeerVolume::claim_again(initiator::Session& session, bool open) {
  const auto naa = session.naa_identifier(identity_.lun);
  if (!naa || naa.value() != identity_.naa_identifier) return false;
  const auto keys = registrations(session, identity_.lun);
  if (!keys || !register_key(session, identity_.lun, key_)) return false;
  if (std::find(keys.value().begin(), keys.value().end(), key_) == keys.value().end()) {
    progress_->note_forgotten();
  }
  look_at(session);
  if (open) return release(session, identity_.lun, key_, keeps_out_).has_value();
  const auto reserved = reserve(session, identity_.lun, key_, keeps_out_);
  return reserved && reserved.value() == Reserved::Ours;
}

void PeerVolume::keep_claim() { keeps_claim_ = true; }

bool PeerVolume::take_forgotten() { return progress_->take_forgotten(); }

void PeerVolume::use(std::shared_ptr<ChangeRecord> record) { record_ = std::move(record); }

Ranges PeerVolume::changed_since(Generation generation) const {
  return record_ != nullptr ? record_->since(generation) : Ranges{};
}

std::size_t PeerVolume::parts_changed_since(Generation generation) const {
  return record_ != nullptr ? record_->parts_since(generation) : 0;
}

Generation PeerVolume::begin_generation() {
  return record_ != nullptr ? record_->begin_generation() : 0;
}

bool PeerVolume::renew_under_way() {
  return record_ == nullptr || record_->note(progress_->under_way());
}

bool PeerVolume::note_all() { return record_ == nullptr || record_->note_all(); }

bool PeerVolume::is_reachable() const { return link_.is_up() && progress_->is_usable(); }

bool PeerVolume::was_cut_off() const { return progress_->was_cut_off(); }

Status PeerVolume::set_open(bool open) {
  if (open && !note_all()) {
    return config_error("LUN " + std::to_string(identity_.lun) +
                        " of the peer: expected to note that it may change, found a disk that "
                        "refuses; make room");
  }
  const Status done = link_.with_session([this, open](initiator::Session& session) -> Status {
    if (open) {
      LOCKSTEP_TRY(release(session, identity_.lun, key_, keeps_out_));
    } else {
      LOCKSTEP_TRY(const auto reserved, reserve(session, identity_.lun, key_, keeps_out_));
      if (reserved != Reserved::Ours) {
        return target_error("LUN " + std::to_string(identity_.lun) +
                            " of the peer: expected to be reserved, found a reservation of " +
                            "another initiator; end that one first");
      }
    }
    progress_->set_usable(true, open);
    return ok();
  });
  // The link may not have noticed yet.
  if (!done) progress_->note_failure(done.error().origin == Origin::Transport);
  return done;
}

bool PeerVolume::open_with_next_connection() {
  if (!note_all()) return false;
  progress_->set_usable(progress_->is_usable(), true);
  return true;
}

void PeerVolume::begin_mirror(MirrorRules rules) { progress_->begin(std::move(rules)); }

bool PeerVolume::queue(Lba first, BlockCount count,
                       std::function<void(initiator::Session&, initiator::Done)> send) {
  Operation operation;
  operation.range = {first, count};
  operation.send = std::move(send);
  return queue(std::move(operation));
}

bool PeerVolume::queue(Operation operation) {
  const store::BlockRange range = operation.range;
  const auto number = progress_->start(range.first, range.count);
  if (!number) return false;
  operation.lun = identity_.lun;
  operation.record = record_;
  operation.ends = progress_;
  operation.number = *number;
  if (link_.submit(std::move(operation))) return true;
  const ChangeEnds::End lost{*number, range, {initiator::Outcome::ConnectionLost, {}, 0, false}};
  progress_->ended({&lost, 1});
  return false;
}

bool PeerVolume::write(Lba first, std::span<const std::byte> data) {
  Operation operation;
  operation.range = {first, BlockCount{data.size() / identity_.geometry.block_size.bytes}};
  operation.bytes = buffers_->copy(data);
  operation.fua = progress_->medium().write_cache;
  return queue(std::move(operation));
}

bool PeerVolume::unmap(Lba first, BlockCount count) {
  const Medium medium = progress_->medium();
  const std::uint64_t step =
      (medium.unmaps ? kUnmapBytes : kPieceBytes) / identity_.geometry.block_size.bytes;
  bool queued = true;
  for (std::uint64_t done = 0; done < count.value; done += step) {
    const store::BlockRange piece{Lba{first.value + done},
                                  BlockCount{std::min(step, count.value - done)}};
    if (!medium.unmaps) {
      const std::vector<std::byte> zeros(
          static_cast<std::size_t>(piece.count.value * identity_.geometry.block_size.bytes));
      queued = write(piece.first, zeros) && queued;
      continue;
    }
    queued = queue(piece.first, piece.count,
                   [lun = identity_.lun, piece, flush = medium.write_cache](
                       initiator::Session& session, initiator::Done ended) {
                     send_unmap(session, lun, piece, flush, std::move(ended));
                   }) &&
             queued;
  }
  return queued;
}

bool PeerVolume::copy(const store::Image& image, std::uint64_t offset, Lba first,
                      BlockCount count) {
  const std::uint32_t block_bytes = identity_.geometry.block_size.bytes;
  const std::uint64_t step = kPieceBytes / block_bytes;
  bool queued = true;
  for (std::uint64_t done = 0; done < count.value; done += step) {
    const store::BlockRange piece{Lba{first.value + done},
                                  BlockCount{std::min(step, count.value - done)}};
    const std::uint64_t from = offset + done * block_bytes;
    queued =
        queue(piece.first, piece.count,
              [lun = identity_.lun, fua = progress_->medium().write_cache, image, from, piece,
               block_bytes](initiator::Session& session, initiator::Done ended) {
                send_image(session, lun, piece, fua, image, from, block_bytes, std::move(ended));
              }) &&
        queued;
  }
  return queued;
}

bool PeerVolume::copy(const store::Image& image, const Ranges& ranges) {
  bool queued = true;
  for (const Piece& piece : pieces_of(image, ranges, progress_->medium().unmaps)) {
    const std::uint64_t offset = piece.range.first.value * image.block_size().bytes;
    queued = (piece.mapped ? copy(image, offset, piece.range.first, piece.range.count)
                           : unmap(piece.range.first, piece.range.count)) &&
             queued;
  }
  return queued;
}

void PeerVolume::missed(Lba first, BlockCount count) { progress_->doubt(first, count); }

TransferFinished PeerVolume::noting(TransferFinished finished) const {
  return [progress = progress_, finished = std::move(finished)](const TransferEnd& end) {
    if (!end.trouble.empty()) progress->note_failure(end.cut_off);
    finished(end);
  };
}

// A thread that carries out commands may have put off waking the link.
Ranges PeerVolume::settle() {
  return progress_->settle([this] { link_.wake(); });
}

Ranges PeerVolume::end_mirror() {
  return progress_->finish([this] { link_.wake(); });
}

}  // namespace lockstep::peer
