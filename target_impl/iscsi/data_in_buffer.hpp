// Where a command's data-in is produced: straight in the memory from which it is sent.
#pragma once

#include "target_impl/iscsi/late_command.hpp"
#include "target_impl/iscsi/parameters.hpp"
#include "target_impl/iscsi/pdu_writer.hpp"
#include "target_impl/scsi/device_server.hpp"
#include "target_impl/store/lending.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace lockstep::iscsi {

// The status that may travel in the last Data-In. RFC 7143 section 11.7.
struct FinalStatus {
  std::uint8_t flags = 0;  // residual bits
  std::uint8_t status = 0;
  std::uint32_t residual = 0;
};

class DataInBuffer final : public scsi::DataIn, private store::PieceTaker {
 public:
  // `late`: null: commands end at once.
  DataInBuffer(PduWriter& writer, const SessionParameters& parameters,
               std::shared_ptr<LateAnswers> late)
      : writer_(writer), parameters_(parameters), late_answers_(std::move(late)) {}

  // Before each command: how much the initiator expects.
  void begin(std::size_t expected_bytes) noexcept;
  [[nodiscard]] std::span<std::byte> claim(std::size_t bytes) override;
  [[nodiscard]] std::shared_ptr<scsi::LateEnding> end_later() override;
  // The command, if it was to end later.
  [[nodiscard]] std::shared_ptr<LateCommand> take_late() noexcept { return std::move(late_); }
  // Not null for what would need a buffer of its own.
  [[nodiscard]] store::PieceTaker* claim_pieces(std::size_t bytes) override;
  // What the device server asked for, which may be more than is sent.
  [[nodiscard]] std::size_t claimed() const noexcept { return claimed_; }
  [[nodiscard]] std::size_t sendable() const noexcept {
    return claimed_ < expected_ ? claimed_ : expected_;
  }

  // Queues what may be sent, not nothing, as Data-In PDUs for the command; `status` goes into the
  // last one unless null. Returns how many PDUs were queued.
  std::uint32_t send(const Header& command, const FinalStatus* status);
  void discard() noexcept;

 private:
  struct Piece {
    std::span<const std::byte> bytes;
    store::ExtentHold hold;
  };
  void take(std::span<const std::byte> bytes, store::ExtentHold hold) override;
  [[nodiscard]] bool is_small(std::size_t bytes) const noexcept;
  // Makes `segment_` the next `bytes` of the pieces, or of `own_`.
  void gather_segment(std::size_t offset, std::size_t bytes);
  [[nodiscard]] std::size_t segment_bytes() const noexcept;
  [[nodiscard]] std::size_t burst_bytes() const noexcept;
  [[nodiscard]] Header header_for(const Header& command, std::uint32_t data_sn,
                                  std::size_t offset) const noexcept;

  PduWriter& writer_;
  const SessionParameters& parameters_;
  const std::shared_ptr<LateAnswers> late_answers_;
  std::shared_ptr<LateCommand> late_;
  std::size_t expected_ = 0;
  std::size_t claimed_ = 0;
  std::span<std::byte> shared_;   // in the send queue's block, when small
  PooledBuffer own_;              // otherwise, when copied
  std::vector<Piece> pieces_;     // otherwise, when lent
  std::size_t next_piece_ = 0;    // that is not yet queued as a whole
  std::size_t piece_queued_ = 0;  // bytes of it
  std::vector<std::span<const std::byte>> segment_;
};

}  // namespace lockstep::iscsi
