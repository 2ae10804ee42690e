// The durable store's records: any bytes under any key, and stores whose records have good
// checksums and say anything. A store opens and can be used, or is refused with a reason; a record
// that is understood is written back as the same bytes.
//
// Input: a byte (1: open a store too; what is above: the next node id, where it is not 0), then
// records. A record: a kind ("S", "N", "V", "I", "K" by the low three bits; 0x80: without its
// checksum; 0x40: built from numbers), one byte of key, and a body: for built ones a few numbers,
// else one byte of length and the bytes.
#include "target_impl/fuzz/empty_store.hpp"
#include "target_impl/fuzz/input.hpp"
#include "target_impl/store/durable/crc32c.hpp"
#include "target_impl/store/durable/metadata.hpp"
#include "target_impl/store/durable/records.hpp"
#include "target_impl/store/durable_store.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace lockstep;
using namespace lockstep::fuzz;
using namespace lockstep::store;
using namespace lockstep::store::detail;

constexpr std::uint8_t kUnsealed = 0x80;
constexpr std::uint8_t kBuilt = 0x40;
constexpr std::array<char, 5> kKinds{'N', 'V', 'I', 'K', 'S'};
constexpr std::size_t kMostRecords = 24;
constexpr std::uint64_t kMostBlocks = 1ULL << 44;

struct Record {
  std::string key;
  Buffer value;
};

void seal(Buffer& value, const std::string& key) {
  const std::uint32_t crc = crc32c(value, crc32c(std::as_bytes(std::span(key))));
  for (unsigned shift = 0; shift != 32; shift += 8) {
    value.push_back(static_cast<std::byte>(crc >> shift & 0xff));
  }
}

NodeRecord build_node(Input& input) {
  NodeRecord node;
  node.level = input.byte() % 5;
  const std::size_t entries = input.byte() % 6;
  for (std::size_t i = 0; i != entries; ++i) {
    const std::uint8_t index = input.byte();
    node.entries.push_back({index, input.byte(), input.byte()});
  }
  return node;
}

// Sizes whose maps have each number of levels, and some that no volume has.
MapRecord build_map(Input& input) {
  constexpr std::array<std::uint64_t, 8> kBlocks{1,       128,        4096, 1 << 15,
                                                 1 << 23, 1ULL << 31, 0,    ~0ULL};
  constexpr std::array<std::uint32_t, 4> kBlockBytes{512, 4096, 0, 520};
  MapRecord map;
  map.blocks = kBlocks.at(input.byte() % kBlocks.size()) + input.byte() % 3;
  map.block_bytes = kBlockBytes.at(input.byte() % kBlockBytes.size());
  map.levels = input.byte() % 7;
  map.root = input.byte();
  return map;
}

Record read_record(Input& input) {
  const std::uint8_t control = input.byte();
  const char kind = kKinds.at((control & 7) % kKinds.size());
  const std::uint8_t number = input.byte();
  Record record;
  record.key =
      kind == 'N' ? node_key(number)
      : kind == 'S'
          ? store_key()
          : named_key(kind, std::string(1 + number % 3, static_cast<char>('a' + number % 26)));
  if ((control & kBuilt) != 0 && kind == 'N') {
    encode(build_node(input), record.key, record.value);
  } else if ((control & kBuilt) != 0 && (kind == 'V' || kind == 'I')) {
    encode(build_map(input), record.key, record.value);
  } else {
    const auto bytes = std::as_bytes(input.take(input.byte()));
    record.value.assign(bytes.begin(), bytes.end());
    if ((control & kUnsealed) == 0) {
      seal(record.value, record.key);
    }
  }
  return record;
}

template <class Found>
void expect_same(const std::optional<Found>& found, const Record& record) {
  if (!found) {
    return;
  }
  Buffer again;
  encode(*found, record.key, again);
  expect(again == record.value, "what was understood is written back as the same bytes");
}

void decode(const Record& record) {
  expect_same(decode_store(record.value, record.key), record);
  expect_same(decode_node(record.value, record.key), record);
  expect_same(decode_map(record.value, record.key), record);
  if (const auto value = decode_value(record.value, record.key)) {
    Buffer again;
    encode_value(*value, record.key, again);
    expect(again == record.value, "a value is written back as the same bytes");
  }
}

void put_records(const std::string& directory, const std::vector<Record>& records,
                 std::uint64_t next_node) {
  constexpr std::uint64_t kSlots = 16;
  std::filesystem::resize_file(directory + "/extents", kSlots * kExtentBytes);
  auto metadata = Metadata::open(directory + "/map.lmdb", 256ULL << 20);
  expect(metadata.has_value(), "the map opens");
  auto transaction = metadata.value()->begin(Metadata::Mode::Write);
  expect(transaction.has_value(), "a transaction begins");
  const std::string key = store_key();
  auto present = decode_store(transaction.value().get(key).value_or(Bytes{}), key);
  expect(present.has_value(), "an empty store has its record");
  present->next_node = next_node;
  Buffer buffer;
  encode(*present, key, buffer);
  expect(transaction.value().put(key, buffer) == 0, "the store's record can be written");
  for (const Record& record : records) {
    static_cast<void>(transaction.value().put(record.key, record.value));
  }
  expect(transaction.value().commit() == 0, "the records can be written");
}

void use(Volume& volume) {
  const std::size_t block = volume.block_size().bytes;
  expect(volume.blocks().value > 0 && volume.blocks().value < kMostBlocks, "sizes are sane");
  std::vector<std::byte> data(block, std::byte{0x5a});
  const Lba last{volume.blocks().value - 1};
  static_cast<void>(volume.read(last, data));
  static_cast<void>(volume.read(Lba{0}, data));
  data.assign(block, std::byte{0x5a});
  if (volume.write(last, data) == WriteResult::Done) {
    std::vector<std::byte> back(block);
    static_cast<void>(volume.read(last, back));
    expect(back == data, "what was written is read");
  }
  static_cast<void>(volume.snapshot().mapped());
}

void open(const std::vector<Record>& records, std::uint64_t next_node) {
  static const EmptyStore kEmpty;
  const std::string directory = kEmpty.copy();
  put_records(directory, records, next_node);
  auto store = DurableStore::open(directory, EmptyStore::options());
  if (!store) {
    expect(store.error().origin == Origin::Config, "a refusal is about the configuration");
    expect(!store.error().message.empty(), "a refusal has a reason");
    return;
  }
  for (const VolumeEntry& entry : store.value()->volumes()) {
    use(*store.value()->find_volume(entry.name));
  }
  for (const std::string& name : store.value()->images()) {
    static_cast<void>(store.value()->find_image(name)->mapped());
  }
  static_cast<void>(store.value()->commit());
  store.value().reset();
  expect(DurableStore::open(directory, EmptyStore::options()).has_value(),
         "a store that was open opens again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  Input input(data, bytes);
  const std::uint8_t mode = input.byte();
  const bool whole = (mode & 1) != 0;
  // By default all the ids that records can have here have been given out.
  const std::uint64_t next_node = mode / 2 == 0 ? 256 : mode / 2;
  std::vector<Record> records;
  while (!input.empty() && records.size() != kMostRecords) {
    records.push_back(read_record(input));
    decode(records.back());
  }
  if (whole) {
    open(records, next_node);
  }
  return 0;
}
