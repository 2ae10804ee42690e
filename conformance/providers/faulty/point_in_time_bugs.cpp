// Bugs in the bytes of snapshots and clones: each lies on reads of the replica.
#include "conformance/providers/faulty/bug.hpp"

#include <algorithm>

namespace lockstep::conformance {
namespace {

bool is_point_in_time(SyncType sync_type) {
  return sync_type == SyncType::Snapshot || sync_type == SyncType::Clone ||
         sync_type == SyncType::TokenizedClone;
}

// What the replica shows instead of its own blocks, filled by the writes that a bug lets through.
class WritesShowOnReplica : public Bug {
 public:
  Result<DataAnswer> write(Provider& inner, const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    const auto pairs = pairs_of(inner);
    LOCKSTEP_TRY(auto answer, inner.data_path()->write(element, first, data));
    if (!answer.good()) return answer;
    const std::lock_guard lock(mutex_);
    shown_.forget(element, first, data.size() / kBlockBytes);
    std::vector<Pair> of_element;
    std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(of_element),
                 [&](const Pair& pair) { return pair.source == element; });
    if (!of_element.empty()) let_through(of_element, first, data);
    return answer;
  }
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    const std::lock_guard lock(mutex_);
    shown_.apply(element, first, out);
    return answer;
  }

 protected:
  // `pairs` all have the written element as their source; called with the mutex held.
  virtual void let_through(const std::vector<Pair>& pairs, Lba first,
                           std::span<const std::byte> data) = 0;
  void show_on(const ElementRef& target, Lba first, std::span<const std::byte> data) {
    shown_.put(target, first, data);
  }

 private:
  Overlay shown_;
};

class FollowingSnapshot : public WritesShowOnReplica {
  void let_through(const std::vector<Pair>& pairs, Lba first,
                   std::span<const std::byte> data) override {
    for (const Pair& pair : pairs) {
      if (pair.sync_type == SyncType::Snapshot) show_on(pair.target, first, data);
    }
  }
};

// The instant is taken only after the next write to the source.
class LateSnapshot : public WritesShowOnReplica {
  void let_through(const std::vector<Pair>& pairs, Lba first,
                   std::span<const std::byte> data) override {
    for (const Pair& pair : pairs) {
      if (is_point_in_time(pair.sync_type) && taken_.insert(pair.relationship).second)
        show_on(pair.target, first, data);
    }
  }
  std::set<RelationshipRef> taken_;
};

// Of the replicas made by one group call the last takes its instant one write later than the
// others.
class GroupMembersAtDifferentTimes : public WritesShowOnReplica {
  Result<Answer> invoke(Provider& inner, const Request& request) override {
    const auto before = pairs_of(inner);
    LOCKSTEP_TRY(auto answer, inner.invoke(request));
    if (!std::holds_alternative<CreateGroupReplicaFromElementsRequest>(request) ||
        !answer.accepted())
      return answer;
    const auto after = pairs_of(inner);
    const std::lock_guard lock(mutex_);
    for (auto pair = after.rbegin(); pair != after.rend(); ++pair) {
      const bool fresh = std::none_of(before.begin(), before.end(), [&](const Pair& known) {
        return known.relationship == pair->relationship;
      });
      if (!fresh || !is_point_in_time(pair->sync_type)) continue;
      late_.insert(pair->relationship);
      break;
    }
    return answer;
  }
  void let_through(const std::vector<Pair>& pairs, Lba first,
                   std::span<const std::byte> data) override {
    for (const Pair& pair : pairs) {
      if (late_.erase(pair.relationship) > 0) show_on(pair.target, first, data);
    }
  }
  std::set<RelationshipRef> late_;
};

// Reads of replicas of one kind, with something wrong in them.
class CloneMissesLastExtent : public Bug {
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    LOCKSTEP_TRY(const auto geometry, inner.data_path()->geometry(element));
    remember(inner);
    const std::lock_guard lock(mutex_);
    if (!clones_.contains(element)) return answer;
    const std::uint64_t last_extent = (geometry.blocks.value - 1) / kExtentBlocks * kExtentBlocks;
    for (std::size_t at = 0; at < out.size(); at += kBlockBytes) {
      if (first.value + at / kBlockBytes >= last_extent) {
        std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(at), kBlockBytes, std::byte{0});
      }
    }
    return answer;
  }
  void remember(Provider& inner) {
    const auto pairs = pairs_of(inner);
    const std::lock_guard lock(mutex_);
    for (const Pair& pair : pairs) {
      if (pair.sync_type == SyncType::Clone) clones_.insert(pair.target);
    }
  }
  std::set<ElementRef> clones_;
};

class StaleBlockAtExtentEdge : public Bug {
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    for (const Pair& pair : pairs_of(inner)) {
      if (pair.target != element) continue;
      for (std::size_t at = 0; at < out.size(); at += kBlockBytes) {
        if ((first.value + at / kBlockBytes) % kExtentBlocks == kExtentBlocks - 1) {
          std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(at), kBlockBytes, std::byte{0});
        }
      }
    }
    return answer;
  }
};

// Two neighbouring blocks of a replica change places.
class SwappedBlocks : public Bug {
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    if (first.value != 0 || out.size() < 2 * kBlockBytes) return answer;
    for (const Pair& pair : pairs_of(inner)) {
      if (pair.target != element) continue;
      std::swap_ranges(out.begin(), out.begin() + kBlockBytes, out.begin() + kBlockBytes);
      break;
    }
    return answer;
  }
};

// A write to a snapshot reaches its source, too.
class SnapshotWriteReachesSource : public Bug {
  Result<DataAnswer> write(Provider& inner, const ElementRef& element, Lba first,
                           std::span<const std::byte> data) override {
    const auto pairs = pairs_of(inner);
    LOCKSTEP_TRY(auto answer, inner.data_path()->write(element, first, data));
    if (!answer.good()) return answer;
    const std::lock_guard lock(mutex_);
    reached_.forget(element, first, data.size() / kBlockBytes);
    for (const Pair& pair : pairs) {
      if (pair.target == element && is_point_in_time(pair.sync_type))
        reached_.put(pair.source, first, data);
    }
    return answer;
  }
  Result<DataAnswer> read(Provider& inner, const ElementRef& element, Lba first,
                          std::span<std::byte> out) override {
    LOCKSTEP_TRY(auto answer, inner.data_path()->read(element, first, out));
    const std::lock_guard lock(mutex_);
    reached_.apply(element, first, out);
    return answer;
  }
  Overlay reached_;
};

}  // namespace

std::vector<BugEntry> point_in_time_bugs() {
  return {
      {{"following-snapshot",
        "later writes to the source show on its snapshots",
        {"DS-SN-03", "DS-SN-01", "DS-SN-04", "DS-SN-13"}},
       make_bug<FollowingSnapshot>},
      {{"late-snapshot",
        "takes the point in time one write after the call has returned",
        {"DS-SN-01", "DS-SN-03", "DS-CL-01", "DS-TK-01"}},
       make_bug<LateSnapshot>},
      {{"group-members-at-different-times",
        "one member of a group takes its instant a write later than the others",
        {"DS-GR-05", "DS-GR-01", "DS-GR-04", "DS-TK-01", "DS-SN-01", "DS-SN-03", "DS-CL-01",
         "DS-CL-02", "CGE-43"}},
       make_bug<GroupMembersAtDifferentTimes>},
      {{"clone-missing-last-extent",
        "the last 64 KiB of a clone were never copied",
        {"DS-CL-01", "DS-CL-02", "DS-CL-03", "CER-40"}},
       make_bug<CloneMissesLastExtent>},
      {{"stale-block-at-extent-edge",
        "the last block of each 64 KiB of a replica was never copied",
        {"DS-CL-01", "DS-SN-01", "DS-SN-03", "DS-SN-04", "DS-MS-01", "DS-MA-01", "DS-TK-01",
         "CER-40", "DS-CL-03", "DS-AT-02"}},
       make_bug<StaleBlockAtExtentEdge>},
      {{"swapped-blocks",
        "the first two blocks of a replica have changed places",
        {"DS-CL-01", "DS-SN-01", "DS-SN-03", "DS-MS-01", "DS-MA-01", "DS-TK-01", "CER-40"}},
       make_bug<SwappedBlocks>},
      {{"snapshot-write-reaches-source",
        "a write to a snapshot or clone changes its source",
        {"DS-SN-04", "DS-MS-18", "DS-CL-04", "CER-43"}},
       make_bug<SnapshotWriteReachesSource>},
  };
}

}  // namespace lockstep::conformance
