#include "target_impl/store/durable/metadata.hpp"

#include "target_impl/store/durable/map_check.hpp"

#include <cerrno>
#include <cstring>
#include <lmdb.h>
#include <utility>

namespace lockstep::store::detail {

namespace {

[[nodiscard]] MDB_val value_of(std::string_view text) noexcept {
  return {text.size(), const_cast<char*>(text.data())};
}
[[nodiscard]] MDB_val value_of(Bytes bytes) noexcept {
  return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}
[[nodiscard]] std::string_view text_of(const MDB_val& value) noexcept {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}
[[nodiscard]] Bytes bytes_of(const MDB_val& value) noexcept {
  return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}

[[nodiscard]] int errno_of(int code) noexcept {
  if (code == 0 || code > 0) {
    return code;
  }
  return code == MDB_MAP_FULL || code == MDB_TXN_FULL ? ENOSPC : EIO;
}

[[nodiscard]] Error damaged(const std::string& path, const char* found) {
  return config_error(path + ": expected the map of a store, found: " + found +
                      "; restore the directory from a copy");
}

}  // namespace

Transaction::Transaction(Transaction&& other) noexcept
    : transaction_(std::exchange(other.transaction_, nullptr)), map_(other.map_) {}

Transaction::~Transaction() {
  if (transaction_ != nullptr) {
    mdb_txn_abort(transaction_);
  }
}

int Transaction::put(std::string_view key, Bytes value) noexcept {
  MDB_val k = value_of(key);
  MDB_val v = value_of(value);
  return errno_of(mdb_put(transaction_, map_, &k, &v, 0));
}

int Transaction::erase(std::string_view key) noexcept {
  MDB_val k = value_of(key);
  const int code = mdb_del(transaction_, map_, &k, nullptr);
  return code == MDB_NOTFOUND ? 0 : errno_of(code);
}

std::optional<Bytes> Transaction::get(std::string_view key) const noexcept {
  MDB_val k = value_of(key);
  MDB_val v{};
  if (mdb_get(transaction_, map_, &k, &v) != 0) {
    return std::nullopt;
  }
  return bytes_of(v);
}

bool Transaction::for_each(std::string_view prefix,
                           const std::function<bool(std::string_view, Bytes)>& use) const {
  MDB_cursor* cursor = nullptr;
  if (mdb_cursor_open(transaction_, map_, &cursor) != 0) {
    return false;
  }
  MDB_val key = value_of(prefix);
  MDB_val value{};
  int code = mdb_cursor_get(cursor, &key, &value, prefix.empty() ? MDB_FIRST : MDB_SET_RANGE);
  while (code == 0 && text_of(key).substr(0, prefix.size()) == prefix &&
         use(text_of(key), bytes_of(value))) {
    code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
  }
  mdb_cursor_close(cursor);
  return code == 0 || code == MDB_NOTFOUND;
}

int Transaction::commit() noexcept {
  return errno_of(mdb_txn_commit(std::exchange(transaction_, nullptr)));
}

Result<std::unique_ptr<Metadata>> Metadata::open(const std::string& path, std::uint64_t map_bytes) {
  if (const std::string damage = find_map_damage_in(path); !damage.empty()) {
    return damaged(path, damage.c_str());
  }
  MDB_env* environment = nullptr;
  if (mdb_env_create(&environment) != 0) {
    return internal_error(path + ": expected memory for LMDB, found none");
  }
  std::unique_ptr<Metadata> metadata(new Metadata(environment));
  metadata->path_ = path;
  constexpr unsigned kFlags = MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS | MDB_NORDAHEAD;
  int code = mdb_env_set_mapsize(environment, map_bytes);
  code = code == 0 ? mdb_env_open(environment, path.c_str(), kFlags, 0600) : code;
  if (code != 0) {
    return damaged(path, mdb_strerror(code));
  }
  MDB_txn* transaction = nullptr;
  code = mdb_txn_begin(environment, nullptr, MDB_RDONLY, &transaction);
  code = code == 0 ? mdb_dbi_open(transaction, nullptr, 0, &metadata->map_) : code;
  code = code == 0 ? mdb_txn_commit(transaction) : code;
  if (code != 0) {
    return damaged(path, mdb_strerror(code));
  }
  return metadata;
}

Metadata::~Metadata() { mdb_env_close(environment_); }

Result<Transaction> Metadata::begin(Mode mode) const {
  MDB_txn* transaction = nullptr;
  const int code =
      mdb_txn_begin(environment_, nullptr, mode == Mode::Read ? MDB_RDONLY : 0U, &transaction);
  if (code != 0) {
    return damaged(path_, mdb_strerror(code));
  }
  return Transaction(transaction, map_);
}

}  // namespace lockstep::store::detail
