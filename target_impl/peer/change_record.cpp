#include "target_impl/peer/change_record.hpp"

#include "target_impl/scsi/big_endian.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <span>
#include <unistd.h>
#include <utility>

namespace lockstep::peer {
namespace {

// "lockstep changes", the number of parts; then the parts.
constexpr std::array<std::byte, 16> kMagic = [] {
  std::array<std::byte, 16> bytes{};
  constexpr const char* kText = "lockstep changes";
  for (std::size_t i = 0; i != bytes.size(); ++i) bytes[i] = static_cast<std::byte>(kText[i]);
  return bytes;
}();
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kRecordHeaderBytes = kMagic.size() + kNumberBytes;

// Whole extents, so many of them that there are at most `most` parts.
std::uint64_t blocks_of_a_part(const VolumeGeometry& geometry, std::size_t most) {
  const std::uint64_t extent = store::kExtentBytes / geometry.block_size.bytes;
  const std::uint64_t extents = (geometry.blocks.value + extent - 1) / extent;
  return extent * std::max<std::uint64_t>(1, (extents + most - 1) / most);
}

std::vector<std::byte> header_of(std::size_t parts) {
  std::vector<std::byte> header(kRecordHeaderBytes);
  std::copy(kMagic.begin(), kMagic.end(), header.begin());
  scsi::put_big_endian(std::span(header), kMagic.size(), kNumberBytes, parts);
  return header;
}

bool write_all(int descriptor, std::span<const std::byte> bytes, std::size_t offset) {
  while (!bytes.empty()) {
    const ssize_t done =
        ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (done <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::size_t>(done);
  }
  return true;
}

}  // namespace

ChangeRecord::ChangeRecord(std::string path, VolumeGeometry geometry, Generation settled)
    : geometry_(geometry),
      part_blocks_(blocks_of_a_part(geometry, kMostParts)),
      descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
      generation_(std::max<Generation>(settled, 1)),
      parts_((geometry.blocks.value + part_blocks_ - 1) / part_blocks_) {
  if (read_file()) {
    generation_ = std::max(generation_, *std::max_element(parts_.begin(), parts_.end()));
    return;
  }
  std::fill(parts_.begin(), parts_.end(), generation_);
  // Where this fails every note does.
  if (::ftruncate(descriptor_, 0) == 0 && write_all(descriptor_, header_of(parts_.size()), 0)) {
    static_cast<void>(write_parts(0, parts_.size()));
  }
}

ChangeRecord::~ChangeRecord() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool ChangeRecord::read_file() {
  std::vector<std::byte> bytes(kRecordHeaderBytes + parts_.size() * kNumberBytes + 1);
  const ssize_t got = ::pread(descriptor_, bytes.data(), bytes.size(), 0);
  if (got != static_cast<ssize_t>(bytes.size() - 1)) return false;
  const std::vector<std::byte> header = header_of(parts_.size());
  if (!std::equal(header.begin(), header.end(), bytes.begin())) return false;
  for (std::size_t i = 0; i != parts_.size(); ++i) {
    parts_[i] = scsi::get_big_endian(std::span<const std::byte>(bytes),
                                     kRecordHeaderBytes + i * kNumberBytes, kNumberBytes);
  }
  return true;
}

bool ChangeRecord::write_parts(std::size_t first, std::size_t end) {
  std::vector<std::byte> bytes((end - first) * kNumberBytes);
  for (std::size_t i = first; i != end; ++i) {
    scsi::put_big_endian(std::span(bytes), (i - first) * kNumberBytes, kNumberBytes, parts_[i]);
  }
  return write_all(descriptor_, bytes, kRecordHeaderBytes + first * kNumberBytes) &&
         ::fdatasync(descriptor_) == 0;
}

bool ChangeRecord::note(const Ranges& ranges) {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::size_t, Generation>> before;  // of the parts that are new
  for (const store::BlockRange& range : ranges) {
    if (range.count.value == 0) continue;
    const std::size_t last = (range.first.value + range.count.value - 1) / part_blocks_;
    for (std::size_t part = range.first.value / part_blocks_; part <= last; ++part) {
      Generation& noted = parts_.at(part);
      if (noted >= generation_) continue;
      before.emplace_back(part, noted);
      noted = generation_;
    }
  }
  if (before.empty()) return true;
  const auto [lowest, highest] = std::minmax_element(before.begin(), before.end());
  if (write_parts(lowest->first, highest->first + 1)) return true;
  for (const auto& [part, noted] : before) parts_[part] = noted;
  return false;
}

bool ChangeRecord::has_noted(const store::BlockRange& range) const {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return false;
  if (range.count.value == 0) return true;
  const std::size_t last = (range.first.value + range.count.value - 1) / part_blocks_;
  for (std::size_t part = range.first.value / part_blocks_; part <= last; ++part) {
    if (parts_.at(part) < generation_) return false;
  }
  return true;
}

bool ChangeRecord::note_all() { return note({{Lba{0}, geometry_.blocks}}); }

Generation ChangeRecord::begin_generation() {
  const std::lock_guard lock(mutex_);
  return ++generation_;
}

Ranges ChangeRecord::since(Generation generation) const {
  const std::lock_guard lock(mutex_);
  Ranges ranges;
  for (std::size_t part = 0; part != parts_.size(); ++part) {
    if (parts_[part] == 0 || parts_[part] < generation) continue;
    const std::uint64_t begin = part * part_blocks_;
    const std::uint64_t count = std::min(part_blocks_, geometry_.blocks.value - begin);
    if (!ranges.empty() && ranges.back().first.value + ranges.back().count.value == begin) {
      ranges.back().count.value += count;
    } else {
      ranges.push_back({Lba{begin}, BlockCount{count}});
    }
  }
  return ranges;
}

std::size_t ChangeRecord::parts_since(Generation generation) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(parts_.begin(), parts_.end(),
                    [&](Generation noted) { return noted != 0 && noted >= generation; }));
}

}  // namespace lockstep::peer
