// What the store keeps in LMDB, byte by byte: keys, and values that each end with a CRC-32C over
// key and value, so that a record that was damaged or stands under another key is recognised.
// Numbers are little-endian in values and big-endian in keys. Decoding takes any bytes.
//
//   "S"          the store: format version, identity, next node id
//   "N" id:8     a map node: level:1, count:2, then per child index:1, reference:8 [, crc:4 at
//                level 1]; a reference is a slot of the data file at level 1, a node id above
//   "V" name     a volume: blocks:8, block bytes:4, levels:1, root node id:8 (0: nothing mapped)
//   "I" name     an image: the same
//   "K" key      a value of another part
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::store::detail {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kMaxNameBytes = 255;
inline constexpr std::size_t kMaxValueBytes = 128 * 1024;
inline constexpr unsigned kMaxLevels = 8;

using Identity = std::array<std::byte, 16>;

struct StoreRecord {
  std::uint32_t version = kFormatVersion;
  Identity identity{};
  std::uint64_t next_node = 1;
  friend bool operator==(const StoreRecord&, const StoreRecord&) = default;
};

struct NodeEntry {
  std::uint8_t index = 0;
  std::uint64_t reference = 0;  // not 0
  std::uint32_t crc = 0;        // level 1 only
  friend bool operator==(const NodeEntry&, const NodeEntry&) = default;
};

struct NodeRecord {
  unsigned level = 1;
  std::vector<NodeEntry> entries;  // ascending by index, at least one
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

struct MapRecord {
  std::uint64_t blocks = 0;
  std::uint32_t block_bytes = 0;
  unsigned levels = 0;
  std::uint64_t root = 0;
  friend bool operator==(const MapRecord&, const MapRecord&) = default;
};

[[nodiscard]] std::string store_key();
[[nodiscard]] std::string node_key(std::uint64_t id);
// Of "V", "I" and "K".
[[nodiscard]] std::string named_key(char kind, std::string_view name);
// Nothing when it is no node's.
[[nodiscard]] std::optional<std::uint64_t> node_of(std::string_view key);

using Buffer = std::vector<std::byte>;
void encode(const StoreRecord& record, std::string_view key, Buffer& out);
void encode(const NodeRecord& record, std::string_view key, Buffer& out);
void encode(const MapRecord& record, std::string_view key, Buffer& out);
void encode_value(std::span<const std::byte> value, std::string_view key, Buffer& out);

// Nothing when the bytes are not such a record under this key.
[[nodiscard]] std::optional<StoreRecord> decode_store(std::span<const std::byte> bytes,
                                                      std::string_view key);
[[nodiscard]] std::optional<NodeRecord> decode_node(std::span<const std::byte> bytes,
                                                    std::string_view key);
[[nodiscard]] std::optional<MapRecord> decode_map(std::span<const std::byte> bytes,
                                                  std::string_view key);
[[nodiscard]] std::optional<Buffer> decode_value(std::span<const std::byte> bytes,
                                                 std::string_view key);

}  // namespace lockstep::store::detail
