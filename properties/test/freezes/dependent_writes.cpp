#include "properties/test/freezes/dependent_writes.hpp"

#include "model/core/stamp.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace lockstep::properties::test {

Instant now() noexcept {
  return Instant{std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1}};
}

DependentWrites::DependentWrites(DataPath& path, std::vector<ElementRef> volumes)
    : path_(path), volumes_(std::move(volumes)) {
  for (const ElementRef& volume : volumes_) {
    content_.know(volume, BlockCount{kBlocksEach}, kBlockSize, true);
    numbers_.push_back(content_.number_of(volume));
  }
  for (std::uint64_t chain = 0; chain < kChains; ++chain) {
    threads_.emplace_back([this, chain] { write_chain(chain); });
  }
}

DependentWrites::~DependentWrites() {
  stopping_ = true;
  for (std::thread& thread : threads_) thread.join();
}

void DependentWrites::write_chain(std::uint64_t chain) {
  std::minstd_rand random(static_cast<std::uint32_t>(chain + 1));
  for (std::size_t link = chain; !stopping_; ++link) {
    if (!write_one(chain, link % volumes_.size(), random)) {
      failed_ = true;
      return;
    }
  }
}

bool DependentWrites::write_one(std::uint64_t chain, std::size_t volume, std::minstd_rand& random) {
  constexpr std::uint64_t kBlocksOfChain = kBlocksEach / kChains;
  constexpr std::uint64_t kLongest = 4;
  const std::uint64_t first = random() % kBlocksOfChain;
  const std::uint64_t blocks = std::min(1 + random() % kLongest, kBlocksOfChain - first);
  const Lba lba{chain * kBlocksOfChain + first};
  const std::uint64_t sequence = ++sequence_;
  Image data(blocks * kBlockSize.bytes);
  for (std::uint64_t i = 0; i < blocks; ++i) {
    model::write_stamp(std::span(data).subspan(i * kBlockSize.bytes, kBlockSize.bytes),
                       model::Stamp{numbers_[volume], lba.value + i, sequence});
  }
  Instant issued;
  {
    const std::lock_guard lock(mutex_);
    issued = now();
    content_.write_issued(volumes_[volume], lba, BlockCount{blocks}, sequence, false, issued);
  }
  const auto answer = path_.write(volumes_[volume], lba, data);
  const Instant answered = now();
  const bool good = answer && answer.value().good();
  const std::lock_guard lock(mutex_);
  content_.write_answered(volumes_[volume], sequence, good, answered);
  flights_.push_back({issued, answered});
  ++acknowledged_;
  return good;
}

bool DependentWrites::go_on_for(std::uint64_t writes) {
  const std::uint64_t until = acknowledged_ + writes;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (acknowledged_ < until && !failed_) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return !failed_;
}

std::chrono::nanoseconds DependentWrites::longest_write(const model::Window& window) {
  const std::lock_guard lock(mutex_);
  std::erase_if(flights_, [&](const model::Span& flight) { return flight.high < window.issued; });
  std::int64_t longest = 0;
  for (const model::Span& flight : flights_) {
    if (window.answered < flight.low) continue;
    longest = std::max(longest, flight.high.ns - flight.low.ns);
  }
  return std::chrono::nanoseconds{longest};
}

model::Findings DependentWrites::judge(const std::vector<Image>& images, const model::Window& taken,
                                       std::string_view clause) {
  const std::lock_guard lock(mutex_);
  model::Findings findings;
  const Instant at = now();
  const std::string freeze = "freeze " + std::to_string(++freezes_);
  std::vector<model::Content::Member> members;
  for (std::size_t i = 0; i < images.size(); ++i) {
    // To the bytes a freeze is a snapshot, however it came about: under a name of its own, the
    // image is the target of one that was taken while the freeze was asked for.
    const ElementRef frozen{freeze + " of " + volumes_[i].path};
    content_.know(frozen, BlockCount{kBlocksEach}, kBlockSize, false);
    const RelationshipRef relationship{frozen.path};
    model::CopyLook look;
    look.ref = &relationship;
    look.kind = machine::MachineKind::Snapshot;
    look.source = content_.number_of(volumes_[i]);
    look.target = content_.number_of(frozen);
    look.seen = CopyState::Synchronized;
    look.fresh = true;
    look.asked = taken;
    look.at = taken.answered;
    content_.look(look);
    content_.read(frozen, Lba{0}, kBlockSize, images[i], {at, at}, findings);
    members.push_back({frozen, images[i]});
  }
  content_.common_cut(members, kBlockSize, {at, at}, clause, freeze, findings);
  return findings;
}

}  // namespace lockstep::properties::test
