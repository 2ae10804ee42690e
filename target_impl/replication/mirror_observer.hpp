// The synchronous mirror: writes the other side before a host's write to the source is answered.
//
// Called while the source's write lock is held, so the order of the target's writes is the
// source's. Takes no lock of the service. Once a write could not be carried over, nothing more is:
// the target keeps what it had (DS-MS-05), and the service is told.
#pragma once

#include "target_impl/replication/mailbox.hpp"
#include "target_impl/replication/mirror_target.hpp"
#include "target_impl/replication/table.hpp"
#include "target_impl/store/volume.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace lockstep::replication {

// Shared by the mirrors of a consistent group, which stop as one (DS-GR-03): raised before the
// write that could not be carried over is answered, so no later one reaches any target.
struct MirrorFailure {
  std::atomic<bool> failed{false};
  std::atomic<bool> cut_off{false};  // it was the connection to the peer that was lost
  // It was FaultKind::SpaceExhausted, which may be over by the time the service hears of it.
  std::atomic<bool> out_of_space{false};
};

class MirrorObserver final : public store::WriteObserver {
 public:
  struct Options {
    Id pair = 0;
    // DS-MS-04: a write that cannot be carried over is reported to the host as failed.
    bool failure_stops_host_io = false;
    std::shared_ptr<MirrorFailure> failure = std::make_shared<MirrorFailure>();
  };
  // `mailbox` outlives the observer.
  MirrorObserver(std::unique_ptr<MirrorTarget> target, Mailbox& mailbox, Options options);

  [[nodiscard]] store::Volume* twin() noexcept override {
    return failed() || out_of_space_ ? nullptr : target_->volume();
  }
  bool wrote(Lba first, std::span<const std::byte> data) noexcept override;
  bool zeroed(Lba first, BlockCount count) noexcept override;
  bool assigned() noexcept override;
  bool shared(const store::SharedBlocks& change) noexcept override;

  // The content that the source is about to be given by assign(); the target is given the same.
  void announce_assignment(store::Image image);
  // While true, the target takes no new data (FaultKind::SpaceExhausted).
  void set_out_of_space(bool out_of_space) noexcept { out_of_space_ = out_of_space; }
  [[nodiscard]] bool failed() const noexcept { return options_.failure->failed; }
  [[nodiscard]] bool was_cut_off() const noexcept { return options_.failure->cut_off; }
  [[nodiscard]] bool was_out_of_space() const noexcept { return options_.failure->out_of_space; }

 private:
  // What the source is told when a change was not carried over.
  bool refuse() noexcept;
  bool miss(Lba first, BlockCount count) noexcept;

  const std::unique_ptr<MirrorTarget> target_;
  const VolumeGeometry geometry_;
  Mailbox& mailbox_;
  const Options options_;
  std::atomic<bool> out_of_space_{false};
  std::mutex mutex_;
  std::optional<store::Image> announced_;  // guarded by mutex_
};

}  // namespace lockstep::replication
