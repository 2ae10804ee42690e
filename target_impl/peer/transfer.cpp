// Bulk transfers of a claimed logical unit: images to the peer, and what it holds back from it.
#include "target_impl/peer/peer_volume.hpp"
#include "target_impl/peer/pieces.hpp"
#include "target_impl/peer/progress.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

namespace lockstep::peer {
namespace {

std::string text_of(const initiator::Completion& ended) {
  if (was_cut_off(ended)) return "the connection to the peer was lost";
  if (ended.answer.good()) return "what the peer holds could not be kept: the pool is full";
  return "the peer refused a command with " + initiator::answer_text(ended.answer);
}

// The part that both directions share: pieces one after the other, and one report at the end.
class Pieces : public BulkSource, public std::enable_shared_from_this<Pieces> {
 public:
  Pieces(std::vector<Piece> pieces, TransferFinished finished)
      : pieces_(std::move(pieces)), finished_(std::move(finished)) {
    for (const Piece& piece : pieces_) blocks_ += piece.range.count.value;
  }

  std::optional<Operation> next(More& more) override {
    const std::lock_guard lock(mutex_);
    if (abandoned_ || over_ || failed() || next_ == pieces_.size()) return std::nullopt;
    if (paused_) {
      more = More::NotNow;
      return std::nullopt;
    }
    const Piece piece = pieces_[next_++];
    ++under_way_;
    Operation operation;
    fill(operation, piece);
    operation.done = [self = shared_from_this(), piece](const initiator::Completion& ended) {
      self->ended(piece, ended);
    };
    return operation;
  }

  [[nodiscard]] bool is_abandoned() const override {
    const std::lock_guard lock(mutex_);
    return abandoned_;
  }
  void cut_off() override { end_with({"the connection to the peer was lost", true}); }

  void set_paused(bool paused) {
    const std::lock_guard lock(mutex_);
    paused_ = paused;
  }
  // `finished` is not called after this.
  void abandon() {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
  }
  [[nodiscard]] std::uint16_t percent() const {
    const std::lock_guard lock(mutex_);
    if (blocks_ == 0) return 100;
    return static_cast<std::uint16_t>(done_blocks_ * 100 / blocks_);
  }
  [[nodiscard]] bool is_empty() const noexcept { return pieces_.empty(); }
  void end_with(TransferEnd end) {
    const std::lock_guard lock(mutex_);
    if (abandoned_ || std::exchange(over_, true)) return;
    finished_(end);
  }

 protected:
  virtual void fill(Operation& operation, const Piece& piece) = 0;
  // The piece is there. False: that is no use.
  virtual bool arrived(const Piece& /*piece*/) { return true; }

 private:
  [[nodiscard]] bool failed() const { return !trouble_.trouble.empty(); }

  void ended(const Piece& piece, const initiator::Completion& ended) {
    const bool good = is_good(ended) && arrived(piece);
    std::optional<TransferEnd> end;
    {
      const std::lock_guard lock(mutex_);
      --under_way_;
      if (good) done_blocks_ += piece.range.count.value;
      if (!good && !failed()) {
        trouble_.cut_off = was_cut_off(ended);
        trouble_.trouble = text_of(ended);
      }
      if (under_way_ == 0 && (failed() || next_ == pieces_.size())) end = trouble_;
    }
    if (end) end_with(*end);
  }

  mutable std::mutex mutex_;
  const std::vector<Piece> pieces_;
  const TransferFinished finished_;
  std::uint64_t blocks_ = 0;
  std::uint64_t done_blocks_ = 0;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  bool paused_ = false;
  bool abandoned_ = false;
  bool over_ = false;
  TransferEnd trouble_;
};

class Outgoing final : public Pieces {
 public:
  Outgoing(std::uint16_t lun, Medium medium, store::Image image, const Ranges& ranges,
           TransferFinished finished)
      : Pieces(pieces_of(image, ranges, medium.unmaps), std::move(finished)),
        lun_(lun),
        fua_(medium.write_cache),
        image_(std::move(image)) {}

 private:
  void fill(Operation& operation, const Piece& piece) override {
    operation.lun = lun_;
    operation.range = piece.range;
    if (!piece.mapped) {
      operation.send = [lun = lun_, flush = fua_, range = piece.range](initiator::Session& session,
                                                                       initiator::Done done) {
        send_unmap(session, lun, range, flush, std::move(done));
      };
      return;
    }
    operation.send = [lun = lun_, fua = fua_, image = image_, range = piece.range](
                         initiator::Session& session, initiator::Done done) {
      const std::uint32_t block_bytes = image.block_size().bytes;
      send_image(session, lun, range, fua, image, range.first.value * block_bytes, block_bytes,
                 std::move(done));
    };
  }

  const std::uint16_t lun_;
  const bool fua_;
  const store::Image image_;
};

class Incoming final : public Pieces {
 public:
  Incoming(std::uint16_t lun, std::shared_ptr<store::Volume> copy, std::vector<Piece> pieces,
           TransferFinished finished)
      : Pieces(std::move(pieces), std::move(finished)), lun_(lun), copy_(std::move(copy)) {}

  [[nodiscard]] static std::vector<Piece> pieces_in(const store::Volume& volume) {
    const std::uint64_t step = kPieceBytes / volume.block_size().bytes;
    std::vector<Piece> pieces;
    for (std::uint64_t at = 0; at < volume.blocks().value; at += step) {
      pieces.push_back({{Lba{at}, BlockCount{std::min(step, volume.blocks().value - at)}}, true});
    }
    return pieces;
  }

 private:
  void fill(Operation& operation, const Piece& piece) override {
    operation.lun = lun_;
    const BlockSize block_size = copy_->block_size();
    auto buffer = std::make_shared<std::vector<std::byte>>(
        static_cast<std::size_t>(piece.range.count.value * block_size.bytes));
    const std::lock_guard lock(buffers_mutex_);
    buffers_.emplace(piece.range.first.value, buffer);
    operation.send = [lun = lun_, first = piece.range.first, block_size, buffer](
                         initiator::Session& session, initiator::Done done) {
      session.read(lun, first, block_size, *buffer,
                   [buffer, done = std::move(done)](const initiator::Completion& c) { done(c); });
    };
  }

  bool arrived(const Piece& piece) override {
    std::shared_ptr<std::vector<std::byte>> buffer;
    {
      const std::lock_guard lock(buffers_mutex_);
      const auto found = buffers_.find(piece.range.first.value);
      buffer = std::move(found->second);
      buffers_.erase(found);
    }
    const std::uint32_t block_bytes = copy_->block_size().bytes;
    for (std::size_t at = 0; at < buffer->size(); at += store::kExtentBytes) {
      const auto extent = std::span<const std::byte>(*buffer).subspan(
          at, std::min(store::kExtentBytes, buffer->size() - at));
      const Lba first{piece.range.first.value + at / block_bytes};
      std::size_t difference = 0;
      if (copy_->compare(first, extent, difference) == store::Comparison::Equal) continue;
      if (copy_->write(first, extent) != store::WriteResult::Done) return false;
    }
    return true;
  }

  const std::uint16_t lun_;
  const std::shared_ptr<store::Volume> copy_;
  std::mutex buffers_mutex_;
  std::map<std::uint64_t, std::shared_ptr<std::vector<std::byte>>> buffers_;
};

class BulkTransfer final : public Transfer {
 public:
  BulkTransfer(Link& link, std::shared_ptr<Pieces> pieces)
      : link_(link), pieces_(std::move(pieces)) {
    if (pieces_->is_empty()) {
      pieces_->end_with({});
    } else if (!link_.add(pieces_)) {
      pieces_->cut_off();
    }
  }
  ~BulkTransfer() override { pieces_->abandon(); }
  BulkTransfer(const BulkTransfer&) = delete;
  BulkTransfer& operator=(const BulkTransfer&) = delete;

  void pause() override { pieces_->set_paused(true); }
  void resume() override {
    pieces_->set_paused(false);
    link_.wake();
  }
  [[nodiscard]] std::uint16_t percent() const override { return pieces_->percent(); }

 private:
  Link& link_;
  const std::shared_ptr<Pieces> pieces_;
};

}  // namespace

std::unique_ptr<Transfer> PeerVolume::ship(store::Image image, Ranges ranges,
                                           TransferFinished finished) {
  auto outgoing = std::make_shared<Outgoing>(identity_.lun, progress_->medium(), std::move(image),
                                             ranges, noting(std::move(finished)));
  if (record_ != nullptr && !record_->note(ranges)) {
    outgoing->end_with({"the disk refused to note what was to be changed on the peer", false});
  }
  return std::make_unique<BulkTransfer>(link_, std::move(outgoing));
}

std::unique_ptr<Transfer> PeerVolume::fetch(std::shared_ptr<store::Volume> copy,
                                            TransferFinished finished) {
  auto pieces = Incoming::pieces_in(*copy);
  return std::make_unique<BulkTransfer>(
      link_, std::make_shared<Incoming>(identity_.lun, std::move(copy), std::move(pieces),
                                        noting(std::move(finished))));
}

}  // namespace lockstep::peer
