#include "model/core/content.hpp"

#include <algorithm>

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

}  // namespace lockstep::model
