// One concern of a machine (creation, faults, ...): what the façade needs of an MSM table.
//
// A machine with all its rows in one MSM table does not compile in reasonable time (decision record
// 0003), so it is cut by families of events. Most concerns are common to several kinds of copy and
// compiled once; a kind has some of them, and leaves out what leads from or to a place it lacks.
#pragma once

#include "statemachine/machine.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace lockstep::machine {

// A Row before it belongs to a kind.
struct TableRow {
  std::string_view id;
  Place from;
  Event event;
  Place to;
  Certainty certainty;
};

// What a fired event did. An empty id: no row took it, and `reached` is where it was before.
struct Fired {
  std::string_view id;
  Place reached;
};

struct Concern {
  std::string_view name;
  void (*append_rows)(std::vector<TableRow>& rows);
  Fired (*fire)(Place from, Event event, Place arrival);
};

// Instantiated by shared/: every kind of copy has these.
namespace shared {
extern const Concern kCreation;
extern const Concern kProgress;
extern const Concern kActivity;
extern const Concern kFaults;
extern const Concern kRestarts;
extern const Concern kRepairs;
[[nodiscard]] bool mirror_has_flag(CopyState place, Flag flag);
[[nodiscard]] bool replica_has_flag(CopyState place, Flag flag);
}  // namespace shared

// Instantiated by replica/: Snapshot, Clone and TokenizedClone have the first, Snapshot and Clone
// both.
namespace replica {
extern const Concern kReplica;
extern const Concern kSeparable;
}  // namespace replica

// Instantiated by clone/: how a Clone or TokenizedClone ends.
namespace clone {
extern const Concern kEnding;
}  // namespace clone

// One machine, as its folder defines it.
struct Definition {
  std::span<const Concern* const> concerns;
  std::span<const CopyState> places;
  bool (*has_flag)(CopyState place, Flag flag);
};
[[nodiscard]] Definition mirror_definition(MachineKind mode);
[[nodiscard]] Definition snapshot_definition();
[[nodiscard]] Definition clone_definition();
[[nodiscard]] Definition tokenized_clone_definition();

}  // namespace lockstep::machine
