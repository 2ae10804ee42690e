#include "target_impl/scsi/third_party_copy/rod_token.hpp"

#include "target_impl/scsi/big_endian.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace lockstep::scsi {

namespace {

constexpr std::uint64_t kLengthAfterHeader = 0x1f8;
constexpr std::byte kIdentificationCscd{0xe4};

// Where the fields are.
constexpr std::size_t kLengthAt = 6;
constexpr std::size_t kIdentifierAt = 8;
constexpr std::size_t kCreatorAt = 16;
constexpr std::size_t kBytesAt = 56;  // the low half of sixteen bytes
constexpr std::size_t kReservedAt = 64;
constexpr std::size_t kBlockBytesAt = 96;
constexpr std::size_t kCapacityAt = 100;
constexpr std::size_t kTargetAt = 128;
constexpr std::size_t kTargetBytes = 128;
constexpr std::size_t kSecretAt = 256;

using TargetDescriptor = std::array<std::byte, kTargetBytes>;

// A SCSI name that is too long for the field is replaced by one made of its digest, in the locally
// assigned NAA format (SPC-4 7.8.6.11).
[[nodiscard]] std::string short_name(std::string_view name) {
  constexpr std::size_t kHeaderBytes = 4;
  if (name.size() < kTargetBytes - kHeaderBytes) {
    return std::string(name);
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(name.data()), name.size(), digest.data());
  std::string text = "naa.3";
  for (std::size_t i = 0; i != 8; ++i) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02X", unsigned{digest[i]});
    text += hex.data();
  }
  text.resize(5 + 15);
  return text;
}

// A designation descriptor: SCSI name string of the target device, as in VPD page 83h.
[[nodiscard]] TargetDescriptor target_descriptor(std::string_view target_name) {
  constexpr std::byte kIscsiUtf8{0x53};
  constexpr std::byte kTargetDeviceScsiName{0xa8};  // PIV, association 10b, type 8h
  const std::string name = short_name(target_name);
  TargetDescriptor bytes{};
  bytes[0] = kIscsiUtf8;
  bytes[1] = kTargetDeviceScsiName;
  bytes[3] = static_cast<std::byte>((name.size() + 4) / 4 * 4);
  std::memcpy(bytes.data() + 4, name.data(), name.size());
  return bytes;
}

[[nodiscard]] bool all_zero(std::span<const std::byte> bytes) noexcept {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

bool make_token(const TokenFields& fields, TokenBytes& token) {
  constexpr std::byte kBinary{0x01};
  constexpr std::byte kLogicalUnitNaa{0x03};
  token = {};
  const std::span<std::byte> out(token);
  put_big_endian(out, 0, 4, static_cast<std::uint64_t>(fields.type));
  put_big_endian(out, kLengthAt, 2, kLengthAfterHeader);
  put_big_endian(out, kIdentifierAt, 8, fields.identifier);
  const auto creator = out.subspan(kCreatorAt, 32);
  creator[0] = kIdentificationCscd;
  creator[4] = kBinary;
  creator[5] = kLogicalUnitNaa;
  creator[7] = static_cast<std::byte>(fields.creator_naa.size());
  std::memcpy(creator.data() + 8, fields.creator_naa.data(), fields.creator_naa.size());
  put_big_endian(creator, 29, 3, fields.block_bytes);
  put_big_endian(out, kBytesAt, 8, fields.bytes);
  put_big_endian(out, kBlockBytesAt, 4, fields.block_bytes);
  std::memcpy(token.data() + kCapacityAt, fields.capacity.data(), fields.capacity.size());
  const TargetDescriptor target = target_descriptor(fields.target_name);
  std::copy(target.begin(), target.end(), token.begin() + kTargetAt);
  return RAND_priv_bytes(reinterpret_cast<unsigned char*>(token.data() + kSecretAt),
                         static_cast<int>(kTokenBytes - kSecretAt)) == 1;
}

TokenBytes zero_token() noexcept {
  TokenBytes token{};
  const std::span<std::byte> out(token);
  put_big_endian(out, 0, 4, static_cast<std::uint64_t>(RodType::Zero));
  put_big_endian(out, kLengthAt, 2, kLengthAfterHeader);
  return token;
}

AdditionalSense fault_of_token(TokenView token) noexcept {
  constexpr std::byte kTargetDevice{0x20};
  if (get_big_endian(std::span<const std::byte>(token), kLengthAt, 2) != kLengthAfterHeader) {
    return AdditionalSense::InvalidTokenLength;
  }
  // Nothing else of the zero token means anything.
  if (type_of(token) == RodType::Zero) {
    return AdditionalSense::None;
  }
  if (!all_zero(token.subspan(4, 2)) || token[kCreatorAt] != kIdentificationCscd ||
      !all_zero(token.subspan(kReservedAt, kBlockBytesAt - kReservedAt)) ||
      (token[kTargetAt + 1] & std::byte{0x30}) != kTargetDevice) {
    return AdditionalSense::TokenCorrupt;
  }
  if (type_of(token) != RodType::PointInTime && type_of(token) != RodType::PersistentPointInTime) {
    return AdditionalSense::UnsupportedTokenType;
  }
  return AdditionalSense::None;
}

RodType type_of(TokenView token) noexcept {
  return static_cast<RodType>(get_big_endian(std::span<const std::byte>(token), 0, 4));
}

std::uint64_t identifier_of(TokenView token) noexcept {
  return get_big_endian(std::span<const std::byte>(token), kIdentifierAt, 8);
}

bool is_made_by(TokenView token, std::string_view target_name) {
  const TargetDescriptor target = target_descriptor(target_name);
  return std::equal(target.begin(), target.end(), token.begin() + kTargetAt);
}

bool equal_tokens(TokenView a, TokenView b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), kTokenBytes) == 0;
}

}  // namespace lockstep::scsi
