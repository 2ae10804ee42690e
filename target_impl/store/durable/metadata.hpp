// LMDB, wrapped: one ordered map from bytes to bytes, changed in transactions that are durable when
// commit() returns. One process, one writer at a time; the directory's lock sees to that.
#pragma once

#include "model/vocab/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct MDB_env;
struct MDB_txn;

namespace lockstep::store::detail {

using Bytes = std::span<const std::byte>;

// Aborted unless committed. Belongs to one thread. Results are errno values: ENOSPC when disk or
// map are full, EIO for what LMDB finds damaged.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept;
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;

  [[nodiscard]] int put(std::string_view key, Bytes value) noexcept;
  // What is not there counts as erased.
  [[nodiscard]] int erase(std::string_view key) noexcept;
  // Valid until the transaction ends or changes something.
  [[nodiscard]] std::optional<Bytes> get(std::string_view key) const noexcept;
  // Ascending, every key that begins with `prefix`; stops when `use` says false. Nothing may be
  // changed inside. False: LMDB failed.
  [[nodiscard]] bool for_each(std::string_view prefix,
                              const std::function<bool(std::string_view, Bytes)>& use) const;
  // Ends the transaction, whatever it returns.
  [[nodiscard]] int commit() noexcept;

 private:
  friend class Metadata;
  Transaction(MDB_txn* transaction, unsigned map) noexcept : transaction_(transaction), map_(map) {}
  MDB_txn* transaction_;
  unsigned map_;
};

class Metadata {
 public:
  // Creates the file when it is absent. `map_bytes` bounds its size.
  [[nodiscard]] static Result<std::unique_ptr<Metadata>> open(const std::string& path,
                                                              std::uint64_t map_bytes);
  ~Metadata();
  Metadata(const Metadata&) = delete;
  Metadata& operator=(const Metadata&) = delete;

  enum class Mode : std::uint8_t { Read, Write };
  [[nodiscard]] Result<Transaction> begin(Mode mode) const;

 private:
  explicit Metadata(MDB_env* environment) noexcept : environment_(environment) {}
  MDB_env* environment_;
  unsigned map_ = 0;
  std::string path_;
};

}  // namespace lockstep::store::detail
