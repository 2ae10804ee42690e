// Turns headers and data into bytes of the send queue: lengths, sequence numbers, padding, digests.
#pragma once

#include "target_impl/iscsi/pdu.hpp"
#include "target_impl/iscsi/send_queue.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::iscsi {

// Whether a PDU takes a StatSN of its own or only shows the next one. RFC 7143 section 4.2.2.2.
enum class StatSn : std::uint8_t { Take, Show };

struct CommandWindow {
  std::uint32_t expected = 0;  // ExpCmdSN
  std::uint32_t maximum = 0;   // MaxCmdSN
};

class PduWriter {
 public:
  explicit PduWriter(BufferPool& pool) : queue_(pool) {}

  void use_digests(bool header, bool data) noexcept {
    header_digest_ = header;
    data_digest_ = data;
  }

  // Queues one PDU; `data` is copied.
  void put(Header& header, std::span<const std::byte> data, StatSn stat_sn);

  // For data produced in place. `reserve_around` gives room for `data_bytes` with the header before
  // and the trailer behind; `put_around` queues the PDU with the first `used_bytes` of them.
  [[nodiscard]] std::span<std::byte> reserve_around(std::size_t data_bytes);
  void put_around(Header& header, std::span<std::byte> data, std::size_t used_bytes,
                  StatSn stat_sn);
  // Queues one PDU whose data, given in pieces, stays where it is until sent; the caller adopts the
  // memory into the queue. Only the data's length is padded here, from a constant.
  void put_beside(Header& header, std::span<const std::span<const std::byte>> data, StatSn stat_sn);

  [[nodiscard]] SendQueue& queue() noexcept { return queue_; }
  [[nodiscard]] const SendQueue& queue() const noexcept { return queue_; }
  [[nodiscard]] CommandWindow& window() noexcept { return window_; }

 private:
  void number(Header& header, std::size_t data_bytes, StatSn stat_sn) noexcept;
  // Writes the header and its digest; returns the bytes written.
  std::size_t write_header(std::byte* at, const Header& header) const noexcept;
  [[nodiscard]] std::size_t header_bytes() const noexcept {
    return kHeaderBytes + (header_digest_ ? kDigestBytes : 0);
  }

  SendQueue queue_;
  CommandWindow window_;
  std::uint32_t next_stat_sn_ = 1;
  bool header_digest_ = false;
  bool data_digest_ = false;
};

}  // namespace lockstep::iscsi
