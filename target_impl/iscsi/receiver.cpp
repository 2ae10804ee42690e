#include "target_impl/iscsi/receiver.hpp"

#include "target_impl/iscsi/crc32c.hpp"

#include <algorithm>
#include <cstring>

namespace lockstep::iscsi {
namespace {

bool digest_matches(const Crc32c& digest, const std::byte* found) {
  std::array<std::uint8_t, kDigestBytes> expected{};
  digest.store(expected.data());
  return std::memcmp(expected.data(), found, kDigestBytes) == 0;
}

}  // namespace

Receiver::Spaces Receiver::spaces() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
  }
  // A whole small PDU must fit behind begin_.
  constexpr std::size_t kSmallPduBytes =
      kHeaderBytes + kMaxAdditionalBytes + kSmallDataBytes + 2 * kDigestBytes + 4;
  static_assert(kSmallPduBytes < kBufferBytes);
  if (begin_ > 0 && kBufferBytes - begin_ < kSmallPduBytes) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, available());
    end_ = available();
    begin_ = 0;
  }
  const std::span<std::byte> tail{buffer_.data() + end_, kBufferBytes - end_};
  if (place_ == nullptr) {
    return {tail, {}};
  }
  // No further than the next header, which says where the bytes behind it belong: large PDUs follow
  // each other, and what of the next one came here would be copied once more.
  const std::size_t wanted = trailer_bytes() + kHeaderBytes + (header_digest_ ? kDigestBytes : 0);
  const auto next = tail.first(wanted - std::min(wanted, available()));
  if (placed_ == place_bytes_) {
    return {next, {}};
  }
  return {std::span{place_ + placed_, place_bytes_ - placed_}, next};
}

std::size_t Receiver::trailer_bytes() const noexcept {
  return padded(place_bytes_) - place_bytes_ + (data_digest_ ? kDigestBytes : 0);
}

void Receiver::received(std::size_t bytes) {
  if (place_ != nullptr) {
    const std::size_t direct = std::min(bytes, place_bytes_ - placed_);
    placed_ += direct;
    bytes -= direct;
  }
  end_ += bytes;
}

std::size_t Receiver::pdus_at_hand() const noexcept {
  if (place_ != nullptr || available() < kHeaderBytes) {
    return 0;
  }
  Header first;
  std::memcpy(first.data(), buffer_.data() + begin_, kHeaderBytes);
  const std::size_t data_bytes = data_length(first);
  const std::size_t bytes = kHeaderBytes + additional_length(first) +
                            (header_digest_ ? kDigestBytes : 0) + padded(data_bytes) +
                            (data_digest_ && data_bytes > 0 ? kDigestBytes : 0);
  return available() / bytes;
}

Receiver::Outcome Receiver::next(Pdu& pdu, PayloadPlacer& placer) {
  pdu.lent = next_lent(pdu, placer);
  if (pdu.lent) {
    return Outcome::Complete;
  }
  Outcome outcome = Outcome::Incomplete;
  if (place_ == nullptr) {
    outcome = next_header(pdu, placer);
  }
  if (outcome == Outcome::Incomplete && place_ != nullptr) {
    outcome = next_data(pdu);
  }
  has_borrowed_ = has_borrowed_ && outcome != Outcome::Incomplete;
  return outcome;
}

// The header is copied out before anything is made of it. False: what is left is in the buffer now.
bool Receiver::next_lent(Pdu& pdu, const PayloadPlacer& placer) {
  if (lent_.empty()) {
    return false;
  }
  if (lent_.size() > kHeaderBytes) {
    std::memcpy(pdu.header.data(), lent_.data(), kHeaderBytes);
    const std::size_t data_bytes = data_length(pdu.header);
    if (data_bytes != 0 && data_bytes <= std::min(max_data_bytes_, kSmallDataBytes) &&
        padded(data_bytes) <= lent_.size() - kHeaderBytes && additional_length(pdu.header) == 0 &&
        placer.reads_once(pdu.header)) {
      pdu.additional = {};
      pdu.data = lent_.subspan(kHeaderBytes, data_bytes);
      pdu.data_digest_ok = true;
      lent_ = lent_.subspan(kHeaderBytes + padded(data_bytes));
      return true;
    }
  }
  std::memcpy(buffer_.data(), lent_.data(), lent_.size());
  begin_ = 0;
  end_ = lent_.size();
  lent_ = {};
  return false;
}

bool Receiver::header_digest_is_good(std::size_t bytes) const {
  Crc32c digest;
  digest.add({buffer_.data() + begin_, bytes});
  return digest_matches(digest, buffer_.data() + begin_ + bytes);
}

Receiver::Outcome Receiver::next_header(Pdu& pdu, PayloadPlacer& placer) {
  if (available() < kHeaderBytes) {
    return Outcome::Incomplete;
  }
  const std::byte* at = buffer_.data() + begin_;
  std::memcpy(pdu.header.data(), at, kHeaderBytes);
  const std::size_t data_bytes = data_length(pdu.header);
  if (!header_digest_ && data_bytes > max_data_bytes_) {
    return Outcome::TooLong;
  }
  const std::size_t additional = additional_length(pdu.header);
  std::size_t header_bytes = kHeaderBytes + additional;
  if (available() < header_bytes + (header_digest_ ? kDigestBytes : 0)) {
    return Outcome::Incomplete;
  }
  if (header_digest_) {
    if (!header_digest_is_good(header_bytes)) {
      return Outcome::BadHeaderDigest;
    }
    if (data_bytes > max_data_bytes_) {
      return Outcome::TooLong;
    }
    header_bytes += kDigestBytes;
  }
  const std::size_t trailer =
      padded(data_bytes) - data_bytes + (data_digest_ && data_bytes > 0 ? kDigestBytes : 0);
  if (data_bytes <= kSmallDataBytes) {
    if (available() < header_bytes + data_bytes + trailer) {
      return Outcome::Incomplete;
    }
    pdu.additional = {at + kHeaderBytes, additional};
    pdu.data = {at + header_bytes, data_bytes};
    pdu.data_digest_ok = true;
    if (data_digest_ && data_bytes > 0) {
      Crc32c digest;
      digest.add({pdu.data.data(), padded(data_bytes)});
      pdu.data_digest_ok = digest_matches(digest, pdu.data.data() + padded(data_bytes));
    }
    begin_ += header_bytes + data_bytes + trailer;
    return Outcome::Complete;
  }
  std::memcpy(additional_.data(), at + kHeaderBytes, additional);
  additional_bytes_ = additional;
  placed_header_ = pdu.header;
  begin_ += header_bytes;
  place_ = placer.place(pdu.header, data_bytes);
  place_is_kept_ = placer.keeps_placed();
  place_bytes_ = data_bytes;
  placed_ = std::min(data_bytes, available());
  std::memcpy(place_, buffer_.data() + begin_, placed_);
  begin_ += placed_;
  return Outcome::Incomplete;
}

Receiver::Outcome Receiver::next_data(Pdu& pdu) {
  const std::size_t pad = padded(place_bytes_) - place_bytes_;
  const std::size_t trailer = trailer_bytes();
  if (placed_ < place_bytes_ || available() < trailer) {
    return Outcome::Incomplete;
  }
  pdu.header = placed_header_;
  pdu.additional = {additional_.data(), additional_bytes_};
  pdu.data = {place_, place_bytes_};
  pdu.data_digest_ok = true;
  if (data_digest_) {
    const std::byte* at = buffer_.data() + begin_;
    Crc32c digest;
    digest.add(pdu.data);
    digest.add({at, pad});
    pdu.data_digest_ok = digest_matches(digest, at + pad);
  }
  begin_ += trailer;
  place_ = nullptr;
  return Outcome::Complete;
}

}  // namespace lockstep::iscsi
