#include "target_impl/iscsi/data_in_buffer.hpp"

#include "target_impl/memory/recycling_allocator.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lockstep::iscsi {
namespace {

void add_status(Header& header, const FinalStatus& status) {
  header[field::kFlags] =
      static_cast<std::uint8_t>(header[field::kFlags] | kStatusInDataIn | status.flags);
  header[field::kStatus] = status.status;
  set32(header, field::kResidual, status.residual);
}

}  // namespace

void DataInBuffer::begin(std::size_t expected_bytes) noexcept {
  discard();
  expected_ = expected_bytes;
}

void DataInBuffer::discard() noexcept {
  claimed_ = 0;
  shared_ = {};
  own_.release();
  pieces_.clear();
  next_piece_ = 0;
  piece_queued_ = 0;
}

std::shared_ptr<scsi::LateEnding> DataInBuffer::end_later() {
  if (late_answers_ != nullptr) {
    late_ =
        std::allocate_shared<LateCommand>(memory::RecyclingAllocator<LateCommand>{}, late_answers_);
  }
  return late_;
}

// Every segment but the last is a multiple of four bytes, so that only the last is padded.
std::size_t DataInBuffer::segment_bytes() const noexcept {
  return parameters_.peer_max_receive & ~std::uint32_t{3};
}
std::size_t DataInBuffer::burst_bytes() const noexcept {
  return parameters_.max_burst & ~std::uint32_t{3};
}

bool DataInBuffer::is_small(std::size_t bytes) const noexcept {
  return bytes <= SendQueue::kSharedPayloadBytes && bytes <= segment_bytes() &&
         bytes <= burst_bytes();
}

store::PieceTaker* DataInBuffer::claim_pieces(std::size_t bytes) {
  if (is_small(bytes)) {
    return nullptr;
  }
  discard();
  claimed_ = bytes;
  return this;
}

void DataInBuffer::take(std::span<const std::byte> bytes, store::ExtentHold hold) {
  pieces_.push_back({bytes, std::move(hold)});
}

void DataInBuffer::gather_segment(std::size_t offset, std::size_t bytes) {
  segment_.clear();
  if (pieces_.empty()) {
    segment_.push_back({own_.data() + offset, bytes});
    return;
  }
  while (bytes > 0) {
    const auto rest = pieces_[next_piece_].bytes.subspan(piece_queued_);
    const std::size_t part = std::min(rest.size(), bytes);
    segment_.push_back(rest.first(part));
    bytes -= part;
    piece_queued_ += part;
    if (part == rest.size()) {
      ++next_piece_;
      piece_queued_ = 0;
    }
  }
}

std::span<std::byte> DataInBuffer::claim(std::size_t bytes) {
  discard();
  claimed_ = bytes;
  if (bytes == 0) {
    return {};
  }
  if (is_small(bytes)) {
    shared_ = writer_.reserve_around(bytes);
    return shared_;
  }
  own_ = writer_.queue().pool().take(bytes);
  return {own_.data(), bytes};
}

Header DataInBuffer::header_for(const Header& command, std::uint32_t data_sn,
                                std::size_t offset) const noexcept {
  Header header = make_header(Opcode::DataIn, task_tag(command));
  header[field::kFlags] = 0;
  std::copy_n(command.begin() + field::kLun, 8, header.begin() + field::kLun);
  set32(header, field::kTransferTag, kReservedTag);
  set32(header, field::kDataSn, data_sn);
  set32(header, field::kBufferOffset, static_cast<std::uint32_t>(offset));
  return header;
}

std::uint32_t DataInBuffer::send(const Header& command, const FinalStatus* status) {
  const std::size_t total = sendable();
  if (!shared_.empty()) {
    Header header = header_for(command, 0, 0);
    header[field::kFlags] = kFinal;
    if (status != nullptr) {
      add_status(header, *status);
    }
    writer_.put_around(header, shared_, total, status != nullptr ? StatSn::Take : StatSn::Show);
    discard();
    return 1;
  }
  if (own_.capacity() > 2 * BufferPool::rounded(total)) {
    // The initiator expected far less than the command produced: keep only what will be sent.
    PooledBuffer smaller = writer_.queue().pool().take(total);
    std::memcpy(smaller.data(), own_.data(), total);
    own_ = std::move(smaller);
  }
  std::uint32_t data_sn = 0;
  std::size_t burst_left = burst_bytes();
  for (std::size_t offset = 0; offset < total;) {
    const std::size_t bytes = std::min({total - offset, segment_bytes(), burst_left});
    const bool last = offset + bytes == total;
    Header header = header_for(command, data_sn++, offset);
    burst_left -= bytes;
    if (last || burst_left == 0) {
      header[field::kFlags] = kFinal;
      burst_left = burst_bytes();
    }
    const bool with_status = last && status != nullptr;
    if (with_status) {
      add_status(header, *status);
    }
    gather_segment(offset, bytes);
    writer_.put_beside(header, segment_, with_status ? StatSn::Take : StatSn::Show);
    offset += bytes;
  }
  if (own_) {
    writer_.queue().adopt(std::move(own_));
  }
  // One mark for all: they are sent one after the other without a stop.
  for (Piece& piece : pieces_) {
    if (piece.hold) {
      writer_.queue().adopt(std::move(piece.hold));
    }
  }
  discard();
  return data_sn;
}

}  // namespace lockstep::iscsi
