// Opening and creating durable stores.
#include "target_impl/store/durable/crc32c.hpp"
#include "target_impl/store/durable/door.hpp"
#include "target_impl/store/durable/inside.hpp"
#include "target_impl/store/durable/loader.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <sys/stat.h>

namespace lockstep::store {

using detail::Identity;
using detail::Loader;
using detail::MapRecord;
using detail::Metadata;
using detail::Storage;
using detail::StoreRecord;

namespace {

// The front of slot 0 of the data file.
constexpr std::string_view kDataMagic = "lockstep extents";
constexpr std::size_t kHeaderBytes = 4096;
constexpr std::uint64_t kLeastMapBytes = std::uint64_t{256} << 20;
// About three times what the nodes of fully mapped volumes need.
constexpr std::uint64_t kCapacityPerMapByte = 256;

[[nodiscard]] std::array<std::byte, kHeaderBytes> data_header(const Identity& identity) {
  std::array<std::byte, kHeaderBytes> header{};
  std::memcpy(header.data(), kDataMagic.data(), kDataMagic.size());
  std::memcpy(header.data() + kDataMagic.size(), identity.data(), identity.size());
  const std::size_t covered = kDataMagic.size() + identity.size();
  const std::uint32_t crc = detail::crc32c(std::span(header).first(covered));
  for (std::size_t i = 0; i != 4; ++i) {
    header[covered + i] = static_cast<std::byte>(crc >> (8 * i) & 0xff);
  }
  return header;
}

[[nodiscard]] Status check_data_file(Storage& storage, std::uint64_t bytes, const std::string& path,
                                     const Identity& identity) {
  std::array<std::byte, kHeaderBytes> present{};
  if (bytes < kExtentBytes || storage.read(0, present) != 0) {
    return config_error(path + ": expected a data file, found " + std::to_string(bytes) +
                        " bytes (it is truncated); restore the directory from a copy");
  }
  if (present != data_header(identity)) {
    return config_error(path + ": expected the data file of this store, found that of another " +
                        "or a damaged one; restore the directory from a copy");
  }
  return ok();
}

[[nodiscard]] bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

[[nodiscard]] std::uint64_t map_bytes(const DurableOptions& options) {
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t bytes = kLeastMapBytes + options.capacity.value / kCapacityPerMapByte;
  return bytes / kPage * kPage;
}

[[nodiscard]] Error damaged_record(const std::string& path, std::string_view key) {
  return config_error(
      path + ": " + std::string(key.substr(0, 1)) + " \"" + std::string(key.substr(1)) +
      "\": expected a record, found damaged bytes; restore the directory from a copy");
}

struct Loaded {
  std::string name;
  MapRecord record;
};

// Every volume ('V') or image ('I'), its nodes known to `loader`.
[[nodiscard]] Result<std::vector<Loaded>> load_maps(const detail::Transaction& view, char kind,
                                                    Loader& loader, const std::string& path) {
  std::vector<Loaded> maps;
  Status status = ok();
  const bool walked =
      view.for_each(std::string(1, kind), [&](std::string_view key, detail::Bytes bytes) {
        const auto record = detail::decode_map(bytes, key);
        const std::uint64_t extents =
            record ? detail::extents_of(record->blocks * record->block_bytes) : 0;
        if (!record || record->levels != detail::ExtentMap::levels_for(extents)) {
          status = damaged_record(path, key);
          return false;
        }
        status = loader.add(*record);
        maps.push_back({std::string(key.substr(1)), *record});
        return status.has_value();
      });
  LOCKSTEP_TRY(std::move(status));
  if (!walked) {
    return damaged_record(path, std::string(1, kind));
  }
  return maps;
}

// A key that was damaged is found under none of the kinds that are asked for: what it stood for
// would be gone without a word.
[[nodiscard]] Status check_kinds(const detail::Transaction& view, std::uint64_t expected,
                                 const std::string& path) {
  std::uint64_t found = 0;
  Status status = ok();
  const bool walked = view.for_each("", [&](std::string_view key, detail::Bytes) {
    const bool is_node = detail::node_of(key).has_value();
    const bool is_named = key.size() > 1 && (key[0] == 'V' || key[0] == 'I' || key[0] == 'K');
    if (!is_node && !is_named && key != detail::store_key()) {
      status = damaged_record(path, key);
    }
    found += is_named ? 1U : 0U;
    return status.has_value();
  });
  LOCKSTEP_TRY(std::move(status));
  if (!walked || found != expected) {
    return config_error(path + ": expected " + std::to_string(expected) +
                        " volumes, images and values in order, found " + std::to_string(found) +
                        "; restore the directory from a copy");
  }
  return ok();
}

}  // namespace

Status DurableStore::Inside::create_files(StoreRecord& record) {
  LOCKSTEP_TRY(directory.clear());
  std::uint64_t bytes = 0;
  LOCKSTEP_TRY(const auto storage, detail::open_data_file(directory.data_path(), bytes));
  const auto header = data_header(directory.identity());
  const std::span<const std::byte> pieces[] = {header};
  int code = storage->allocate(0, kExtentBytes);
  code = code == 0 ? storage->write(0, pieces) : code;
  code = code == 0 ? storage->sync() : code;
  record.identity = directory.identity();
  LOCKSTEP_TRY(const auto map, Metadata::open(directory.map_path(), map_bytes(options)));
  LOCKSTEP_TRY(auto transaction, map->begin(Metadata::Mode::Write));
  detail::Buffer buffer;
  encode(record, detail::store_key(), buffer);
  code = code == 0 ? transaction.put(detail::store_key(), buffer) : code;
  code = code == 0 ? transaction.commit() : code;
  if (code != 0) {
    return config_error(directory.path() +
                        ": expected room for a new store, found: " + std::strerror(code));
  }
  return directory.finish_creation();
}

Status DurableStore::Inside::load(StoreRecord& record, std::unique_ptr<Storage> storage,
                                  std::uint64_t file_bytes) {
  LOCKSTEP_TRY(metadata, Metadata::open(directory.map_path(), map_bytes(options)));
  LOCKSTEP_TRY(const auto view, metadata->begin(Metadata::Mode::Read));
  const std::string key = detail::store_key();
  const auto bytes = view.get(key);
  const auto found = bytes ? detail::decode_store(*bytes, key) : std::nullopt;
  if (!found || found->version != detail::kFormatVersion ||
      found->identity != directory.identity()) {
    return config_error(directory.map_path() + ": expected the map of this store, found " +
                        (found ? "that of another" : "a damaged one") +
                        "; restore the directory from a copy");
  }
  record = *found;

  Loader loader(view, file_bytes / kExtentBytes, directory.map_path());
  LOCKSTEP_TRY(const auto found_volumes, load_maps(view, 'V', loader, directory.map_path()));
  LOCKSTEP_TRY(const auto found_images, load_maps(view, 'I', loader, directory.map_path()));
  Status status = ok();
  (void)view.for_each("K", [&](std::string_view name, detail::Bytes value) {
    auto decoded = detail::decode_value(value, name);
    if (!decoded) {
      status = damaged_record(directory.map_path(), name);
      return false;
    }
    values.emplace(name.substr(1), std::move(*decoded));
    return true;
  });
  LOCKSTEP_TRY(std::move(status));
  LOCKSTEP_TRY(check_kinds(view, found_volumes.size() + found_images.size() + values.size(),
                           directory.map_path()));
  LOCKSTEP_TRY(auto orphans, loader.orphans(record.next_node));

  const detail::ExtentFile::Limits limits{
      options.cache.value / kExtentBytes,
      std::max<std::uint64_t>(1, options.dirty.value / kExtentBytes),
      options.spare.value / kExtentBytes};
  file = std::make_shared<detail::ExtentFile>(std::move(storage), loader.slots(), limits);
  file->keep_gone({{}, std::move(orphans)});
  pool = std::make_shared<Pool>(options.capacity, file, commits);
  loader.finish(*file, pool);
  for (const Loaded& loaded : found_volumes) {
    auto volume = std::make_shared<Volume>(BlockCount{loaded.record.blocks},
                                           BlockSize{loaded.record.block_bytes}, pool);
    detail::Door::set_map(*volume, loader.map(loaded.record));
    volumes.emplace(loaded.name, Entry<std::shared_ptr<Volume>>{std::move(volume),
                                                                ++last_generation, loaded.record});
  }
  for (const Loaded& loaded : found_images) {
    Image image =
        detail::Door::make_image(loader.map(loaded.record), pool, BlockCount{loaded.record.blocks},
                                 BlockSize{loaded.record.block_bytes});
    images.emplace(loaded.name, Entry<Image>{std::move(image), ++last_generation, loaded.record});
  }
  return ok();
}

void DurableStore::Inside::start() {
  thread = std::thread([this] { run(); });
}

Result<std::unique_ptr<DurableStore>> DurableStore::open(const std::string& directory,
                                                         const DurableOptions& options) {
  return Inside::open(directory, options, {});
}

Result<std::unique_ptr<DurableStore>> DurableStore::Inside::open(const std::string& path,
                                                                 const DurableOptions& options,
                                                                 const WrapStorage& wrap,
                                                                 Published published) {
  LOCKSTEP_TRY(detail::Directory taken, detail::Directory::open(path, options.may_create));
  auto inside = std::make_unique<Inside>(std::move(taken), options);
  inside->published = std::move(published);
  StoreRecord record;
  if (inside->directory.is_new()) {
    LOCKSTEP_TRY(inside->create_files(record));
  }
  for (const std::string& file : {inside->directory.data_path(), inside->directory.map_path()}) {
    if (!exists(file)) {
      return config_error(file + ": expected a part of the store, found none; restore it");
    }
  }
  std::uint64_t bytes = 0;
  LOCKSTEP_TRY(auto storage, detail::open_data_file(inside->directory.data_path(), bytes));
  LOCKSTEP_TRY(check_data_file(*storage, bytes, inside->directory.data_path(),
                               inside->directory.identity()));
  if (wrap) {
    storage = wrap(std::move(storage));
  }
  LOCKSTEP_TRY(inside->load(record, std::move(storage), bytes));
  inside->committer.emplace(*inside->metadata, *inside->file, record);
  inside->start();
  return std::unique_ptr<DurableStore>(new DurableStore(std::move(inside)));
}

}  // namespace lockstep::store
