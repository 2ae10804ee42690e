#include "model/core/content.hpp"

#include "model/core/content_phases.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::model {

void WriteHistory::add(const WriteRecord& record) {
  writes_.push_back(record);
  const auto count = static_cast<std::uint32_t>(writes_.size());
  if (count <= kFewWrites) return;
  for (std::uint32_t i = by_chunk_.empty() ? 0 : count - 1; i < count; ++i) index(i);
}

void WriteHistory::index(std::uint32_t which) {
  const WriteRecord& record = writes_[which];
  if (record.count == 0) return;
  const std::uint64_t last = (record.first + record.count - 1) / kChunkBlocks;
  for (std::uint64_t chunk = record.first / kChunkBlocks; chunk <= last; ++chunk) {
    by_chunk_[chunk].push_back(which);
  }
}

WriteRecord* WriteHistory::find(std::uint64_t sequence) noexcept {
  const auto found = std::find_if(writes_.rbegin(), writes_.rend(), [&](const WriteRecord& record) {
    return record.sequence == sequence;
  });
  return found == writes_.rend() ? nullptr : &*found;
}

VolumeNumber Content::number_of(const ElementRef& element) { return numbers_.of(element); }

VolumeContent* Content::find(VolumeNumber number) {
  if (number == 0 || number > volumes_.size()) return nullptr;
  std::optional<VolumeContent>& volume = volumes_[number - 1];
  return volume ? &*volume : nullptr;
}

const VolumeContent* Content::find(VolumeNumber number) const {
  if (number == 0 || number > volumes_.size()) return nullptr;
  const std::optional<VolumeContent>& volume = volumes_[number - 1];
  return volume ? &*volume : nullptr;
}

std::size_t Content::place_of(const RelationshipRef& ref, std::size_t likely) const noexcept {
  if (likely < pairs_.size() && pairs_[likely].ref == ref) return likely;
  const auto found = std::ranges::find(pairs_, ref, &NamedPair::ref);
  return static_cast<std::size_t>(found - pairs_.begin());
}

Content::Pair* Content::find(const RelationshipRef& ref) noexcept {
  const std::size_t place = place_of(ref, 0);
  return place == pairs_.size() ? nullptr : &pairs_[place].pair;
}

void Content::know(const ElementRef& element, BlockCount blocks, BlockSize size, bool zeros) {
  const VolumeNumber number = number_of(element);
  constexpr std::size_t kUsual = 16;
  if (volumes_.capacity() == 0) volumes_.reserve(kUsual);
  if (volumes_.size() < number) volumes_.resize(number);
  VolumeContent& volume = volumes_[number - 1].emplace(arena_.memory());
  volume.blocks = blocks.value;
  volume.block_bytes = size.bytes;
  Epoch first;
  first.kind = zeros ? Epoch::Kind::Zeros : Epoch::Kind::Unknown;
  first.begins = Span{kEver, kEver};
  first.clause = "DS-MS-18";
  constexpr std::size_t kUsualEpochs = 4;
  volume.epochs.reserve(kUsualEpochs);
  volume.epochs.push_back(std::move(first));
}

void Content::write_issued(const ElementRef& element, Lba first, BlockCount count,
                           std::uint64_t sequence, bool zeros, Instant at) {
  const VolumeNumber number = number_of(element);
  if (find(number) == nullptr) know(element, BlockCount{0}, BlockSize{0}, false);
  VolumeContent* const volume = find(number);
  WriteRecord record;
  record.sequence = sequence;
  record.first = first.value;
  record.count = count.value;
  record.zeros = zeros;
  record.issued = at;
  volume->writes.add(record);
}

void Content::write_answered(const ElementRef& element, std::uint64_t sequence, bool good,
                             Instant at) {
  VolumeContent* volume = find(number_of(element));
  if (volume == nullptr) return;
  WriteRecord* const record = volume->writes.find(sequence);
  if (record == nullptr) return;
  record->answered = at;
  if (good) record->acknowledged = at;
}

bool Content::look(const CopyLook& look) {
  const std::size_t place = place_of(*look.ref, look.place != nullptr ? *look.place : 0);
  const bool added = place == pairs_.size();
  if (added) {
    constexpr std::size_t kUsual = 8;
    if (pairs_.capacity() == 0) pairs_.reserve(kUsual);
    pairs_.emplace_back().ref = *look.ref;
  }
  if (look.place != nullptr) *look.place = place;
  const bool fresh = look.fresh || added;
  Pair& pair = pairs_[place].pair;
  const Standing before = pair;
  ContentPhases phases(*this, look, pair, fresh);
  if (!phases.follow()) {
    if (place + 1 < pairs_.size()) pairs_[place] = std::move(pairs_.back());
    pairs_.pop_back();
    return true;
  }
  // Of one that goes on, the instants change only as something is told.
  return fresh || phases.told() || pair != before;
}

void Content::disturb(const RelationshipRef& ref, Instant at) {
  Pair* const found = find(ref);
  if (found == nullptr) return;
  Pair& pair = *found;
  VolumeContent* target = find(pair.target);
  if (target == nullptr || pair.phase == Phase::Unknown || pair.phase == Phase::Separated) return;
  // A synchronous target had everything up to now; whatever comes next may or may not reach it.
  if (pair.phase == Phase::Exact) pair.since = at;
  Epoch epoch;
  const bool mirror = pair.phase == Phase::Exact || pair.phase == Phase::Lagging;
  epoch.kind = mirror ? Epoch::Kind::Mix : Epoch::Kind::Unknown;
  epoch.source = pair.source;
  epoch.windows = {Span{pair.since, kNever}};
  epoch.live = true;
  epoch.or_before = true;
  epoch.begins = Span{at, kNever};
  epoch.clause = "DS-MS-05";
  target->epochs.push_back(std::move(epoch));
  pair.phase = mirror ? Phase::Copying : Phase::Unknown;
}

void Content::overwrite(const ElementRef& target, const std::optional<ElementRef>& source,
                        Instant from) {
  VolumeContent* volume = find(number_of(target));
  if (volume == nullptr) return;
  Epoch epoch;
  epoch.kind = source ? Epoch::Kind::Mix : Epoch::Kind::Unknown;
  epoch.source = source ? number_of(*source) : 0;
  epoch.windows = {Span{from, kNever}};
  epoch.live = true;
  epoch.or_before = true;
  epoch.begins = Span{from, kNever};
  epoch.clause = "DS-MS-08";
  volume->epochs.push_back(std::move(epoch));
}

void Content::settled(const RelationshipRef& ref, Instant at) {
  Pair* const found = find(ref);
  if (found == nullptr || found->phase != Phase::Lagging) return;
  Pair& pair = *found;
  VolumeContent* target = find(pair.target);
  if (target == nullptr) return;
  pair.since = at;
  Epoch epoch;
  epoch.kind = Epoch::Kind::Mix;
  epoch.source = pair.source;
  epoch.windows = {Span{at, kNever}};
  epoch.live = true;
  epoch.begins = Span{at, at};
  epoch.clause = "DS-MA-01";
  target->epochs.push_back(std::move(epoch));
}

}  // namespace lockstep::model
