#include "target_impl/replication/mirror_observer.hpp"

#include <utility>

namespace lockstep::replication {

MirrorObserver::MirrorObserver(std::shared_ptr<store::Volume> target, Mailbox& mailbox,
                               Options options)
    : target_(std::move(target)), mailbox_(mailbox), options_(std::move(options)) {}

bool MirrorObserver::wrote(Lba first, std::span<const std::byte> data) noexcept {
  if (failed() || out_of_space_) return refuse();
  return carried(target_->write(first, data));
}

bool MirrorObserver::zeroed(Lba first, BlockCount count) noexcept {
  if (failed()) return refuse();
  return carried(target_->unmap(first, count));
}

bool MirrorObserver::assigned() noexcept {
  std::optional<store::Image> image;
  {
    const std::lock_guard lock(mutex_);
    image = std::exchange(announced_, std::nullopt);
  }
  if (failed() || out_of_space_ || !image) return refuse();
  return carried(target_->assign(*image));
}

bool MirrorObserver::shared(const store::SharedBlocks& change) noexcept {
  if (failed() || out_of_space_) return refuse();
  const std::uint64_t destination = change.first.value * change.block_size.bytes;
  return carried(target_->share_range(change.from, {change.source, destination, change.bytes()}));
}

void MirrorObserver::announce_assignment(store::Image image) {
  const std::lock_guard lock(mutex_);
  announced_ = std::move(image);
}

bool MirrorObserver::carried(store::WriteResult result) noexcept {
  return result == store::WriteResult::Done || refuse();
}

bool MirrorObserver::refuse() noexcept {
  if (!options_.failed->exchange(true)) {
    mailbox_.post({Event::Kind::MirrorFailed, options_.pair, "the target could not take a write"});
  }
  return !options_.failure_stops_host_io;
}

}  // namespace lockstep::replication
