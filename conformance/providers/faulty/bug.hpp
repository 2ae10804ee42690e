// A bug: what a faulty provider does differently. Every hook is honest unless a bug overrides it,
// so a bug's class shows exactly what is wrong with its provider.
//
// Bugs are put on from outside, over any Provider; nothing in the target knows of them.
#pragma once

#include "conformance/providers/factory.hpp"
#include "model/port/provider.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace lockstep::conformance {

// The hooks may be called from several threads; a bug that remembers something guards it with
// mutex_.
class Bug {
 public:
  virtual ~Bug() = default;

  [[nodiscard]] virtual Result<Answer> invoke(Provider& inner, const Request& request) {
    return inner.invoke(request);
  }
  // Changes what is shown of the provider.
  virtual void show(Inventory& inventory) { static_cast<void>(inventory); }

  [[nodiscard]] virtual Result<DataAnswer> read(Provider& inner, const ElementRef& element,
                                                Lba first, std::span<std::byte> out) {
    return inner.data_path()->read(element, first, out);
  }
  [[nodiscard]] virtual Result<DataAnswer> write(Provider& inner, const ElementRef& element,
                                                 Lba first, std::span<const std::byte> data) {
    return inner.data_path()->write(element, first, data);
  }

 protected:
  std::mutex mutex_;
};

// One entry of the list of faulty providers.
struct BugEntry {
  FaultyProvider about;
  std::unique_ptr<Bug> (*make)();
};

template <class B>
[[nodiscard]] std::unique_ptr<Bug> make_bug() {
  return std::make_unique<B>();
}

// The bugs by theme, each list in a file of its own.
[[nodiscard]] std::vector<BugEntry> answer_bugs();     // codes, jobs, out parameters
[[nodiscard]] std::vector<BugEntry> parameter_bugs();  // what is accepted or ignored
[[nodiscard]] std::vector<BugEntry>
relationship_bugs();  // what is shown of relationships and elements
[[nodiscard]] std::vector<BugEntry>
operation_bugs();  // ModifyReplicaSynchronization and its effects
[[nodiscard]] std::vector<BugEntry> point_in_time_bugs();  // bytes of snapshots and clones
[[nodiscard]] std::vector<BugEntry> mirror_bugs();         // bytes of mirrors, and plain corruption

// --- what several bugs need ---

inline constexpr std::size_t kBlockBytes = 512;
inline constexpr std::uint64_t kExtentBlocks = 128;  // 64 KiB

// The parts that the requests of the create methods share; nullptr where a method has no such part.
struct CreateParts {
  std::optional<SyncType>* sync_type = nullptr;
  std::optional<Mode>* mode = nullptr;
  std::optional<PoolRef>* pool = nullptr;
  std::optional<CopyState>* wait = nullptr;
  std::optional<SettingDataParameter>* settings = nullptr;
};
// Points into `request`. Nothing for a request that creates no replica (AttachReplica included: it
// has none of these parts).
[[nodiscard]] std::optional<CreateParts> create_parts(Request& request);
[[nodiscard]] bool is_replica_creation(const Request& request) noexcept;  // the five methods

// Source and target of every relationship between elements that is known now.
struct Pair {
  ElementRef source;
  ElementRef target;
  SyncType sync_type = SyncType::Mirror;
  CopyState copy_state = CopyState::Initialized;
  RelationshipRef relationship;
};
[[nodiscard]] std::vector<Pair> pairs_of(Provider& inner);

// Blocks to show instead of what a volume holds, by element and LBA.
class Overlay {
 public:
  void put(const ElementRef& element, Lba first, std::span<const std::byte> data);
  void forget(const ElementRef& element);
  void forget(const ElementRef& element, Lba first, std::uint64_t blocks);
  [[nodiscard]] bool empty(const ElementRef& element) const;
  // Lays the blocks over `out`, which holds the blocks from `first` on.
  void apply(const ElementRef& element, Lba first, std::span<std::byte> out) const;

 private:
  std::map<ElementRef, std::map<std::uint64_t, std::vector<std::byte>>> blocks_;
};

}  // namespace lockstep::conformance
