// A store's directory: what lies in it, who has it open, and whether it is one at all.
//
//   format     one line: "lockstep-store VERSION IDENTITY", written last when a store is created
//   lock       locked (flock) by the process that has the store open
//   extents    the data file; slot 0 repeats magic and identity
//   map.lmdb   map nodes, catalogue and the state of other parts
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/store/durable/records.hpp"

#include <string>

namespace lockstep::store::detail {

class Directory {
 public:
  // Takes the lock. Refuses what is not a store, another format version and one that is open
  // elsewhere, each by name.
  [[nodiscard]] static Result<Directory> open(const std::string& path, bool may_create);
  Directory(Directory&& other) noexcept;
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  Directory& operator=(Directory&&) = delete;

  // Nothing is in it yet, or a creation that never finished.
  [[nodiscard]] bool is_new() const noexcept { return is_new_; }
  [[nodiscard]] const Identity& identity() const noexcept { return identity_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string data_path() const { return path_ + "/extents"; }
  [[nodiscard]] std::string map_path() const { return path_ + "/map.lmdb"; }

  // Before anything is created in a new one: removes what an unfinished creation left.
  [[nodiscard]] Status clear() const;
  // Everything else is durable: makes it a store.
  [[nodiscard]] Status finish_creation();

 private:
  Directory(std::string path, int lock) noexcept : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;
  bool is_new_ = false;
  Identity identity_{};
};

}  // namespace lockstep::store::detail
