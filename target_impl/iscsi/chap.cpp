#include "target_impl/iscsi/chap.hpp"

#include "target_impl/iscsi/text.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

namespace lockstep::iscsi {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Digest = std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)>;

struct Known {
  std::string_view item;
  ChapAlgorithm algorithm;
  const char* digest;
};
constexpr std::array<Known, 4> kKnown{{{"5", ChapAlgorithm::Md5, "MD5"},
                                       {"6", ChapAlgorithm::Sha1, "SHA1"},
                                       {"7", ChapAlgorithm::Sha256, "SHA256"},
                                       {"8", ChapAlgorithm::Sha3_256, "SHA3-256"}}};

// Null where the library's policy forbids the algorithm.
Digest fetch(const char* name) { return {EVP_MD_fetch(nullptr, name, nullptr), &EVP_MD_free}; }

int hexadecimal_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

std::optional<std::vector<std::uint8_t>> decode_hexadecimal(std::string_view digits) {
  std::vector<std::uint8_t> bytes;
  // An odd count lacks its leading zero.
  std::size_t at = digits.size() % 2;
  if (at == 1) {
    const int low = hexadecimal_digit(digits[0]);
    if (low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(low));
  }
  for (; at < digits.size(); at += 2) {
    const int high = hexadecimal_digit(digits[at]);
    const int low = hexadecimal_digit(digits[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

// RFC 4648 section 4, padding required, bits that no byte uses zero.
std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view digits) {
  if (digits.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && digits.ends_with('=')) {
    digits.remove_suffix(1);
    ++padding;
  }
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : digits) {
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::optional<ChapAlgorithm> choose_chap_algorithm(std::string_view list) {
  for (const std::string_view item : split_list(list)) {
    for (const Known& known : kKnown) {
      if (known.item == item && fetch(known.digest)) {
        return known.algorithm;
      }
    }
  }
  return std::nullopt;
}

std::vector<std::uint8_t> chap_response(ChapAlgorithm algorithm, std::uint8_t identifier,
                                        const Secret& secret,
                                        std::span<const std::uint8_t> challenge) {
  const char* name = nullptr;
  for (const Known& known : kKnown) {
    if (known.algorithm == algorithm) {
      name = known.digest;
    }
  }
  const Digest digest = fetch(name);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::vector<std::uint8_t> response(EVP_MAX_MD_SIZE);
  unsigned length = 0;
  if (!digest || !context || EVP_DigestInit_ex2(context.get(), digest.get(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), &identifier, 1) != 1 ||
      EVP_DigestUpdate(context.get(), secret.reveal().data(), secret.size()) != 1 ||
      EVP_DigestUpdate(context.get(), challenge.data(), challenge.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), response.data(), &length) != 1) {
    return {};
  }
  response.resize(length);
  return response;
}

bool equal_secretly(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::vector<std::uint8_t> random_bytes(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  if (RAND_bytes(bytes.data(), static_cast<int>(count)) != 1) {
    return {};
  }
  return bytes;
}

std::optional<std::vector<std::uint8_t>> decode_binary(std::string_view text, std::size_t most) {
  if (text.size() < 3 || text[0] != '0') {
    return std::nullopt;
  }
  const char form = text[1];
  text.remove_prefix(2);
  // Refused before it is decoded: neither form needs more than two characters for a byte.
  if (text.size() > 2 * most + 4) {
    return std::nullopt;
  }
  std::optional<std::vector<std::uint8_t>> bytes;
  if (form == 'x' || form == 'X') {
    bytes = decode_hexadecimal(text);
  } else if (form == 'b' || form == 'B') {
    bytes = decode_base64(text);
  }
  if (!bytes || bytes->empty() || bytes->size() > most) {
    return std::nullopt;
  }
  return bytes;
}

std::string encode_hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (const std::uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

}  // namespace lockstep::iscsi
