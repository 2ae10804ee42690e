#include "target_impl/peer/journal.hpp"

#include "target_impl/iscsi/crc32c.hpp"
#include "target_impl/peer/scsi_commands.hpp"
#include "target_impl/scsi/big_endian.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace lockstep::peer {
namespace {

constexpr std::array<std::byte, 16> kJournalMagic = [] {
  std::array<std::byte, 16> bytes{};
  constexpr const char* kText = "lockstep journal";
  for (std::size_t i = 0; i != bytes.size(); ++i) bytes[i] = static_cast<std::byte>(kText[i]);
  return bytes;
}();
constexpr std::size_t kHalfAt = 16;
constexpr std::size_t kEntriesAt = 24;
constexpr std::size_t kBlocksAt = 32;
constexpr std::size_t kDirectorySumAt = 40;
constexpr std::size_t kHeaderSumAt = 48;
constexpr std::size_t kEntryBytes = 32;
constexpr std::uint64_t kLargestJournalBytes = std::uint64_t{1} << 30;

std::uint32_t checksum(std::span<const std::byte> bytes) {
  iscsi::Crc32c sum;
  sum.add(bytes);
  return sum.value();
}

struct Layout {
  std::uint64_t extent = 0;  // in blocks
  std::uint64_t half = 0;    // in extents
};

Layout layout_of(const VolumeGeometry& geometry) {
  const std::uint64_t extent = store::kExtentBytes / geometry.block_size.bytes;
  const std::uint64_t extents = geometry.blocks.value / extent;
  return {extent, extents < 3 ? 0 : (extents - 1) / 2};
}

std::uint64_t extents_for(std::uint64_t bytes) {
  return (bytes + store::kExtentBytes - 1) / store::kExtentBytes;
}

Error damaged(const std::string& expected, std::uint64_t found) {
  return target_error("journal: expected " + expected + ", found " + std::to_string(found) +
                      "; copy the logical units from their sources");
}

Result<JournalEntry> entry_at(std::span<const std::byte> bytes, const VolumeGeometry& geometry) {
  const auto number = [&](std::size_t at) { return scsi::get_big_endian(bytes, at, 8); };
  const std::uint64_t blocks = geometry.blocks.value;
  if (number(0) > 0xFFFF) return damaged("a LUN", number(0));
  if (number(16) > blocks) return damaged("no more blocks than there are", number(16));
  if (number(8) > UINT64_MAX - number(16)) return damaged("a range of blocks", number(8));
  if (number(24) > blocks - number(16)) return damaged("content inside it", number(24));
  return JournalEntry{static_cast<std::uint16_t>(number(0)),
                      {Lba{number(8)}, BlockCount{number(16)}},
                      Lba{number(24)}};
}

struct Header {
  std::uint64_t half = 0;  // in force, + 1
  std::uint64_t entries = 0;
  std::uint64_t blocks = 0;
  std::uint32_t directory_sum = 0;
};

// Nothing: it is no journal yet.
std::optional<Header> header_in(std::span<const std::byte> block) {
  if (!is_journal(block)) return std::nullopt;
  const auto number = [&](std::size_t at) { return scsi::get_big_endian(block, at, 8); };
  return Header{number(kHalfAt), number(kEntriesAt), number(kBlocksAt),
                static_cast<std::uint32_t>(number(kDirectorySumAt))};
}

std::vector<std::byte> block_of(const Header& header, BlockSize block_size) {
  std::vector<std::byte> block(block_size.bytes);
  std::copy(kJournalMagic.begin(), kJournalMagic.end(), block.begin());
  const std::span<std::byte> bytes(block);
  scsi::put_big_endian(bytes, kHalfAt, 8, header.half);
  scsi::put_big_endian(bytes, kEntriesAt, 8, header.entries);
  scsi::put_big_endian(bytes, kBlocksAt, 8, header.blocks);
  scsi::put_big_endian(bytes, kDirectorySumAt, 8, header.directory_sum);
  scsi::put_big_endian(bytes, kHeaderSumAt, 8, checksum(bytes.first(kHeaderSumAt)));
  return block;
}

// How the journal lies on a unit of that size.
Result<VolumeGeometry> geometry_in(std::span<const std::byte> block, const Header& header,
                                   VolumeGeometry unit) {
  const std::uint64_t sum = scsi::get_big_endian(block, kHeaderSumAt, 8);
  if (sum != checksum(block.first(kHeaderSumAt))) {
    return damaged("the checksum of block 0", sum);
  }
  if (header.half > 2) return damaged("a half", header.half);
  const std::uint64_t most =
      std::min(unit.blocks.value, kLargestJournalBytes / unit.block_size.bytes);
  if (header.blocks > most) {
    return damaged("at most " + std::to_string(most) + " blocks", header.blocks);
  }
  unit.blocks = BlockCount{header.blocks};
  // Each has an extent of its own, but for units that stay as they are.
  constexpr std::uint64_t kMostLuns = 0x10000;
  const std::uint64_t half = layout_of(unit).half;
  if (header.entries > std::min(half + kMostLuns, half * store::kExtentBytes / kEntryBytes)) {
    return damaged("entries that fit into it", header.entries);
  }
  return unit;
}

}  // namespace

Journal::Journal(std::shared_ptr<PeerVolume> volume, const std::shared_ptr<store::Pool>& pool)
    : volume_(std::move(volume)),
      content_(std::make_shared<store::Volume>(volume_->identity().geometry.blocks,
                                               volume_->identity().geometry.block_size, pool)) {}

std::optional<Journal::InForce> Journal::look() {
  const LunIdentity& identity = volume_->identity();
  std::vector<std::byte> header(identity.geometry.block_size.bytes);
  const Status answered = volume_->link().with_session([&](initiator::Session& session) {
    return read_blocks(session, identity.lun, Lba{0}, BlockCount{1}, header);
  });
  if (!answered) return std::nullopt;
  const auto found = header_in(header);
  if (!found || found->half == 0 || found->half > 2) return InForce::None;
  return found->half == 1 ? InForce::First : InForce::Second;
}

void Journal::learn() {
  if (published_.valid()) {
    if (published_.get()) in_force_ = next_;
    publishing_.reset();
  }
  if (!in_force_) in_force_ = look();
}

Journal::Prepared Journal::prepare(const std::vector<JournalPart>& parts) {
  learn();
  if (!in_force_) return Prepared::CutOff;
  const VolumeGeometry& geometry = volume_->identity().geometry;
  const std::uint32_t block_bytes = geometry.block_size.bytes;
  const Layout layout = layout_of(geometry);
  half_ = in_force_ == InForce::First ? InForce::Second : InForce::First;
  const std::uint64_t begin = layout.extent * (half_ == InForce::First ? 1 : 1 + layout.half);
  const std::uint64_t end = begin + layout.extent * layout.half;

  entries_ = 0;
  for (const JournalPart& part : parts) {
    entries_ += std::max(part.ranges.size(), std::size_t{1});
  }
  std::vector<std::byte> directory((entries_ * kEntryBytes + block_bytes - 1) / block_bytes *
                                   block_bytes);
  std::uint64_t next = begin + layout.extent * extents_for(directory.size());
  static_cast<void>(content_->unmap(Lba{begin}, BlockCount{end - begin}));
  prepared_ = {{Lba{begin}, BlockCount{directory.size() / block_bytes}}};
  std::size_t written = 0;
  const auto put_entry = [&](std::uint64_t lun, store::BlockRange range, std::uint64_t at) {
    for (const std::uint64_t number : {lun, range.first.value, range.count.value, at}) {
      scsi::put_big_endian(std::span(directory), written, 8, number);
      written += 8;
    }
  };
  for (const JournalPart& part : parts) {
    if (part.ranges.empty()) put_entry(part.lun, {}, 0);
    for (const store::BlockRange& range : part.ranges) {
      const std::uint64_t at = next + range.first.value % layout.extent;
      if (at + range.count.value > end) return Prepared::TooLarge;
      const store::CopyRange bytes{range.first.value * block_bytes, at * block_bytes,
                                   range.count.value * block_bytes};
      if (content_->share_range(part.image, bytes) != store::WriteResult::Done) {
        return Prepared::NoSpace;
      }
      put_entry(part.lun, range, at);
      prepared_.push_back({Lba{at}, range.count});
      next += (range.first.value % layout.extent + range.count.value + layout.extent - 1) /
              layout.extent * layout.extent;
    }
  }
  directory_sum_ = checksum(std::span(directory).first(written));
  if (directory.empty()) return Prepared::Ready;
  return content_->write(Lba{begin}, directory) == store::WriteResult::Done ? Prepared::Ready
                                                                            : Prepared::NoSpace;
}

void Journal::put_header(InForce next, TransferFinished finished) {
  const VolumeGeometry& geometry = volume_->identity().geometry;
  const std::vector<std::byte> header = next == InForce::None
                                            ? closed_header(geometry.block_size)
                                            : block_of({next == InForce::First ? 1U : 2U, entries_,
                                                        geometry.blocks.value, directory_sum_},
                                                       geometry.block_size);
  next_ = next;
  in_force_.reset();
  const auto promise = std::make_shared<std::promise<bool>>();
  published_ = promise->get_future();
  if (content_->write(Lba{0}, header) != store::WriteResult::Done) {
    promise->set_value(false);
    finished({"the pool is full", false});
    return;
  }
  publishing_ = volume_->ship(content_->snapshot(), {{Lba{0}, BlockCount{1}}},
                              [promise, finished = std::move(finished)](const TransferEnd& end) {
                                promise->set_value(end.trouble.empty());
                                finished(end);
                              });
}

std::unique_ptr<Transfer> Journal::write(TransferFinished finished) {
  return volume_->ship(content_->snapshot(), prepared_, std::move(finished));
}

void Journal::publish(TransferFinished finished) { put_header(half_, std::move(finished)); }

bool Journal::close() {
  learn();
  if (in_force_ == InForce::None) return true;
  if (!in_force_) return false;
  put_header(InForce::None, [](const TransferEnd&) {});
  learn();
  return in_force_ == InForce::None;
}

Result<std::vector<JournalEntry>> read_journal(const BlockReader& read, VolumeGeometry unit) {
  if (unit.block_size.bytes < kHeaderSumAt + 8 ||
      store::kExtentBytes % unit.block_size.bytes != 0) {
    return damaged("blocks of a size that divides an extent", unit.block_size.bytes);
  }
  std::vector<std::byte> block(unit.block_size.bytes);
  if (!read(Lba{0}, block)) return target_error("journal: expected to read it, found an error");
  const auto header = header_in(block);
  if (!header) return std::vector<JournalEntry>{};
  LOCKSTEP_TRY(const auto geometry, geometry_in(block, *header, unit));
  if (header->half == 0) return std::vector<JournalEntry>{};
  const Layout layout = layout_of(geometry);
  const std::uint64_t block_bytes = geometry.block_size.bytes;
  const std::uint64_t bytes = header->entries * kEntryBytes;
  std::vector<std::byte> directory((bytes + block_bytes - 1) / block_bytes * block_bytes);
  if (!directory.empty() &&
      !read(Lba{layout.extent * (1 + (header->half - 1) * layout.half)}, directory)) {
    return target_error("journal: expected to read its directory, found an error");
  }
  const auto listed = std::span<const std::byte>(directory).first(bytes);
  if (const std::uint32_t sum = checksum(listed); sum != header->directory_sum) {
    return damaged("entries of checksum " + std::to_string(header->directory_sum), sum);
  }
  std::vector<JournalEntry> entries;
  for (std::uint64_t i = 0; i != header->entries; ++i) {
    LOCKSTEP_TRY(entries.emplace_back(),
                 entry_at(listed.subspan(i * kEntryBytes, kEntryBytes), geometry));
  }
  return entries;
}

bool is_journal(std::span<const std::byte> header) {
  return header.size() >= kHeaderSumAt + 8 &&
         std::equal(kJournalMagic.begin(), kJournalMagic.end(), header.begin());
}

std::vector<std::byte> closed_header(BlockSize block_size) {
  return block_of({0, 0, 0, checksum({})}, block_size);
}

BlockCount journal_size(ByteCount units, BlockSize block_size) {
  const std::uint64_t extents = extents_for(units.value);
  const std::uint64_t half = extents + extents_for(extents * kEntryBytes);  // and the directory
  const std::uint64_t bytes = std::min((1 + 2 * half) * store::kExtentBytes, kLargestJournalBytes);
  return BlockCount{(bytes + block_size.bytes - 1) / block_size.bytes};
}

}  // namespace lockstep::peer
