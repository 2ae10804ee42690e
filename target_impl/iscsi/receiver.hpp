// Cuts the byte stream from the initiator into PDUs.
//
// Many small PDUs are parsed out of one receive buffer without copying. The data of a large PDU is
// received straight into the place where it is wanted: the receiver hands that place to the
// transport as the first of two spaces, the receive buffer being the second. Bytes in memory that
// the peer shares can be lent instead: data that are read once stay there, the rest is copied
// first.
#pragma once

#include "target_impl/iscsi/buffer_pool.hpp"
#include "target_impl/iscsi/pdu.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lockstep::iscsi {

// Says where the data of a large PDU belongs.
class PayloadPlacer {
 public:
  virtual ~PayloadPlacer() = default;
  // At least `bytes` writable bytes that stay valid until the PDU has been handled.
  [[nodiscard]] virtual std::byte* place(const Header& header, std::size_t bytes) = 0;
  // Whether data stay where they were placed last, and nobody looks at them soon.
  [[nodiscard]] virtual bool keeps_placed() const noexcept { return false; }
  // Whether the data of this PDU are read once, whatever they are.
  [[nodiscard]] virtual bool reads_once(const Header& /*header*/) const noexcept { return false; }
};

class Receiver {
 public:
  using Spaces = std::array<std::span<std::byte>, 2>;

  Receiver(BufferPool& pool, std::size_t max_data_bytes)
      : buffer_(pool.take(kBufferBytes)), max_data_bytes_(max_data_bytes) {}

  void use_digests(bool header, bool data) noexcept {
    header_digest_ = header;
    data_digest_ = data;
  }
  void limit_data(std::size_t bytes) noexcept { max_data_bytes_ = bytes; }

  // Where the next bytes go, in this order; empty ones are not used. Ends the life of the last PDU.
  [[nodiscard]] Spaces spaces();
  // Whether what is put into the first of them is not looked at soon.
  [[nodiscard]] bool keeps_first_space() const noexcept {
    return place_ != nullptr && place_is_kept_ && placed_ < place_bytes_ && !data_digest_;
  }
  // That many bytes were put there.
  void received(std::size_t bytes);

  // Whether it may be lent bytes instead: nothing is left of what came before.
  [[nodiscard]] bool may_borrow() const noexcept {
    return begin_ == end_ && place_ == nullptr && lent_.empty() && !header_digest_ && !data_digest_;
  }
  // At most kBufferBytes, which stay there, whatever their content becomes, until next() is
  // Incomplete.
  void borrow(std::span<const std::byte> bytes) noexcept {
    lent_ = bytes;
    has_borrowed_ = true;
  }
  [[nodiscard]] bool has_borrowed() const noexcept { return has_borrowed_; }

  enum class Outcome : std::uint8_t {
    Incomplete,       // more bytes are needed
    Complete,         // `pdu` is the next one
    BadHeaderDigest,  // the stream cannot be followed any further
    TooLong,          // `pdu.header` announces more data than allowed; same
  };
  [[nodiscard]] Outcome next(Pdu& pdu, PayloadPlacer& placer);

  // About how many PDUs have been received and not yet been cut out, if all are like the first.
  [[nodiscard]] std::size_t pdus_at_hand() const noexcept;

  static constexpr std::size_t kBufferBytes = 128 * 1024;
  // PDUs with more data than this are received in place.
  static constexpr std::size_t kSmallDataBytes = 32 * 1024;

 private:
  [[nodiscard]] std::size_t available() const noexcept { return end_ - begin_; }
  [[nodiscard]] Outcome next_header(Pdu& pdu, PayloadPlacer& placer);
  [[nodiscard]] Outcome next_data(Pdu& pdu);
  [[nodiscard]] bool next_lent(Pdu& pdu, const PayloadPlacer& placer);
  [[nodiscard]] bool header_digest_is_good(std::size_t bytes) const;
  // Behind the data that is received in place.
  [[nodiscard]] std::size_t trailer_bytes() const noexcept;

  PooledBuffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t max_data_bytes_;
  bool header_digest_ = false;
  bool data_digest_ = false;

  // The PDU whose data is being received in place; null when there is none.
  std::byte* place_ = nullptr;
  bool place_is_kept_ = false;
  std::size_t placed_ = 0;
  std::size_t place_bytes_ = 0;
  Header placed_header_{};
  std::array<std::byte, kMaxAdditionalBytes> additional_{};
  std::size_t additional_bytes_ = 0;

  std::span<const std::byte> lent_;  // what is left of it
  bool has_borrowed_ = false;
};

}  // namespace lockstep::iscsi
