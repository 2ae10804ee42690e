#include "target_impl/scsi/third_party_copy/copy_segment.hpp"

#include "target_impl/scsi/unit_access.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace lockstep::scsi {

namespace {

// What one change of the destination copies at most: bounds how long it is locked.
constexpr std::uint64_t kMostAtOnce = 8ULL << 20;

constexpr std::uint16_t kSourceAt = 4;
constexpr std::uint16_t kDestinationAt = 6;
constexpr std::uint16_t kSourceLbaAt = 12;
constexpr std::uint16_t kDestinationLbaAt = 20;

[[nodiscard]] SegmentOutcome aborted(AdditionalSense additional,
                                     std::optional<std::uint16_t> field) {
  Sense sense{SenseKey::CopyAborted, additional, {}, {}};
  if (field) {
    sense.field = FieldPointer{false, *field, {}};
  }
  return {sense, false, 0, nullptr};
}

// What a segment asks for, in bytes.
struct Extent {
  std::uint64_t source = 0;
  std::uint64_t source_bytes = 0;
  std::uint64_t destination = 0;
  std::uint64_t destination_bytes = 0;
};

class Segment {
 public:
  Segment(Task& task, std::span<const std::byte> descriptor, Cscd source, Cscd destination)
      : task_(task),
        descriptor_(descriptor),
        source_(std::move(source)),
        destination_(std::move(destination)) {}

  [[nodiscard]] SegmentOutcome run(const CopyLimits& limits);

 private:
  [[nodiscard]] std::uint64_t field(std::size_t at, std::size_t bytes) const {
    return get_big_endian(descriptor_, at, bytes);
  }
  [[nodiscard]] bool in_bytes() const { return field(0, 1) == kBytesSegment; }
  [[nodiscard]] std::uint64_t source_block() const {
    return source_.unit->volume().block_size().bytes;
  }
  [[nodiscard]] std::uint64_t destination_block() const {
    return destination_.unit->volume().block_size().bytes;
  }
  // The outcome is a refusal, or nothing and `extent_` is known.
  [[nodiscard]] std::optional<SegmentOutcome> measure(const CopyLimits& limits);
  [[nodiscard]] std::optional<SegmentOutcome> measure_bytes();
  [[nodiscard]] std::optional<SegmentOutcome> measure_blocks();
  [[nodiscard]] SegmentOutcome copy();
  [[nodiscard]] store::WriteResult pad_last_block(const store::Image& image, std::uint64_t done);
  [[nodiscard]] SegmentOutcome refused(const Refusal& refusal, std::uint16_t lun) const;

  Task& task_;
  const std::span<const std::byte> descriptor_;
  const Cscd source_;
  const Cscd destination_;
  Extent extent_;
};

[[nodiscard]] bool inside(const store::Volume& volume, std::uint64_t lba, std::uint64_t bytes) {
  const std::uint64_t blocks = volume.blocks().value;
  const std::uint64_t block = volume.block_size().bytes;
  return lba <= blocks && bytes <= (blocks - lba) * block;
}

std::optional<SegmentOutcome> Segment::measure_bytes() {
  constexpr std::uint16_t kSourceOffsetAt = 28;
  constexpr std::uint16_t kDestinationOffsetAt = 30;
  if (field(kSourceOffsetAt, 2) >= source_block()) {
    return aborted(AdditionalSense::None, kSourceOffsetAt);
  }
  if (field(kDestinationOffsetAt, 2) >= destination_block()) {
    return aborted(AdditionalSense::None, kDestinationOffsetAt);
  }
  extent_.source = field(kSourceOffsetAt, 2);
  extent_.destination = field(kDestinationOffsetAt, 2);
  extent_.source_bytes = field(8, 4);
  extent_.destination_bytes = extent_.source_bytes;
  return std::nullopt;
}

// SPC-4 6.4.5.6 table 151: PAD says what happens to blocks that cannot be made or used whole.
std::optional<SegmentOutcome> Segment::measure_blocks() {
  constexpr std::uint64_t kCountByDestination = 0x02;  // DC
  constexpr std::uint64_t kKeepRest = 0x01;            // CAT
  const std::uint64_t count = field(10, 2);
  const bool by_destination = (field(1, 1) & kCountByDestination) != 0;
  const std::uint64_t bytes = count * (by_destination ? destination_block() : source_block());
  extent_.source_bytes = (bytes + source_block() - 1) / source_block() * source_block();
  extent_.destination_bytes =
      (bytes + destination_block() - 1) / destination_block() * destination_block();
  const bool exact = extent_.source_bytes == extent_.destination_bytes;
  const bool pads = by_destination ? source_.pads : destination_.pads;
  // With CAT the rest would have to be kept for the next segment.
  if (!exact && (!pads || (field(1, 1) & kKeepRest) != 0)) {
    return aborted(AdditionalSense::UnexpectedInexactSegment, std::nullopt);
  }
  return std::nullopt;
}

std::optional<SegmentOutcome> Segment::measure(const CopyLimits& limits) {
  if (auto refusal = in_bytes() ? measure_bytes() : measure_blocks()) {
    return refusal;
  }
  if (std::max(extent_.source_bytes, extent_.destination_bytes) > limits.max_segment_bytes) {
    return aborted(AdditionalSense::None, in_bytes() ? 8 : 10);
  }
  const std::uint64_t source_lba = field(kSourceLbaAt, 8);
  const std::uint64_t destination_lba = field(kDestinationLbaAt, 8);
  if (extent_.source_bytes == 0) {
    return SegmentOutcome{};
  }
  if (!inside(source_.unit->volume(), source_lba, extent_.source + extent_.source_bytes)) {
    return aborted(AdditionalSense::None, kSourceLbaAt);
  }
  if (!inside(destination_.unit->volume(), destination_lba,
              extent_.destination + extent_.destination_bytes)) {
    return aborted(AdditionalSense::None, kDestinationLbaAt);
  }
  extent_.source += source_lba * source_block();
  extent_.destination += destination_lba * destination_block();
  return std::nullopt;
}

SegmentOutcome Segment::refused(const Refusal& refusal, std::uint16_t lun) const {
  if (refusal.status == Status::ReservationConflict) {
    SegmentOutcome outcome = aborted(AdditionalSense::ThirdPartyDeviceFailure, std::nullopt);
    outcome.conflict = lun == task_.lun;
    return outcome;
  }
  return aborted(refusal.sense.additional, std::nullopt);
}

store::WriteResult Segment::pad_last_block(const store::Image& image, std::uint64_t done) {
  std::vector<std::byte> block(static_cast<std::size_t>(destination_block()));
  if (!image.read_bytes(extent_.source + done, std::span(block).first(static_cast<std::size_t>(
                                                   extent_.source_bytes - done)))) {
    return store::WriteResult::Unreadable;
  }
  return destination_.unit->volume().write(Lba{(extent_.destination + done) / destination_block()},
                                           block);
}

SegmentOutcome Segment::copy() {
  store::Volume& destination = destination_.unit->volume();
  const store::Image image = source_.unit->volume().snapshot();
  // Less than this only where the last block is filled up.
  const std::uint64_t whole =
      extent_.source_bytes >= extent_.destination_bytes
          ? extent_.destination_bytes
          : extent_.source_bytes / destination_block() * destination_block();
  store::WriteResult result = store::WriteResult::Done;
  SegmentOutcome outcome;
  while (outcome.bytes != extent_.destination_bytes && result == store::WriteResult::Done) {
    const bool pads = outcome.bytes == whole;
    const std::uint64_t bytes =
        pads ? destination_block() : std::min(whole - outcome.bytes, kMostAtOnce);
    result = pads ? pad_last_block(image, whole)
                  : destination.share_range(image, {extent_.source + outcome.bytes,
                                                    extent_.destination + outcome.bytes, bytes});
    outcome.bytes += has_changed(result) ? bytes : 0;
  }
  if (outcome.bytes != 0) {
    destination_.unit->count_medium_change();
    outcome.written = destination_.unit;
  }
  if (const auto sense = sense_of_change(result)) {
    outcome.sense = aborted(sense->additional, std::nullopt).sense;
  }
  return outcome;
}

SegmentOutcome Segment::run(const CopyLimits& limits) {
  const UnitAccess reads(*source_.unit, task_.nexus, Need::Ready);
  if (reads.refusal()) {
    return refused(*reads.refusal(), source_.lun);
  }
  const UnitAccess writes(*destination_.unit, task_.nexus, Need::Write);
  if (writes.refusal()) {
    return refused(*writes.refusal(), destination_.lun);
  }
  if (const auto refusal = measure(limits)) {
    return *refusal;
  }
  return copy();
}

}  // namespace

SegmentOutcome copy_segment(Task& task, std::span<const std::byte> descriptor,
                            const CopyLimits& limits,
                            const std::function<Cscd(std::uint16_t, AdditionalSense&)>& find) {
  std::array<Cscd, 2> units;
  for (const std::uint16_t at : {kSourceAt, kDestinationAt}) {
    AdditionalSense why = AdditionalSense::None;
    const auto identifier = static_cast<std::uint16_t>(get_big_endian(descriptor, at, 2));
    Cscd& found = units[at == kSourceAt ? 0 : 1];
    found = find(identifier, why);
    if (found.unit == nullptr) {
      return aborted(why, at);
    }
  }
  return Segment(task, descriptor, std::move(units[0]), std::move(units[1])).run(limits);
}

}  // namespace lockstep::scsi
