// The bytes of volumes: stamped writes, judged reads, comparisons that name the writes involved.
#include "conformance/suite/pauses.hpp"
#include "conformance/suite/session.hpp"
#include "model/core/stamp.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

namespace lockstep::conformance {
namespace {

// One data-path call moves at most this much; whole volumes are moved in pieces.
constexpr std::uint64_t kPieceBytes = 256 * 1024;

}  // namespace

DataPath& Session::data() {
  DataPath* path = setup_.provider->data_path();
  if (path == nullptr) not_testable("the harness has no access to the bytes of the volumes");
  return *path;
}

VolumeGeometry Session::geometry(const ElementRef& element) {
  const auto known = geometries_.find(element);
  if (known != geometries_.end()) return known->second;
  auto geometry = data().geometry(element);
  if (!geometry) {
    const bool unreachable = geometry.error().origin == Origin::Config;
    stop_with(unreachable ? report::Verdict::NotTestable : report::Verdict::Error,
              geometry.error().message);
  }
  const VolumeGeometry found = geometry.value();
  if (found.block_size.bytes < 64 || found.block_size.bytes % 8 != 0) {
    not_testable("blocks of " + std::to_string(found.block_size.bytes) +
                 " bytes cannot be stamped; at least 64 and a multiple of 8 is needed");
  }
  geometries_.emplace(element, found);
  return found;
}

BlockCount Session::blocks(const ElementRef& element) { return geometry(element).blocks; }

DataAnswer Session::try_write(const ElementRef& element, Lba first, BlockCount count) {
  check_abandoned();
  DataPath& path = data();
  const std::size_t block = geometry(element).block_size.bytes;
  const std::uint64_t sequence = next_sequence_++;
  const std::uint64_t volume = setup_.oracle->volume_number(element);
  std::vector<std::byte> bytes(static_cast<std::size_t>(count.value) * block);
  for (std::uint64_t i = 0; i < count.value; ++i) {
    model::write_stamp(std::span(bytes).subspan(static_cast<std::size_t>(i) * block, block),
                       {volume, first.value + i, sequence});
  }
  setup_.ledger->doing("writing to " + names_.of(element));
  setup_.oracle->write_issued(element, first, count, sequence, now());
  const auto answer = path.write(element, first, bytes);
  if (!answer) stop_with(report::Verdict::Error, answer.error().message);
  report::StepRecord step;
  step.operation = "write " + std::to_string(sequence) + " to " + names_.of(element) + ", LBA " +
                   std::to_string(first.value) + ", " + std::to_string(count.value) + " blocks";
  step.answered =
      answer.value().good() ? "GOOD" : "SCSI status " + std::to_string(answer.value().scsi_status);
  setup_.ledger->step(std::move(step));
  take(setup_.oracle->write_answered(element, sequence, answer.value().scsi_status, now()));
  return answer.value();
}

std::uint64_t Session::write(const ElementRef& element, Lba first, BlockCount count) {
  const DataAnswer answer = try_write(element, first, count);
  if (!answer.good()) {
    inconclusive("a write to " + names_.of(element) + " that the case builds on was refused: " +
                 "SCSI status " + std::to_string(answer.scsi_status));
  }
  return next_sequence_ - 1;
}

void Session::fill(const ElementRef& element) {
  const VolumeGeometry found = geometry(element);
  const std::uint64_t piece = std::max<std::uint64_t>(1, kPieceBytes / found.block_size.bytes);
  for (std::uint64_t at = 0; at < found.blocks.value; at += piece) {
    write(element, Lba{at}, BlockCount{std::min(piece, found.blocks.value - at)});
  }
}

std::vector<std::byte> Session::read(const ElementRef& element, Lba first, BlockCount count) {
  check_abandoned();
  DataPath& path = data();
  const BlockSize block = geometry(element).block_size;
  std::vector<std::byte> bytes(static_cast<std::size_t>(count.value) * block.bytes);
  setup_.ledger->doing("reading " + names_.of(element));
  const std::uint64_t piece = std::max<std::uint64_t>(1, kPieceBytes / block.bytes);
  const Instant issued = now();
  for (std::uint64_t at = 0; at < count.value; at += piece) {
    const std::uint64_t blocks_now = std::min(piece, count.value - at);
    const auto part = std::span(bytes).subspan(static_cast<std::size_t>(at) * block.bytes,
                                               static_cast<std::size_t>(blocks_now) * block.bytes);
    const auto answer = path.read(element, Lba{first.value + at}, part);
    if (!answer) stop_with(report::Verdict::Error, answer.error().message);
    if (!answer.value().good()) {
      inconclusive("reading " + names_.of(element) + " was refused: SCSI status " +
                   std::to_string(answer.value().scsi_status));
    }
  }
  setup_.ledger->step({"read " + names_.of(element) + ", LBA " + std::to_string(first.value) +
                           ", " + std::to_string(count.value) + " blocks",
                       "GOOD", "", "", false});
  take(setup_.oracle->read(element, first, block, bytes, {issued, now()}));
  return bytes;
}

std::vector<std::byte> Session::read_all(const ElementRef& element) {
  return read(element, Lba{0}, geometry(element).blocks);
}

std::vector<std::byte> Session::await_bytes(const ElementRef& element,
                                            const std::vector<std::byte>& expected) {
  const auto since = std::chrono::steady_clock::now();
  Pauses pauses;
  for (;;) {
    std::vector<std::byte> found = read_all(element);
    if (found == expected || out_of_time(since)) return found;
    pauses.pause();
  }
}

std::vector<std::vector<std::byte>> Session::read_together(
    const std::vector<ElementRef>& elements) {
  std::vector<std::vector<std::byte>> all;
  std::vector<model::Judge::Image> images;
  const Instant issued = now();
  for (const ElementRef& element : elements) {
    all.push_back(read_all(element));
    images.push_back({element, all.back()});
  }
  if (!elements.empty()) {
    take(setup_.oracle->read_group(images, geometry(elements.front()).block_size, {issued, now()}));
  }
  return all;
}

std::string Session::block_text(std::span<const std::byte> block) {
  const model::BlockContent content = model::read_stamp(block);
  if (std::holds_alternative<model::Zeros>(content)) return "zeros";
  const auto* stamp = std::get_if<model::Stamp>(&content);
  if (stamp == nullptr) return "bytes that no write of the case made";
  return "write " + std::to_string(stamp->sequence) + " (made for volume number " +
         std::to_string(stamp->volume) + ", LBA " + std::to_string(stamp->lba) + ")";
}

void Session::expect_bytes(const std::string& clause, const std::string& what,
                           const std::vector<std::byte>& expected,
                           const std::vector<std::byte>& found) {
  if (found.size() < expected.size()) {
    expect(clause, false, what + ": at least " + std::to_string(expected.size()) + " bytes",
           std::to_string(found.size()) + " bytes");
    return;
  }
  const auto differs = std::mismatch(expected.begin(), expected.end(), found.begin());
  if (differs.first == expected.end()) {
    expect(clause, true, what, what);
    return;
  }
  const std::size_t block =
      geometries_.empty() ? 512 : geometries_.begin()->second.block_size.bytes;
  const std::size_t at = static_cast<std::size_t>(differs.first - expected.begin()) / block;
  const auto text = [&](const std::vector<std::byte>& bytes) {
    const std::size_t length = std::min(block, bytes.size() - at * block);
    return block_text(std::span(bytes).subspan(at * block, length));
  };
  expect(clause, false, what + ": LBA " + std::to_string(at) + " holds " + text(expected),
         text(found));
}

}  // namespace lockstep::conformance
