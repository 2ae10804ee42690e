// From LMDB back to maps in memory: every node, with its sharing, and an extent without content for
// every slot that is referred to. Content is not read.
#pragma once

#include "model/vocab/error.hpp"
#include "target_impl/store/durable/extent_file.hpp"
#include "target_impl/store/durable/metadata.hpp"
#include "target_impl/store/durable/records.hpp"
#include "target_impl/store/extent_map.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace lockstep::store::detail {

class Loader {
 public:
  // `slots`: how many the data file holds. `path` is for messages.
  Loader(const Transaction& view, std::uint64_t slots, std::string path);
  // Gives back what no map took.
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // The nodes below a volume or an image, each built once however often it is referred to. Call for
  // all of them before finish().
  [[nodiscard]] Status add(const MapRecord& record);
  // The slots in use.
  [[nodiscard]] SlotMap slots() const;
  // Nodes that nothing refers to. Refuses a node whose id is not below `next_node`: it would be
  // given to another.
  [[nodiscard]] Result<std::vector<std::uint64_t>> orphans(std::uint64_t next_node) const;
  // Ties everything to its file and pool. The pool's count grows by what was loaded, whatever its
  // capacity.
  void finish(ExtentFile& file, const std::shared_ptr<Pool>& pool);
  // After finish(), for a record that was added.
  [[nodiscard]] ExtentMap map(const MapRecord& record) const;

 private:
  struct Built {
    Node* node;
    unsigned level;
  };
  [[nodiscard]] Result<Node*> node(std::uint64_t id, unsigned level);
  [[nodiscard]] Result<DurableExtent*> extent(const NodeEntry& entry, std::uint64_t id);
  [[nodiscard]] Error damaged(std::uint64_t id, const std::string& found) const;

  const Transaction& view_;
  const std::string path_;
  std::unordered_map<std::uint64_t, Built> nodes_;
  std::vector<DurableExtent*> extents_;  // by slot; the loader holds none of them itself
  std::uint64_t extent_count_ = 0;
};

}  // namespace lockstep::store::detail
