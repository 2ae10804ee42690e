#include "target_impl/store/durable/records.hpp"

#include "target_impl/store/durable/crc32c.hpp"

#include <algorithm>

namespace lockstep::store::detail {

namespace {

constexpr std::size_t kCrcBytes = 4;

class Writer {
 public:
  explicit Writer(Buffer& out) : out_(out) { out_.clear(); }
  void number(std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i != bytes; ++i) {
      out_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
    }
  }
  void raw(std::span<const std::byte> bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void seal(std::string_view key) {
    number(crc32c(out_, crc32c(std::as_bytes(std::span(key)))), kCrcBytes);
  }

 private:
  Buffer& out_;
};

// After a number that was not there everything reads as zero and complete() is false.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, std::string_view key) : left_(bytes) {
    if (bytes.size() < kCrcBytes) {
      good_ = false;
      return;
    }
    const auto body = bytes.first(bytes.size() - kCrcBytes);
    left_ = bytes.last(kCrcBytes);
    const std::uint64_t stored = number(kCrcBytes);
    good_ = stored == crc32c(body, crc32c(std::as_bytes(std::span(key))));
    left_ = body;
  }
  [[nodiscard]] std::uint64_t number(std::size_t bytes) {
    if (left_.size() < bytes || !good_) {
      good_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i != 0; --i) {
      value = value << 8 | static_cast<std::uint64_t>(left_[i - 1]);
    }
    left_ = left_.subspan(bytes);
    return value;
  }
  [[nodiscard]] std::span<const std::byte> rest() noexcept { return left_; }
  void take(std::size_t bytes) noexcept { left_ = left_.subspan(bytes); }
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool complete() const noexcept { return good_ && left_.empty(); }

 private:
  std::span<const std::byte> left_;
  bool good_ = true;
};

[[nodiscard]] std::size_t entry_bytes(unsigned level) noexcept { return level == 1 ? 13 : 9; }

}  // namespace

std::string store_key() { return "S"; }

std::string node_key(std::uint64_t id) {
  std::string key("N");
  for (unsigned shift = 64; shift != 0; shift -= 8) {
    key.push_back(static_cast<char>(id >> (shift - 8) & 0xff));
  }
  return key;
}

std::string named_key(char kind, std::string_view name) {
  std::string key(1, kind);
  key += name;
  return key;
}

std::optional<std::uint64_t> node_of(std::string_view key) {
  if (key.size() != 9 || key.front() != 'N') {
    return std::nullopt;
  }
  std::uint64_t id = 0;
  for (const char byte : key.substr(1)) {
    id = id << 8 | static_cast<unsigned char>(byte);
  }
  return id;
}

void encode(const StoreRecord& record, std::string_view key, Buffer& out) {
  Writer writer(out);
  writer.number(record.version, 4);
  writer.raw(record.identity);
  writer.number(record.next_node, 8);
  writer.seal(key);
}

void encode(const NodeRecord& record, std::string_view key, Buffer& out) {
  Writer writer(out);
  writer.number(record.level, 1);
  writer.number(record.entries.size(), 2);
  for (const NodeEntry& entry : record.entries) {
    writer.number(entry.index, 1);
    writer.number(entry.reference, 8);
    if (record.level == 1) {
      writer.number(entry.crc, 4);
    }
  }
  writer.seal(key);
}

void encode(const MapRecord& record, std::string_view key, Buffer& out) {
  Writer writer(out);
  writer.number(record.blocks, 8);
  writer.number(record.block_bytes, 4);
  writer.number(record.levels, 1);
  writer.number(record.root, 8);
  writer.seal(key);
}

void encode_value(std::span<const std::byte> value, std::string_view key, Buffer& out) {
  Writer writer(out);
  writer.raw(value);
  writer.seal(key);
}

std::optional<StoreRecord> decode_store(std::span<const std::byte> bytes, std::string_view key) {
  Reader reader(bytes, key);
  StoreRecord record;
  record.version = static_cast<std::uint32_t>(reader.number(4));
  if (!reader.good() || reader.rest().size() < record.identity.size()) {
    return std::nullopt;
  }
  std::copy_n(reader.rest().begin(), record.identity.size(), record.identity.begin());
  reader.take(record.identity.size());
  record.next_node = reader.number(8);
  if (!reader.complete() || record.next_node == 0) {
    return std::nullopt;
  }
  return record;
}

std::optional<NodeRecord> decode_node(std::span<const std::byte> bytes, std::string_view key) {
  Reader reader(bytes, key);
  NodeRecord record;
  record.level = static_cast<unsigned>(reader.number(1));
  const std::uint64_t count = reader.number(2);
  if (!reader.good() || record.level == 0 || record.level > kMaxLevels || count == 0 ||
      count > 256 || reader.rest().size() != count * entry_bytes(record.level)) {
    return std::nullopt;
  }
  record.entries.resize(static_cast<std::size_t>(count));
  int last = -1;
  for (NodeEntry& entry : record.entries) {
    entry.index = static_cast<std::uint8_t>(reader.number(1));
    entry.reference = reader.number(8);
    entry.crc = record.level == 1 ? static_cast<std::uint32_t>(reader.number(4)) : 0;
    if (entry.index <= last || entry.reference == 0) {
      return std::nullopt;
    }
    last = entry.index;
  }
  return record;
}

std::optional<MapRecord> decode_map(std::span<const std::byte> bytes, std::string_view key) {
  Reader reader(bytes, key);
  MapRecord record;
  record.blocks = reader.number(8);
  record.block_bytes = static_cast<std::uint32_t>(reader.number(4));
  record.levels = static_cast<unsigned>(reader.number(1));
  record.root = reader.number(8);
  const bool sound = (record.block_bytes == 512 || record.block_bytes == 4096) &&
                     record.blocks != 0 &&
                     record.blocks <= (std::uint64_t{1} << 62) / record.block_bytes &&
                     record.levels != 0 && record.levels <= kMaxLevels;
  if (!reader.complete() || !sound) {
    return std::nullopt;
  }
  return record;
}

std::optional<Buffer> decode_value(std::span<const std::byte> bytes, std::string_view key) {
  Reader reader(bytes, key);
  if (!reader.good() || reader.rest().size() > kMaxValueBytes) {
    return std::nullopt;
  }
  return Buffer(reader.rest().begin(), reader.rest().end());
}

}  // namespace lockstep::store::detail
