#include "target_impl/iscsi/pdu_writer.hpp"

#include "target_impl/iscsi/crc32c.hpp"

#include <array>
#include <cstring>

namespace lockstep::iscsi {
namespace {

constexpr std::array<std::byte, 4> kZeros{};

}  // namespace

void PduWriter::number(Header& header, std::size_t data_bytes, StatSn stat_sn) noexcept {
  store_be24(header.data() + field::kDataLength, static_cast<std::uint32_t>(data_bytes));
  set32(header, field::kStatSn, next_stat_sn_);
  if (stat_sn == StatSn::Take) {
    ++next_stat_sn_;
  }
  set32(header, field::kExpCmdSn, window_.expected);
  set32(header, field::kMaxCmdSn, window_.maximum);
}

std::size_t PduWriter::write_header(std::byte* at, const Header& header) const noexcept {
  std::memcpy(at, header.data(), kHeaderBytes);
  if (!header_digest_) {
    return kHeaderBytes;
  }
  Crc32c digest;
  digest.add({at, kHeaderBytes});
  digest.store(reinterpret_cast<std::uint8_t*>(at + kHeaderBytes));
  return kHeaderBytes + kDigestBytes;
}

std::span<std::byte> PduWriter::reserve_around(std::size_t data_bytes) {
  std::byte* at = queue_.reserve(header_bytes() + padded(data_bytes) + kDigestBytes);
  return {at + header_bytes(), data_bytes};
}

void PduWriter::put_around(Header& header, std::span<std::byte> data, std::size_t used_bytes,
                           StatSn stat_sn) {
  number(header, used_bytes, stat_sn);
  std::byte* start = data.data() - header_bytes();
  write_header(start, header);
  std::size_t total = header_bytes() + used_bytes;
  if (used_bytes > 0) {
    const std::size_t pad = padded(used_bytes) - used_bytes;
    std::memset(start + total, 0, pad);
    total += pad;
    if (data_digest_) {
      Crc32c digest;
      digest.add({start + header_bytes(), padded(used_bytes)});
      digest.store(reinterpret_cast<std::uint8_t*>(start + total));
      total += kDigestBytes;
    }
  }
  queue_.commit(total);
}

void PduWriter::put(Header& header, std::span<const std::byte> data, StatSn stat_sn) {
  const auto room = reserve_around(data.size());
  if (!data.empty()) {
    std::memcpy(room.data(), data.data(), data.size());
  }
  put_around(header, room, data.size(), stat_sn);
}

void PduWriter::put_beside(Header& header, std::span<const std::span<const std::byte>> data,
                           StatSn stat_sn) {
  std::size_t bytes = 0;
  for (const auto& piece : data) {
    bytes += piece.size();
  }
  number(header, bytes, stat_sn);
  std::byte* at = queue_.reserve(header_bytes());
  queue_.commit(write_header(at, header));
  for (const auto& piece : data) {
    queue_.append(piece);
  }
  const auto pad = std::span(kZeros).first(padded(bytes) - bytes);
  queue_.append(pad);
  if (data_digest_ && bytes > 0) {
    Crc32c digest;
    for (const auto& piece : data) {
      digest.add(piece);
    }
    digest.add(pad);
    std::byte* trailer = queue_.reserve(kDigestBytes);
    digest.store(reinterpret_cast<std::uint8_t*>(trailer));
    queue_.commit(kDigestBytes);
  }
}

}  // namespace lockstep::iscsi
