#include "target_impl/scsi/third_party_copy/token_write.hpp"

#include "target_impl/scsi/unit_access.hpp"
#include "target_impl/store/commits.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::scsi {

namespace {

// What one step does at most: bounds how long a volume is locked and how late a reset takes effect.
constexpr std::uint64_t kMostMoved = 8ULL << 20;
constexpr std::uint64_t kMostShared = 1ULL << 30;
constexpr std::uint64_t kMostZeroed = 16ULL << 30;

}  // namespace

TokenWrite::TokenWrite(const Nexus& nexus, std::uint16_t lun, std::shared_ptr<LogicalUnit> unit,
                       std::shared_ptr<CopyRecord> record, Order order)
    : nexus_(nexus),
      lun_(lun),
      unit_(std::move(unit)),
      record_(std::move(record)),
      order_(std::move(order)),
      block_bytes_(unit_->volume().block_size().bytes) {
  for (const BlockSpan& range : order_.ranges) {
    wanted_ += range.count * block_bytes_;
  }
  available_ = wanted_;
  if (order_.use) {
    available_ = std::min(wanted_, order_.use->rod().bytes() - order_.offset);
  }
}

TokenWrite::Step TokenWrite::step() {
  std::optional<UnitAccess> access(std::in_place, *unit_, nexus_, Need::Write);
  if (const auto& refusal = access->refusal()) {
    const bool has_sense = refusal->status == Status::CheckCondition;
    finish(CopyState::WithErrors, refusal->status,
           has_sense ? std::optional(refusal->sense) : std::nullopt);
    return Step::Ended;
  }
  if (done_ < available_) {
    const store::WriteResult result = copy_some();
    if (has_changed(result)) {
      unit_->count_medium_change();
    }
    if (const auto sense = sense_of_change(result)) {
      finish(CopyState::WithErrors, Status::CheckCondition, sense);
      return Step::Ended;
    }
    report_progress();
  }
  if (done_ < available_) {
    return Step::More;
  }
  access.reset();  // it may wait for the disk
  finish();
  return Step::Ended;
}

store::WriteResult TokenWrite::copy_some() {
  const BlockSpan& range = order_.ranges[range_];
  const std::uint64_t destination = range.first * block_bytes_ + in_range_;
  const std::uint64_t in_range = range.count * block_bytes_ - in_range_;
  if (!order_.use) {
    return zero_run(destination, std::min(in_range, kMostZeroed));
  }
  // All but the part of a block that the ROD may end with.
  const std::uint64_t whole = available_ / block_bytes_ * block_bytes_;
  if (done_ >= whole) {
    return write_padded_block(destination);
  }
  return copy_run(destination, std::min(in_range, whole - done_));
}

store::WriteResult TokenWrite::zero_run(std::uint64_t destination, std::uint64_t bytes) {
  const auto result =
      unit_->volume().unmap(Lba{destination / block_bytes_}, BlockCount{bytes / block_bytes_});
  if (has_changed(result)) {
    advance(bytes);
  }
  return result;
}

store::WriteResult TokenWrite::copy_run(std::uint64_t destination, std::uint64_t most) {
  const Rod& rod = order_.use->rod();
  const Rod::Run run = rod.run_at(order_.offset + done_);
  const bool shares = rod.can_share_with(unit_->volume().pool()) &&
                      run.source % store::kExtentBytes == destination % store::kExtentBytes;
  const std::uint64_t bytes = std::min({run.bytes, most, shares ? kMostShared : kMostMoved});
  if (!shares && !rod.image().is_unmapped(run.source, bytes)) {
    moved_bytes_ += bytes;
  }
  const auto result = unit_->volume().share_range(rod.image(), {run.source, destination, bytes});
  if (has_changed(result)) {
    advance(bytes);
  }
  return result;
}

store::WriteResult TokenWrite::write_padded_block(std::uint64_t destination) {
  std::vector<std::byte> block(static_cast<std::size_t>(block_bytes_));
  const std::uint64_t bytes = available_ - done_;
  if (!order_.use->rod().read(order_.offset + done_,
                              std::span(block).first(static_cast<std::size_t>(bytes)))) {
    return store::WriteResult::Unreadable;
  }
  const auto result = unit_->volume().write(Lba{destination / block_bytes_}, block);
  if (has_changed(result)) {
    advance(block_bytes_);
  }
  return result;
}

void TokenWrite::advance(std::uint64_t bytes) noexcept {
  done_ += bytes;
  in_range_ += bytes;
  if (in_range_ == order_.ranges[range_].count * block_bytes_) {
    ++range_;
    in_range_ = 0;
  }
}

void TokenWrite::report_progress() {
  record_->update([this](CopyProgress& progress) {
    progress.transferred = done_ / block_bytes_;
    ++progress.operations;
  });
}

void TokenWrite::stop_short() { finish(); }

void TokenWrite::terminate() { finish(CopyState::Terminated, Status::TaskAborted, std::nullopt); }

void TokenWrite::finish() {
  bool held = true;
  if (order_.in_background) {
    const auto holders = unit_->holders();
    for (const auto& holder : *holders) {
      held = holder->wait(holder->request()) == store::CommitOutcome::Durable && held;
    }
  }
  const auto& commits = unit_->volume().commits();
  const bool on_disk = !order_.in_background || commits == nullptr ||
                       unit_->write_cache_enabled() ||
                       commits->wait(commits->request()) == store::CommitOutcome::Durable;
  if (!on_disk || !held) {
    finish(CopyState::WithErrors, Status::CheckCondition,
           Sense{SenseKey::MediumError, AdditionalSense::WriteError, {}, {}});
    return;
  }
  if (done_ >= wanted_) {
    finish(CopyState::Completed, Status::Good, std::nullopt);
    return;
  }
  // SBC-4 5.59: fewer blocks than asked for.
  const std::uint64_t blocks = done_ / block_bytes_;
  finish(CopyState::PartialUse, Status::CheckCondition,
         Sense{blocks != 0 ? SenseKey::CopyAborted : SenseKey::IllegalRequest,
               AdditionalSense::CopyTargetDeviceDataUnderrun,
               {},
               static_cast<std::uint32_t>(blocks)});
}

void TokenWrite::finish(CopyState state, Status completion, std::optional<Sense> sense) {
  if (order_.delete_token && order_.use && state != CopyState::Terminated &&
      state != CopyState::WithErrors) {
    order_.use->delete_token();
  }
  order_.use.reset();
  record_->update([&](CopyProgress& progress) {
    progress.state = state;
    progress.completion = completion;
    progress.sense = sense;
    progress.transferred = done_ / block_bytes_;
    ++progress.operations;
  });
}

}  // namespace lockstep::scsi
