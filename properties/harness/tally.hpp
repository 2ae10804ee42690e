// Counts what random sequences went through, and explains what they never reached.
#pragma once

#include "model/core/judge.hpp"
#include "model/vocab/capabilities.hpp"
#include "properties/commands/command.hpp"
#include "properties/generators/world.hpp"
#include "reports/record/record.hpp"
#include "statemachine/machine.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace lockstep::properties {

class Tally {
 public:
  void sequence_done() { ++coverage_.sequences; }
  void step(const std::string& operation);
  // Counts a CopyState whenever a relationship is first seen in it.
  void seen(const Inventory& inventory);
  // Forgets which relationships were seen; a new sequence makes new ones.
  void new_sequence() { last_seen_.clear(); }
  void transitions(const std::set<model::Judge::Coverage>& taken);
  // An operation was asked of a relationship of that kind, and accepted or refused.
  void asked(machine::MachineKind kind, Operation operation, bool accepted);
  void created(const Replicate& op, bool accepted);
  void tried(FaultKind kind) { faults_tried_.insert(kind); }
  // Something happened to a relationship between two looks; counts the row that says so, if any.
  void passed(const RelationshipView& before, const RelationshipView& after, machine::Event event);

  [[nodiscard]] std::uint64_t sequences() const noexcept { return coverage_.sequences; }
  [[nodiscard]] std::uint64_t steps() const noexcept { return coverage_.steps; }
  [[nodiscard]] std::uint64_t accepted_creates() const noexcept { return accepted_creates_; }

  // The record, with a reason for every transition of a supported kind that stayed at zero. One
  // without a reason says so.
  [[nodiscard]] report::CoverageRecord record(const World& world) const;

 private:
  struct Asked {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
  };
  // By a transition other than T-056.
  [[nodiscard]] bool broke_for_a_cause(machine::MachineKind kind) const;
  [[nodiscard]] std::string why_not(const machine::Row& row, const World& world) const;
  [[nodiscard]] std::string why_not_operation(const machine::Row& row, const World& world) const;

  report::CoverageRecord coverage_;
  std::map<RelationshipRef, CopyState> last_seen_;
  std::set<std::pair<std::string, std::string>> reached_;  // machine, transition
  std::map<std::pair<machine::MachineKind, Operation>, Asked> asked_;
  std::set<std::pair<machine::MachineKind, CopyState>> seen_in_;
  std::set<std::pair<machine::MachineKind, machine::Event>> accepted_as_;  // creates
  std::set<FaultKind> faults_tried_;
  std::uint64_t accepted_creates_ = 0;
};

inline constexpr const char* kNoReason = "NO REASON KNOWN";

}  // namespace lockstep::properties
