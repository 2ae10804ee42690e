// What the replication service keeps in a durable store: any bytes as each kind of record, and
// catalogues of records that say anything of each other. A record that is understood is written
// back as the same bytes; a catalogue opens, and opens again as the same, or is refused with a
// reason.
//
// Input: a byte (1: open a catalogue too; 2: without a format; 4: without the service's record; 8:
// without volumes and images), then records. A record: a kind (low three bits; 0x80: its body is
// bytes, after one byte of length), one byte of number, and for built ones a byte for each field.
#include "target_impl/fuzz/empty_store.hpp"
#include "target_impl/fuzz/input.hpp"
#include "target_impl/replication/catalogue/catalogue.hpp"
#include "target_impl/replication/catalogue/names.hpp"

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace lockstep;
using namespace lockstep::fuzz;
using namespace lockstep::replication;

constexpr std::uint8_t kBytes = 0x80;
constexpr std::uint8_t kWithoutFormat = 2;
constexpr std::uint8_t kWithoutService = 4;
constexpr std::uint8_t kWithoutContent = 8;
constexpr std::size_t kMostRecords = 24;
// Small numbers meet each other.
constexpr Id kNumbers = 8;

struct Entry {
  std::string key;
  RecordBytes bytes;
};

Id number(Input& input) { return input.byte() % kNumbers; }

std::vector<Id> numbers(Input& input) {
  std::vector<Id> list(input.byte() % 4);
  for (Id& one : list) one = number(input);
  return list;
}

ElementRecord build_element(Input& input, Id id) {
  ElementRecord element;
  element.id = id;
  element.name = std::string(input.byte() % 3, 'v');
  element.device_id = "device-" + std::to_string(number(input));
  element.lun = input.byte() % 4;
  return element;
}

GroupRecord build_group(Input& input, Id id) {
  GroupRecord group;
  group.id = id;
  group.members = numbers(input);
  return group;
}

PairRecord build_pair(Input& input, Id id) {
  PairRecord pair;
  pair.id = id;
  pair.source = number(input);
  pair.target = number(input);
  pair.sync_type = static_cast<SyncType>(6 + input.byte() % 4);
  pair.mode = static_cast<Mode>(2 + input.byte() % 3);
  pair.group = number(input);
  pair.state = static_cast<CopyState>(2 + input.byte() % 17);
  pair.forming = input.byte() % 2 == 1;
  return pair;
}

GroupPairRecord build_group_pair(Input& input, Id id) {
  GroupPairRecord group;
  group.id = id;
  group.source_group = number(input);
  group.target_group = number(input);
  group.sync_type = static_cast<SyncType>(6 + input.byte() % 4);
  group.pairs = numbers(input);
  return group;
}

JobRecord build_job(Input& input, Id id) {
  JobRecord job;
  job.id = id;
  job.state = static_cast<JobState>(2 + input.byte() % 9);
  for (const Id pair : numbers(input)) job.pending.insert(pair);
  return job;
}

CopyRecord build_copy(Input& input, Id id) {
  CopyRecord copy;
  copy.id = id;
  copy.purpose = static_cast<Purpose>(input.byte() % 4);
  copy.pairs = numbers(input);
  return copy;
}

Entry read_entry(Input& input) {
  const std::uint8_t control = input.byte();
  const Id id = number(input);
  const std::string text = std::to_string(id);
  enum Kind : std::uint8_t { Elements, Groups, Pairs, GroupPairs, Jobs, Copies, Kinds };
  const std::string* const prefixes[] = {&names::kElements,   &names::kGroups, &names::kPairs,
                                         &names::kGroupPairs, &names::kJobs,   &names::kCopies};
  const auto kind = static_cast<Kind>((control & 7) % Kinds);
  Entry entry{*prefixes[kind] + text, {}};
  if ((control & kBytes) != 0) {
    const auto bytes = std::as_bytes(input.take(input.byte()));
    entry.bytes.assign(bytes.begin(), bytes.end());
    return entry;
  }
  if (kind == Elements) entry.bytes = encode(build_element(input, id));
  if (kind == Groups) entry.bytes = encode(build_group(input, id));
  if (kind == Pairs) entry.bytes = encode(build_pair(input, id));
  if (kind == GroupPairs) entry.bytes = encode(build_group_pair(input, id));
  if (kind == Jobs) entry.bytes = encode(build_job(input, id));
  if (kind == Copies) entry.bytes = encode(build_copy(input, id));
  return entry;
}

template <class Record>
void expect_same(const RecordBytes& bytes) {
  const auto record = decode<Record>(bytes);
  if (record) {
    expect(encode(record.value()) == bytes,
           "what was understood is written back as the same bytes");
  } else {
    expect(!record.error().message.empty(), "a refusal has a reason");
  }
}

void decode_as_each(const RecordBytes& bytes) {
  expect_same<ServiceRecord>(bytes);
  expect_same<ElementRecord>(bytes);
  expect_same<GroupRecord>(bytes);
  expect_same<PairRecord>(bytes);
  expect_same<GroupPairRecord>(bytes);
  expect_same<JobRecord>(bytes);
  expect_same<CopyRecord>(bytes);
}

void put(store::DurableStore& store, const std::string& key, std::span<const std::byte> bytes) {
  expect(store.put(key, bytes).has_value(), "a record can be written");
}

// Volumes of two sizes for the elements, and an image for each name that a pair may ask for.
void put_content(store::DurableStore& store) {
  constexpr BlockCount kSmall{8};
  constexpr BlockCount kLarge{16};
  constexpr BlockSize kBlock{512};
  for (Id id = 1; id != kNumbers; ++id) {
    const auto volume =
        store.create_volume(names::volume_of_element(id), id % 3 == 0 ? kLarge : kSmall, kBlock);
    expect(volume.has_value(), "a volume can be made");
    const store::Image image = volume.value()->snapshot();
    for (const std::string& name :
         {names::common_source(id), names::common_target(id), names::point_in_time(id)}) {
      expect(store.keep_image(name, image).has_value(), "an image can be kept");
    }
  }
}

// Whether the catalogue opened.
bool open(store::DurableStore& store) {
  SavedWorld found;
  const auto catalogue = Catalogue::open(store, "store", found);
  if (catalogue) return true;
  expect(catalogue.error().origin == Origin::Config, "a refusal is about the configuration");
  expect(!catalogue.error().message.empty(), "a refusal has a reason");
  return false;
}

void open(const std::vector<Entry>& entries, std::uint8_t mode) {
  static const EmptyStore kEmpty;
  const std::string directory = kEmpty.copy();
  auto store = store::DurableStore::open(directory, EmptyStore::options());
  expect(store.has_value(), "an empty store opens");
  if ((mode & kWithoutContent) == 0) put_content(*store.value());
  if ((mode & kWithoutFormat) == 0) {
    const std::string format = "lockstep-replication " + std::to_string(kCatalogueFormat);
    put(*store.value(), names::kFormat, std::as_bytes(std::span(format)));
  }
  if ((mode & kWithoutService) == 0) {
    ServiceRecord service;
    service.ids_below = kNumbers;
    put(*store.value(), names::kService, encode(service));
  }
  for (const Entry& entry : entries) put(*store.value(), entry.key, entry.bytes);
  const bool opened = open(*store.value());
  expect(store.value()->commit() == store::CommitOutcome::Durable, "what was written is committed");
  store.value().reset();
  store = store::DurableStore::open(directory, EmptyStore::options());
  expect(store.has_value(), "a store that was open opens again");
  expect(open(*store.value()) == opened, "the next process sees the catalogue as the first did");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  Input input(data, bytes);
  const std::uint8_t mode = input.byte();
  std::vector<Entry> entries;
  while (!input.empty() && entries.size() != kMostRecords) {
    entries.push_back(read_entry(input));
    decode_as_each(entries.back().bytes);
  }
  if ((mode & 1) != 0) open(entries, mode);
  return 0;
}
