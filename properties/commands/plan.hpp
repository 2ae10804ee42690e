// The plan: a small deterministic model of what a sequence prefers to happen. It drives generation,
// preconditions and shrinking, and judges nothing: where the specification leaves an answer open,
// the plan simply takes the likeliest one.
#pragma once

#include "properties/commands/command.hpp"
#include "statemachine/events.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

namespace lockstep::properties {

struct PlannedVolume {
  Handle handle;
  std::uint64_t blocks = 0;
  // Where a host wrote last; no blocks: nowhere yet.
  std::uint64_t written_first = 0;
  std::uint64_t written_blocks = 0;
  friend bool operator==(const PlannedVolume&, const PlannedVolume&) = default;
};

struct PlannedRelationship {
  Handle handle;
  std::vector<Handle> sources;
  std::vector<Handle> targets;
  SyncType sync_type = SyncType::Mirror;
  Mode mode = Mode::Asynchronous;
  machine::Place place;
  bool group = false;             // between groups
  std::optional<Handle> pair_of;  // such a relationship
  // Source and target came apart: a host wrote to either and that did not reach the other.
  bool apart = false;
  std::optional<Handle> job;  // made it, and has not been waited for
  friend bool operator==(const PlannedRelationship&, const PlannedRelationship&) = default;
};

struct PlannedGroup {
  Handle handle;
  std::vector<Handle> members;
  bool related = false;
  friend bool operator==(const PlannedGroup&, const PlannedGroup&) = default;
};

// A value; copies are independent.
class Plan {
 public:
  // The command's handles exist, what it makes is new, ranges lie inside their volumes, and it
  // cannot wait forever for a copy that a fault keeps from finishing.
  [[nodiscard]] bool possible(const Command& command) const;
  // Only for a possible command.
  void apply(const Command& command);

  [[nodiscard]] const std::vector<PlannedVolume>& volumes() const noexcept { return volumes_; }
  [[nodiscard]] const std::vector<PlannedRelationship>& relationships() const noexcept {
    return relationships_;
  }
  [[nodiscard]] const std::vector<PlannedGroup>& groups() const noexcept { return groups_; }
  [[nodiscard]] const std::vector<Handle>& jobs() const noexcept { return jobs_; }
  [[nodiscard]] const std::set<FaultKind>& faults() const noexcept { return faults_; }

  [[nodiscard]] const PlannedVolume* volume(Handle handle) const noexcept;
  [[nodiscard]] const PlannedRelationship* relationship(Handle handle) const noexcept;
  [[nodiscard]] bool is_replica(Handle volume) const noexcept;
  [[nodiscard]] bool is_related(Handle volume) const noexcept;  // source or replica
  [[nodiscard]] Handle fresh(HandleKind kind) const noexcept;   // the next unused number

 private:
  [[nodiscard]] bool alive(Handle handle) const noexcept;
  [[nodiscard]] bool ever_made(Handle handle) const noexcept { return made_.contains(handle); }
  [[nodiscard]] bool inside(Handle volume, std::uint64_t first,
                            std::uint64_t blocks) const noexcept;
  [[nodiscard]] bool may_block(const Command& command) const noexcept;
  void follow(const Replicate& op);
  void follow(const Modify& op);
  void follow(const Disturb& op);
  void follow_pairs(const PlannedRelationship& whole);
  void follow_whole(Handle whole);
  void forget_relationship(Handle handle);
  void note_write(Handle volume, std::uint64_t first, std::uint64_t blocks);
  void forget_volume(Handle handle);

  std::vector<PlannedVolume> volumes_;
  std::vector<PlannedRelationship> relationships_;
  std::vector<PlannedGroup> groups_;
  std::vector<Handle> jobs_;
  std::set<Handle> made_;
  std::set<FaultKind> faults_;  // in force
};

// The fault that undoes this one, for those that last.
[[nodiscard]] std::optional<FaultKind> repair_of(FaultKind fault) noexcept;
[[nodiscard]] bool is_repair(FaultKind kind) noexcept;

// Where the machine of that kind prefers to go from `from` by `event`; nothing without a row.
struct PreferredStep {
  machine::Place to;
};
[[nodiscard]] std::optional<PreferredStep> preferred_step(SyncType sync_type, Mode mode,
                                                          machine::Place from,
                                                          machine::Event event);

}  // namespace lockstep::properties
