// The initiator's end of one iSCSI connection, as bytes out and bytes in: requests are gathered and
// leave together, answers are cut out of whatever has come. Numbers the commands, keeps count of
// statuses and of the command window, answers pings. Error recovery level 0, no digests.
//
// No sockets in here: whoever has them moves the bytes. For one thread.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/iscsi/buffer_pool.hpp"
#include "target_impl/iscsi/pdu.hpp"
#include "target_impl/iscsi/receiver.hpp"
#include "target_impl/iscsi/send_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::initiator::batching {

// Data of one PDU that this side takes.
inline constexpr std::uint32_t kMaxReceive = 1 << 20;

class PduStream {
 public:
  PduStream() : receiver_(pool_, kMaxReceive), output_(pool_) {}
  PduStream(const PduStream&) = delete;
  PduStream& operator=(const PduStream&) = delete;

  // Whether the target takes another command now.
  [[nodiscard]] bool has_window() const noexcept {
    return !iscsi::serial_less(max_command_sn_, command_sn_);
  }
  // Numbers the command and queues it. `data` must stay as it is until it has been sent.
  void command(iscsi::Header header, std::span<const std::byte> data);
  // Queues what takes no command number: logins, Data-Out, immediate requests.
  void put(iscsi::Header header, std::span<const std::byte> data);

  [[nodiscard]] bool has_output() const noexcept { return !output_.empty(); }
  [[nodiscard]] std::size_t gather(std::span<std::span<const std::byte>> pieces) const {
    return output_.gather(pieces);
  }
  void sent(std::size_t bytes);
  // Places in the stream: behind what is queued, and behind what has gone.
  [[nodiscard]] std::uint64_t queued_until() const noexcept { return gone_ + output_.bytes(); }
  [[nodiscard]] std::uint64_t sent_until() const noexcept { return gone_; }
  // Nothing more goes out; nothing that was queued is read any more.
  void clear() { output_.clear(); }

  [[nodiscard]] iscsi::Receiver::Spaces spaces() { return receiver_.spaces(); }
  void received(std::size_t bytes) { receiver_.received(bytes); }
  // The next PDU of what has come; false: none is complete. `placer` says where large data goes.
  // What no target may send: Origin::Target, and the stream is of no use any more.
  [[nodiscard]] Result<bool> next(iscsi::Pdu& pdu, iscsi::PayloadPlacer& placer);

 private:
  void note_numbers(const iscsi::Header& header) noexcept;
  [[nodiscard]] Status answer_ping(const iscsi::Header& ping);

  iscsi::BufferPool pool_;
  iscsi::Receiver receiver_;
  iscsi::SendQueue output_;
  std::uint64_t gone_ = 0;
  std::uint32_t command_sn_ = 1;
  std::uint32_t max_command_sn_ = 1;
  std::uint32_t expected_status_sn_ = 0;
  unsigned pings_answered_ = 0;  // since the output was empty
};

}  // namespace lockstep::initiator::batching
