#include "model/core/stamp.hpp"

#include <bit>
#include <cstring>

namespace lockstep::model {
namespace {

// The header: magic, volume, LBA, sequence, a check over those four. The body is a stream seeded by
// the check, so that every word of the block depends on every field of the stamp.
constexpr std::uint64_t kMagic = 0x6c6f636b73746570ULL;  // "lockstep"
constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::size_t kHeaderWords = 5;
constexpr std::size_t kSmallestBlock = 64;

std::uint64_t mixed(std::uint64_t value) noexcept {
  // splitmix64's finaliser: a bijection in which every input bit moves every output bit.
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

std::uint64_t check_of(const Stamp& stamp) noexcept {
  return mixed(mixed(mixed(kMagic ^ stamp.volume) ^ stamp.lba) ^ stamp.sequence);
}

// Words are little endian on the medium, whatever the machine.
std::uint64_t in_medium_order(std::uint64_t word) noexcept {
  if constexpr (std::endian::native == std::endian::little) return word;
  std::uint64_t swapped = 0;
  for (int byte = 0; byte < 8; ++byte) swapped |= ((word >> (8 * byte)) & 0xFF) << (56 - 8 * byte);
  return swapped;
}

void put(std::span<std::byte> block, std::size_t word, std::uint64_t value) noexcept {
  const std::uint64_t stored = in_medium_order(value);
  std::memcpy(block.data() + word * kWord, &stored, kWord);
}

std::uint64_t get(std::span<const std::byte> block, std::size_t word) noexcept {
  std::uint64_t stored = 0;
  std::memcpy(&stored, block.data() + word * kWord, kWord);
  return in_medium_order(stored);
}

// Odd step, so that neighbouring body words never repeat.
std::uint64_t body_word(std::uint64_t check, std::size_t word) noexcept {
  return check ^ (static_cast<std::uint64_t>(word) * 0xd1342543de82ef95ULL);
}

// Compared with itself a byte further on, which the library does many bytes at a time.
bool all_zero(std::span<const std::byte> block) noexcept {
  return block.empty() || (block.front() == std::byte{0} &&
                           std::memcmp(block.data(), block.data() + 1, block.size() - 1) == 0);
}

}  // namespace

void write_stamp(std::span<std::byte> block, const Stamp& stamp) noexcept {
  if (block.size() < kSmallestBlock || block.size() % kWord != 0) return;
  const std::uint64_t check = check_of(stamp);
  put(block, 0, kMagic);
  put(block, 1, stamp.volume);
  put(block, 2, stamp.lba);
  put(block, 3, stamp.sequence);
  put(block, 4, check);
  const std::size_t words = block.size() / kWord;
  for (std::size_t word = kHeaderWords; word < words; ++word) {
    put(block, word, body_word(check, word));
  }
}

BlockContent read_stamp(std::span<const std::byte> block) noexcept {
  const bool may_be_stamped = block.size() >= kSmallestBlock && block.size() % kWord == 0;
  if (!may_be_stamped || get(block, 0) != kMagic) {
    return all_zero(block) ? BlockContent(Zeros{}) : BlockContent(Foreign{});
  }
  Stamp stamp;
  stamp.volume = get(block, 1);
  stamp.lba = get(block, 2);
  stamp.sequence = get(block, 3);
  const std::uint64_t check = check_of(stamp);
  if (get(block, 4) != check) return Foreign{};
  std::uint64_t difference = 0;
  const std::size_t words = block.size() / kWord;
  for (std::size_t word = kHeaderWords; word < words; ++word) {
    difference |= get(block, word) ^ body_word(check, word);
  }
  if (difference != 0) return Foreign{};
  return stamp;
}

}  // namespace lockstep::model
