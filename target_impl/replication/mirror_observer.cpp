#include "target_impl/replication/mirror_observer.hpp"

#include <utility>

namespace lockstep::replication {

MirrorObserver::MirrorObserver(std::unique_ptr<MirrorTarget> target, Mailbox& mailbox,
                               Options options)
    : target_(std::move(target)),
      geometry_(target_->geometry()),
      mailbox_(mailbox),
      options_(std::move(options)) {}

bool MirrorObserver::wrote(Lba first, std::span<const std::byte> data) noexcept {
  if (failed() || out_of_space_)
    return miss(first, BlockCount{data.size() / geometry_.block_size.bytes});
  return target_->write(first, data) || refuse();
}

bool MirrorObserver::zeroed(Lba first, BlockCount count) noexcept {
  if (failed()) return miss(first, count);
  return target_->unmap(first, count) || refuse();
}

bool MirrorObserver::assigned() noexcept {
  std::optional<store::Image> image;
  {
    const std::lock_guard lock(mutex_);
    image = std::exchange(announced_, std::nullopt);
  }
  if (failed() || out_of_space_ || !image) return miss(Lba{0}, geometry_.blocks);
  return target_->assign(*image) || refuse();
}

bool MirrorObserver::shared(const store::SharedBlocks& change) noexcept {
  if (failed() || out_of_space_) return miss(change.first, change.count);
  return target_->share(change) || refuse();
}

void MirrorObserver::announce_assignment(store::Image image) {
  const std::lock_guard lock(mutex_);
  announced_ = std::move(image);
}

bool MirrorObserver::miss(Lba first, BlockCount count) noexcept {
  if (out_of_space_ && !failed()) options_.failure->out_of_space = true;
  target_->missed(first, count);
  return refuse();
}

bool MirrorObserver::refuse() noexcept {
  if (!options_.failure->failed.exchange(true)) {
    mailbox_.post({Event::Kind::MirrorFailed, options_.pair, "the target could not take a write"});
  }
  return !options_.failure_stops_host_io;
}

}  // namespace lockstep::replication
