// Judging what a read returned: every block for itself, and the blocks of a point in time together.
#include "model/core/content_reader.hpp"
#include "model/core/reporter.hpp"

#include <algorithm>
#include <optional>

namespace lockstep::model {
namespace {

constexpr std::size_t kMostBlockFindings = 8;

std::string block_subject(const std::string& volume, std::uint64_t lba) {
  return "volume " + volume + ", LBA " + std::to_string(lba);
}

// The bounds that blocks put on the moment of one point in time, and which block put them.
struct Cut {
  Span span;
  std::uint64_t low_lba = 0;
  std::uint64_t high_lba = 0;
  VolumeNumber low_volume = 0;
  VolumeNumber high_volume = 0;

  void narrow(Span more, VolumeNumber volume, std::uint64_t lba) {
    if (span.low < more.low) {
      span.low = more.low;
      low_lba = lba;
      low_volume = volume;
    }
    if (more.high < span.high) {
      span.high = more.high;
      high_lba = lba;
      high_volume = volume;
    }
  }
};

struct ReadInput {
  VolumeNumber number;
  Lba first;
  BlockSize block_size;
  std::span<const std::byte> data;
  Span within;

  [[nodiscard]] std::size_t blocks() const { return data.size() / block_size.bytes; }
  [[nodiscard]] BlockValue block(std::size_t i) const {
    return value_of(read_stamp(data.subspan(i * block_size.bytes, block_size.bytes)));
  }
};

// Where judgement may change from one block to the next: where a write to some volume begins or
// ends, and where a volume ends. Between two such places blocks that hold the same are judged
// alike.
class Stretches {
 public:
  void add(const VolumeContent& volume) {
    bounds_.push_back(volume.blocks);
    volume.writes.for_each([&](const WriteRecord& record) {
      bounds_.push_back(record.first);
      bounds_.push_back(record.first + record.count);
    });
  }
  void sort() { std::ranges::sort(bounds_); }
  // Asked for in ascending order.
  [[nodiscard]] bool begins_at(std::uint64_t lba) {
    while (next_ < bounds_.size() && bounds_[next_] < lba) ++next_;
    return next_ < bounds_.size() && bounds_[next_] == lba;
  }

 private:
  std::vector<std::uint64_t> bounds_;
  std::size_t next_ = 0;
};

// The same, but for the place that a block of a write bears: it is its own in both or in neither.
bool hold_the_same(const BlockValue& before, const BlockValue& value, std::uint64_t lba) {
  return before.kind == value.kind && before.volume == value.volume &&
         before.sequence == value.sequence && (before.lba + 1 == lba) == (value.lba == lba);
}

// The rule to name for a block that cannot be.
std::string_view clause_of(const ContentReader& reader, const VolumeContent& volume,
                           const Epoch& epoch, VolumeNumber number, std::uint64_t lba,
                           const BlockValue& value, Span within) {
  bool host_wrote = false;
  volume.writes.for_each_to(lba, [&](const WriteRecord& record) {
    host_wrote =
        host_wrote || (epoch.begins.high < record.issued && record.acknowledged < within.low);
  });
  if (epoch.kind == Epoch::Kind::Instant) {
    if (host_wrote) return "DS-SN-04";
    // A later write to the source shows through.
    const bool later =
        value.kind == BlockValue::Kind::Write && value.volume == epoch.source &&
        !reader.held(epoch.source, lba, value, Span{epoch.windows.back().high, kNever}).empty();
    if (later && (epoch.clause == "DS-SN-01" || epoch.clause == "DS-SN-07")) return "DS-SN-03";
  }
  if (epoch.exact && epoch.clause == "DS-MS-02") {
    // Nothing in flight: then it is plain equality that is broken.
    const std::string candidates = reader.candidates(number, lba, within);
    if (candidates.find(" or ") == std::string::npos) return "DS-MS-01";
  }
  return epoch.clause;
}

}  // namespace

void Content::read(const ElementRef& element, Lba first, BlockSize block_size,
                   std::span<const std::byte> data, const Window& window, Findings& out) {
  const VolumeNumber number = numbers_.find(element);
  if (block_size.bytes == 0) return;
  VolumeContent* volume = find(number);
  if (volume == nullptr) return;
  if (volume->block_bytes == 0) volume->block_bytes = block_size.bytes;
  Reporter report(out);
  const ContentReader reader(*this);
  const ReadInput input{number, first, block_size, data, Span{window.issued, window.answered}};
  Epoch& epoch = const_cast<Epoch&>(reader.epoch_at(*volume, window.answered));
  const VolumeContent* source = find(epoch.source);
  const bool instant = epoch.kind == Epoch::Kind::Instant && source != nullptr &&
                       source->block_bytes == volume->block_bytes &&
                       reader.alone(*volume, epoch, input.within);
  std::vector<Cut> cuts;
  for (const Span span : epoch.windows) cuts.push_back(Cut{span, first.value, first.value, 0, 0});
  // For few blocks it is not worth looking through all writes.
  constexpr std::size_t kMany = 16;
  const bool many = input.blocks() >= kMany;
  Stretches stretches;
  for (const auto& known : volumes_) {
    if (many && known) stretches.add(*known);
  }
  stretches.sort();
  std::size_t wrong = 0;
  BlockValue last;     // what the block before held,
  bool sound = false;  // and that it may
  for (std::size_t i = 0; i < input.blocks(); ++i) {
    const std::uint64_t lba = first.value + i;
    const BlockValue value = input.block(i);
    const bool alike =
        many && sound && !stretches.begins_at(lba) && hold_the_same(last, value, lba);
    last = value;
    if (alike) continue;
    sound = false;
    if (reader.held(input.number, lba, value, input.within).empty()) {
      if (++wrong <= kMostBlockFindings) {
        const auto clause =
            clause_of(reader, *volume, epoch, input.number, lba, value, input.within);
        std::string seen = reader.text_of(value);
        if (value.kind == BlockValue::Kind::Write && value.lba != lba) {
          seen += " to LBA " + std::to_string(value.lba);
        }
        report.breach(clause, block_subject(element.path, lba),
                      reader.candidates(input.number, lba, input.within), std::move(seen));
      }
      continue;
    }
    sound = true;
    if (!instant || lba >= source->blocks) continue;
    if (!reader.held_by_host(*volume, lba, input.number, value, input.within).empty()) continue;
    for (Cut& cut : cuts) {
      const Span there = reader.held(epoch.source, lba, value, Span{kEver, kNever});
      cut.narrow(there, epoch.source, lba);
    }
  }
  if (wrong > kMostBlockFindings) {
    report.breach(epoch.clause, "volume " + element.path, "blocks that may be there",
                  std::to_string(wrong) + " blocks that may not");
  }
  if (!instant || cuts.empty()) return;
  Spans left;
  for (const Cut& cut : cuts) {
    if (!cut.span.empty()) left.push_back(cut.span);
  }
  if (left.empty()) {
    if (wrong > 0) return;  // said already
    const Cut& cut = cuts.front();
    report.breach(epoch.clause, "volume " + element.path,
                  "one point in time of " + reader.name_of(epoch.source),
                  "LBA " + std::to_string(cut.low_lba) + " is newer than LBA " +
                      std::to_string(cut.high_lba) + " can be");
    return;
  }
  // What has been learned of the point in time holds for every later read.
  epoch.windows = std::move(left);
}

std::string Content::describe(const ElementRef& target) const {
  const VolumeContent* volume = find(numbers_.find(target));
  if (volume == nullptr) return {};
  const ContentReader reader(*this);
  const Epoch& epoch = volume->epochs.back();
  const auto time = [](Instant at) {
    if (at == kEver) return std::string("ever");
    if (at == kNever) return std::string("now");
    return std::to_string(at.ns) + " ns";
  };
  switch (epoch.kind) {
    case Epoch::Kind::Zeros:
      return "zeros at first";
    case Epoch::Kind::Unknown:
      return "content not known";
    case Epoch::Kind::Instant: {
      std::string text = "point in time of " + reader.name_of(epoch.source) + " within";
      for (const Span span : epoch.windows) {
        text += " [" + time(span.low) + ", " + time(span.high) + "]";
      }
      return text;
    }
    case Epoch::Kind::Mix:
      break;
  }
  if (epoch.exact) return "holds what " + reader.name_of(epoch.source) + " holds";
  return std::string(epoch.or_before ? "holds its old blocks or" : "holds") + " what " +
         reader.name_of(epoch.source) + " held within [" + time(epoch.windows.front().low) + ", " +
         time(epoch.windows.front().high) + "]";
}

}  // namespace lockstep::model
