// The 512 bytes that stand for a ROD (SPC-4 5.17.6.5, SBC-4 4.28.4): making them, and judging what
// an initiator sends as such.
//
// Whoever has the bytes may use the token, on any nexus, so they must not be guessable: the last
// 256 are random, drawn from OpenSSL's generator for private values.
#pragma once

#include "target_impl/scsi/sense.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lockstep::scsi {

inline constexpr std::size_t kTokenBytes = 512;
using TokenBytes = std::array<std::byte, kTokenBytes>;
using TokenView = std::span<const std::byte, kTokenBytes>;

// SPC-4 table 108, SBC-4 table 30.
enum class RodType : std::uint32_t {
  PointInTime = 0x00800000,
  PersistentPointInTime = 0x00800002,
  AnyPointInTime = 0x0080ffff,  // in POPULATE TOKEN only: the copy manager chooses
  Zero = 0xffff0001,
};

struct TokenFields {
  RodType type = RodType::PointInTime;
  std::uint64_t identifier = 0;  // copy manager ROD token identifier
  std::array<std::uint8_t, 16> creator_naa{};
  std::uint64_t bytes = 0;
  std::uint32_t block_bytes = 0;
  // READ CAPACITY(16) bytes 12 to 15 of the creator logical unit.
  std::array<std::uint8_t, 4> capacity{};
  std::string target_name;
};

// False: there is no randomness to be had.
[[nodiscard]] bool make_token(const TokenFields& fields, TokenBytes& token);
// Stands for zeros without end; well known, so there is nothing random in it.
[[nodiscard]] TokenBytes zero_token() noexcept;

// None when the bytes have the format of a token of a type that is accepted here; else why not.
[[nodiscard]] AdditionalSense fault_of_token(TokenView token) noexcept;
[[nodiscard]] RodType type_of(TokenView token) noexcept;
[[nodiscard]] std::uint64_t identifier_of(TokenView token) noexcept;
// Whether the token says that the target device of this name made it.
[[nodiscard]] bool is_made_by(TokenView token, std::string_view target_name);
// In a time that does not depend on where they differ.
[[nodiscard]] bool equal_tokens(TokenView a, TokenView b) noexcept;

}  // namespace lockstep::scsi
