// The arithmetic of CHAP: digests, challenges and the text form of binary values. RFC 1994, RFC
// 7143 sections 6.1 and 12.1.3; algorithm numbers as registered with IANA for PPP and iSCSI.
#pragma once

#include "target_impl/iscsi/access.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::iscsi {

enum class ChapAlgorithm : std::uint8_t { Md5 = 5, Sha1 = 6, Sha256 = 7, Sha3_256 = 8 };

// The first of the initiator's comma-separated list that the library offers; whole items only.
[[nodiscard]] std::optional<ChapAlgorithm> choose_chap_algorithm(std::string_view list);

// H(identifier, secret, challenge). Empty if the library refuses.
[[nodiscard]] std::vector<std::uint8_t> chap_response(ChapAlgorithm algorithm,
                                                      std::uint8_t identifier, const Secret& secret,
                                                      std::span<const std::uint8_t> challenge);

// Without a hint in its duration at which byte they differ.
[[nodiscard]] bool equal_secretly(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

// From the system's source of randomness; empty if it failed.
[[nodiscard]] std::vector<std::uint8_t> random_bytes(std::size_t count);

// "0x" hexadecimal or "0b" base64, in either case, of 1 to `most` bytes. Anything else: nothing.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_binary(std::string_view text,
                                                                     std::size_t most);
[[nodiscard]] std::string encode_hexadecimal(std::span<const std::uint8_t> bytes);

}  // namespace lockstep::iscsi
