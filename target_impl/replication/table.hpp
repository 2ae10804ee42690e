// A table of records: found by number or by reference, enumerated in the order of creation.
//
// Records keep their address until erased. Not thread-safe; the service's mutex guards every table.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

namespace lockstep::replication {

// Numbers are given once in the life of a service and never again; 0 is never given.
using Id = std::uint64_t;

// Record has `Id id` and `ref` with a `path`.
template <class Record>
class Table {
 public:
  Record& add(Record record) {
    const Id id = record.id;
    by_path_.emplace(record.ref.path, id);
    return records_.insert_or_assign(id, std::move(record)).first->second;
  }
  void rename(Record& record, decltype(Record::ref) ref) {
    by_path_.erase(record.ref.path);
    by_path_.emplace(ref.path, record.id);
    record.ref = std::move(ref);
  }
  void erase(Id id) {
    const auto found = records_.find(id);
    if (found == records_.end()) return;
    by_path_.erase(found->second.ref.path);
    records_.erase(found);
  }
  [[nodiscard]] Record* find(Id id) noexcept {
    const auto found = records_.find(id);
    return found == records_.end() ? nullptr : &found->second;
  }
  template <class Reference>
  requires requires(const Reference& reference) { reference.path; }
  [[nodiscard]] Record* find(const Reference& reference) noexcept {
    const auto found = by_path_.find(reference.path);
    return found == by_path_.end() ? nullptr : find(found->second);
  }
  [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }
  void clear() noexcept {
    records_.clear();
    by_path_.clear();
  }

  auto begin() noexcept { return records_.begin(); }
  auto end() noexcept { return records_.end(); }

 private:
  std::map<Id, Record> records_;
  std::unordered_map<std::string, Id> by_path_;
};

}  // namespace lockstep::replication
