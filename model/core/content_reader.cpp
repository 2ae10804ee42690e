#include "model/core/content_reader.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

constexpr Span kNoTime{kNever, kEver};

Instant earlier(Instant a, Instant b) { return a < b ? a : b; }

void extend(Span& hull, Span more) {
  if (more.empty()) return;
  if (hull.empty()) {
    hull = more;
    return;
  }
  hull = Span{earlier(hull.low, more.low), hull.high < more.high ? more.high : hull.high};
}

bool is_value_of(const WriteRecord& record, VolumeNumber number, const BlockValue& value) {
  if (record.zeros) return value.kind == BlockValue::Kind::Zeros;
  return value.kind == BlockValue::Kind::Write && value.volume == number &&
         value.sequence == record.sequence;
}

// When a host write to a block may have stood there: from its issue until something that was surely
// later was surely done.
Span life(const VolumeContent& volume, std::uint64_t lba, const WriteRecord& record) {
  Instant end = kNever;
  volume.writes.for_each_to(lba, [&](const WriteRecord& other) {
    if (record.answered < other.issued) end = earlier(end, other.acknowledged);
  });
  for (const Epoch& epoch : volume.epochs) {
    if (!epoch.or_before && record.answered < epoch.begins.low) {
      end = earlier(end, epoch.begins.high);
    }
  }
  return Span{record.issued, end};
}

// Until when what an epoch brought may stand in a block.
Instant end_of(const VolumeContent& volume, std::size_t index, std::uint64_t lba) {
  const Epoch& epoch = volume.epochs[index];
  Instant end = kNever;
  for (std::size_t i = index + 1; i < volume.epochs.size(); ++i) {
    if (!volume.epochs[i].or_before) end = earlier(end, volume.epochs[i].begins.high);
  }
  if (epoch.live) return end;
  volume.writes.for_each_to(lba, [&](const WriteRecord& record) {
    if (epoch.begins.high < record.issued || epoch.begins.high == record.issued) {
      end = earlier(end, record.acknowledged);
    }
  });
  return end;
}

bool within_of(Span inner, Span outer) {
  return !(inner.low < outer.low) && !(outer.high < inner.high);
}

}  // namespace

BlockValue value_of(const BlockContent& content) {
  BlockValue value;
  if (std::holds_alternative<Zeros>(content)) {
    value.kind = BlockValue::Kind::Zeros;
  } else if (const auto* stamp = std::get_if<Stamp>(&content)) {
    value.kind = BlockValue::Kind::Write;
    value.volume = stamp->volume;
    value.lba = stamp->lba;
    value.sequence = stamp->sequence;
  }
  return value;
}

Span ContentReader::held_by_host(const VolumeContent& volume, std::uint64_t lba,
                                 VolumeNumber number, const BlockValue& value, Span within) const {
  Span hull = kNoTime;
  if (value.kind == BlockValue::Kind::Write && value.lba != lba) return hull;
  volume.writes.for_each_to(lba, [&](const WriteRecord& record) {
    if (!is_value_of(record, number, value)) return;
    extend(hull, overlap(life(volume, lba, record), within));
  });
  return hull;
}

Span ContentReader::held_by_epoch(const VolumeContent& volume, std::size_t index, std::uint64_t lba,
                                  const BlockValue& value, Span within, Trail& trail) const {
  const Epoch& epoch = volume.epochs[index];
  const Span active = overlap(Span{epoch.begins.low, end_of(volume, index, lba)}, within);
  if (active.empty()) return kNoTime;
  if (epoch.kind == Epoch::Kind::Unknown) return active;
  if (epoch.kind == Epoch::Kind::Zeros) {
    return value.kind == BlockValue::Kind::Zeros ? active : kNoTime;
  }
  const VolumeContent* source = content_.find(epoch.source);
  // Beyond the source's end, and where the two count different blocks, nothing is promised.
  if (source == nullptr || (source->blocks != 0 && lba >= source->blocks) ||
      source->block_bytes != volume.block_bytes) {
    return active;
  }
  for (std::size_t i = 0; i < trail.depth; ++i) {
    // Looking through the same copy again explains nothing new.
    if (trail.visits[i].epoch == &epoch && within_of(active, trail.visits[i].within)) {
      return kNoTime;
    }
  }
  if (trail.depth == trail.visits.size()) return active;
  trail.visits[trail.depth++] = Visit{&epoch, active};
  Span hull = kNoTime;
  for (const Span window : epoch.windows) {
    if (epoch.exact) {
      extend(hull, held(epoch.source, lba, value, active, trail));
      continue;
    }
    const Span wanted = epoch.live ? Span{window.low, earlier(window.high, active.high)} : window;
    const Span there = held(epoch.source, lba, value, wanted, trail);
    if (there.empty()) continue;
    // A value cannot show up here before it was there.
    extend(hull, epoch.live ? overlap(Span{there.low, kNever}, active) : active);
  }
  --trail.depth;
  return hull;
}

Span ContentReader::held(VolumeNumber number, std::uint64_t lba, const BlockValue& value,
                         Span within, Trail& trail) const {
  const VolumeContent* volume = content_.find(number);
  if (volume == nullptr || within.empty()) return volume == nullptr ? within : kNoTime;
  Span hull = held_by_host(*volume, lba, number, value, within);
  for (std::size_t i = volume->epochs.size(); i-- > 0;) {
    extend(hull, held_by_epoch(*volume, i, lba, value, within, trail));
    if (hull == within) break;
  }
  return hull;
}

Span ContentReader::held(VolumeNumber number, std::uint64_t lba, const BlockValue& value,
                         Span within) const {
  Trail trail;
  return held(number, lba, value, within, trail);
}

const Epoch& ContentReader::epoch_at(const VolumeContent& volume, Instant at) const {
  const Epoch* latest = &volume.epochs.front();
  for (const Epoch& epoch : volume.epochs) {
    if (!(at < epoch.begins.low)) latest = &epoch;
  }
  return *latest;
}

bool ContentReader::alone(const VolumeContent& volume, const Epoch& epoch, Span within) const {
  if (epoch.or_before || within.low < epoch.begins.high) return false;
  const bool last = &epoch == &volume.epochs.back();
  if (last) return true;
  for (const Epoch* next = &epoch + 1; next <= &volume.epochs.back(); ++next) {
    if (!(within.high < next->begins.low)) return false;
  }
  return true;
}

void ContentReader::collect(VolumeNumber number, std::uint64_t lba, Span within, int depth,
                            std::vector<BlockValue>& out) const {
  const VolumeContent* volume = content_.find(number);
  if (volume == nullptr || depth == 0) return;
  volume->writes.for_each_to(lba, [&](const WriteRecord& record) {
    BlockValue value;
    value.kind = record.zeros ? BlockValue::Kind::Zeros : BlockValue::Kind::Write;
    value.volume = number;
    value.lba = lba;
    value.sequence = record.sequence;
    out.push_back(value);
  });
  for (const Epoch& epoch : volume->epochs) {
    if (epoch.source != 0) collect(epoch.source, lba, within, depth - 1, out);
  }
}

std::string ContentReader::candidates(VolumeNumber number, std::uint64_t lba, Span within) const {
  BlockValue foreign;
  if (!held(number, lba, foreign, within).empty()) return "anything";
  constexpr int kDepth = 4;
  constexpr std::size_t kMost = 5;
  std::vector<BlockValue> values{BlockValue{BlockValue::Kind::Zeros, 0, lba, 0}};
  collect(number, lba, within, kDepth, values);
  std::vector<std::string> names;
  for (const BlockValue& value : values) {
    if (held(number, lba, value, within).empty()) continue;
    std::string name = text_of(value);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  if (names.size() > kMost) text += ", ...";
  return text.empty() ? "nothing that is known" : text;
}

std::string ContentReader::name_of(VolumeNumber number) const {
  if (const ElementRef* const ref = content_.numbers_.name_of(number)) return ref->path;
  return "an unknown volume " + std::to_string(number);
}

std::string ContentReader::text_of(const BlockValue& value) const {
  switch (value.kind) {
    case BlockValue::Kind::Zeros:
      return "zeros";
    case BlockValue::Kind::Foreign:
      return "data of no write (torn or foreign)";
    case BlockValue::Kind::Write:
      break;
  }
  return "write " + std::to_string(value.sequence) + " of " + name_of(value.volume);
}

}  // namespace lockstep::model
