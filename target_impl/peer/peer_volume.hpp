// A logical unit of a peer that the service has claimed as the target of one mirror.
//
// While it is claimed it is reserved for the link's nexus: nobody else may write it, and hosts on
// the peer may read it unless they are kept out, too. set_open() ends and renews that.
#pragma once

#include "model/port/data_path.hpp"
#include "model/vocab/error.hpp"
#include "target_impl/peer/change_record.hpp"
#include "target_impl/peer/link.hpp"
#include "target_impl/peer/scsi_commands.hpp"
#include "target_impl/store/commits.hpp"
#include "target_impl/store/volume.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lockstep::peer {

class WriteBuffers;

struct LunIdentity {
  std::uint16_t lun = 0;
  std::string naa_identifier;  // hex, by which it is known again
  VolumeGeometry geometry;
};

// What a synchronous mirror wants of its other side.
struct MirrorRules {
  // A write that could not be carried over is reported to the host as failed (DS-MS-04).
  bool failure_stops_host_io = false;
  // Called before any host is told of a write that could not be carried over, once. From any
  // thread; must not block. `cut_off`: the connection was lost; else the peer refused.
  std::function<void(bool cut_off)> failed;
};

// Bytes on their way in bulk. Destroying it abandons the rest: nothing of it is sent any more, and
// `finished` is not called.
class Transfer {
 public:
  virtual ~Transfer() = default;
  virtual void pause() = 0;
  virtual void resume() = 0;
  [[nodiscard]] virtual std::uint16_t percent() const = 0;
};
struct TransferEnd {
  std::string trouble;   // empty: all has arrived
  bool cut_off = false;  // the connection was lost
};
// On the link's thread, or before the call that began it returns; must not block.
using TransferFinished = std::function<void(const TransferEnd&)>;

// Thread-safe.
class PeerVolume final : private Attendant {
 public:
  // Claimed: `identity` has been registered under `key` and reserved on the link's session, whose
  // thread this is. Kept: by another process, and found again with the next connection. The link
  // outlives the volume.
  enum class Claim : std::uint8_t { Claimed, Kept, KeptOpen };
  PeerVolume(Link& link, LunIdentity identity, std::uint64_t key, Claim claim,
             KeepsOut keeps_out = KeepsOut::Writers);
  ~PeerVolume();  // gives the claim back, now or when the link is up again
  PeerVolume(const PeerVolume&) = delete;
  PeerVolume& operator=(const PeerVolume&) = delete;

  // How it is to be written. On the link's thread.
  void look_at(initiator::Session& session);

  [[nodiscard]] const LunIdentity& identity() const noexcept { return identity_; }
  [[nodiscard]] Link& link() noexcept { return link_; }
  [[nodiscard]] KeepsOut keeps_out() const noexcept { return keeps_out_; }
  // The link is up and the logical unit still ours.
  [[nodiscard]] bool is_reachable() const;
  // Of what last failed: the connection was lost; else the peer refused it.
  [[nodiscard]] bool was_cut_off() const;

  // The destructor leaves the claim as it is, for the next process.
  void keep_claim();
  // The claim was not there any more when it was to be found again, and has been made anew: what
  // the peer holds is not known. True once for each time.
  [[nodiscard]] bool take_forgotten();

  // Before the first change: every change is noted there before it goes out, and is refused if it
  // cannot be.
  void use(std::shared_ptr<ChangeRecord> record);
  // Everything that was changed in `generation` or later; nothing without a record.
  [[nodiscard]] Ranges changed_since(Generation generation) const;
  [[nodiscard]] std::size_t parts_changed_since(Generation generation) const;
  // What changes from here on is of a new generation; the number of it, or 0 without a record.
  [[nodiscard]] Generation begin_generation();
  // So is what is under way. False: that could not be noted.
  [[nodiscard]] bool renew_under_way();
  // Anything may be changed from here on.
  [[nodiscard]] bool note_all();

  // Whether hosts on the peer may write. Waits for the answer.
  Status set_open(bool open);
  // They may from the next connection on.
  [[nodiscard]] bool open_with_next_connection();

  // From begin_mirror() on, the changes that are carried over in order: each call queues one.
  // False: it could not be; then nothing more is until the next begin_mirror(). What was not
  // carried over, or may not have been, is in doubt.
  void begin_mirror(MirrorRules rules);
  bool write(Lba first, std::span<const std::byte> data);
  bool unmap(Lba first, BlockCount count);
  // Blocks from `first` on become the bytes of `image` from `offset` on.
  bool copy(const store::Image& image, std::uint64_t offset, Lba first, BlockCount count);
  // All of `ranges` becomes what `image` holds there.
  bool copy(const store::Image& image, const Ranges& ranges);
  // A change that is not to be carried over.
  void missed(Lba first, BlockCount count);
  // Waits until nothing is under way. What is in doubt, in whole extents, is in doubt no longer:
  // it is the caller's then.
  [[nodiscard]] Ranges settle();
  // The same for the last time: nothing is carried over any more, and no host is failed for it.
  [[nodiscard]] Ranges end_mirror();
  // Says when the peer holds what hosts have written by now, for who answers them. Durable: it
  // does, or the mirror has failed and hosts are to go on without it. Failed:
  // failure_stops_host_io. Outlives the volume.
  [[nodiscard]] const std::shared_ptr<store::Commits>& holder() const noexcept { return holder_; }

  // In bulk: the peer gets `ranges` of `image`, which may be larger than it.
  [[nodiscard]] std::unique_ptr<Transfer> ship(store::Image image, Ranges ranges,
                                               TransferFinished finished);
  // `copy` gets what the peer holds; extents that hold the same already are left alone.
  [[nodiscard]] std::unique_ptr<Transfer> fetch(std::shared_ptr<store::Volume> copy,
                                                TransferFinished finished);

 private:
  class Progress;
  void connected(initiator::Session& session) override;
  [[nodiscard]] bool claim_again(initiator::Session& session, bool open);
  [[nodiscard]] TransferFinished noting(TransferFinished finished) const;
  bool queue(Lba first, BlockCount count,
             std::function<void(initiator::Session&, initiator::Done)> send);
  bool queue(Operation operation);

  Link& link_;
  const LunIdentity identity_;
  const std::uint64_t key_;
  const KeepsOut keeps_out_;
  const std::shared_ptr<Progress> progress_;
  const std::shared_ptr<WriteBuffers> buffers_;
  std::shared_ptr<ChangeRecord> record_;
  std::atomic<bool> keeps_claim_{false};
  const std::shared_ptr<store::Commits> holder_;  // the same
};

}  // namespace lockstep::peer
