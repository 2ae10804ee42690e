#include "target_impl/iscsi/send_queue.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::iscsi {

void SendQueue::retire_block() {
  if (block_ && block_used_ > 0) {
    held_.push_back({std::move(block_), {}, queued_});
  }
  block_.release();
  block_used_ = 0;
}

std::byte* SendQueue::reserve(std::size_t bytes) {
  if (!block_ || block_.capacity() - block_used_ < bytes) {
    retire_block();
    block_ = pool_.take(std::max(bytes, kBlockBytes));
  }
  return block_.data() + block_used_;
}

void SendQueue::commit(std::size_t bytes) {
  append({block_.data() + block_used_, bytes});
  block_used_ += bytes;
}

void SendQueue::append(std::span<const std::byte> piece) {
  if (piece.empty()) {
    return;
  }
  queued_ += piece.size();
  if (!pieces_.empty()) {
    auto& last = pieces_.back();
    if (last.data() + last.size() == piece.data()) {
      last = {last.data(), last.size() + piece.size()};
      return;
    }
  }
  pieces_.push_back(piece);
}

void SendQueue::adopt(PooledBuffer buffer) { held_.push_back({std::move(buffer), {}, queued_}); }

void SendQueue::adopt(store::ExtentHold hold) { held_.push_back({{}, std::move(hold), queued_}); }

std::size_t SendQueue::gather(std::span<std::span<const std::byte>> pieces) const {
  const std::size_t count = std::min(pieces.size(), pieces_.size());
  for (std::size_t i = 0; i < count; ++i) {
    pieces[i] = pieces_[i];
  }
  return count;
}

void SendQueue::sent(std::size_t bytes) {
  sent_ += bytes;
  while (bytes > 0) {
    auto& first = pieces_.front();
    if (bytes < first.size()) {
      first = first.subspan(bytes);
      break;
    }
    bytes -= first.size();
    pieces_.pop_front();
  }
  while (!held_.empty() && held_.front().until <= sent_) {
    held_.pop_front();
  }
  if (empty()) {
    // The block is warm: whoever sends next should get it.
    block_.release();
    block_used_ = 0;
  }
}

void SendQueue::clear() {
  pieces_.clear();
  held_.clear();
  block_.release();
  block_used_ = 0;
  sent_ = queued_;
}

}  // namespace lockstep::iscsi
