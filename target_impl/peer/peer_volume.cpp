#include "target_impl/peer/peer_volume.hpp"

#include "target_impl/peer/pieces.hpp"
#include "target_impl/peer/progress.hpp"
#include "target_impl/peer/scsi_commands.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::peer {

PeerVolume::PeerVolume(Link& link, LunIdentity identity, std::uint64_t key, bool write_cache)
    : link_(link),
      identity_(std::move(identity)),
      key_(key),
      write_cache_(write_cache),
      progress_(std::make_shared<Progress>(identity_.geometry)),
      holder_(progress_) {
  link_.attend(*this);
}

PeerVolume::~PeerVolume() {
  link_.forget(*this);
  if (!progress_->is_usable()) return;
  link_.when_up([identity = identity_](initiator::Session& session) {
    const auto naa = session.naa_identifier(identity.lun);
    if (!naa || naa.value() != identity.naa_identifier) return;
    static_cast<void>(register_key(session, identity.lun, 0));
  });
}

// The reservation is the nexus's and outlives the connection, but not a peer that forgets it.
void PeerVolume::connected(initiator::Session& session) {
  const bool open = progress_->is_open();
  const auto naa = session.naa_identifier(identity_.lun);
  if (!naa && !session.connected()) return;
  bool usable = naa && naa.value() == identity_.naa_identifier;
  usable = usable && register_key(session, identity_.lun, key_);
  if (usable && !open) {
    const auto reserved = reserve(session, identity_.lun, key_);
    usable = reserved && reserved.value() == Reserved::Ours;
  }
  if (session.connected()) progress_->set_usable(usable, open);
}

bool PeerVolume::is_reachable() const { return link_.is_up() && progress_->is_usable(); }

bool PeerVolume::was_cut_off() const { return progress_->was_cut_off(); }

Status PeerVolume::set_open(bool open) {
  return link_.with_session([this, open](initiator::Session& session) -> Status {
    if (open) {
      LOCKSTEP_TRY(release(session, identity_.lun, key_));
    } else {
      LOCKSTEP_TRY(const auto reserved, reserve(session, identity_.lun, key_));
      if (reserved != Reserved::Ours) {
        return target_error("LUN " + std::to_string(identity_.lun) +
                            " of the peer: expected to be reserved, found a reservation of " +
                            "another initiator; end that one first");
      }
    }
    progress_->set_usable(true, open);
    return ok();
  });
}

void PeerVolume::begin_mirror(MirrorRules rules) { progress_->begin(std::move(rules)); }

bool PeerVolume::queue(Lba first, BlockCount count,
                       std::function<void(initiator::Session&, initiator::Done)> send) {
  const auto number = progress_->start(first, count);
  if (!number) return false;
  Operation operation;
  operation.lun = identity_.lun;
  operation.range = {first, count};
  operation.send = std::move(send);
  operation.done = [progress = progress_, number = *number, first,
                    count](const initiator::Completion& ended) {
    progress->end(number, first, count, ended);
  };
  if (link_.submit(std::move(operation))) return true;
  progress_->end(*number, first, count, {initiator::Outcome::ConnectionLost, {}, 0, false});
  return false;
}

bool PeerVolume::write(Lba first, std::span<const std::byte> data) {
  auto bytes = std::make_shared<const std::vector<std::byte>>(data.begin(), data.end());
  const BlockCount count{data.size() / identity_.geometry.block_size.bytes};
  return queue(first, count,
               [lun = identity_.lun, first, count, fua = write_cache_, bytes = std::move(bytes)](
                   initiator::Session& session, initiator::Done done) {
                 send_write(session, lun, {first, count}, fua, bytes, std::move(done));
               });
}

bool PeerVolume::unmap(Lba first, BlockCount count) {
  return queue(
      first, count,
      [lun = identity_.lun, first, count](initiator::Session& session, initiator::Done done) {
        session.unmap(lun, first, count, std::move(done));
      });
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
              [lun = identity_.lun, fua = write_cache_, image, from, piece, block_bytes](
                  initiator::Session& session, initiator::Done ended) {
                send_image(session, lun, piece, fua, image, from, block_bytes, std::move(ended));
              }) &&
        queued;
  }
  return queued;
}

bool PeerVolume::copy(const store::Image& image, const Ranges& ranges) {
  bool queued = true;
  for (const Piece& piece : pieces_of(image, ranges)) {
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

Ranges PeerVolume::settle() { return progress_->settle(); }

Ranges PeerVolume::end_mirror() { return progress_->finish(); }

}  // namespace lockstep::peer
