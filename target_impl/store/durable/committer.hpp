// One commit: from maps held by a snapshot to a published transaction.
#pragma once

#include "target_impl/store/durable/extent_file.hpp"
#include "target_impl/store/durable/metadata.hpp"
#include "target_impl/store/durable/records.hpp"
#include "target_impl/store/extent_map.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lockstep::store::detail {

// A volume or an image as it was when the commit began.
struct Captured {
  std::string key;
  MapRecord record;  // its root is found by the commit
  ExtentMap map;
  std::optional<MapRecord> published;  // what the last commit published under this key
  std::uint64_t generation = 0;        // of the catalogue's entry
};

struct Capture {
  std::vector<Captured> maps;
  std::vector<std::pair<std::string, std::vector<std::byte>>> values;  // by key, encoded
  std::vector<std::string> erased;                                     // keys
  ExtentFile::Gone gone;
};

class Committer {
 public:
  Committer(Metadata& metadata, ExtentFile& file, StoreRecord record);

  struct Counts {
    std::uint64_t extents = 0;
    std::uint64_t nodes = 0;
    bool published = false;  // false also when nothing had changed
  };
  // 0, or an errno value: then nothing was published and all of it is still to be done. Fills in
  // the roots of `capture`. The capture has to live on until this returns, so that nothing in it is
  // changed meanwhile.
  [[nodiscard]] int commit(Capture& capture, Counts& counts);

 private:
  void collect(Counted* thing, unsigned level);
  [[nodiscard]] int write(Capture& capture);
  [[nodiscard]] int put_node(Transaction& transaction, Node& node, unsigned level);

  Metadata& metadata_;
  ExtentFile& file_;
  StoreRecord record_;
  std::uint64_t mark_ = 0;
  bool foreign_ = false;
  std::vector<DurableExtent*> extents_;
  std::vector<std::pair<Node*, unsigned>> nodes_;  // children before parents
  NodeRecord node_;
  Buffer buffer_;
};

}  // namespace lockstep::store::detail
